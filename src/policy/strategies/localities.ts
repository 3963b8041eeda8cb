/** Localities: targets that stand together. */
import { lowestBit } from "../bits.js";
import type { StrategyTarget } from "./strategy.js";

/** The localities of a configuration, in the order in which targets first name them. */
export interface Localities {
  /** `region/zone`, or the region where no zone is given; empty where nobody says. */
  readonly names: readonly string[];
  readonly regions: readonly string[];
  /** Members of each. */
  readonly masks: Int32Array;
  /** The locality of each target. */
  readonly of: Int32Array;
}

/** Groups targets by region and zone. */
export function localitiesOf(targets: readonly StrategyTarget[]): Localities {
  const nameOf = ({ region = "", zone }: StrategyTarget): string =>
    zone === undefined ? region : `${region}/${zone}`;
  const names = [...new Set(targets.map(nameOf))];
  const of = Int32Array.from(targets, (target) => names.indexOf(nameOf(target)));
  const masks = new Int32Array(names.length);
  of.forEach((locality, t) => {
    masks[locality]! |= 1 << t;
  });
  const regions = names.map((name) => targets.find((target) => nameOf(target) === name)?.region ?? "");
  return { names, regions, masks, of };
}

/** What a mapping by `region/zone`, or else by region, says of each locality; `otherwise` where it is silent. */
export function byLocality(
  { names, regions }: Localities,
  said: Readonly<Record<string, number>>,
  otherwise: number,
): Float64Array {
  return Float64Array.from(names, (name, l) => said[name] ?? said[regions[l]!] ?? otherwise);
}

/**
 * The locality of the target with the shortest round trip: where the caller is at home. Of equal ones that of the
 * earlier target; −1 when no round trip is known.
 */
export function homeOf({ of }: Localities, rttMs: ArrayLike<number>): number {
  let home = -1;
  let homeMs = Number.POSITIVE_INFINITY;
  for (let t = 0; t < of.length; t++) {
    const ms = rttMs[t]!;
    // Also false for one that is missing or not a number.
    if (ms < homeMs && ms >= 0) {
      home = of[t]!;
      homeMs = ms;
    }
  }
  return home;
}

/** The localities that have a member in the set, as bits. */
export function localitiesIn({ of }: Localities, set: number): number {
  let bits = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) bits |= 1 << of[lowestBit(rest)]!;
  return bits;
}
