/** How Envoy shares requests among the priorities of a cluster: whole percents, as `load_balancer_impl.cc` has them. */

/** Hosts of one priority. */
export interface PriorityHosts {
  readonly healthy: number;
  readonly total: number;
}

/** Percent of requests per priority, and whether each ignores health. */
export interface PriorityLoads {
  readonly loads: readonly number[];
  readonly panic: readonly boolean[];
}

/**
 * The loads, 100 in all unless nobody is there. A priority takes its healthy share times the overprovisioning factor,
 * in order, never more than what is left; when that does not add up to 100 it is scaled, and priorities whose healthy
 * share is below the threshold are in panic. With all of them in panic the load goes by the number of hosts. What
 * rounding leaves goes to the first that is healthy, in panic to the first that is not empty.
 */
export function priorityLoads(
  priorities: readonly PriorityHosts[],
  overprovisioning: number,
  panicPercent: number,
): PriorityLoads {
  const health = priorities.map(({ healthy, total }) =>
    total === 0 ? 0 : Math.min(100, Math.floor((overprovisioning * healthy) / total)),
  );
  const sum = Math.min(
    100,
    health.reduce((all, each) => all + each, 0),
  );
  const panic = priorities.map(
    ({ healthy, total }) => sum < 100 && total > 0 && (healthy / total) * 100 < panicPercent,
  );
  const isTotal = priorities.every(({ total }, p) => total === 0 || panic[p]);
  if (isTotal && panic.some(Boolean)) return { loads: byHostCount(priorities), panic };
  if (sum === 0) return { loads: priorities.map((_, p) => (p === 0 ? 100 : 0)), panic };
  let left = 100;
  const loads = health.map((each) => {
    const load = Math.min(left, Math.floor((each * 100) / sum));
    left -= load;
    return load;
  });
  const first = health.findIndex((each) => each > 0);
  loads[first] = loads[first]! + left;
  return { loads, panic };
}

function byHostCount(priorities: readonly PriorityHosts[]): readonly number[] {
  const total = priorities.reduce((all, each) => all + each.total, 0);
  const loads = priorities.map((each) => Math.floor((100 * each.total) / total));
  const first = priorities.findIndex((each) => each.total > 0);
  loads[first] = loads[first]! + 100 - loads.reduce((all, each) => all + each, 0);
  return loads;
}

/** The priority that a draw falls on, or −1 when all loads are 0. */
export function priorityOf(loads: readonly number[], u: number): number {
  const hash = Math.floor(u * 100) + 1;
  let sum = 0;
  for (const [p, load] of loads.entries()) {
    sum += load;
    if (hash <= sum) return p;
  }
  return -1;
}
