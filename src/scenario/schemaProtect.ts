/**
 * What a caller does besides retrying, in the file form: the same words for gateways and clients. Defaults are those
 * of the program or paper a kind comes from, where it has any.
 */
import { z } from "zod";
import type {
  BreakerConfig,
  CallerConfig,
  HedgeConfig,
  OutlierConfig,
  ReturnConfig,
  ThrottleConfig,
} from "../policy/index.js";
import { concurrencyLimitSchema } from "./schemaConcurrency.js";
import { count, durationMs, positive, ratio, share } from "./schemaUnits.js";

/** Everything a caller does but retry. */
export type ProtectForm = Omit<CallerConfig, "retry">;

/** `none` beside the forms of a choice. */
function orNone<T>(form: z.ZodType<T>): z.ZodType<T | null> {
  return z.union([z.literal("none").transform(() => null), form]) as z.ZodType<T | null>;
}

const halfOpen = {
  open: durationMs().prefault("30s").describe("How long it stays open."),
  halfOpenCalls: count(1)
    .prefault(1)
    .describe("Calls let through then; when all succeed it closes, one failure opens it again."),
};

const breakerSchema = z.union([
  z.literal("none").transform((kind): BreakerConfig => ({ kind })),
  z.discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z.literal("consecutive").describe("Opens after so many failures in a row."),
        failures: count(1).prefault(5).describe("Failures in a row."),
        ...halfOpen,
      })
      .transform(
        ({ kind, failures, open, halfOpenCalls }): BreakerConfig => ({
          kind,
          failures,
          openMs: open,
          halfOpenCalls,
        }),
      ),
    z
      .strictObject({
        kind: z.literal("failure-rate").describe("Opens when too large a share of recent calls failed."),
        threshold: ratio().prefault(0.5).describe("The share."),
        window: durationMs().prefault("10s").describe("How far back it looks."),
        minCalls: count(1).prefault(20).describe("Calls in the window below which it judges nothing."),
        ...halfOpen,
      })
      .transform(
        ({ kind, threshold, window, minCalls, open, halfOpenCalls }): BreakerConfig => ({
          kind,
          threshold,
          windowMs: window,
          minCalls,
          openMs: open,
          halfOpenCalls,
        }),
      ),
  ]),
]) as z.ZodType<BreakerConfig>;

const outlierSchema = z
  .strictObject({
    consecutiveFailures: count(1).prefault(5).describe("Failures in a row that put a target out of use."),
    ejection: durationMs()
      .prefault("30s")
      .describe("For how long, multiplied by how often it has been put out of use."),
    maxEjection: durationMs().prefault("300s").describe("The longest."),
    maxShare: ratio().prefault(0.1).describe("Share of all targets that may be out of use at once."),
  })
  .refine((form) => form.ejection <= form.maxEjection, {
    error: "at most maxEjection",
    path: ["ejection"],
    params: { code: "inconsistent" },
  })
  .transform(
    (form): OutlierConfig => ({
      consecutiveFailures: form.consecutiveFailures,
      ejectionMs: form.ejection,
      maxEjectionMs: form.maxEjection,
      maxShare: form.maxShare,
    }),
  ) as z.ZodType<OutlierConfig>;

const throttleSchema = z.union([
  z.literal("none").transform((kind): ThrottleConfig => ({ kind })),
  z.discriminatedUnion("kind", [
    z
      .strictObject({
        kind: z
          .literal("adaptive")
          .describe("SRE book: refuses at the caller once requests exceed k times what was accepted."),
        k: positive(1000)
          .refine((k) => k >= 1, {
            error: "at least 1: below it requests are refused though all are accepted",
            params: { code: "out-of-range" },
          })
          .prefault(2)
          .describe("Requests per accepted one that are let through."),
        window: durationMs().prefault("2m").describe("How far back it looks."),
      })
      .transform(({ kind, k, window }): ThrottleConfig => ({ kind, k, windowMs: window })),
    z
      .strictObject({
        kind: z
          .literal("success-rate")
          .describe("Envoy: refuses at the caller when too few of the recent calls succeeded."),
        threshold: share().prefault(0.95).describe("Share of successes below which it refuses."),
        aggression: positive(100).prefault(1).describe("How fast it refuses more."),
        window: durationMs().prefault("30s").describe("How far back it looks."),
        maxRejectShare: ratio().prefault(0.8).describe("Share of requests it refuses at most."),
      })
      .transform(
        ({ kind, threshold, aggression, window, maxRejectShare }): ThrottleConfig => ({
          kind,
          threshold,
          aggression,
          windowMs: window,
          maxRejectShare,
        }),
      ),
  ]),
]) as z.ZodType<ThrottleConfig>;

const hedgeSchema = z
  .strictObject({
    after: durationMs().describe("How long the first call may take before a second is sent."),
    extraCalls: count(1, 10).prefault(1).describe("Calls beyond the first."),
    ratio: ratio().prefault(0.05).describe("Hedges per first try, saved up as retries are."),
  })
  .transform(
    (form): HedgeConfig => ({ afterMs: form.after, extraCalls: form.extraCalls, ratio: form.ratio }),
  ) as z.ZodType<HedgeConfig>;

const returningSchema = z
  .strictObject({
    hold: durationMs({ zero: true })
      .prefault("0s")
      .describe("Kept out of use for so long after it is believed up again."),
    slowStart: durationMs({ zero: true })
      .prefault("60s")
      .describe("Then takes a growing share of its requests over this time; 0s for all at once."),
    aggression: positive(100).prefault(1).describe("1: the share grows evenly; more: faster at first."),
    minShare: ratio().prefault(0.1).describe("The share it begins with."),
  })
  .transform(
    (form): ReturnConfig => ({
      holdMs: form.hold,
      slowStartMs: form.slowStart,
      aggression: form.aggression,
      minShare: form.minShare,
    }),
  ) as z.ZodType<ReturnConfig>;

/** The block; what is not named is not done. */
export const protectSchema: z.ZodType<ProtectForm> = z
  .strictObject({
    breaker: breakerSchema.prefault("none").describe("When to stop calling a target that fails."),
    outlier: orNone(outlierSchema)
      .prefault("none")
      .describe("Puts targets that fail out of use for a while."),
    throttle: throttleSchema.prefault("none").describe("Refuses by chance before anything is sent."),
    limit: concurrencyLimitSchema.prefault("none").describe("Calls a target may have under way."),
    hedge: orNone(hedgeSchema)
      .prefault("none")
      .describe("A second call to another target while the first has not answered."),
    returning: orNone(returningSchema)
      .prefault("none")
      .describe("How a target that comes back is trusted again."),
  })
  .meta({ id: "protect" }) as z.ZodType<ProtectForm>;
