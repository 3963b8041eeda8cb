/**
 * How endpoints serve, in the file form: a provider known from outside, replicas you host, or abstract servers.
 */
import { z } from "zod";
import type { Distribution } from "../kernel/distributions.js";
import type { Autoscale, Discipline, StepTime } from "./scenario.js";
import { timeDistribution } from "./schemaDistribution.js";
import { count, duration, fineTime, limit, line, nonNegative, positive, ratio } from "./schemaUnits.js";

/** A prefix cache by tokens of the group, or by share of its memory. */
export interface PrefixCacheForm {
  readonly tokens?: number | undefined;
  readonly share?: number | undefined;
  readonly blockTokens: number;
}

/** Replicas as written; what a preset file may give is optional. Times in µs. */
export interface ReplicasForm {
  readonly kind: "replicas";
  readonly preset?: string | undefined;
  readonly stepTime?: StepTime | undefined;
  readonly replicas: number;
  readonly maxSequences?: number | undefined;
  readonly maxBatchedTokens?: number | undefined;
  readonly kvTokens?: number | undefined;
  readonly kvBlockTokens?: number | undefined;
  readonly queue: number;
  readonly overhead?: number | undefined;
  readonly prefixCache: PrefixCacheForm | "none";
  readonly coldStart: number;
  readonly warmPool: number;
  readonly startsPerMin: number;
  readonly autoscale: Autoscale | null;
}

/** How an endpoint serves, times in µs. */
export type ServingForm =
  | {
      readonly kind: "provider";
      readonly ttft: Distribution;
      readonly perToken: Distribution;
      readonly concurrency: number;
      readonly queue: number;
      readonly slowdownAtFull: number;
    }
  | {
      readonly kind: "server";
      readonly service: Distribution;
      readonly concurrency: number;
      readonly queue: number;
      readonly discipline: Discipline;
    }
  | ReplicasForm;

const DISCIPLINES: readonly Discipline[] = [
  "fifo",
  "lifo",
  "processor-sharing",
  "priority",
  "preemptive-priority",
];
/** Replicas of one endpoint; each has a state of its own. */
const MAX_REPLICAS = 10_000;
/** Sequences of one replica; a hundred times what engines are run with. */
const MAX_SEQUENCES = 65_536;

const provider = z.strictObject({
  kind: z.literal("provider").describe("A model behind somebody's API, known from outside."),
  ttft: timeDistribution({ zero: true }).describe("Time to first token at the endpoint."),
  perToken: timeDistribution({ zero: true }).describe("Time per output token after the first."),
  concurrency: count(1).prefault(1000).describe("Requests it works on at once."),
  queue: count(0)
    .prefault(0)
    .describe("Requests that may wait for a place; with none, more is refused at once."),
  slowdownAtFull: nonNegative()
    .prefault(0)
    .describe("Times stretch by 1 + this × utilisation², so by 1 + this when full."),
});

const server = z.strictObject({
  kind: z
    .literal("server")
    .describe("Abstract servers with a service law, for theory and for parts that are no model."),
  service: timeDistribution().describe("Service time."),
  concurrency: count(1).prefault(1).describe("Servers."),
  queue: count(0).prefault(1000).describe("Requests that may wait."),
  discipline: z.enum(DISCIPLINES).prefault("fifo").describe("Who is served next."),
});

const stepTimeSchema = z
  .strictObject({
    base: fineTime().describe("Of every step, whatever is in it."),
    prefillPerToken: fineTime({ zero: true }).describe("Per prompt token computed in the step."),
    decodePerSequence: fineTime({ zero: true }).describe(
      "Per sequence that gets its next token in the step.",
    ),
    kvPerToken: fineTime({ zero: true })
      .prefault("0ns")
      .describe("Per token of context of those sequences, such as 6.02ns."),
  })
  .transform(
    (form): StepTime => ({
      baseUs: form.base,
      prefillUsPerToken: form.prefillPerToken,
      decodeUsPerSequence: form.decodePerSequence,
      kvUsPerToken: form.kvPerToken,
    }),
  ) as z.ZodType<StepTime>;

