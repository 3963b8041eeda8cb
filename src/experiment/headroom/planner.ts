/** Sizes that follow from counting alone: so many equal places, so many of them lost, nothing waits and nobody retries. */

/** How many places to build, and how full they are. */
export interface ClusterPlan {
  readonly clusters: number;
  readonly steadyUtilisation: number;
  /** With the spare ones lost. */
  readonly utilisationAfterLoss: number;
}

/** Clusters that carry a peak with `spare` of them lost: the least that carry it, and the spare ones beside them. */
export function clustersNeeded(peak: number, perCluster: number, spare: number): ClusterPlan {
  const needed = Math.ceil(peak / perCluster);
  const clusters = needed + spare;
  return {
    clusters,
    steadyUtilisation: clusters === 0 ? 0 : peak / (clusters * perCluster),
    utilisationAfterLoss: needed === 0 ? 0 : peak / (needed * perCluster),
  };
}

/** What equal regions with equal demand must hold so that the others carry all when `lost` of them are gone. */
export interface StaticStability {
  /** Capacity of all together over the peak of all together; Infinity when none is left. */
  readonly totalCapacityOverPeak: number;
  readonly maxSteadyUtilisation: number;
  /** 50 for half as much again. */
  readonly overprovisionPercent: number;
}

/** The N/(N − f) rule. */
export function staticStability(regions: number, lost: number): StaticStability {
  const left = Math.max(0, regions - lost);
  const totalCapacityOverPeak = left === 0 ? Number.POSITIVE_INFINITY : regions / left;
  return {
    totalCapacityOverPeak,
    maxSteadyUtilisation: regions === 0 ? 0 : left / regions,
    overprovisionPercent: 100 * (totalCapacityOverPeak - 1),
  };
}
