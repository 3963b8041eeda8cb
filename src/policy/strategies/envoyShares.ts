/**
 * Envoy's shares among localities of one priority: by weight, by zone, by load. Source: envoyproxy/envoy,
 * locality_wrr.cc at 5622ee9, load_balancer_impl.cc at 00cf9a0, load_aware_locality_lb.cc at 09507df.
 */
import { availability } from "./envoyLoads.js";

/**
 * What a locality of this weight counts for: weight · min(100, ⌊factor · available / all⌋). Whole percents, as the
 * documentation's table has them; the code keeps the fraction, which changes no share by more than a third of a point.
 */
export function localityWeight(
  weight: number,
  available: number,
  all: number,
  overprovisioningPercent: number,
): number {
  return weight * availability(available, all, overprovisioningPercent);
}

/** Shares of callers and of hosts by locality, in ten-thousandths, and what comes of them for callers of one locality. */
export interface ZoneShares {
  readonly callers: Float64Array;
  readonly hosts: Float64Array;
  /** What each locality can take from others, summed up to it. */
  readonly residual: Float64Array;
  /** Of the local callers' requests: how many in ten thousand stay; 10,000 when the locality has room for all. */
  localShare: number;
}

/** Room for the shares of so many localities. */
export function createZoneShares(localities: number): ZoneShares {
  return {
    callers: new Float64Array(localities),
    hosts: new Float64Array(localities),
    residual: new Float64Array(localities),
    localShare: 0,
  };
}

/**
 * Fills `residual` and `localShare` from the shares of callers and hosts: requests stay at home while home has at
 * least its share of hosts, else in the proportion of the two, and the others go where hosts are left over. `local`
 * may be −1, when callers stand in no locality that has hosts.
 */
export function shareByZone(shares: ZoneShares, local: number): ZoneShares {
  const { callers, hosts, residual } = shares;
  let sum = 0;
  for (let l = 0; l < residual.length; l++) {
    const over = hosts[l]! - callers[l]!;
    if (l !== local && over > 0) sum += over;
    residual[l] = sum;
  }
  shares.localShare = local < 0 ? 0 : localShareOf(callers[local]!, hosts[local]!);
  return shares;
}

function localShareOf(callers: number, hosts: number): number {
  if (hosts > 0 && hosts >= callers) return 10_000;
  return callers > 0 ? Math.floor((hosts * 10_000) / callers) : 0;
}

/** The first locality whose summed residual is above a threshold; −1 when there is no residual at all. */
export function residualLocality({ residual }: ZoneShares, u: number): number {
  const total = residual[residual.length - 1] ?? 0;
  if (total === 0) return -1;
  const threshold = Math.floor(u * total);
  let l = 0;
  while (threshold >= residual[l]!) l += 1;
  return l;
}

/** Of each locality: its healthy hosts and how busy they are on average, 0 … 1; and the weights that come of it. */
export interface LoadShares {
  readonly hosts: Float64Array;
  readonly utilisation: Float64Array;
  readonly weight: Float64Array;
}

/** What a load-aware share goes by. */
export interface LoadShareOptions {
  readonly utilisationVariance: number;
  readonly probeShare: number;
}

/**
 * Fills the weights: room to spare, hosts · (1 − utilisation). All at home while home is no busier than the other
 * hosts' mean and the variance; the others together get the share of probes at least. With no room anywhere by the
 * number of hosts. `local` is the home, −1 for none. Returns the sum of the weights.
 */
export function shareByLoad(shares: LoadShares, local: number, options: LoadShareOptions): number {
  const { hosts, utilisation, weight } = shares;
  for (let l = 0; l < weight.length; l++) weight[l] = hosts[l]! * Math.max(0, 1 - utilisation[l]!);
  if (local >= 0) {
    preferHome(shares, local, options.utilisationVariance);
    probeOthers(shares, local, options.probeShare);
  }
  const sum = sumOf(weight);
  if (sum > 0) return sum;
  weight.set(hosts);
  return sumOf(hosts);
}

function preferHome({ hosts, utilisation, weight }: LoadShares, local: number, variance: number): void {
  if (!(weight[local]! > 0)) return;
  let others = 0;
  let busy = 0;
  for (let l = 0; l < hosts.length; l++) {
    if (l === local) continue;
    others += hosts[l]!;
    busy += utilisation[l]! * hosts[l]!;
  }
  const mean = others > 0 ? busy / others : 0;
  if (utilisation[local]! > mean + variance) return;
  weight.fill(0);
  weight[local] = 1;
}

function probeOthers({ hosts, weight }: LoadShares, local: number, probeShare: number): void {
  const sum = sumOf(weight);
  const others = sumOf(hosts) - hosts[local]!;
  const missing = sum * probeShare - (sum - weight[local]!);
  if (!(missing > 0) || others === 0) return;
  for (let l = 0; l < weight.length; l++) {
    if (l === local) weight[l] = Math.max(0, weight[l]! - missing);
    else weight[l]! += (missing * hosts[l]!) / others;
  }
}

function sumOf(column: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < column.length; i++) sum += column[i]!;
  return sum;
}
