/** What a region can complete, and what it would have to be given to complete more. */
import { type CapacityBound, capacityBounds } from "../../model/capacity.js";
import type { CapacityUnit } from "../../result/sizing.js";
import type { Scenario, Serving } from "../../scenario/scenario.js";

/** A standby's is counted, as it is there to be used; replicas that scale by themselves are, as far as they may. */
export interface RegionCapacity {
  /** Infinity where nothing bounds it. */
  readonly perS: number;
  /** What bounds the largest of its endpoints first; null where nothing does. */
  readonly binding: CapacityUnit | null;
  /** Calls a second that one more of it completes; null where nothing binds. */
  readonly unitPerS: number | null;
}

/** One a region. */
export function regionCapacities(scenario: Scenario): readonly RegionCapacity[] {
  const { regions, endpoints } = scenario.deployment;
  const bounds = capacityBounds(scenario).map((of, e) => atMostReplicas(of, endpoints[e]!.serving));
  return regions.map((_, region) => {
    const mine = bounds.filter((_, e) => endpoints[e]!.regionIndex === region);
    const tightest = mine.map((of) => of[0] ?? null);
    const largest = tightest.reduce<CapacityBound | null>(
      (best, bound) => (bound !== null && bound.perS > (best?.perS ?? -1) ? bound : best),
      null,
    );
    return {
      perS: together(mine),
      binding: largest?.unit ?? null,
      unitPerS: largest === null || largest.units === 0 ? null : largest.perS / largest.units,
    };
  });
}

/** That scaling takes its time is for a run to say. */
function atMostReplicas(bounds: readonly CapacityBound[], serving: Serving): readonly CapacityBound[] {
  if (serving.kind !== "replicas" || serving.autoscale === null) return bounds;
  const { max } = serving.autoscale;
  return bounds
    .map((bound) =>
      bound.unit === "replicas" && bound.units > 0
        ? { ...bound, units: max, perS: (bound.perS / bound.units) * max }
        : bound,
    )
    .sort((a, b) => a.perS - b.perS);
}

/**
 * Endpoints of a region together: each by the tightest of its bounds, but those of one quota never more than the quota
 * gives. Regions that share a quota can each use all of it up; both have it here.
 */
function together(endpoints: readonly (readonly CapacityBound[])[]): number {
  const own = endpoints.map((bounds) =>
    bounds.reduce(
      (least, { perS, quotaIndex }) => (quotaIndex === null ? Math.min(least, perS) : least),
      Number.POSITIVE_INFINITY,
    ),
  );
  const quotas = new Map<number, number>();
  for (const { quotaIndex, perS } of endpoints.flat())
    if (quotaIndex !== null) quotas.set(quotaIndex, Math.max(perS, quotas.get(quotaIndex) ?? 0));
  for (const [quota, perS] of quotas) {
    const members = endpoints.flatMap((bounds, e) =>
      bounds.some(({ quotaIndex }) => quotaIndex === quota) ? [e] : [],
    );
    capSum(own, members, perS);
  }
  return own.reduce((sum, perS) => sum + perS, 0);
}

/** Makes some values add up to at most `most`, the last giving way first. */
function capSum(values: number[], members: readonly number[], most: number): void {
  let left = most;
  for (const e of members) {
    values[e] = Math.min(values[e]!, left);
    left -= values[e]!;
  }
}
