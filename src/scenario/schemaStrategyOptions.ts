/** The options of strategies that fill, take turns, or learn; defaults are those of the strategies themselves. */
import { z } from "zod";
import type { OptionsOf } from "../policy/index.js";
import { isPrime } from "../policy/index.js";
import { count, durationMs, nonNegative, positive, share } from "./schemaUnits.js";

/** Slots of a Maglev table, beyond which building it takes long; Envoy's limit. */
const MOST_SLOTS = 5_000_011;
/** Calls a mean can be over; every answer adds them up. */
const MOST_SAMPLES = 1000;

/** Options of `waterfall`. */
export const waterfallSchema: z.ZodType<OptionsOf<"waterfall">> = z.strictObject({
  kind: z.literal("waterfall").describe("The best is filled to a share of its capacity, then the next."),
  fill: share()
    .prefault("80%")
    .describe("Share of its capacity to which an endpoint is filled before the next one is."),
  spillCap: z
    .union([
      z.literal("none").transform(() => Number.POSITIVE_INFINITY),
      positive(100),
      // After numbers, so that texts are read as percent only.
      share(),
    ])
    .prefault("100%")
    .describe("Share of its capacity beyond which no endpoint is pushed by what belongs elsewhere; or none."),
  onCapped: z
    .enum(["stay", "refuse"])
    .prefault("stay")
    .describe(
      "With a request's best endpoint gone and all others at the cap: to the best of them all the same, or to nobody.",
    ),
}) as unknown as z.ZodType<OptionsOf<"waterfall">>;

/** Options of `latency-buffer`. */
export const latencyBufferSchema: z.ZodType<OptionsOf<"latency-buffer">> = z
  .strictObject({
    kind: z.literal("latency-buffer").describe("One of those that are nearly the fastest, by chance."),
    bufferRatio: nonNegative().prefault(0).describe("Nearly: latency up to the lowest × (1 + this) …"),
    buffer: durationMs({ zero: true }).prefault("0ms").describe("… + this."),
    spread: z.enum(["uniform", "weighted"]).prefault("uniform").describe("Among those evenly, or by weight."),
    measure: z
      .enum(["calls", "round-trip"])
      .prefault("calls")
      .describe("calls: what calls took of late; round-trip: the network alone, nothing is learned."),
    samples: count(0, MOST_SAMPLES)
      .prefault(10)
      .describe("A mean over so many calls; 0: one that fades with the time constant tau."),
    tau: durationMs().prefault("10s").describe("Time constant of a mean that fades."),
    unmeasured: z
      .enum(["round-trip", "first"])
      .prefault("round-trip")
      .describe("What nobody has measured counts as its round trip, or goes first."),
    timeoutCounts: durationMs().prefault("1000s").describe("What a call that timed out counts as."),
    expiry: durationMs()
      .prefault("1h")
      .describe("What was measured is forgotten after so long without a call."),
  })
  .transform(({ buffer, tau, timeoutCounts, expiry, ...rest }) => ({
    ...rest,
    bufferMs: buffer,
    tauMs: tau,
    timeoutCountsMs: timeoutCounts,
    expiryMs: expiry,
  })) as unknown as z.ZodType<OptionsOf<"latency-buffer">>;

/** Options of `peak-ewma`. */
export const peakEwmaSchema: z.ZodType<OptionsOf<"peak-ewma">> = z
  .strictObject({
    kind: z
      .literal("peak-ewma")
      .describe("Of two drawn by chance the one of less latency × requests under way, peaks remembered."),
    tau: durationMs().prefault("10s").describe("Time constant with which a peak fades."),
    penalty: durationMs()
      .prefault("1000s")
      .describe("Cost of an endpoint that has calls under way and never answered one."),
  })
  .transform(({ kind, tau, penalty }) => ({
    kind,
    tauMs: tau,
    penaltyMs: penalty,
  })) as unknown as z.ZodType<OptionsOf<"peak-ewma">>;

/** Options of `inverse-square-price`. */
export const inverseSquarePriceSchema: z.ZodType<OptionsOf<"inverse-square-price">> = z
  .strictObject({
    kind: z
      .literal("inverse-square-price")
      .describe("By chance, in proportion to 1 / price², of those without an outage of late."),
    outageFailures: count(1).prefault(3).describe("So many errors or timeouts in a row are an outage."),
    outageLasts: durationMs().prefault("30s").describe("For how long after it an endpoint comes last."),
  })
  .transform(({ kind, outageFailures, outageLasts }) => ({
    kind,
    outageFailures,
    outageMs: outageLasts,
  })) as unknown as z.ZodType<OptionsOf<"inverse-square-price">>;

const primeRule = `a prime from 2 to ${MOST_SLOTS}, such as 65537`;

/** Options of `maglev`. */
export const maglevSchema: z.ZodType<OptionsOf<"maglev">> = z.strictObject({
  kind: z.literal("maglev").describe("Requests of one conversation go to the same endpoint, by a hash."),
  tableSize: z
    .number({ error: primeRule })
    .max(MOST_SLOTS, { error: primeRule, abort: true })
    .refine(isPrime, { error: primeRule })
    .prefault(65_537)
    .describe("Slots that endpoints share by weight; a prime."),
});
