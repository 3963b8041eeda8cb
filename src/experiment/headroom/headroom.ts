/** All that a sizing says of headroom, from one call. */
import type { Loss, Sizing } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { SampleRunner } from "../sampleRunner.js";
import { headroomCurve } from "./curve.js";
import { headroomTable } from "./table.js";
import { type CurveInput, HEADROOM_FACTORS } from "./types.js";

/** As for the curve, which is made at {@link HEADROOM_FACTORS}. */
export interface HeadroomPartInput<L extends Loss = Loss> extends Omit<CurveInput<L>, "rows" | "factors"> {
  /** The scenario at the size found; null where none was. */
  readonly sized: Scenario | null;
}

/** The tables at what the file says and at the size found, and the curve; no curve where it would have no replications. */
export async function headroomPart<L extends Loss>(
  runner: SampleRunner,
  input: HeadroomPartInput<L>,
): Promise<Pick<Sizing, "headroom" | "headroomSized" | "curve">> {
  const { scenario, sized, losses, code, replications } = input;
  const modules = code === undefined ? {} : { modules: code.modules };
  const rows = headroomTable({ scenario, losses, ...modules });
  const curveInput = { ...input, rows, factors: HEADROOM_FACTORS };
  return {
    headroom: rows,
    ...(sized === null ? {} : { headroomSized: headroomTable({ scenario: sized, losses, ...modules }) }),
    curve: replications === 0 ? [] : await headroomCurve(runner, curveInput),
  };
}
