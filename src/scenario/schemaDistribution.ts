/**
 * Random quantities as written in files: what people know of a quantity (a few percentiles, a mean and a spread)
 * rather than the parameters of a law.
 */
import { z } from "zod";
import type { Distribution } from "../kernel/distributions.js";
import { log } from "../math/index.js";
import { duration, nonNegative, positive } from "./schemaUnits.js";

/** Standard normal quantiles of the percentiles that can fix a lognormal beside its median. */
const Z_SCORES: Readonly<Record<string, number>> = {
  p75: 0.6744897501960817,
  p90: 1.2815515655446004,
  p95: 1.6448536269514722,
  p98: 2.0537489106318225,
  p99: 2.3263478740408408,
  "p99.9": 3.0902323061678132,
};

/** The percentiles that may be given. */
const PERCENTILES = [
  "p0",
  "p1",
  "p2",
  "p5",
  "p10",
  "p20",
  "p25",
  "p30",
  "p40",
  "p50",
  "p60",
  "p70",
  "p75",
  "p80",
  "p90",
  "p95",
  "p98",
  "p99",
  "p99.9",
  "p99.99",
  "p100",
] as const;

type Percentiles = { readonly [P in (typeof PERCENTILES)[number]]?: number | undefined } & {
  readonly kind?: string | undefined;
};

/** A distribution of times, in µs; a fixed time of zero only where `zero` says so. */
export function timeDistribution(options?: { readonly zero: boolean }): z.ZodType<Distribution> {
  return options?.zero === true ? TIME_OR_ZERO : TIME;
}

/** A distribution of counts such as tokens. */
export function countDistribution(): z.ZodType<Distribution> {
  return COUNT;
}

function distribution(leaf: z.ZodType<number>, zeroOk: boolean, what: string): z.ZodType<Distribution> {
  const scalar = leaf.transform((value, context): Distribution => {
    if (value === 0 && !zeroOk)
      context.addIssue({
        code: "custom",
        message: `${what} above zero`,
        input: value,
        params: { code: "out-of-range" },
      });
    return { kind: "deterministic", value };
  });
  return z
    .union([
      scalar,
      percentileForm(leaf),
      exponentialForm(leaf),
      lognormalForm(leaf),
      spreadForm(leaf),
      gammaForm(leaf),
      paretoForm(leaf),
    ])
    .describe(
      "A fixed value; percentiles (p50 and p99 make a lognormal, three or more a quantile table); or a named law: exponential, lognormal, gamma, pareto.",
    ) as z.ZodType<Distribution>;
}

function percentileForm(leaf: z.ZodType<number>): z.ZodType<Distribution> {
  const shape = Object.fromEntries(
    PERCENTILES.map((name) => [
      name,
      leaf.optional().describe(`The value that ${name.slice(1)} % do not exceed.`),
    ]),
  );
  return z
    .strictObject({
      kind: z
        .enum(["quantiles", "lognormal"])
        .optional()
        .describe("May be left out: two percentiles are a lognormal, three or more a table."),
      ...shape,
    })
    .transform((form, context) => fromPercentiles(form as Percentiles, context)) as z.ZodType<Distribution>;
}

function fromPercentiles(form: Percentiles, context: z.core.$RefinementCtx<unknown>): Distribution {
  const given = PERCENTILES.filter((name) => form[name] !== undefined);
  const values = given.map((name) => form[name]!);
  const fallen = given.findIndex((_, i) => i > 0 && values[i]! < values[i - 1]!);
  if (fallen > 0) {
    const message = `at least ${given[fallen - 1]}: percentiles must not fall`;
    context.addIssue({
      code: "custom",
      message,
      path: [given[fallen]!],
      input: form,
      params: { code: "inconsistent" },
    });
  } else if (given.length < 2) {
    context.addIssue({
      code: "custom",
      message: "two percentiles (p50 and p99) or more, or a fixed value, or a law with its kind",
      input: form,
      params: { code: "missing" },
    });
  } else if (given.length === 2 || form.kind === "lognormal")
    return lognormalOf(given, values, context, form);
  return { kind: "quantiles", probabilities: given.map(probability), values };
}

