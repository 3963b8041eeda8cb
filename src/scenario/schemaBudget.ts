/**
 * Retry budgets of the file form: what pays for retries. Defaults are those of the program or paper a kind comes from,
 * where it has any.
 */
import { z } from "zod";
import type { RetryBudgetConfig } from "../policy/index.js";
import { count, durationMs, nonNegative, positive, ratio } from "./schemaUnits.js";

/** The largest bucket; budgets are for a handful of retries, and sums of parts stay exact below it. */
const MAX_BUCKET = 1_000_000;

const ratioOf = (what: string): z.ZodType<number, number | string> => ratio().describe(what);

const ratioBudget = z
  .strictObject({
    kind: z.literal("ratio").optional().describe("May be left out."),
    ratio: ratioOf("Retries per first try, at most five saved up."),
  })
  .transform((form): RetryBudgetConfig => ({ kind: "ratio", ratio: form.ratio }));

const tokenBucketBudget = z
  .strictObject({
    kind: z
      .literal("token-bucket")
      .describe("A retry spends 1 of a bucket that starts full; first tries or successes fill it."),
    size: positive(MAX_BUCKET).prefault(10).describe("Retries a full bucket pays for."),
    deposit: positive(MAX_BUCKET).prefault(0.1).describe("Put in each time."),
    depositOn: z
      .enum(["start", "success"])
      .prefault("success")
      .describe("When: with every first try, or with every success."),
    fires: z
      .enum(["at-least-one", "more-than-one"])
      .prefault("at-least-one")
      .describe("How much must be in the bucket for a retry."),
  })
  .refine((form) => form.size > 1 || (form.size === 1 && form.fires === "at-least-one"), {
    error: (issue) =>
      (issue.input as { fires?: string }).fires === "more-than-one"
        ? "above 1: a full bucket must pay for a retry"
        : "at least 1: a full bucket must pay for a retry",
    path: ["size"],
    params: { code: "out-of-range" },
  });

const failureRateBudget = z.strictObject({
  kind: z
    .literal("failure-rate")
    .describe("No retry while failed tries per first try, over all time, exceed the threshold."),
  threshold: ratio().prefault(0.1).describe("Failed tries per first try."),
});

const grpcBudget = z.strictObject({
  kind: z
    .literal("grpc-throttle")
    .describe("gRPC A6: a failure costs 1, a success earns tokenRatio, no retry at or below half."),
  maxTokens: positive(1000).prefault(10).describe("Size of the bucket; gRPC allows 1 to 1000."),
  tokenRatio: positive(1000).prefault(0.1).describe("Earned by a success."),
});

const llmTokensBudget = z
  .strictObject({
    kind: z.literal("llm-tokens").describe("In model tokens: a retry of a long prompt costs what it weighs."),
    ratio: ratio().prefault(0.1).describe("Retried tokens per token of first tries."),
    burst: positive(1_000_000_000).prefault(20_000).describe("Tokens that may be saved up."),
  })
  .transform(
    (form): RetryBudgetConfig => ({ kind: "llm-tokens", ratio: form.ratio, burstTokens: form.burst }),
  );

const windowedBudget = z
  .strictObject({
    kind: z.literal("windowed-ratio").describe("Finagle: deposits of first tries expire."),
    ttl: durationMs().prefault("10s").describe("How long a deposit lasts."),
    minPerSecond: nonNegative().prefault(10).describe("Retries per second that are always paid for."),
    ratio: ratio().prefault(0.2).describe("Retries per first try."),
  })
  .transform(
    (form): RetryBudgetConfig => ({
      kind: "windowed-ratio",
      ttlMs: form.ttl,
      minPerS: form.minPerSecond,
      ratio: form.ratio,
    }),
  );

const concurrentBudget = z.strictObject({
  kind: z.literal("concurrent-share").describe("Envoy: a share of the calls under way may be retries."),
  share: ratio().prefault(0.2).describe("Share of the calls under way."),
  min: count(0).prefault(3).describe("Retries under way that are always allowed."),
});

const awsBudget = z.strictObject({
  kind: z.literal("aws-standard").describe("AWS SDK: retries spend a quota that successes give back."),
  capacity: count(1, MAX_BUCKET).prefault(500).describe("The quota at the start."),
  cost: count(1, MAX_BUCKET).prefault(5).describe("What a retry costs."),
  throttleCost: count(0, MAX_BUCKET).prefault(5).describe("What a retry after a throttled try costs."),
});

/** A budget, or `none`. */
export const budgetSchema: z.ZodType<RetryBudgetConfig> = z
  .union([
    z.literal("none").transform((kind): RetryBudgetConfig => ({ kind })),
    ratioBudget,
    tokenBucketBudget,
    failureRateBudget,
    grpcBudget,
    llmTokensBudget,
    windowedBudget,
    concurrentBudget,
    awsBudget,
  ])
  .meta({ id: "retry-budget" }) as z.ZodType<RetryBudgetConfig>;
