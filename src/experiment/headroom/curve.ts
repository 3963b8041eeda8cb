/**
 * What headroom buys: availability under the worst of the losses when every region holds a multiple of its usual peak.
 * Simulated, with the same luck at every point, so the curve bends where the system does and not where a seed does.
 */
import type { CurvePoint, HeadroomRow, Knob, Loss } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Sample } from "../sample.js";
import type { SampleRunner, SampleTask } from "../sampleRunner.js";
import { meanInterval } from "../statistics/intervals.js";
import type { CurveInput } from "./types.js";

/** One point a factor, in their order; several that round to the same values share their runs. */
export async function headroomCurve(runner: SampleRunner, input: CurveInput): Promise<readonly CurvePoint[]> {
  const points = input.factors.map((headroom) => ({
    headroom,
    values: scaledValues(input, headroom),
  }));
  const first = new Map<string, number>();
  points.forEach(({ values }, i) => {
    const key = values.join(" ");
    if (!first.has(key)) first.set(key, i);
  });
  const distinct = [...first.values()].map((i) => points[i]!.values);
  const samples = await allSamples(runner, input, distinct);
  const keys = [...first.keys()];
  return points.map((point) => {
    const at = keys.indexOf(point.values.join(" "));
    return { ...point, ...judged(samples[at]!, input) };
  });
}

/** By values, then by loss: their replications. All are asked for at once, so that no worker waits for another. */
async function allSamples(
  runner: SampleRunner,
  { losses, load, replications, code }: CurveInput,
  sizes: readonly (readonly number[])[],
): Promise<readonly (readonly (readonly Sample[])[])[]> {
  const tasks: SampleTask[] = [];
  for (const values of sizes)
    for (const loss of losses) {
      const scenario = runner.add(load(values, loss), code);
      for (let replication = 0; replication < replications; replication++)
        tasks.push({ scenario, replication });
    }
  const taken = await runner.take(tasks);
  return sizes.map((_, v) =>
    losses.map((__, l) => {
      const from = (v * losses.length + l) * replications;
      return taken.slice(from, from + replications);
    }),
  );
}

/** The worst loss is the one with the lowest mean, of equals the first. */
function judged(
  samples: readonly (readonly Sample[])[],
  { losses, confidence, meets = allPass }: CurveInput,
): Omit<CurvePoint, "headroom" | "values"> {
  let worst = 0;
  const columns = samples.map((of) => of.map(({ measures }) => measures.get("availability") ?? 0));
  const means = columns.map((column) => column.reduce((sum, share) => sum + share, 0) / column.length);
  means.forEach((mean, l) => {
    if (mean < means[worst]!) worst = l;
  });
  const interval = meanInterval(columns[worst]!, confidence);
  return {
    availability: means[worst]!,
    interval:
      interval === null
        ? null
        : { ...interval, low: Math.max(0, interval.low), high: Math.min(1, interval.high) },
    loss: losses[worst]!.id,
    meets: samples.every((of, l) => meets(of, losses[l]!)),
  };
}

function allPass(samples: readonly Sample[], _loss: Loss): boolean {
  return samples.every(({ objectives }) => objectives.every(({ pass }) => pass));
}

/**
 * One value a knob, in whole steps and at least one: what gives every region that it is about `factor` times its usual
 * peak. A region that has no usual load is there for others: its peak is what one loss brings it.
 */
export function scaledValues(
  { scenario, knobs, rows }: Pick<CurveInput, "scenario" | "knobs" | "rows">,
  factor: number,
): readonly number[] {
  return knobs.map((knob) => {
    const ratios = regionsOf(scenario, knob).flatMap((region) => {
      const row = rows.find((each) => each.region === region);
      const scale = row === undefined ? null : scaleTo(row, factor);
      return scale === null ? [] : [scale];
    });
    if (ratios.length === 0) return knob.from;
    const steps = Math.ceil((knob.from * Math.max(...ratios)) / knob.step - 1e-9);
    return Math.max(1, steps) * knob.step;
  });
}

/** What its capacity must be multiplied by; null where nothing bounds it or nobody ever comes. */
function scaleTo({ normal, withoutOne, worstLegal }: HeadroomRow, factor: number): number | null {
  const { capacityPerS } = normal;
  const peakPerS = normal.demandPerS || withoutOne?.demandPerS || worstLegal.demandPerS;
  return capacityPerS === null || capacityPerS === 0 || peakPerS === 0
    ? null
    : (factor * peakPerS) / capacityPerS;
}

/** Of the endpoint, and of those that follow it; a quota's are named together. */
function regionsOf({ deployment }: Scenario, { region, follow }: Knob): readonly string[] {
  const { regions, endpoints } = deployment;
  const followed = endpoints.filter(({ id }) => follow.includes(id));
  return [...region.split(", "), ...followed.map(({ regionIndex }) => regions[regionIndex]!.id)];
}
