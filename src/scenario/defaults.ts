/**
 * What a scenario means where it says nothing, in the words of the file form, so that the JSON Schema shows the
 * same text. Each value says why; none of them is measured unless it says so.
 */

/** Defaults of a health check: what cloud load balancers ship with, give or take. */
export const HEALTH_DEFAULTS = {
  interval: "5s",
  timeout: "2s",
  fall: 3,
  rise: 2,
  schedule: "fixed-rate",
} as const;

/** DNS failover as Route 53 sells it: 10 s checks from 16 checkers, up while more than 18 % of them say so. */
export const GEO_DNS_DEFAULTS = {
  kind: "geo-dns",
  ttl: "60s",
  tailShare: 0.05,
  tailFactor: 10,
  resolversPerSite: 200,
  check: { interval: "10s", timeout: "4s", fall: 3, rise: 3, schedule: "fixed-rate" },
  checkers: 16,
  quorum: 0.18,
} as const;

/** A route withdrawn from the global table is gone for nearly everyone within about a minute. */
export const ANYCAST_DEFAULTS = { convergence: "60s", scope: "lawful" } as const;

/** A gateway that is rarely the bottleneck: it waits, it does not compute. */
export const GATEWAY_DEFAULTS = { concurrency: 2000, queue: 500, overhead: "2ms" } as const;

/** The name of the seed, when none is given: a constant, so that a run without a seed is reproducible too. */
export const DEFAULT_SEED = "regionsim";

/** Whose requests they are where a class names no tenant. */
export const DEFAULT_TENANT = "default";

/** An answer's tokens reserved against a token limit; above the 99th percentile of chat answers (601). */
export const DEFAULT_MAX_OUTPUT_TOKENS = 1024;

/** Prompt lengths of the Azure 2023 conversation trace (CC-BY-4.0), n = 19 366: measured percentiles. */
export const CHAT_INPUT_TOKENS = { p50: 1020, p90: 2734, p95: 4083, p99: 4142 } as const;

/** Answer lengths of the same trace. */
export const CHAT_OUTPUT_TOKENS = { p50: 129, p90: 424, p95: 451, p99: 601 } as const;

/** Round trip of the last mile, from the catalogue's fixed-line median. */
export const DEFAULT_LAST_MILE = "15ms";
