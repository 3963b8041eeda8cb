/**
 * The points of a plan, in an order and with names that depend on the plan alone: designs one after another, of a grid
 * the last dimension fastest. A point that comes twice is there once, where it came first.
 */
import { sha256Hex } from "../../kernel/index.js";
import { exp, log } from "../../math/index.js";
import type { Design, PointSettings, SampledDimension, SweepPlan } from "../../scenario/plan.js";
import { latinHypercube } from "./latinHypercube.js";
import { sobolPoints } from "./sobol.js";

/** One setting of the scenario that is tried. */
export interface SweepPoint {
  /** Names its settings, whatever plan they are in: 16 hexadecimal digits. */
  readonly id: string;
  /** As the plan writes them; laid over the scenario in this order. */
  readonly settings: PointSettings;
  /** The design of the plan it comes from, counted from 0. */
  readonly design: number;
}

/** Hexadecimal digits of a point's name; two of 10^5 points share one with a chance of 3 in 10^10. */
const ID_DIGITS = 16;

/** Every distinct point of the plan. */
export function pointsOf(plan: Pick<SweepPlan, "designs" | "seed">): readonly SweepPoint[] {
  const points = new Map<string, SweepPoint>();
  const hypercubes = plan.designs.filter(({ kind }) => kind === "latin-hypercube");
  plan.designs.forEach((design, index) => {
    // Cubes are numbered among themselves, so that a grid put before them leaves them what they are.
    for (const settings of settingsOf(design, `${plan.seed}/${hypercubes.indexOf(design)}`)) {
      const id = pointId(settings);
      if (!points.has(id)) points.set(id, { id, settings, design: index });
    }
  });
  return [...points.values()];
}

/** The name of `settings`: their content, whatever their order. */
export function pointId(settings: PointSettings): string {
  const pairs = settings.map(({ path, value }) => [path, value] as const);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256Hex(JSON.stringify(pairs)).slice(0, ID_DIGITS);
}

/** `path=value` of each setting, as `--set` takes them. */
export function setsOf(settings: PointSettings): readonly string[] {
  return settings.map(({ path, value }) => `${path}=${value}`);
}

function settingsOf(design: Design, seed: string): Iterable<PointSettings> {
  switch (design.kind) {
    case "grid":
      return gridOf(design.over);
    case "list":
      return design.points;
    case "sobol":
      return placed(sobolPoints(design.points, design.over.length), design.over);
    case "latin-hypercube": {
      const names = design.over.map(({ path }) => path);
      return placed(latinHypercube(design.points, seed, names), design.over);
    }
  }
}

function* gridOf(over: (Design & { readonly kind: "grid" })["over"]): Generator<PointSettings> {
  const count = over.reduce((product, { values }) => product * values.length, 1);
  for (let index = 0; index < count; index += 1) {
    let rest = index;
    const settings: { readonly path: string; readonly value: string }[] = [];
    for (const { path, values } of [...over].reverse()) {
      settings.push({ path, value: values[rest % values.length]! });
      rest = Math.floor(rest / values.length);
    }
    yield settings.reverse();
  }
}

function* placed(
  units: readonly (readonly number[])[],
  over: readonly SampledDimension[],
): Generator<PointSettings> {
  for (const unit of units)
    yield over.map((dimension, d) => ({ path: dimension.path, value: sampledValue(dimension, unit[d]!) }));
}

/** The value of a dimension at `unit` of its way, 0 to 1, as it is written in the scenario. */
export function sampledValue(dimension: SampledDimension, unit: number): string {
  const { from, to, integer, suffix } = dimension;
  if (!integer) return decimal(between(dimension, from, to, unit)) + suffix;
  // Half a step more on both sides, so that the ends have as large a share as the others.
  const rounded = Math.round(between(dimension, from - 0.5, to + 0.5, unit));
  return String(Math.max(from, Math.min(to, rounded))) + suffix;
}

function between({ scale }: SampledDimension, low: number, high: number, unit: number): number {
  if (scale === "linear") return low + (high - low) * unit;
  const ratio = log(high / low);
  return low * exp(ratio * unit);
}

/** Six digits that count, without an exponent: what a scenario may say before a unit. */
function decimal(value: number): string {
  const rounded = Number(value.toPrecision(6));
  const text = String(rounded);
  return text.includes("e") ? rounded.toFixed(12).replace(/\.?0+$/, "") : text;
}
