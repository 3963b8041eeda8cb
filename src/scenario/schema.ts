/**
 * The file form of a scenario. It is the one place that says what may be written; the loader, the JSON Schema for
 * editors and the defaults all come from it.
 */
import { z } from "zod";
import { DEFAULT_SEED } from "./defaults.js";
import type { DeploymentForm } from "./deploymentForm.js";
import { deploymentSchema } from "./schemaDeployment.js";
import { type FaultForm, faultsSchema } from "./schemaFaults.js";
import { serveSchema } from "./schemaServe.js";
import { duration, line, prose } from "./schemaUnits.js";
import { type WorkloadForm, workloadSchema } from "./schemaWorkload.js";
import type { ServeForm } from "./serveForm.js";
import { readClockHour } from "./units.js";

/** The file, parsed, with units resolved to µs and ratios but ids not yet to indices. */
export interface ScenarioForm {
  readonly schema: "regionsim/1";
  readonly name: string;
  readonly question: string;
  readonly description?: string | undefined;
  readonly seed: string;
  readonly duration: number;
  readonly warmup: number;
  /** Hours after midnight UTC. */
  readonly start: number;
  readonly deployment: DeploymentForm;
  readonly workload: WorkloadForm;
  readonly faults: readonly FaultForm[];
  readonly objectives: readonly string[];
  readonly serve?: ServeForm | undefined;
}

/** What a seed must be. */
export const SEED_RULE = 'a text of 1 to 200 characters in quotes, such as "42"';
const START_RULE = 'a UTC time of day in quotes, such as "09:30"';
const PATH_NOTE = "Inline, or the path of a YAML or JSON file relative to this one.";

/** Most objectives in a scenario. */
const MAX_OBJECTIVES = 1000;

const head = {
  schema: z.literal("regionsim/1", { error: '"regionsim/1"' }).describe("Version of this file form."),
  name: line(200).describe("What the scenario is called."),
  question: z.string({ error: "a text" }).prefault("").describe("What a reader wants to know from it."),
  description: prose().optional().describe("Anything else worth saying."),
  seed: z
    .string({ error: SEED_RULE })
    .min(1, { error: SEED_RULE, abort: true })
    .max(200, { error: SEED_RULE, abort: true })
    .prefault(DEFAULT_SEED)
    .describe("Names the luck: same seed, same run. A text, so quote numbers."),
  duration: duration().describe("Simulated time."),
  warmup: duration({ zero: true })
    .prefault("0s")
    .describe("Time at the start that does not count in results."),
  start: z
    .string({ error: START_RULE })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: START_RULE, abort: true })
    .prefault("00:00")
    .transform((text) => readClockHour(text) ?? 0)
    .describe("UTC time of day at which the run begins; decides where daily curves start."),
  extends: line(1024)
    .optional()
    .describe(
      "Another scenario to lay this one over: mappings merge, lists and values replace, null deletes.",
    ),
};

const objectivesSchema = z
  .array(line(500), { error: "a list of texts" })
  .max(MAX_OBJECTIVES, { error: `a list of at most ${MAX_OBJECTIVES} objectives` })
  .prefault([])
  .describe(
    'What must hold, such as "residency.violations == 0", "refused{origin=US} <= 0.5%" or "ttft.p95{origin=EU} < 1500ms".',
  );

/** What is left of a file when its blocks are in place and its base laid under. */
export const scenarioSchema: z.ZodType<ScenarioForm> = z
  .strictObject({
    ...head,
    deployment: deploymentSchema,
    workload: workloadSchema,
    faults: faultsSchema.prefault([]),
    objectives: objectivesSchema,
    serve: serveSchema.optional(),
  })
  .refine((form) => form.warmup < form.duration, {
    error: "shorter than duration",
    path: ["warmup"],
    params: { code: "inconsistent" },
  }) as z.ZodType<ScenarioForm>;

/** What may be written in one file: blocks may be paths, and with `extends` nearly everything may come from the base. */
export const scenarioFileSchema: z.ZodType = z
  .strictObject({
    ...head,
    name: head.name.optional(),
    duration: head.duration.optional(),
    deployment: z
      .union([z.string(), deploymentSchema])
      .optional()
      .describe(`What production runs. ${PATH_NOTE}`),
    workload: z.union([z.string(), workloadSchema]).optional().describe(`Who asks. ${PATH_NOTE}`),
    faults: z
      .union([z.string(), faultsSchema])
      .optional()
      .describe(`What goes wrong and when. ${PATH_NOTE} Also a CSV file: at,for,kind,target,…`),
    objectives: objectivesSchema,
    serve: z
      .union([z.string(), serveSchema])
      .optional()
      .describe(`How its gateways are run for real; no simulation depends on it. ${PATH_NOTE}`),
  })
  .describe("A regionsim scenario.");