function lognormalOf(
  given: readonly string[],
  values: readonly number[],
  context: z.core.$RefinementCtx<unknown>,
  form: Percentiles,
): Distribution {
  const z1 = Z_SCORES[given[1] ?? ""];
  if (given.length !== 2 || given[0] !== "p50" || z1 === undefined) {
    const message = "p50 with one of p75, p90, p95, p98, p99, p99.9, or at least three percentiles";
    context.addIssue({ code: "custom", message, input: form, params: { code: "invalid-value" } });
  } else if (values[0] === 0) {
    context.addIssue({
      code: "custom",
      message: "above zero",
      path: ["p50"],
      input: form,
      params: { code: "out-of-range" },
    });
  } else return { kind: "lognormal", mu: log(values[0]!), sigma: log(values[1]! / values[0]!) / z1 };
  return { kind: "deterministic", value: 1 };
}

function probability(name: string): number {
  // Through the decimal text, so that p99.9 is the double nearest 0.999.
  const digits = name.slice(1);
  return digits === "100" ? 1 : Number(`${digits}e-2`);
}

function exponentialForm(leaf: z.ZodType<number>): z.ZodType<Distribution> {
  return z
    .strictObject({
      kind: z.literal("exponential").describe("Memoryless."),
      mean: aboveZero(leaf).describe("The mean."),
    })
    .transform(({ mean }): Distribution => ({ kind: "exponential", mean })) as z.ZodType<Distribution>;
}

function lognormalForm(leaf: z.ZodType<number>): z.ZodType<Distribution> {
  return z
    .strictObject({
      kind: z.literal("lognormal").describe("The logarithm is normal."),
      mean: aboveZero(leaf).describe("The mean."),
      cv: positive(100).describe("Standard deviation over mean."),
    })
    .transform(({ mean, cv }): Distribution => {
      const variance = log(1 + cv * cv);
      return { kind: "lognormal", mu: log(mean) - variance / 2, sigma: Math.sqrt(variance) };
    }) as z.ZodType<Distribution>;
}

function spreadForm(leaf: z.ZodType<number>): z.ZodType<Distribution> {
  return z
    .strictObject({
      kind: z.literal("lognormal").optional().describe("May be left out."),
      p50: aboveZero(leaf).describe("The median."),
      sigma: positive(20).describe("Standard deviation of the natural logarithm."),
    })
    .transform(
      ({ p50, sigma }): Distribution => ({ kind: "lognormal", mu: log(p50), sigma }),
    ) as z.ZodType<Distribution>;
}

function gammaForm(leaf: z.ZodType<number>): z.ZodType<Distribution> {
  return z
    .strictObject({
      kind: z.literal("gamma").describe("Sums of exponentials, and in between."),
      mean: aboveZero(leaf).describe("The mean."),
      cv: positive(100).describe("Standard deviation over mean; 1 is exponential."),
    })
    .transform(
      ({ mean, cv }): Distribution => ({ kind: "gamma", shape: 1 / (cv * cv), scale: mean * cv * cv }),
    ) as z.ZodType<Distribution>;
}

function paretoForm(leaf: z.ZodType<number>): z.ZodType<Distribution> {
  return z
    .strictObject({
      kind: z.literal("pareto").describe("Power-law tail."),
      min: aboveZero(leaf).describe("The least value."),
      shape: positive(100).describe("Tail exponent: P(X > x) = (min/x)^shape."),
      max: aboveZero(leaf).optional().describe("Where the tail is cut; absent for never."),
    })
    .refine((form) => form.max === undefined || form.max > form.min, {
      error: "above min",
      path: ["max"],
      params: { code: "inconsistent" },
    })
    .transform(
      (form): Distribution => ({
        kind: "pareto",
        minimum: form.min,
        shape: form.shape,
        maximum: form.max ?? Number.POSITIVE_INFINITY,
      }),
    ) as z.ZodType<Distribution>;
}

function aboveZero(leaf: z.ZodType<number>): z.ZodType<number> {
  return leaf.refine((value) => value > 0, { error: "above zero", params: { code: "out-of-range" } });
}

// One object each, so that the JSON Schema defines them once and refers to them everywhere.
const TIME_OR_ZERO = distribution(duration({ zero: true }), true, "a time").meta({
  id: "time-distribution-or-zero",
});
const TIME = distribution(duration({ zero: true }), false, "a time").meta({ id: "time-distribution" });
const COUNT = distribution(nonNegative(), false, "a count").meta({ id: "count-distribution" });
