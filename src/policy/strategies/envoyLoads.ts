/**
 * Envoy's shares among priorities: whole percents over counts of hosts, as its code has them where its documentation
 * has others. Source: envoyproxy/envoy, load_balancer_impl.cc at 00cf9a0; the retry plugin previous_priorities.
 */

/** How many hosts of each priority there are, and in what state; an excluded one is in none of the other columns. */
export interface PriorityCounts {
  /** All of them, the excluded ones too. */
  readonly hosts: ArrayLike<number>;
  readonly healthy: ArrayLike<number>;
  readonly degraded: ArrayLike<number>;
  readonly excluded: ArrayLike<number>;
}

/** Two percentages that decide everything. */
export interface LoadOptions {
  readonly overprovisioningPercent: number;
  /** 0 … 100. */
  readonly panicPercent: number;
}

/** What comes of it, one entry per priority. Loads are percent, and add up to 100 unless there is nobody. */
export interface PriorityShares {
  readonly health: Int32Array;
  readonly degradedHealth: Int32Array;
  readonly load: Int32Array;
  readonly degradedLoad: Int32Array;
  /** 1 where health is ignored. */
  readonly panic: Uint8Array;
  /** All health together, at most 100. */
  total: number;
}

/** Room for the shares of so many priorities. */
export function createShares(priorities: number): PriorityShares {
  return {
    health: new Int32Array(priorities),
    degradedHealth: new Int32Array(priorities),
    load: new Int32Array(priorities),
    degradedLoad: new Int32Array(priorities),
    panic: new Uint8Array(priorities),
    total: 0,
  };
}

/**
 * Shares the load: each priority in turn takes what it is good for, the healthy ones first and then the degraded ones;
 * if that is less than 100 all together, everything is scaled up, and priorities with too few usable hosts ignore
 * health. When all do, the load goes by the number of hosts. Writes all of `out` and returns it.
 */
export function envoyLoads(
  counts: PriorityCounts,
  options: LoadOptions,
  out: PriorityShares,
): PriorityShares {
  const { hosts, healthy, degraded, excluded } = counts;
  const { overprovisioningPercent } = options;
  for (let p = 0; p < out.load.length; p++) {
    const counted = hosts[p]! - excluded[p]!;
    out.health[p] = availability(healthy[p]!, counted, overprovisioningPercent);
    out.degradedHealth[p] = availability(degraded[p]!, counted, overprovisioningPercent);
  }
  shareByHealth(out, 0);
  return notePanic(counts, options, out);
}

/** Whole percent that so many of all are good for: min(100, ⌊factor · available / all⌋); 0 of none. */
export function availability(available: number, all: number, overprovisioningPercent: number): number {
  return all > 0 ? Math.min(100, Math.floor((overprovisioningPercent * available) / all)) : 0;
}

/**
 * Shares the load by the health that is in `out`, leaving out the priorities in the mask `without`; false, and no
 * loads, when nothing is left. What rounding leaves over goes to the first healthy priority, or else the first
 * degraded one.
 */
export function shareByHealth(out: PriorityShares, without: number): boolean {
  const { health, degradedHealth, load, degradedLoad } = out;
  let sum = 0;
  for (let p = 0; p < load.length; p++) {
    load[p] = 0;
    degradedLoad[p] = 0;
    if ((without & (1 << p)) === 0) sum += health[p]! + degradedHealth[p]!;
  }
  out.total = Math.min(100, sum);
  if (sum === 0) return false;
  const left = deal(out, without, load, health, 100);
  const over = deal(out, without, degradedLoad, degradedHealth, left);
  if (over === 0) return true;
  const first = firstOf(health, without);
  if (first >= 0) load[first]! += over;
  else degradedLoad[firstOf(degradedHealth, without)]! += over;
  return true;
}

/** Deals what is left of 100 to the priorities in turn; what still is left then. */
function deal(
  { total }: PriorityShares,
  without: number,
  load: Int32Array,
  health: Int32Array,
  left: number,
): number {
  let rest = left;
  for (let p = 0; p < load.length; p++) {
    if ((without & (1 << p)) !== 0) continue;
    const part = Math.min(rest, Math.floor((health[p]! * 100) / total));
    load[p] = part;
    rest -= part;
  }
  return rest;
}

function firstOf(health: Int32Array, without: number): number {
  for (let p = 0; p < health.length; p++) {
    if (health[p]! > 0 && (without & (1 << p)) === 0) return p;
  }
  return -1;
}

/** Notes which priorities ignore health. Nothing healthy and no panic allowed: all to the first, where nobody is. */
function notePanic(
  counts: PriorityCounts,
  { panicPercent }: LoadOptions,
  out: PriorityShares,
): PriorityShares {
  const { hosts, healthy, degraded, excluded } = counts;
  out.panic.fill(0);
  if (panicPercent === 0) {
    if (out.total === 0) out.load[0] = 100;
    return out;
  }
  if (out.total === 100) return out;
  let all = true;
  for (let p = 0; p < out.panic.length; p++) {
    const counted = hosts[p]! - excluded[p]!;
    const usable = healthy[p]! + degraded[p]!;
    const panics = counted === 0 || 100 * usable < panicPercent * counted;
    out.panic[p] = panics ? 1 : 0;
    all &&= panics;
  }
  if (all) shareByCount(hosts, out);
  return out;
}

/** Total panic: by the number of hosts, whatever their health; what rounding leaves over to the first with any. */
function shareByCount(hosts: ArrayLike<number>, { load, degradedLoad }: PriorityShares): void {
  let sum = 0;
  for (let p = 0; p < load.length; p++) sum += hosts[p]!;
  let left = 100;
  let first = 0;
  for (let p = load.length - 1; p >= 0; p--) {
    const part = sum > 0 ? Math.floor((100 * hosts[p]!) / sum) : 0;
    load[p] = part;
    degradedLoad[p] = 0;
    left -= part;
    if (hosts[p]! > 0) first = p;
  }
  load[first]! += left;
}

/**
 * The priority on which a number from 0 to 99 falls, healthy loads first: p for the healthy hosts of priority p, −1 − p
 * for its degraded ones.
 */
export function choosePriority({ load, degradedLoad }: PriorityShares, hash: number): number {
  let sum = 0;
  for (let p = 0; p < load.length; p++) {
    sum += load[p]!;
    if (hash < sum) return p;
  }
  for (let p = 0; p < load.length; p++) {
    sum += degradedLoad[p]!;
    if (hash < sum) return -1 - p;
  }
  return 0;
}

/**
 * The priority of an aggregate cluster that is priority `priority` of its cluster number `cluster`: the clusters'
 * priorities in one row, those of the first cluster first. `counts` says how many each cluster has.
 */
export function linearPriority(counts: readonly number[], cluster: number, priority: number): number {
  return counts.slice(0, cluster).reduce((sum, count) => sum + count, priority);
}
