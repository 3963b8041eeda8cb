/** LiteLLM's `router_settings`, `litellm_settings` and `general_settings`, and what there is to say about them. */
import type { LitellmStrategy } from "../policySource.js";
import { child, entriesOf, type SourceNode } from "../sourceTree.js";
import { mergedLists, type ReadDeployment } from "./litellmDeployment.js";
import type { Tracked } from "./tracked.js";

const STRATEGIES: Readonly<Record<string, LitellmStrategy>> = {
  "simple-shuffle": "simple-shuffle",
  "least-busy": "least-busy",
  "usage-based-routing": "usage-based-routing",
  "usage-based-routing-v2": "usage-based-routing",
  "latency-based-routing": "latency-based-routing",
  "cost-based-routing": "cost-based-routing",
};
const ALLOWED_FAILS: Readonly<Record<string, string>> = {
  BadRequestErrorAllowedFails: "badRequest",
  AuthenticationErrorAllowedFails: "authentication",
  TimeoutErrorAllowedFails: "timeout",
  RateLimitErrorAllowedFails: "rateLimit",
  InternalServerErrorAllowedFails: "internalServer",
};
const HEALTH_INTERVAL_MS = 300_000;
const HEALTH_TIMEOUT_MS = 10_000;

/** The settings. */
export interface ReadRouter {
  readonly form: Readonly<Record<string, unknown>>;
  readonly health: unknown;
  readonly upstreamTimeoutMs: number | null;
  readonly preCallChecks: boolean;
  /** Groups that are somebody's fallback. */
  readonly fallbackGroups: ReadonlySet<string>;
}

/** Reads all three blocks; `router_settings` stands over `litellm_settings` where both say a thing. */
export function readLitellmRouter(
  root: SourceNode,
  tracked: Tracked,
  deployments: readonly ReadDeployment[],
): ReadRouter {
  const router = tracked.get(root, "router_settings");
  const settings = tracked.get(root, "litellm_settings");
  const fallbacks = readFallbacks(router, settings, tracked, knownNames(deployments));
  const preCallChecks = tracked.flag(router, "enable_pre_call_checks") ?? false;
  const health = readHealth(tracked.get(root, "general_settings"), tracked);
  const timeoutMs = tracked.timeMs(router, "timeout") ?? tracked.timeMs(settings, "request_timeout") ?? null;
  const form = {
    strategy: readStrategy(router, tracked),
    latencyBuffer: tracked.number(tracked.get(router, "routing_strategy_args"), "lowest_latency_buffer"),
    preCallChecks,
    retries: boundedRetries(tracked.number(router, "num_retries") ?? tracked.number(settings, "num_retries")),
    cooldown: msText(tracked.timeMs(router, "cooldown_time") ?? tracked.timeMs(settings, "cooldown_time")),
    allowedFails: tracked.number(router, "allowed_fails") ?? tracked.number(settings, "allowed_fails"),
    allowedFailsPolicy: readAllowedFails(tracked.get(router, "allowed_fails_policy"), tracked),
    healthRouting: health.routing,
    tagFiltering: tracked.flag(router, "enable_tag_filtering"),
    ...fallbacks.form,
    lines: {
      preCallChecks: tracked.line(child(router, "enable_pre_call_checks") ?? router),
      ...fallbacks.lines,
    },
  };
  const fallbackGroups = new Set(fallbacks.targets);
  warnings({
    tracked,
    deployments,
    router,
    preCallChecks,
    fallbacks: fallbacks.form,
    tagFiltering: form.tagFiltering === true,
  });
  return { form, health: health.form, upstreamTimeoutMs: timeoutMs, preCallChecks, fallbackGroups };
}

function readStrategy(router: SourceNode | undefined, tracked: Tracked): LitellmStrategy | undefined {
  const word = tracked.text(router, "routing_strategy");
  if (word === undefined) return undefined;
  const strategy = STRATEGIES[word];
  if (strategy === undefined)
    tracked.warn(
      child(router, "routing_strategy"),
      "router_settings.routing_strategy",
      `${word} is not simulated; simple-shuffle stands in for it`,
    );
  return strategy;
}

interface Fallbacks {
  readonly form: {
    readonly fallbacks: Readonly<Record<string, readonly string[]>>;
    readonly defaultFallbacks: readonly string[];
    readonly contextWindowFallbacks: Readonly<Record<string, readonly string[]>>;
  };
  readonly lines: Readonly<Record<string, string>>;
  readonly targets: readonly string[];
}

/** Groups and ids that a fallback may name. */
function knownNames(deployments: readonly ReadDeployment[]): ReadonlySet<string> {
  return new Set(deployments.flatMap(({ group, form }) => [group, String(form.id ?? group)]));
}

