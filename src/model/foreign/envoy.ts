/**
 * Envoy over all hosts of a cluster: priorities by health, panic, localities by weight, ejections, and the route's
 * retries. It knows no law, so whatever has a host may get a prompt.
 *
 * ROUND_ROBIN is drawn by weight, which has the same shares. Active health is the gateway's own probing; a host that is
 * ejected counts as unhealthy, as in Envoy.
 */
import {
  CAUSE_CONCURRENCY,
  CAUSE_NO_HEALTHY,
  CAUSE_POLICY_ERROR,
  choosePriority,
  createShares,
  type Decision,
  envoyLoads,
  Outliers,
  type PolicyState,
  type PriorityShares,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_TIMEOUT,
  shareByHealth,
} from "../../policy/index.js";
import type { EnvoyCluster, EnvoyHost, EnvoyRetry, EnvoySource } from "../../scenario/policySource.js";
import type { Scenario } from "../../scenario/scenario.js";
import { refuseWith, routeTo, STATUS_CONNECTION, statusOf } from "./answers.js";
import type { ForeignAsk, ForeignEnd, ForeignRouter } from "./foreignRouter.js";

const STATUS_TIMEOUT = 408;

/** A cluster of which nothing is said but its hosts. */
function plainCluster(name: string): EnvoyCluster {
  return {
    name,
    overprovisioning: 140,
    panicPercent: 50,
    failsOnPanic: false,
    localityWeighted: false,
    maxRequests: 1024,
    outlier: null,
    at: "",
  };
}

/** The settings of a cluster. */
export function clusterNamed(source: EnvoySource, name: string): EnvoyCluster {
  return source.clusters.find((cluster) => cluster.name === name) ?? plainCluster(name);
}

/** Hosts of one cluster, with who is ejected. */
interface Group {
  readonly settings: EnvoyCluster;
  readonly hosts: readonly EnvoyHost[];
  /** Distinct priorities, best first; Envoy has no gaps between them. */
  readonly priorities: readonly number[];
  readonly outliers: Outliers | null;
  /** Hosts by priority, and the shares that come of them; written at every decision. */
  readonly counts: Record<"hosts" | "healthy" | "degraded" | "excluded", Int32Array>;
  readonly shares: PriorityShares;
}

/** One gateway as an Envoy: its clusters by the model that classes ask for. */
export class EnvoyRouter implements ForeignRouter {
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #groupOfClass: readonly (Group | undefined)[];
  readonly #retry: EnvoyRetry;

  constructor(source: EnvoySource, scenario: Scenario) {
    const names = [...new Set(source.hosts.map(({ cluster }) => cluster))];
    this.#groups = new Map(names.map((name) => [name, groupOf(source, name)]));
    this.#groupOfClass = scenario.workload.classes.map(({ model }) => this.#groups.get(model));
    this.#retry = source.retry;
  }

  /** `memory` is the mask of priorities that retries have passed over. */
  decide(ask: ForeignAsk, view: PolicyState, out: Decision): void {
    const group = this.#groupOfClass[ask.classIndex];
    if (group === undefined) return refuseWith(out, CAUSE_POLICY_ERROR, 0);
    const { settings, hosts, priorities } = group;
    const busy = hosts.reduce((sum, { endpointIndex }) => sum + view.inFlight[endpointIndex]!, 0);
    if (busy >= settings.maxRequests) return refuseWith(out, CAUSE_CONCURRENCY, 0);
    const open = group.outliers === null ? -1 : group.outliers.inUseMask(ask.nowMs);
    const isHealthy = (host: EnvoyHost, h: number): boolean =>
      (view.up & (1 << host.endpointIndex)) !== 0 && (open & (1 << h)) !== 0;
    const { load, panic } = this.#share(group, ask, isHealthy);
    const p = choosePriority(group.shares, Math.floor(ask.u * 100));
    if (load[p] === 0 || (panic[p] === 1 && settings.failsOnPanic))
      return refuseWith(out, CAUSE_NO_HEALTHY, 0);
    const members = hosts.filter(
      (host, h) =>
        host.priority === priorities[p] && host.weight > 0 && (panic[p] === 1 || isHealthy(host, h)),
    );
    const host =
      settings.localityWeighted && panic[p] === 0
        ? byLocality(group, p, members, ask.v)
        : byWeight(members, ask.v);
    if (host === null) return refuseWith(out, CAUSE_NO_HEALTHY, 0);
    const mask = members.reduce((sum, { endpointIndex }) => sum | (1 << endpointIndex), 0);
    routeTo(out, host.endpointIndex, mask);
  }

