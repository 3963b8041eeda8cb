/** Envoy's choice of a priority worked out the long way, over lists of hosts, for comparison with the strategies. */

/** A host of the oracle. */
export interface OracleHost {
  readonly tier: number;
  readonly state: "healthy" | "degraded" | "unhealthy" | "excluded";
}

/** Percent of requests for the healthy, the degraded, or in a panic any hosts of each tier; null: to nobody. */
export interface OracleLoad {
  readonly tier: number;
  readonly of: "healthy" | "degraded" | "any";
  readonly percent: number;
}

/** The loads of a cluster, in the order in which a draw meets them. */
export function oracleLoads(hosts: readonly OracleHost[], factor: number, threshold: number): OracleLoad[] {
  const tiers = [...new Set(hosts.map((host) => host.tier))].sort((a, b) => a - b);
  const of = (tier: number, ...states: OracleHost["state"][]): number =>
    hosts.filter((host) => host.tier === tier && states.includes(host.state)).length;
  const counted = (tier: number): number => of(tier, "healthy", "degraded", "unhealthy");
  const good = (tier: number, state: "healthy" | "degraded"): number => {
    if (counted(tier) === 0) return 0;
    const percent = Math.floor((factor * of(tier, state)) / counted(tier));
    return percent > 100 ? 100 : percent;
  };
  const kinds = (["healthy", "degraded"] as const).flatMap((state) =>
    tiers.map((tier) => ({ tier, of: state, good: good(tier, state) })),
  );
  const sum = kinds.reduce((all, kind) => all + kind.good, 0);
  const total = sum > 100 ? 100 : sum;
  if (total === 0 && threshold === 0) return [];
  const panics = (tier: number): boolean => {
    const usable = of(tier, "healthy", "degraded");
    const percent = counted(tier) === 0 ? 0 : (100 * usable) / counted(tier);
    return total !== 100 && percent < threshold;
  };
  if (tiers.every(panics)) {
    const all = tiers.map((tier) => ({
      tier,
      of: "any" as const,
      percent: Math.floor((100 * hosts.filter((host) => host.tier === tier).length) / hosts.length),
    }));
    const rest = 100 - all.reduce((each, { percent }) => each + percent, 0);
    return all.map((load, n) => (n === 0 ? { ...load, percent: load.percent + rest } : load));
  }
  let left = 100;
  const loads = kinds.map((kind) => {
    const percent = Math.min(left, Math.floor((100 * kind.good) / total));
    left -= percent;
    return { ...kind, percent };
  });
  const first = loads.findIndex((load) => load.good > 0);
  return loads.map((load, n) => ({
    tier: load.tier,
    of: panics(load.tier) ? "any" : load.of,
    percent: n === first ? load.percent + left : load.percent,
  }));
}
