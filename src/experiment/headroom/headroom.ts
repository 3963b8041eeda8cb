/** All that a sizing says of headroom, from one call. */
import { headroomFactor } from "../../result/headroomFactor.js";
import type { HeadroomRow, Knob, Loss, Sizing } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { SampleRunner } from "../sampleRunner.js";
import { capacitiesOf } from "../size/knobs.js";
import { type NamedSize, scaledValues, sizePoints } from "./curve.js";
import { headroomTable } from "./table.js";
import { type CurveInput, HEADROOM_FACTORS } from "./types.js";

/** As for the curve, which is made at {@link HEADROOM_FACTORS}. */
export interface HeadroomPartInput<L extends Loss = Loss> extends Omit<CurveInput<L>, "rows" | "factors"> {
  /** The scenario at the size found; null where none was. */
  readonly sized: Scenario | null;
}

/** What of a sizing is about headroom. */
export type HeadroomPart = Pick<Sizing, "headroom" | "headroomSized" | "curve" | "curveMarks">;

/** The tables at what the file says and at the size found, and the curve; no curve where it would have no replications. */
export async function headroomPart<L extends Loss>(
  runner: SampleRunner,
  input: HeadroomPartInput<L>,
): Promise<HeadroomPart> {
  const { scenario, sized, losses, code, replications } = input;
  const modules = code === undefined ? {} : { modules: code.modules };
  const headroom = headroomTable({ scenario, losses, ...modules });
  const after = sized === null ? null : headroomTable({ scenario: sized, losses, ...modules });
  const tables = after === null ? { headroom } : { headroom, headroomSized: after };
  if (replications === 0) return { ...tables, curve: [] };
  const curveInput = { ...input, rows: headroom, factors: HEADROOM_FACTORS };
  const now = markOf(headroom, input.knobs, scenario);
  const found = after === null ? null : markOf(after, input.knobs, sized!);
  const marks = [now, found].filter((mark) => mark !== null);
  const sizes = HEADROOM_FACTORS.map((factor) => ({
    headroom: factor,
    values: scaledValues(curveInput, factor),
  }));
  const points = await sizePoints(runner, curveInput, [...sizes, ...marks]);
  const pointOf = (mark: NamedSize | null): (typeof points)[number] =>
    mark === null ? null : points[sizes.length + marks.indexOf(mark)]!;
  return {
    ...tables,
    curve: points.slice(0, sizes.length).filter((point) => point !== null),
    curveMarks: { now: pointOf(now), found: pointOf(found) },
  };
}

/** The values that a scenario's knobs have, by the headroom of its regions together; null where nothing bounds one. */
function markOf(rows: readonly HeadroomRow[], knobs: readonly Knob[], scenario: Scenario): NamedSize | null {
  const headroom = headroomFactor(rows);
  if (headroom === null) return null;
  const values = new Map(capacitiesOf(scenario).map(({ path, value }) => [path, value]));
  return { headroom, values: knobs.map(({ path, from }) => values.get(path) ?? from) };
}
