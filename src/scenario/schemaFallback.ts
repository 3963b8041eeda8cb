/** What a gateway does when nothing may take a request now: another model, or waiting. */
import { z } from "zod";
import { duration, durationMs, line } from "./schemaUnits.js";

/** The keys of `routing` that are about it, times as their names say. */
export interface FallbackForm {
  readonly fallback?: Readonly<Record<string, readonly string[]>> | undefined;
  /** ms. */
  readonly wait: number;
  /** µs. */
  readonly poll: number;
}

/** Models that may answer for one, and models that have such. */
const MAX_FALLBACKS = 16;
const MAX_MODELS = 1000;
const LIST_RULE = `a list of 1 to ${MAX_FALLBACKS} models, best first`;
const MAP_RULE = "a mapping from a model to the models that may answer in its place";

const chainSchema: z.ZodType<readonly string[]> = z
  .array(line(100), { error: LIST_RULE })
  .min(1, { error: LIST_RULE, abort: true })
  .max(MAX_FALLBACKS, { error: LIST_RULE, abort: true });

/** The keys, to be spread into the schema of `routing`. */
export const fallbackFields: {
  readonly fallback: z.ZodOptional<z.ZodType<Readonly<Record<string, readonly string[]>>>>;
  readonly wait: z.ZodPrefault<z.ZodType<number, string>>;
  readonly poll: z.ZodPrefault<z.ZodType<number, string>>;
} = {
  fallback: z
    .record(line(100), chainSchema, { error: MAP_RULE })
    .refine((map) => Object.keys(map).length <= MAX_MODELS, { error: MAP_RULE })
    .optional()
    .describe(
      "Models that may answer in another's place, such as a smaller one: tried in this order once no lawful endpoint of the model itself can take the request. Not carried on from one to the next. Default: none.",
    ),
  wait: durationMs({ zero: true })
    .prefault("0s")
    .describe(
      "A gateway holds a request for the first limit or cooldown to pass when that takes no longer than this. Default: it refuses.",
    ),
  poll: duration({ millisecond: true })
    .prefault("1s")
    .describe(
      "How often a gateway asks again for a request that a rule with onEmpty: queue makes it hold back.",
    ),
};
