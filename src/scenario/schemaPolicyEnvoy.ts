/** Envoy's settings in the file form: clusters, their hosts, and the retry policy of the route. */
import { z } from "zod";
import type { EnvoyCluster, EnvoyRetry } from "./policySource.js";
import { count, durationMs, flag, id, line, nonNegative, positive } from "./schemaUnits.js";

/** A host, its endpoint by name. */
export interface EnvoyHostForm {
  readonly endpoint: string;
  readonly cluster: string;
  readonly priority: number;
  readonly locality: string;
  readonly localityWeight?: number | undefined;
  readonly weight: number;
  readonly at: string;
}

/** The block. */
export interface EnvoyForm {
  readonly reference: "envoy";
  readonly clusters: Readonly<Record<string, Omit<EnvoyCluster, "name">>>;
  readonly hosts: readonly EnvoyHostForm[];
  readonly retry: EnvoyRetry;
}

const MAX_HOSTS = 31;
/** As in Envoy: priorities are 0 to 128. */
const MAX_PRIORITY = 128;

const lineOf = () =>
  line(300).prefault("unknown line").describe("Where the imported file says it, as file:line.");

const outlierForm = z
  .strictObject({
    consecutive5xx: count(1).prefault(5).describe("consecutive_5xx: failures in a row."),
    baseEjection: durationMs()
      .prefault("30s")
      .describe("base_ejection_time, times how often it was ejected."),
    maxEjection: durationMs().prefault("300s").describe("max_ejection_time."),
    maxEjectionPercent: nonNegative()
      .prefault(10)
      .describe("max_ejection_percent of the hosts; at least one."),
  })
  .transform(({ consecutive5xx, baseEjection, maxEjection, maxEjectionPercent }) => ({
    consecutive5xx,
    baseEjectionMs: baseEjection,
    maxEjectionMs: maxEjection,
    maxEjectionPercent,
  }));

const clusterForm = z
  .strictObject({
    overprovisioning: positive(1_000_000).prefault(140).describe("overprovisioning_factor, percent."),
    panicPercent: nonNegative()
      .prefault(50)
      .describe("healthy_panic_threshold; below it health is ignored, 0: never."),
    failsOnPanic: flag().prefault(false).describe("fail_traffic_on_panic."),
    localityWeighted: flag().prefault(false).describe("locality_weighted_lb_config."),
    maxRequests: count(0)
      .prefault(1024)
      .describe("circuit_breakers: max_requests in flight over all hosts; more are answered 503."),
    outlier: outlierForm.optional().describe("outlier_detection. Default: none."),
    at: lineOf(),
  })
  .transform(({ outlier, ...rest }): Omit<EnvoyCluster, "name"> => ({ ...rest, outlier: outlier ?? null }));

const hostForm = z.strictObject({
  endpoint: id().describe("The endpoint it is."),
  cluster: line(100).describe("Its cluster, which is the model that classes ask for."),
  priority: count(0, MAX_PRIORITY).prefault(0).describe("0 is best."),
  locality: line(200).prefault("none").describe("Its locality, for locality weights."),
  localityWeight: nonNegative().optional().describe("load_balancing_weight of its locality."),
  weight: nonNegative().prefault(1).describe("load_balancing_weight of the host."),
  at: lineOf(),
});

const retryForm: z.ZodType<EnvoyRetry> = z
  .strictObject({
    retries: count(0, 50).prefault(0).describe("num_retries."),
    perPriority: count(1, 50)
      .optional()
      .describe("numAttemptsPerPriority: then a priority where it has not been."),
    statusCodes: z
      .array(count(100, 599), { error: "a list of status codes" })
      .max(100, { error: "a shorter list" })
      .prefault([])
      .describe("Answers that are tried again."),
    onConnectFailure: flag()
      .prefault(false)
      .describe("retry_on: connect-failure, or anything that includes it."),
    onTimeout: flag().prefault(false).describe("retry_on: 5xx or reset, which a per-try timeout counts as."),
    base: durationMs()
      .prefault("25ms")
      .describe("base_interval: waits are drawn from 0 to (2^n - 1) times it."),
    max: durationMs().prefault("250ms").describe("max_interval."),
  })
  .transform(({ base, max, perPriority, ...rest }) => ({
    ...rest,
    perPriority: perPriority ?? null,
    baseMs: base,
    maxMs: max,
  })) as z.ZodType<EnvoyRetry>;

/** Envoy as a reference. */
export const envoyForm: z.ZodObject = z.strictObject({
  reference: z.literal("envoy").describe("Envoy's load balancer, over all hosts: it knows no law."),
  clusters: z
    .record(line(100), clusterForm, { error: "a mapping from clusters" })
    .prefault({})
    .describe("Settings of clusters; one that is not named has Envoy's defaults."),
  hosts: z
    .array(hostForm, { error: "a list of hosts" })
    .min(1, { error: "a list with at least one host" })
    .max(MAX_HOSTS, { error: `a list of at most ${MAX_HOSTS} hosts` })
    .describe("lb_endpoints."),
  retry: retryForm.prefault({}).describe("retry_policy of the route."),
});
