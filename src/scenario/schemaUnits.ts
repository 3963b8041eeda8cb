/**
 * The leaves of the file form: quantities with units, counts, names. Messages are rules that follow
 * "must be"; the issue adds path and value.
 */
import { z } from "zod";
import {
  DURATION_PATTERN,
  DURATION_RULE,
  FINE_TIME_PATTERN,
  FINE_TIME_RULE,
  PERCENT_PATTERN,
  RATE_PATTERN,
  RATE_RULE,
  RATIO_RULE,
  type Reading,
  readDurationUs,
  readFineTimeUs,
  readRatePerSecond,
  readRatio,
} from "./units.js";

/** The rule for ids of regions, gateways, endpoints, classes, sites and faults. */
const ID_RULE =
  "an id: 1 to 64 letters, digits, - or _, beginning and ending in a letter or digit; a name, not a whole number";
/**
 * Ids, also in the JSON Schema. Whole numbers are no names: JavaScript puts such keys of an object first, whatever the
 * order written, and indices would then point at other things.
 */
const ID_PATTERN: RegExp = /^(?!(?:0|[1-9][0-9]*)$)[A-Za-z0-9]([A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$/;
/** The largest count anywhere; far beyond any real system, and sums of such counts stay exact. */
const MAX_COUNT = 1_000_000_000;

/** A duration in µs. Zero only where `zero` says so, less than a millisecond not where `millisecond` says so. */
export function duration(options?: {
  readonly zero?: boolean;
  readonly millisecond?: boolean;
}): z.ZodType<number, string> {
  return z
    .string({ error: DURATION_RULE })
    .regex(DURATION_PATTERN, { error: DURATION_RULE, abort: true })
    .transform((text, context) => {
      const value = take(readDurationUs(text), text, context);
      if (options?.millisecond === true && value < 1000) complain("at least 1ms", text, context);
      else if (value === 0 && options?.zero !== true) complain("longer than zero", text, context);
      return value;
    });
}

/** A duration in ms, as policies count. */
export function durationMs(options?: { readonly zero?: boolean }): z.ZodType<number, string> {
  return duration(options).transform((us) => us / 1000);
}

/** A time in µs with fractions, for what is done per step and per token. Zero only where `zero` says so. */
export function fineTime(options?: { readonly zero: boolean }): z.ZodType<number, string> {
  return z
    .string({ error: FINE_TIME_RULE })
    .regex(FINE_TIME_PATTERN, { error: FINE_TIME_RULE, abort: true })
    .transform((text, context) => {
      const value = take(readFineTimeUs(text), text, context);
      if (value === 0 && options?.zero !== true) complain("longer than zero", text, context);
      return value;
    });
}

/** True or false. */
export function flag(): z.ZodType<boolean, boolean> {
  return z.boolean({ error: "true or false" });
}

/** Requests per second. */
export function rate(): z.ZodType<number, string> {
  return z
    .string({ error: RATE_RULE })
    .regex(RATE_PATTERN, { error: RATE_RULE, abort: true })
    .transform((text, context) => take(readRatePerSecond(text), text, context));
}

/** A ratio 0..1, written as a number or in percent. */
export function ratio(): z.ZodType<number, number | string> {
  return z
    .union([
      z
        .number({ error: RATIO_RULE })
        .min(0, { error: RATIO_RULE, abort: true })
        .max(1, { error: RATIO_RULE, abort: true }),
      z.string({ error: RATIO_RULE }).regex(PERCENT_PATTERN, { error: RATIO_RULE, abort: true }),
    ])
    .transform((value, context) => take(readRatio(value), value, context));
}

/** A ratio above zero. */
export function share(): z.ZodType<number, number | string> {
  return ratio().refine((value) => value > 0, { error: "above zero", params: { code: "out-of-range" } });
}

/** A whole number from `minimum` to `maximum`, a thousand million unless given. */
export function count(minimum: number, maximum: number = MAX_COUNT): z.ZodType<number, number> {
  const rule = `a whole number from ${minimum} to ${maximum}`;
  return z
    .number({ error: rule })
    .int({ error: rule, abort: true })
    .min(minimum, { error: rule, abort: true })
    .max(maximum, { error: rule, abort: true });
}

/** A number above zero, for factors and weights that may not vanish. */
export function positive(maximum: number = MAX_COUNT): z.ZodType<number, number> {
  const rule = `a number above 0 and at most ${maximum}`;
  return z
    .number({ error: rule })
    .gt(0, { error: rule, abort: true })
    .max(maximum, { error: rule, abort: true });
}

/** A number of at least zero. */
export function nonNegative(): z.ZodType<number, number> {
  const rule = `a number from 0 to ${MAX_COUNT}`;
  return z
    .number({ error: rule })
    .min(0, { error: rule, abort: true })
    .max(MAX_COUNT, { error: rule, abort: true });
}

/** What to do about traffic that nothing is to be let through of. */
const CUT_HINT =
  "to let nothing through leave the endpoint out, or add a fault of kind quota-cut with factor 0";

/** A limit that may be `unlimited`, which reads as Infinity; `hint` says what to write instead of 0. */
export function limit(hint: string = CUT_HINT): z.ZodType<number, number | "unlimited"> {
  const rule = `a number above 0 and at most 1000000000000, or "unlimited"`;
  // Nothing would ever be let through, and callers would be told to wait for ever.
  const noneRule = `${rule}; ${hint}`;
  return z
    .union([
      z
        .number({ error: rule })
        .gt(0, { error: (issue) => (issue.input === 0 ? noneRule : rule), abort: true })
        .max(1_000_000_000_000, { error: rule, abort: true }),
      z.literal("unlimited", { error: rule }),
    ])
    .transform((value) => (value === "unlimited" ? Number.POSITIVE_INFINITY : value));
}

/** An id, see {@link ID_RULE}. */
export function id(): z.ZodType<string, string> {
  return z.string({ error: ID_RULE }).regex(ID_PATTERN, { error: ID_RULE, abort: true });
}

/** A mapping from ids to things, at most `most` of them. */
export function byId<T>(value: z.ZodType<T>, most: number): z.ZodType<Record<string, T>> {
  const rule = `a mapping with 1 to ${most} entries`;
  return z
    .record(z.string().regex(ID_PATTERN, { error: ID_RULE, abort: true }), value, {
      error: "a mapping from ids",
    })
    .refine((map) => Object.keys(map).length >= 1 && Object.keys(map).length <= most, { error: rule });
}

/** One line of text without line feeds. */
export function line(maximum: number): z.ZodType<string, string> {
  const rule = `one line of 1 to ${maximum} characters`;
  return z
    .string({ error: rule })
    .min(1, { error: rule, abort: true })
    .max(maximum, { error: rule, abort: true })
    .regex(/^[^\n]*$/, { error: rule, abort: true });
}

/** Several lines of text. */
export function prose(): z.ZodType<string, string> {
  return z.string({ error: "a text" });
}

/** One word or a list of words, for predicates. */
export function words(rule: string): z.ZodType<readonly string[], string | readonly string[]> {
  const one = z
    .string({ error: rule })
    .min(1, { error: rule, abort: true })
    .max(64, { error: rule, abort: true });
  return z
    .union([
      one,
      z
        .array(one, { error: rule })
        .min(1, { error: rule, abort: true })
        .max(300, { error: rule, abort: true }),
    ])
    .transform((value): readonly string[] => (typeof value === "string" ? [value] : value));
}

function take(reading: Reading, input: unknown, context: z.core.$RefinementCtx<unknown>): number {
  if (reading.ok) return reading.value;
  complain(reading.rule, input, context);
  return 0;
}

function complain(rule: string, input: unknown, context: z.core.$RefinementCtx<unknown>): void {
  context.addIssue({ code: "custom", message: rule, input, params: { code: "out-of-range" } });
}
