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
  const sizes = new Map<string, Size | null>();
  const points = input.factors.map((headroom) => {
    const values = scaledValues(input, headroom);
    const key = values.join(" ");
    if (!sizes.has(key)) sizes.set(key, addSize(runner, input, values));
    return { headroom, values, key };
  });
  const possible = [...sizes.values()].filter((size) => size !== null);
  const samples = await samplesOf(runner, possible, input.replications);
  return points.flatMap(({ headroom, values, key }) => {
    const of = samples[possible.indexOf(sizes.get(key)!)];
    return of === undefined ? [] : [{ headroom, values, ...judged(of, input) }];
  });
}

/** The scenarios of one size, as the runner knows them: one a loss. */
type Size = readonly number[];

function addSize(
  runner: SampleRunner,
  { losses, load, code }: CurveInput,
  values: readonly number[],
): Size | null {
  const scenarios = losses.map((loss) => load(values, loss));
  const found = scenarios.filter((scenario) => typeof scenario !== "string");
  return found.length < scenarios.length ? null : found.map((scenario) => runner.add(scenario, code));
}

/** By size, then by loss: their replications. All are asked for at once, so that no worker waits for another. */
async function samplesOf(
  runner: SampleRunner,
  sizes: readonly Size[],
  replications: number,
): Promise<readonly (readonly (readonly Sample[])[])[]> {
  const tasks: SampleTask[] = sizes
    .flat()
    .flatMap((scenario) =>
      Array.from({ length: replications }, (_, replication) => ({ scenario, replication })),
    );
  const taken = await runner.take(tasks);
  let at = 0;
  return sizes.map((size) =>
    size.map(() => {
      at += replications;
      return taken.slice(at - replications, at);
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
