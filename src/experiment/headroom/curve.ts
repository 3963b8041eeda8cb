/**
 * What headroom buys: availability under the worst of the losses when every region holds a multiple of its usual peak.
 * Simulated, with the same luck at every point, so the curve bends where the system does and not where a seed does.
 */
import { basisPerS } from "../../result/headroomFactor.js";
import type { CurvePoint, HeadroomRow, Knob, Loss } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Sample } from "../sample.js";
import type { SampleRunner, SampleTask } from "../sampleRunner.js";
import { meanInterval } from "../statistics/intervals.js";
import type { CurveInput } from "./types.js";

/** One point a factor, in their order. */
export async function headroomCurve<L extends Loss>(
  runner: SampleRunner,
  input: CurveInput<L>,
): Promise<readonly CurvePoint[]> {
  const sizes = input.factors.map((headroom) => ({ headroom, values: scaledValues(input, headroom) }));
  const points = await sizePoints(runner, input, sizes);
  return points.filter((point) => point !== null);
}

/** A size, and what its headroom is called. */
export type NamedSize = Pick<CurvePoint, "headroom" | "values">;

/**
 * The point of each size, null for one that cannot be; sizes of the same values share their runs. Every loss is tried
 * once, and the one that is worst then as often as asked: losses are many, and one decides.
 */
export async function sizePoints<L extends Loss>(
  runner: SampleRunner,
  input: CurveInput<L>,
  named: readonly NamedSize[],
): Promise<readonly (CurvePoint | null)[]> {
  const sizes = new Map<string, Size | null>();
  for (const { values } of named) {
    const key = values.join(" ");
    if (!sizes.has(key)) sizes.set(key, addSize(runner, input, values));
  }
  const possible = [...sizes.values()].filter((size) => size !== null);
  const found = await judgedSizes(runner, input, possible);
  return named.map(({ headroom, values }) => {
    const judged = found[possible.indexOf(sizes.get(values.join(" "))!)];
    return judged === undefined ? null : { headroom, values, ...judged };
  });
}

/** The scenarios of one size, as the runner knows them: one a loss. */
type Size = readonly number[];

/** What is known of a size once it has run. */
type Judged = Omit<CurvePoint, "headroom" | "values">;

function addSize<L extends Loss>(
  runner: SampleRunner,
  { losses, load, code }: CurveInput<L>,
  values: readonly number[],
): Size | null {
  const scenarios = losses.map((loss) => load(values, loss));
  const found = scenarios.filter((scenario) => typeof scenario !== "string");
  return found.length < scenarios.length ? null : found.map((scenario) => runner.add(scenario, code));
}

/** All sizes are asked for at once, so that no worker waits for another. */
async function judgedSizes<L extends Loss>(
  runner: SampleRunner,
  input: CurveInput<L>,
  sizes: readonly Size[],
): Promise<readonly Judged[]> {
  const { losses, replications, confidence, meets = allPass } = input;
  const firsts = await runner.take(sizes.flat().map((scenario) => ({ scenario, replication: 0 })));
  const ofSize = (s: number): readonly Sample[] => firsts.slice(s * losses.length, (s + 1) * losses.length);
  const worst = sizes.map((_, s) => worstOf(ofSize(s)));
  const tasks: SampleTask[] = sizes.flatMap((size, s) =>
    Array.from({ length: replications - 1 }, (_, i) => ({
      scenario: size[worst[s]!]!,
      replication: i + 1,
    })),
  );
  const others = await runner.take(tasks);
  return sizes.map((_, s): Judged => {
    const first = ofSize(s);
    const of = worst[s]!;
    const samples = [first[of]!, ...others.slice(s * (replications - 1), (s + 1) * (replications - 1))];
    const isMet = losses.every((loss, l) => meets(l === of ? samples : [first[l]!], loss));
    return { ...meanOf(samples, confidence), loss: losses[of]!.id, meets: isMet };
  });
}

/** The lowest availability, of equals the first. */
function worstOf(samples: readonly Sample[]): number {
  const shares = samples.map(availabilityOf);
  return shares.indexOf(Math.min(...shares));
}

/** A run in which nothing was asked refused nobody. */
function availabilityOf({ measures }: Sample): number {
  return measures.get("availability") ?? 1;
}

function meanOf(samples: readonly Sample[], confidence: number): Pick<Judged, "availability" | "interval"> {
  const shares = samples.map(availabilityOf);
  const interval = meanInterval(shares, confidence);
  return {
    availability: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    interval:
      interval === null
        ? null
        : { ...interval, low: Math.max(0, interval.low), high: Math.min(1, interval.high) },
  };
}

function allPass(samples: readonly Sample[]): boolean {
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
function scaleTo(row: HeadroomRow, factor: number): number | null {
  const { capacityPerS } = row.normal;
  const peakPerS = basisPerS(row);
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
