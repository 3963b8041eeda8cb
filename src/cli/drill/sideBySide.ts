/** The two worlds beside each other, figure by figure, and where they disagree. */
import { Stream, streamKey } from "../../kernel/index.js";
import type { Figures } from "./figures.js";

/** How far the real world may be from the simulated one. */
export type Rule =
  /** Inside the simulator's interval. */
  | "interval"
  /** Within one interval between probes of the simulator's mean, in every run. */
  | "probe-interval"
  /** Zero in both worlds. */
  | "none"
  /** Shown, and no reason to fail. */
  | "shown";

/** One figure of both worlds. */
export interface SideLine {
  readonly name: string;
  /** Run by run; NaN where it did not happen. */
  readonly real: readonly number[];
  readonly realMean: number;
  readonly simulatedMean: number;
  /** What the mean of as many simulated runs lies in, at {@link SIDE_CONFIDENCE}. */
  readonly low: number;
  readonly high: number;
  readonly rule: Rule;
  /** What is wrong with it, as a sentence without its name; null when nothing is. */
  readonly fault: string | null;
}

/** How sure the intervals are. */
export const SIDE_CONFIDENCE = 0.99;

/** Means that are drawn to find an interval: 20 of them lie outside it. */
const DRAWS = 2000;

/** Every figure that either world has, in the simulator's order. One that no run of the real world could know is only shown. */
export function sideBySide(
  real: readonly Figures[],
  simulated: readonly Figures[],
  probeIntervalS: number,
): readonly SideLine[] {
  const names = new Set([...simulated, ...real].flatMap((figures) => [...figures.keys()]));
  return [...names].map((name) => {
    const of = (figures: Figures): number => figures.get(name) ?? Number.NaN;
    const rule = real.some((figures) => figures.has(name)) ? ruleOf(name) : "shown";
    return sideLine({ name, rule, real: real.map(of), simulated: simulated.map(of) }, probeIntervalS);
  });
}

interface Both {
  readonly name: string;
  readonly rule: Rule;
  readonly real: readonly number[];
  readonly simulated: readonly number[];
}

function sideLine({ name, rule, real, simulated }: Both, probeIntervalS: number): SideLine {
  const simulatedMean = meanOf(simulated);
  const [low, high] = intervalOfMeans(name, simulated.filter(Number.isFinite), real.length);
  const line = { name, real, realMean: meanOf(real), simulatedMean, low, high, rule };
  return { ...line, fault: faultOf(line, probeIntervalS) };
}

function ruleOf(name: string): Rule {
  if (name.startsWith("refused")) return "interval";
  if (name.startsWith("down-after") || name.startsWith("up-after")) return "probe-interval";
  return name === "residency.violations" ? "none" : "shown";
}

function faultOf(line: Omit<SideLine, "fault">, probeIntervalS: number): string | null {
  const { rule, real, realMean, simulatedMean, low, high } = line;
  if (rule === "none") return Math.max(simulatedMean, ...real) > 0 ? "must be 0 in both worlds" : null;
  if (rule === "interval")
    return isInside(realMean, low, high) ? null : "is outside the simulator's interval";
  if (rule === "shown" || (Number.isNaN(simulatedMean) && real.every(Number.isNaN))) return null;
  const isNear = real.every((value) => Math.abs(value - simulatedMean) <= probeIntervalS);
  return isNear ? null : `is more than ${probeIntervalS} s, one probe interval, from the simulator's mean`;
}

/** Whether a mean lies in an interval, up to the rounding of sums. */
export function isInside(mean: number, low: number, high: number): boolean {
  const slack = 1e-9 * Math.max(1, Math.abs(mean));
  return mean >= low - slack && mean <= high + slack;
}

/** Of what happened; NaN where nothing did. */
export function meanOf(values: readonly number[]): number {
  const known = values.filter(Number.isFinite);
  return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/**
 * What the mean of `count` runs lies in: between the quantiles of means of so many runs, drawn again and again from those
 * that were made. Nothing is assumed about their law, so counts that are nearly always 0 are in good hands.
 */
function intervalOfMeans(
  name: string,
  values: readonly number[],
  count: number,
): readonly [low: number, high: number] {
  if (values.length === 0) return [Number.NaN, Number.NaN];
  const stream = new Stream(streamKey("drill", 0, "interval", name));
  const means = Array.from({ length: DRAWS }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[Math.floor(stream.next() * values.length)]!;
    return sum / count;
  }).sort((a, b) => a - b);
  const outside = Math.floor((DRAWS * (1 - SIDE_CONFIDENCE)) / 2);
  return [means[outside]!, means[DRAWS - 1 - outside]!];
}
