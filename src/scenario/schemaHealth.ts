/** Health checks of the file form. */
import { z } from "zod";
import type { HealthForm } from "./deploymentForm.js";
import { count, duration } from "./schemaUnits.js";

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
      fall: count(1).prefault(defaults.fall).describe("Consecutive failures that mark a target down."),
      rise: count(1).prefault(defaults.rise).describe("Consecutive successes that mark it up again."),
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