const prefixCacheSchema = z
  .strictObject({
    tokens: count(1).optional().describe("Tokens it holds, all replicas together."),
    share: ratio().optional().describe("Instead of tokens: share of the memory of all replicas."),
    blockTokens: count(1, 65_536).prefault(512).describe("Prefixes are kept in blocks of so many tokens."),
  })
  .refine((form) => (form.tokens === undefined) !== (form.share === undefined), {
    error: "a mapping with either tokens or share",
    params: { code: "inconsistent" },
  });

const autoscaleSchema = z
  .strictObject({
    on: z
      .enum(["queue", "utilisation"])
      .prefault("utilisation")
      .describe("queue: calls that wait per replica; utilisation: share of sequences in use."),
    target: positive(1_000_000).describe("What the figure should be, such as 0.7 of utilisation or 5 calls."),
    min: count(1, MAX_REPLICAS).describe("Fewest replicas."),
    max: count(1, MAX_REPLICAS).describe("Most replicas."),
    interval: duration({ millisecond: true }).prefault("15s").describe("How often the figure is looked at."),
    provision: duration({ zero: true })
      .prefault("3m")
      .describe("From the decision to a replica that starts up; a warm one skips it."),
    scaleInAfter: duration({ zero: true })
      .prefault("5m")
      .describe("The figure must ask for fewer for this long before one goes."),
  })
  .refine((form) => form.min <= form.max, {
    error: "at most max",
    path: ["min"],
    params: { code: "inconsistent" },
  })
  .refine((form) => form.on === "queue" || form.target <= 1, {
    error: "at most 1 where it is a share of sequences; say on: queue for calls that wait",
    path: ["target"],
    params: { code: "inconsistent" },
  })
  .transform(
    ({ on, target, min, max, interval, provision, scaleInAfter }): Autoscale => ({
      on,
      target,
      min,
      max,
      intervalUs: interval,
      provisionUs: provision,
      scaleInAfterUs: scaleInAfter,
    }),
  ) as z.ZodType<Autoscale>;

const replicas = z.strictObject({
  kind: z.literal("replicas").describe("A model you host: replicas with continuous batching."),
  preset: line(1024)
    .optional()
    .describe(
      "Where step times come from: an id of the catalogue (model/gpu/tp4/precision/engine), or the path of a .json file made by calibrate. Or give stepTime.",
    ),
  stepTime: stepTimeSchema.optional().describe("How long a step takes, instead of a preset."),
  replicas: count(1, MAX_REPLICAS).prefault(1).describe("Replicas at the start."),
  maxSequences: count(1, MAX_SEQUENCES)
    .optional()
    .describe("Sequences a replica works on at once. Default: a preset file's, or 256."),
  maxBatchedTokens: count(1, 10_000_000)
    .optional()
    .describe("Tokens a replica may put in one step. Default: a preset file's, or 8192."),
  kvTokens: count(1)
    .optional()
    .describe(
      "Tokens of context that fit in the memory of one replica. Required, unless a preset file gives it: (accelerators × memory × 0.9 − weights) / bytes per token.",
    ),
  kvBlockTokens: count(1, 65_536)
    .optional()
    .describe("Memory is given out in blocks of so many tokens. Default: a preset file's, or 16."),
  queue: count(0).prefault(1000).describe("Requests that may wait before the replicas."),
  overhead: duration({ zero: true })
    .optional()
    .describe("Time before a call reaches a replica. Default: a preset file's, or 0s."),
  prefixCache: z
    .union([z.literal("none"), prefixCacheSchema])
    .prefault("none")
    .describe("Prompts whose beginning is still in memory are not computed again."),
  coldStart: duration({ zero: true })
    .prefault("2m")
    .describe("From the start of a replica to its first step: image, weights, warm-up."),
  warmPool: count(0, MAX_REPLICAS).prefault(0).describe("Replicas that are started and idle."),
  startsPerMin: limit("to start nothing add a fault of kind control-plane-down")
    .prefault("unlimited")
    .describe("Replicas that may start within a minute, after a fault or by autoscaling."),
  autoscale: z
    .union([z.literal("none").transform(() => null), autoscaleSchema])
    .prefault("none")
    .describe("More replicas when they are needed, fewer when they are not."),
});

/** How an endpoint serves. */
export const servingSchema: z.ZodType<ServingForm> = z.discriminatedUnion("kind", [
  provider,
  server,
  replicas,
]) as z.ZodType<ServingForm>;
