/** The routes of Envoy's listeners: which clusters they lead to, and how often and when they try again. */
import { child, itemsOf, type SourceNode } from "../sourceTree.js";
import { retriedAnswers, statusCode } from "./envoyHosts.js";
import type { Tracked } from "./tracked.js";

/** Parts that make no difference to which host is chosen. */
const UNDERSTOOD: readonly string[] = ["@type", "codec_type", "stat_prefix", "http_filters", "access_log"];

/** What the routes say; the first retry policy and the first timeout stand for all. */
export interface EnvoyRoutes {
  readonly clusters: readonly string[];
  readonly retry: Readonly<Record<string, unknown>> | undefined;
  readonly timeoutMs: number | null;
}

/** Reads the HTTP routes of all listeners. */
export function readEnvoyRoutes(listeners: SourceNode | undefined, tracked: Tracked): EnvoyRoutes {
  const clusters: string[] = [];
  let retry: EnvoyRoutes["retry"];
  let timeoutMs: number | null = null;
  for (const route of itemsOf(listeners).flatMap((listener) => routesOf(listener, tracked))) {
    tracked.understood(route, ["match", "name"]);
    const action = tracked.get(route, "route");
    const cluster = tracked.text(action, "cluster");
    if (cluster !== undefined) clusters.push(cluster);
    const policy = tracked.get(action, "retry_policy");
    if (policy !== undefined && retry !== undefined)
      tracked.warn(policy, "retry_policy", "the first retry policy stands for all routes here");
    const read = policy === undefined ? undefined : readRetry(policy, tracked);
    const ownMs = tracked.timeMs(policy, "per_try_timeout") ?? tracked.timeMs(action, "timeout") ?? null;
    retry ??= read;
    timeoutMs ??= ownMs;
  }
  return { clusters, retry, timeoutMs };
}

function routesOf(listener: SourceNode, tracked: Tracked): readonly SourceNode[] {
  tracked.understood(listener, ["name", "address"]);
  return itemsOf(tracked.get(listener, "filter_chains")).flatMap((chain) =>
    itemsOf(tracked.get(chain, "filters")).flatMap((filter) => {
      tracked.understood(filter, ["name"]);
      const config = tracked.get(filter, "typed_config");
      tracked.understood(config, UNDERSTOOD);
      const routes = tracked.get(config, "route_config");
      tracked.understood(routes, ["name"]);
      return itemsOf(tracked.get(routes, "virtual_hosts")).flatMap((host) => {
        tracked.understood(host, ["name", "domains"]);
        return itemsOf(tracked.get(host, "routes"));
      });
    }),
  );
}

function readRetry(policy: SourceNode, tracked: Tracked): Readonly<Record<string, unknown>> {
  const words = (tracked.text(policy, "retry_on") ?? "").split(",").map((word) => word.trim());
  const codes = (tracked.numbers(policy, "retriable_status_codes") ?? []).flatMap(
    (code) => statusCode(code) ?? [],
  );
  const backOff = tracked.get(policy, "retry_back_off");
  const baseMs = tracked.timeMs(backOff, "base_interval") ?? 25;
  return {
    retries: Math.min(50, tracked.number(policy, "num_retries") ?? 1),
    perPriority: previousPriorities(policy, tracked),
    ...retriedAnswers(words, codes),
    base: `${baseMs}ms`,
    max: `${tracked.timeMs(backOff, "max_interval") ?? 10 * baseMs}ms`,
  };
}

/** `previous_priorities`: a retry goes past the priorities that have been tried. */
function previousPriorities(policy: SourceNode, tracked: Tracked): number | undefined {
  const node = tracked.get(policy, "retry_priority");
  if (node === undefined) return undefined;
  tracked.understood(node, ["name"]);
  const config = tracked.get(node, "typed_config");
  tracked.understood(config, ["@type"]);
  const frequency = tracked.number(config, "update_frequency") ?? 2;
  const path = "retry_policy.retry_priority";
  tracked.warn(
    child(policy, "retry_priority"),
    path,
    "retries walk through the priorities, and with them to wherever those are",
  );
  return Math.min(50, Math.max(1, Math.floor(frequency)));
}
