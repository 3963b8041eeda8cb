/**
 * Routers that are not ours, in the file form: `routing.policy` is the path of a file of code, or another system by
 * its settings. The settings are what an import writes, and a person can write them too.
 */
import { z } from "zod";
import type { LitellmAllowedFails, LitellmStrategy } from "./policySource.js";
import { type EnvoyForm, envoyForm } from "./schemaPolicyEnvoy.js";
import { type PortkeyForm, portkeyForm } from "./schemaPolicyPortkey.js";
import { count, durationMs, flag, id, limit, line, nonNegative, ratio } from "./schemaUnits.js";

/** Entries of a list of targets; each is an endpoint, of which there are at most 31. */
const MAX_DEPLOYMENTS = 31;
const STRATEGIES: readonly LitellmStrategy[] = [
  "simple-shuffle",
  "least-busy",
  "usage-based-routing",
  "latency-based-routing",
  "cost-based-routing",
];

/** A file of code and what it is told. */
export interface ModuleForm {
  readonly module: string;
  readonly options?: unknown;
}

/** An entry of LiteLLM's list, its endpoint by name. */
export interface LitellmDeploymentForm {
  readonly endpoint: string;
  readonly group: string;
  readonly id?: string | undefined;
  readonly order?: number | undefined;
  readonly weight?: number | undefined;
  readonly rpm?: number | undefined;
  readonly tpm?: number | undefined;
  readonly region?: string | undefined;
  readonly tags: readonly string[];
  readonly at: string;
}

/** LiteLLM's settings; times in ms. */
export interface LitellmForm {
  readonly reference: "litellm";
  readonly deployments: readonly LitellmDeploymentForm[];
  readonly strategy: LitellmStrategy;
  readonly latencyBuffer: number;
  readonly preCallChecks: boolean;
  readonly allowedModelRegion: Readonly<Record<string, string>>;
  readonly retries: number;
  readonly cooldown: number;
  readonly allowedFails?: number | undefined;
  readonly allowedFailsPolicy?:
    | { readonly [K in keyof LitellmAllowedFails]?: number | undefined }
    | undefined;
  readonly healthRouting: boolean;
  readonly tagFiltering: boolean;
  readonly fallbacks: Readonly<Record<string, readonly string[]>>;
  readonly defaultFallbacks: readonly string[];
  readonly contextWindowFallbacks: Readonly<Record<string, readonly string[]>>;
  readonly tokenCounterFailure: number;
  readonly lines: Readonly<Record<string, string>>;
}

/** What may stand at `routing.policy`. */
export type PolicySourceForm = string | ModuleForm | LitellmForm | PortkeyForm | EnvoyForm;

/** Where an imported file says it. */
const sourceLine = (): z.ZodType<string, string | undefined> =>
  line(300).prefault("unknown line").describe("Where the imported file says it, as file:line.") as z.ZodType<
    string,
    string | undefined
  >;

const groups = (what: string): z.ZodType<Readonly<Record<string, readonly string[]>>> =>
  z
    .record(line(200), z.array(line(200), { error: "a list of groups" }), {
      error: "a mapping from groups to lists of groups",
    })
    .prefault({})
    .describe(what);

const deploymentForm = z.strictObject({
  endpoint: id().describe("The endpoint it is."),
  group: line(200).describe("model_name: what clients ask for."),
  id: line(200).optional().describe("model_info.id, by which it can be asked for past every filter."),
  order: count(0).optional().describe("Lower is tried first, where pre-call checks are on."),
  weight: nonNegative().optional().describe("Share for simple-shuffle."),
  rpm: limit().optional().describe("Requests per minute."),
  tpm: limit().optional().describe("Tokens per minute."),
  region: line(64)
    .optional()
    .describe("Its region as LiteLLM tells it, such as eu; none: dropped by a region check."),
  tags: z.array(line(100), { error: "a list of tags" }).prefault([]).describe("Tags it serves."),
  at: sourceLine(),
});

const fails = (): z.ZodType<number | undefined> =>
  count(0).optional().describe("Failures that pass within a cooldown.");

const litellmForm = z.strictObject({
  reference: z.literal("litellm").describe("LiteLLM's router, with its known holes."),
  deployments: z
    .array(deploymentForm, { error: "a list of deployments" })
    .min(1, { error: "a list with at least one deployment" })
    .max(MAX_DEPLOYMENTS, { error: `a list of at most ${MAX_DEPLOYMENTS} deployments` })
    .describe("model_list."),
  strategy: z.enum(STRATEGIES).prefault("simple-shuffle").describe("routing_strategy."),
  latencyBuffer: nonNegative()
    .prefault(0)
    .describe("lowest_latency_buffer: share over the lowest that is as good."),
  preCallChecks: flag()
    .prefault(false)
    .describe("enable_pre_call_checks: without it, no region check and no order."),
  allowedModelRegion: z
    .record(line(64), line(64), { error: "a mapping from origins to regions" })
    .prefault({})
    .describe("What the proxy holds about customers, by where they are: EU: eu."),
  retries: count(0, 20).prefault(2).describe("num_retries, at each group and order."),
  cooldown: durationMs({ zero: true }).prefault("5s").describe("cooldown_time."),
  allowedFails: count(0).optional().describe("allowed_fails. Default: the rules of shares and counts."),
  allowedFailsPolicy: z
    .strictObject({
      badRequest: fails(),
      authentication: fails(),
      timeout: fails(),
      rateLimit: fails(),
      internalServer: fails(),
    })
    .optional()
    .describe("allowed_fails_policy."),
  healthRouting: flag().prefault(false).describe("enable_health_check_routing; all unhealthy: ignored."),
  tagFiltering: flag().prefault(false).describe("enable_tag_filtering, over tags that the client sends."),
  fallbacks: groups("fallbacks: by group, the groups or deployment ids tried after it."),
  defaultFallbacks: z
    .array(line(200), { error: "a list of groups" })
    .prefault([])
    .describe("default_fallbacks."),
  contextWindowFallbacks: groups(
    "context_window_fallbacks; nothing simulated is too long, so only an audit sees them.",
  ),
  tokenCounterFailure: ratio()
    .prefault(0)
    .describe("Probability that counting tokens fails, which skips every pre-call check, the region's too."),
  lines: z
    .record(line(64), line(300), { error: "a mapping from settings to lines" })
    .prefault({})
    .describe("Where the imported file says a setting, as file:line."),
});

const moduleForm = z.strictObject({
  module: line(1024).describe("A file of code, relative to this one. It is run: treat it as a program."),
  options: z.unknown().optional().describe("Passed to it as it is."),
});

/** The value of `routing.policy`. */
export const policySourceSchema: z.ZodType<PolicySourceForm> = z.union([
  line(1024).describe("A file of code, relative to this one. It is run: treat it as a program."),
  z.discriminatedUnion("reference", [litellmForm, portkeyForm, envoyForm]),
  moduleForm,
]) as z.ZodType<PolicySourceForm>;