  /** The loads of the priorities; those that retries have passed over have none, unless nobody else is healthy. */
  #share(
    { settings, hosts, priorities, counts, shares }: Group,
    ask: ForeignAsk,
    isHealthy: (host: EnvoyHost, h: number) => boolean,
  ): PriorityShares {
    counts.healthy.fill(0);
    for (const [h, host] of hosts.entries()) {
      if (isHealthy(host, h)) counts.healthy[priorities.indexOf(host.priority)]! += 1;
    }
    const options = {
      overprovisioningPercent: settings.overprovisioning,
      panicPercent: settings.panicPercent,
    };
    envoyLoads(counts, options, shares);
    if (ask.memory === 0 || shareByHealth(shares, ask.memory)) return shares;
    ask.memory = 0;
    return envoyLoads(counts, options, shares);
  }

  ended(end: ForeignEnd): void {
    if (end.result === RESULT_ABANDONED) return;
    const status = end.result === RESULT_OK ? 200 : statusOf(end.cause);
    // A refusal for limits is an answer; errors, timeouts and failed connections count alike.
    const fails = status >= 500 || status === STATUS_TIMEOUT || status === STATUS_CONNECTION;
    const result = !fails ? RESULT_OK : end.result === RESULT_TIMEOUT ? RESULT_TIMEOUT : RESULT_ERROR;
    for (const { hosts, outliers } of this.#groups.values()) {
      const h = hosts.findIndex(({ endpointIndex }) => endpointIndex === end.target);
      if (h >= 0) outliers?.onEnd(h, result, end.startedMs, end.nowMs);
    }
  }

  /** Waits are drawn from 0 to (2^n − 1) times the base, up to the longest. */
  retryWaitMs(ask: ForeignAsk, cause: number): number {
    const { retries, perPriority, baseMs, maxMs } = this.#retry;
    const made = ask.tryNumber;
    if (made >= retries || !this.#isRetried(statusOf(cause))) return -1;
    if (perPriority !== null && (made + 1) % perPriority === 0) ask.memory = this.#passedOver(ask);
    let steps = 1;
    for (let n = 0; n < made && steps * baseMs < maxMs; n++) steps = 2 * steps + 1;
    return ask.guardV * Math.min(maxMs, steps * baseMs);
  }

  #isRetried(status: number): boolean {
    const { statusCodes, onConnectFailure, onTimeout } = this.#retry;
    if (status === STATUS_CONNECTION) return onConnectFailure;
    return status === STATUS_TIMEOUT ? onTimeout || statusCodes.includes(504) : statusCodes.includes(status);
  }

  /** Every priority where the request has been; none again once it has been to all. */
  #passedOver(ask: ForeignAsk): number {
    const group = this.#groupOfClass[ask.classIndex];
    if (group === undefined) return 0;
    const { hosts, priorities } = group;
    const tried = priorities.reduce((mask, priority, p) => {
      const been = hosts.some(
        (host) => host.priority === priority && (ask.tried & (1 << host.endpointIndex)) !== 0,
      );
      return been ? mask | (1 << p) : mask;
    }, 0);
    return tried === (1 << priorities.length) - 1 ? 0 : tried;
  }
}

function groupOf(source: EnvoySource, name: string): Group {
  const settings = clusterNamed(source, name);
  const hosts = source.hosts.filter(({ cluster }) => cluster === name);
  const { outlier } = settings;
  const outliers =
    outlier === null
      ? null
      : new Outliers(
          {
            consecutiveFailures: outlier.consecutive5xx,
            ejectionMs: outlier.baseEjectionMs,
            maxEjectionMs: outlier.maxEjectionMs,
            maxShare: Math.min(1, outlier.maxEjectionPercent / 100),
          },
          hosts.length,
        );
  const priorities = [...new Set(hosts.map((host) => host.priority))].sort((a, b) => a - b);
  const column = (): Int32Array => new Int32Array(priorities.length);
  const counts = { hosts: column(), healthy: column(), degraded: column(), excluded: column() };
  for (const { priority } of hosts) counts.hosts[priorities.indexOf(priority)]! += 1;
  return { settings, hosts, priorities, outliers, counts, shares: createShares(priorities.length) };
}

/** A locality by its weight times its available share, then a host of it. */
function byLocality(group: Group, p: number, members: readonly EnvoyHost[], u: number): EnvoyHost | null {
  const { hosts, priorities, settings } = group;
  const all = hosts.filter((host) => host.priority === priorities[p]);
  const localities = [...new Set(all.map(({ locality }) => locality))];
  const weights = localities.map((locality) => {
    const total = all.filter((host) => host.locality === locality);
    const available = members.filter((host) => host.locality === locality).length;
    const share = Math.min(100, Math.floor((settings.overprovisioning * available) / total.length));
    return (total[0]!.localityWeight ?? 0) * share;
  });
  const sum = weights.reduce((all, each) => all + each, 0);
  if (!(sum > 0)) return byWeight(members, u);
  let left = u * sum;
  for (const [l, weight] of weights.entries()) {
    if (left < weight)
      return byWeight(
        members.filter((host) => host.locality === localities[l]),
        left / weight,
      );
    left -= weight;
  }
  return byWeight(members, u);
}

function byWeight(members: readonly EnvoyHost[], u: number): EnvoyHost | null {
  let left = u * members.reduce((sum, { weight }) => sum + weight, 0);
  for (const host of members) {
    if (left < host.weight) return host;
    left -= host.weight;
  }
  return members.at(-1) ?? null;
}
