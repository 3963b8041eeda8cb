/**
 * Standbys of the file form: endpoints that take no traffic until they are promoted, and what becomes of them when
 * nobody tests them.
 */
import { z } from "zod";
import type { Rot, Stage } from "./drift.js";
import { duration, id, positive, ratio, share } from "./schemaUnits.js";

/** A standby as written, times in µs. */
export interface StandbyForm {
  readonly of?: readonly string[] | undefined;
  readonly on: "belief" | "manual";
  readonly hold?: number | undefined;
  readonly quorum?: number | undefined;
  readonly at?: number | undefined;
  readonly promotion: number | readonly Stage[];
  readonly warm: { readonly share: number; readonly fill: number };
  readonly untested: number | { readonly every: number };
  readonly rot: Rot;
  readonly failures: Readonly<Record<string, number>>;
  readonly repair: number;
  readonly failback: { readonly hold: number; readonly ramp: number } | "none";
}

/** What is assumed where nothing is said: nobody has published a measured curve. */
const ASSUMED_HALF_LIFE = "180d";
const MAX_STAGES = 20;
const MAX_CAUSES = 20;
/** A day of simulated time, µs. */
export const DAY_US = 86_400_000_000;

const days = (): z.ZodType<number> => duration().transform((us) => us / DAY_US) as z.ZodType<number>;

/** A name and a length of time. */
export const stageFields: { name: z.ZodType<string>; takes: z.ZodType<number> } = {
  name: id().describe("What the stage is called, in reports."),
  takes: duration({ zero: true }).describe("How long it takes."),
};

/** Stages of `schema`, one after another. */
export function stageList<T>(schema: z.ZodType<T>): z.ZodType<readonly T[]> {
  const rule = `a list of 1 to ${MAX_STAGES} stages`;
  return z
    .array(schema, { error: rule })
    .min(1, { error: rule, abort: true })
    .max(MAX_STAGES, { error: rule, abort: true });
}

const rotSchema = z.union([
  z.literal("none").transform((): Rot => ({ kind: "none" })),
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none").describe("It never rots.") }),
    z
      .strictObject({
        kind: z.literal("exponential").describe("The same share of what is still sound rots every day."),
        halfLife: days().prefault(ASSUMED_HALF_LIFE).describe("Untested for so long, half would fail."),
      })
      .transform(({ kind, halfLife }): Rot => ({ kind, halfLifeDays: halfLife })),
    z
      .strictObject({
        kind: z.literal("weibull").describe("1 − e^(−(age / scale)^shape)."),
        scale: days().describe("Untested for so long, 63 % would fail."),
        shape: positive(20).describe("Above 1 it gets worse with age, below 1 the first days are the worst."),
      })
      .transform(({ kind, scale, shape }): Rot => ({ kind, scaleDays: scale, shape })),
    z.strictObject({
      kind: z.literal("linear").describe("The chance grows evenly, up to certainty."),
      perDay: share().describe("What a day adds to it."),
    }),
  ]),
]) as z.ZodType<Rot>;

const failbackSchema = z.union([
  z.literal("none"),
  z.strictObject({
    hold: duration({ zero: true })
      .prefault("5m")
      .describe("How long the actives must have been believed up."),
    ramp: duration({ zero: true }).prefault("10m").describe("Over how long their traffic goes back."),
  }),
]);

/** Makes an endpoint a standby. */
export const standbySchema: z.ZodType<StandbyForm> = z.strictObject({
  of: z
    .array(id(), { error: "a list of endpoints" })
    .min(1, { error: "a list of at least one endpoint", abort: true })
    .max(31, { error: "a list of at most 31 endpoints", abort: true })
    .optional()
    .describe(
      "The endpoints it stands in for, when all of them are lost. Default: all of its model that are no standbys.",
    ),
  on: z
    .enum(["belief", "manual"])
    .prefault("belief")
    .describe("belief: when the gateways believe those are lost; manual: at a stated time."),
  hold: duration({ zero: true })
    .optional()
    .describe("How long they must have believed it. Default 30s; for belief."),
  quorum: ratio()
    .optional()
    .describe("More than this share of the gateways that are up must believe it. Default 0.5; for belief."),
  at: duration({ zero: true }).optional().describe("When it is promoted; for manual."),
  promotion: z
    .union([
      duration({ zero: true }),
      stageList(
        z
          .strictObject(stageFields)
          .transform(({ name, takes }): Stage => ({ name, takesUs: takes })) as z.ZodType<Stage>,
      ),
    ])
    .prefault("90s")
    .describe("How long a promotion takes: a time, or stages with names."),
  warm: z
    .strictObject({
      share: ratio()
        .prefault(1)
        .describe("Share of its places that are there when its promotion is done: the warm pool."),
      fill: duration({ zero: true }).prefault("0s").describe("How long the other places take to come."),
    })
    .prefault({})
    .describe("How much of it runs before it is needed. Default: all of it."),
  untested: z
    .union([
      duration({ zero: true }),
      z.strictObject({
        every: duration().describe("It is drilled so often; how long ago the last was is drawn, evenly."),
      }),
    ])
    .describe("How long it has neither served nor been drilled when the run begins."),
  rot: rotSchema
    .prefault({ kind: "exponential" })
    .describe(
      "The chance that it fails its promotion, by the time untested: an assumption, no measured curve is known. Default: exponential with a half-life of 180 days.",
    ),
  failures: z
    .record(id(), share(), { error: "a mapping from causes to shares" })
    .refine((map) => Object.keys(map).length >= 1 && Object.keys(map).length <= MAX_CAUSES, {
      error: `a mapping with 1 to ${MAX_CAUSES} entries`,
    })
    .prefault({ "expired-key": 0.5, "missing-version": 0.3, "stale-config": 0.2 })
    .describe("What is wrong with one that fails, and how often relative to each other."),
  repair: duration({ zero: true })
    .prefault("20m")
    .describe("From a failed promotion to the next try, which finds it as if just tested."),
  failback: failbackSchema
    .prefault({})
    .describe("How traffic goes back to the actives; none: it stays with the standby."),
}) as unknown as z.ZodType<StandbyForm>;