function readFallbacks(
  router: SourceNode | undefined,
  settings: SourceNode | undefined,
  tracked: Tracked,
  known: ReadonlySet<string>,
): Fallbacks {
  const kept = (names: readonly string[], key: string): readonly string[] =>
    names.filter((name) => {
      if (known.has(name)) return true;
      tracked.warn(
        child(router, key) ?? child(settings, key),
        key,
        `${key} names ${name}, which no entry of model_list is`,
      );
      return false;
    });
  const keptAll = (map: Readonly<Record<string, readonly string[]>>, key: string): typeof map =>
    Object.fromEntries(Object.entries(map).map(([group, names]) => [group, kept(names, key)]));
  const find = (key: string): SourceNode | undefined =>
    tracked.get(router, key) ?? tracked.get(settings, key);
  const where = (key: string): Readonly<Record<string, string>> => {
    const node = child(router, key) ?? child(settings, key);
    return node === undefined ? {} : { [camel(key)]: tracked.line(node) };
  };
  const fallbacks = keptAll(mergedLists(find("fallbacks"), tracked), "fallbacks");
  const contextWindowFallbacks = keptAll(
    mergedLists(find("context_window_fallbacks"), tracked),
    "context_window_fallbacks",
  );
  const own = tracked.texts(router, "default_fallbacks");
  const general = own.length > 0 ? own : tracked.texts(settings, "default_fallbacks");
  const defaultFallbacks = kept(general, "default_fallbacks");
  return {
    form: { fallbacks, defaultFallbacks, contextWindowFallbacks },
    lines: { ...where("fallbacks"), ...where("default_fallbacks"), ...where("context_window_fallbacks") },
    targets: [
      ...Object.values(fallbacks).flat(),
      ...Object.values(contextWindowFallbacks).flat(),
      ...defaultFallbacks,
    ],
  };
}

function camel(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function readAllowedFails(
  node: SourceNode | undefined,
  tracked: Tracked,
): Readonly<Record<string, number>> | undefined {
  if (node === undefined) return undefined;
  const form: Record<string, number> = {};
  for (const [key, word] of Object.entries(ALLOWED_FAILS)) {
    const value = tracked.number(node, key);
    if (value !== undefined) form[word] = value;
  }
  return form;
}

function readHealth(
  general: SourceNode | undefined,
  tracked: Tracked,
): { readonly form: unknown; readonly routing: boolean | undefined } {
  tracked.understood(general, ["master_key", "database_url"]);
  const isOn = tracked.flag(general, "background_health_checks") ?? false;
  const intervalMs = tracked.timeMs(general, "health_check_interval") ?? HEALTH_INTERVAL_MS;
  const routing = tracked.flag(general, "enable_health_check_routing");
  const ignoresTransient = tracked.flag(general, "health_check_ignore_transient_errors") ?? false;
  if (!isOn) return { form: "none", routing };
  return {
    form: {
      interval: `${intervalMs}ms`,
      timeout: `${Math.min(intervalMs, HEALTH_TIMEOUT_MS)}ms`,
      fall: 1,
      rise: 1,
      // Timeouts and limits of a health check count for nothing then, and those are what load does to one.
      seesLoad: !ignoresTransient,
    },
    routing,
  };
}

function boundedRetries(retries: number | undefined): number | undefined {
  return retries === undefined ? undefined : Math.min(20, Math.max(0, Math.floor(retries)));
}

function msText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms}ms`;
}

interface Judged {
  readonly tracked: Tracked;
  readonly deployments: readonly ReadDeployment[];
  readonly router: SourceNode | undefined;
  readonly preCallChecks: boolean;
  readonly fallbacks: Fallbacks["form"];
  readonly tagFiltering: boolean;
}

function warnings({ tracked, deployments, router, preCallChecks, fallbacks, tagFiltering }: Judged): void {
  const placed = deployments.find(({ region }) => region !== null);
  if (placed !== undefined && !preCallChecks)
    tracked.warn(
      router ?? placed.node,
      "router_settings.enable_pre_call_checks",
      "region_name has no effect without enable_pre_call_checks: true",
    );
  if (placed !== undefined && preCallChecks)
    tracked.warn(
      router,
      "router_settings.enable_pre_call_checks",
      "customers are assumed to have allowed_model_region by where they are; without it no region is checked",
    );
  const ordered = deployments.find(({ form }) => form.order !== undefined);
  if (ordered !== undefined && !preCallChecks)
    tracked.warn(ordered.node, "model_list", "order has no effect without enable_pre_call_checks: true");
  if (tagFiltering)
    tracked.warn(
      router,
      "router_settings.enable_tag_filtering",
      "tags come from the caller (x-litellm-tags), so they keep nobody out",
    );
  for (const [group, targets] of Object.entries(fallbacks.fallbacks))
    warnFallback({ tracked, deployments, router }, group, targets);
}

function warnFallback(
  { tracked, deployments, router }: Pick<Judged, "tracked" | "deployments" | "router">,
  group: string,
  targets: readonly string[],
): void {
  const regionsOf = (name: string): readonly (string | null)[] =>
    deployments.filter((one) => one.group === name || one.form.id === name).map(({ region }) => region);
  const own = new Set(regionsOf(group));
  for (const name of targets) {
    const outside = regionsOf(name).some((region) => region === null || !own.has(region));
    const node = entriesOf(router).find(([key]) => key === "fallbacks")?.[1].node ?? router;
    if (outside)
      tracked.warn(
        node,
        "router_settings.fallbacks",
        `the fallback ${name} of ${group} lies outside its regions, or nobody says where it lies`,
      );
  }
}
