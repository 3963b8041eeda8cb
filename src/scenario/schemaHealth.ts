/** Health checks of the file form. */
import { z } from "zod";
import { failoverClockIds } from "./catalogue/index.js";
import type { HealthForm } from "./deploymentForm.js";
import { count, duration } from "./schemaUnits.js";

/** Immediate repeats of a probe; each takes up to a timeout. */
const MAX_RETRIES = 10;
const WINDOW_RULE = "a window with at most as many required as its size";

const windowSchema = z
  .strictObject({
    size: count(1, 31).describe("So many of the last results count."),
    required: count(1, 31).describe("Successes among them that make a target up."),
  })
  .refine(({ size, required }) => required <= size, {
    error: WINDOW_RULE,
    params: { code: "inconsistent" },
  })
  .describe("Belief by the last results, in whatever order, instead of fall and rise.");

/** A health check, or `none`; `more` is what else it may say. */
export function healthSchema(
  defaults: {
    readonly interval: string;
    readonly timeout: string;
    readonly fall: number;
    readonly rise: number;
    readonly schedule: string;
  },
  more: z.ZodRawShape = {},
): z.ZodType<HealthForm | "none"> {
  return z.union([
    z.literal("none"),
    z.strictObject({
      interval: duration({ millisecond: true }).prefault(defaults.interval).describe("Time between probes."),
      timeout: duration()
        .prefault(defaults.timeout)
        .describe("A probe without an answer for this long has failed."),
      preset: z
        .enum(failoverClockIds("health"))
        .optional()
        .describe("Figures of a known system; what is written beside it lies over them."),
      fall: count(1).prefault(defaults.fall).describe("Consecutive failures that mark a target down."),
      rise: count(1).prefault(defaults.rise).describe("Consecutive successes that mark it up again."),
      window: windowSchema.optional(),
      retries: count(0, MAX_RETRIES)
        .optional()
        .describe("A probe that failed is repeated at once so often before it counts. Default: 0."),
      schedule: z
        .enum(["fixed-rate", "re-armed"])
        .prefault(defaults.schedule as "fixed-rate")
        .describe(
          "fixed-rate: every interval whatever the answer; re-armed: an interval after the previous answer.",
        ),
      seesLoad: z
        .boolean({ error: "true or false" })
        .prefault(true)
        .describe(
          "A probe waits behind the queue of an overloaded endpoint (true), or is answered at once (false).",
        ),
      first: duration({ zero: true })
        .optional()
        .describe("When each prober sends its first probe. Default: a random moment of the first interval."),
      ...more,
    }),
  ]);
}

/** What probes of endpoints may say besides. */
export const PROMPT: z.ZodRawShape = {
  prompt: z
    .enum(["none", "copy"])
    .prefault("none")
    .describe("copy: a probe asks the last prompt that its gateway saw; none: one made up for the purpose."),
};
