/**
 * Limits on calls under way, in the file form: one that is given, or one that is found by trying.
 */
import { z } from "zod";
import type { ConcurrencyLimitConfig } from "../policy/index.js";
import { count, durationMs, positive, ratio, share } from "./schemaUnits.js";

const range = {
  initial: count(1).prefault(20).describe("Calls at the start."),
  min: count(1).prefault(1).describe("Calls that are always allowed."),
  max: count(1).prefault(200).describe("Calls it never exceeds."),
};

/** The bounds of a limit that is found by trying, where it has them. */
interface Bounds {
  readonly initial: number;
  readonly min?: number;
  readonly max: number;
}

/** A limit that begins outside its bounds contradicts itself. */
function withinBounds<T extends z.ZodType<Bounds>>(form: T): T {
  return form.refine(({ initial, min, max }) => initial >= (min ?? 1) && initial <= max, {
    error: "from min to max",
    path: ["initial"],
    params: { code: "inconsistent" },
  });
}

const smoothing = share()
  .prefault(0.2)
  .describe("Weight of the new limit against the old, above 0 and at most 1.");

const aimd = withinBounds(
  z.strictObject({
    kind: z
      .literal("aimd")
      .describe("One more after each good answer, a share less after a drop or a slow one."),
    ...range,
    backoffRatio: ratio().prefault(0.9).describe("The limit is multiplied by this after a drop."),
    slow: durationMs().prefault("5s").describe("An answer that takes longer counts as a drop."),
  }),
).transform(
  ({ kind, initial, min, max, backoffRatio, slow }): ConcurrencyLimitConfig => ({
    kind,
    initial,
    min,
    max,
    backoffRatio,
    slowMs: slow,
  }),
);

const gradient = withinBounds(
  z.strictObject({
    kind: z.literal("gradient").describe("Envoy: by the smallest round trip against the recent ones."),
    ...range,
    window: durationMs().prefault("100ms").describe("How often the limit is changed."),
    bufferShare: ratio()
      .prefault(0.25)
      .describe("Share of the smallest round trip that is not taken for queueing."),
    minRttEvery: durationMs()
      .prefault("60s")
      .describe("How often the smallest round trip is forgotten and measured anew."),
  }),
).transform(
  ({ kind, initial, min, max, window, bufferShare, minRttEvery }): ConcurrencyLimitConfig => ({
    kind,
    initial,
    min,
    max,
    windowMs: window,
    bufferShare,
    minRttEveryMs: minRttEvery,
  }),
);

const gradient2 = withinBounds(
  z.strictObject({
    kind: z
      .literal("gradient2")
      .describe("Netflix: by a long average of round trips against the recent ones."),
    ...range,
    smoothing,
    queueSize: count(0).prefault(4).describe("Calls it leaves room for in the target's line."),
    longWindow: count(1).prefault(600).describe("Round trips the long average looks back on."),
    tolerance: positive(100)
      .prefault(1.5)
      .describe("How many times the long average a round trip may be before it is taken for queueing."),
  }),
);

const vegas = withinBounds(
  z.strictObject({
    kind: z.literal("vegas").describe("Netflix: keeps a few calls queued, by the smallest round trip."),
    initial: range.initial,
    max: range.max,
    smoothing,
    decrease: z
      .enum(["log10", "half"])
      .prefault("log10")
      .describe("One step of log10(limit) down, or half of the limit."),
  }),
);

/** A limit, or `none`. */
export const concurrencyLimitSchema: z.ZodType<ConcurrencyLimitConfig> = z.union([
  z.literal("none").transform((kind): ConcurrencyLimitConfig => ({ kind })),
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("fixed").describe("Always the same."),
      limit: count(1).describe("Calls."),
    }),
    aimd,
    gradient,
    gradient2,
    vegas,
  ]),
]) as z.ZodType<ConcurrencyLimitConfig>;
