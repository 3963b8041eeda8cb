/**
 * The file form of a sweep plan. It is the one place that says what may be written; the loader and the JSON Schema for
 * editors come from it.
 */
import { z } from "zod";
import { DEFAULT_SEED } from "./defaults.js";
import type { JsonSchema } from "./jsonSchema.js";
import { count, flag, line, prose } from "./schemaUnits.js";

/** What a plan's `schema` says. */
export const PLAN_SCHEMA = "regionsim.plan/1";

/** Most points of a plan, before points that come twice are dropped. */
export const MAX_POINTS = 100_000;
/** Most points × replications. */
export const MAX_PLAN_RUNS = 1_000_000;
/** Most paths that one design varies. */
const MAX_DIMENSIONS = 64;
/** Direction numbers are there for so many dimensions. */
const MAX_SOBOL = 16;
/** A scenario's seed has at most 200 characters, and a point's own is the plan's with 17 more. */
const MAX_SEED = 150;

const SEED_RULE = `a text of 1 to ${MAX_SEED} characters in quotes, such as "42"`;
const PATH_RULE = "a path of the scenario, such as deployment.entry.ttl or faults[0].for";
const PATH = /^[^\s=[\]]+(\[\d{1,7}\][^\s=[\]]*)*$/;
const NUMBER_RULE = 'a number, alone or before a unit, such as 4, 0.5, 250ms or "40rps"';

/** One dimension of a sampled design, as written. */
export interface DimensionForm {
  readonly from: number | string;
  readonly to: number | string;
  readonly scale: "linear" | "log";
  readonly integer: boolean;
}

/** A design, as written. */
export type DesignForm =
  | { readonly kind: "grid"; readonly over: Readonly<Record<string, readonly unknown[]>> }
  | { readonly kind: "list"; readonly points: readonly Readonly<Record<string, unknown>>[] }
  | {
      readonly kind: "latin-hypercube" | "sobol";
      readonly points: number;
      readonly over: Readonly<Record<string, DimensionForm>>;
    };

/** A plan's file, with what was left out. */
export interface PlanForm {
  readonly schema: typeof PLAN_SCHEMA;
  readonly name: string;
  readonly question: string;
  readonly scenario: string;
  readonly seed: string;
  readonly replications: number;
  readonly luck: "common" | "independent";
  readonly series: boolean;
  readonly designs: readonly DesignForm[];
}

/** A number and its unit. */
export const NUMBER_PATTERN: RegExp = /^(-?\d{1,12}(?:\.\d{1,12})?)([A-Za-z%]{0,12})$/;

const path = z.string().regex(PATH, { error: PATH_RULE });

/** What stands where paths are varied; that there is one is checked where nulls, which delete, can be seen. */
export function pathsRule(most: number = MAX_DIMENSIONS): string {
  return `a mapping from 1 to ${most} paths of the scenario`;
}

function perPath<T extends z.ZodType>(value: T, most: number) {
  const rule = pathsRule(most);
  return z
    .record(path, value, { error: rule })
    .refine((map) => Object.keys(map).length <= most, { error: rule });
}

const number = z.union(
  [
    z.number({ error: NUMBER_RULE }).min(-1e12, { error: NUMBER_RULE }).max(1e12, { error: NUMBER_RULE }),
    z.string({ error: NUMBER_RULE }).regex(NUMBER_PATTERN, { error: NUMBER_RULE }),
  ],
  { error: NUMBER_RULE },
);

const dimension = z
  .strictObject(
    {
      from: number.describe("Smallest value; a number, or a number with its unit: 10ms, 5rps."),
      to: number.describe("Largest value, in the same unit."),
      scale: z
        .enum(["linear", "log"], { error: "linear or log" })
        .default("linear")
        .describe("linear: even between both ends. log: even over their ratio."),
      integer: flag().default(false).describe("Whole numbers only, each with the same share."),
    },
    { error: "a mapping with from and to" },
  )
  .describe("A path whose values are chosen between two ends.");

function sampled<const Kind extends string>(kind: Kind, note: string, most: number) {
  return z
    .strictObject({
      kind: z.literal(kind),
      points: count(1, MAX_POINTS).describe("How many points."),
      over: perPath(dimension, most).describe("Paths of the scenario, and between which values each lies."),
    })
    .describe(note);
}

const VALUES_RULE = "a list of at least one value";
const POINTS_RULE = "a list of at least one point";

const design = z.discriminatedUnion("kind", [
  z
    .strictObject({
      kind: z.literal("grid"),
      over: perPath(
        z.array(z.unknown(), { error: VALUES_RULE }).min(1, { error: VALUES_RULE }),
        MAX_DIMENSIONS,
      ).describe("Paths of the scenario, and the values of each. A value is what the file may say there."),
    })
    .describe("Every combination of the values; the last path varies fastest."),
  z
    .strictObject({
      kind: z.literal("list"),
      points: z
        .array(perPath(z.unknown(), MAX_DIMENSIONS), { error: POINTS_RULE })
        .min(1, { error: POINTS_RULE })
        .describe("One mapping a point: paths of the scenario and their values."),
    })
    .describe("Points as they are written."),
  sampled(
    "latin-hypercube",
    "Points by luck, one in each of as many equal strata of every path as there are points.",
    MAX_DIMENSIONS,
  ),
  sampled("sobol", "Points that fill the box evenly; powers of two are best.", MAX_SOBOL),
]);

const DESIGNS_RULE = "a list of at least one design";

/** A plan's file. */
export const planFileSchema: z.ZodType<PlanForm> = z
  .strictObject({
    schema: z.literal(PLAN_SCHEMA, { error: `"${PLAN_SCHEMA}"` }).describe("Version of this file form."),
    name: line(200).describe("What the sweep is called."),
    question: prose().default("").describe("What a reader wants to know from it."),
    scenario: line(1024).describe("The scenario, by its path from this file."),
    seed: z
      .string({ error: SEED_RULE })
      .min(1, { error: SEED_RULE, abort: true })
      .max(MAX_SEED, { error: SEED_RULE, abort: true })
      .default(DEFAULT_SEED)
      .describe("Names the luck of the points and of the runs. A text, so quote numbers."),
    replications: count(1, MAX_PLAN_RUNS)
      .default(1)
      .describe("Runs at every point, each with luck of its own."),
    luck: z
      .enum(["common", "independent"], { error: "common or independent" })
      .default("common")
      .describe("common: a replication has the same luck at every point. independent: each point its own."),
    series: flag().default(false).describe("Whether time series are kept beside the measures."),
    designs: z
      .array(design, { error: DESIGNS_RULE })
      .min(1, { error: DESIGNS_RULE })
      .max(1000, { error: "a list of at most 1000 designs" })
      .describe("Ways to choose points, one after another; a point that comes twice is run once."),
  })
  .describe("A regionsim sweep plan.");

/** The JSON Schema (draft-07) of plans, the same bytes every time. */
export function planJsonSchema(): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(planFileSchema, {
    target: "draft-7",
    io: "input",
  }) as JsonSchema;
  return { ...($schema === undefined ? {} : { $schema }), $id: PLAN_SCHEMA, ...rest };
}
