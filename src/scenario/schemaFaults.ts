/**
 * Faults of the file form: what goes wrong, where and when; planned, or drawn from a mean time between failures.
 */
import { z } from "zod";
import type { Distribution } from "../kernel/distributions.js";
import type { FaultKind, Manner } from "./scenario.js";
import { timeDistribution } from "./schemaDistribution.js";
import { MAX_PLACES } from "./schemaPlaces.js";
import { duration, id, line, positive, ratio } from "./schemaUnits.js";

/** A fault with its targets as written. Times in µs. */
export interface FaultForm {
  readonly kind: FaultKind;
  readonly id?: string | undefined;
  readonly at?: number | undefined;
  readonly for?: number | undefined;
  readonly every?: Distribution | undefined;
  readonly lasting?: Distribution | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly site?: string | undefined;
  readonly target?: string | undefined;
  readonly between?: readonly [string, string] | undefined;
  readonly manner?: Manner | undefined;
  readonly factor?: number | undefined;
  readonly probability?: number | undefined;
  readonly fraction?: number | undefined;
  readonly preempt?: boolean | undefined;
  readonly add?: number | undefined;
}

/** Which ways of naming a target a fault kind knows. */
export type TargetKey = "region" | "endpoint" | "site" | "all";

/** What each kind of fault may hit. `between` kinds name two ends instead. */
export const FAULT_TARGETS: Readonly<Record<FaultKind, readonly TargetKey[] | "between" | "none">> = {
  "region-down": ["region"],
  "endpoint-down": ["endpoint"],
  slow: ["region", "endpoint", "all"],
  "error-rate": ["region", "endpoint", "all"],
  "capacity-loss": ["region", "endpoint", "all"],
  "quota-cut": ["region", "endpoint", "all"],
  partition: "between",
  latency: "between",
  "control-plane-down": ["region", "endpoint", "all"],
  "entry-frozen": "none",
  "demand-surge": ["site", "all"],
};

/** Every fault kind, in the order of the manual. */
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(FAULT_TARGETS) as FaultKind[];

const occurrence: z.ZodType<Distribution> = z
  .union([
    z
      .strictObject({
        kind: z.literal("exponential").optional().describe("May be left out."),
        mean: duration().describe("The mean."),
      })
      .transform((form): Distribution => ({ kind: "exponential", mean: form.mean })),
    timeDistribution(),
  ])
  .describe("{ mean: 10m } is exponential; other distributions as everywhere.")
  .meta({ id: "occurrence-distribution" }) as z.ZodType<Distribution>;

const timing = {
  id: id().optional().describe("Name in reports. Default fault-1, fault-2, … in file order."),
  at: duration({ zero: true })
    .optional()
    .describe("When it begins; with every, from when on it may. Required without every."),
  for: duration()
    .optional()
    .describe("How long it lasts; with every, how long it goes on coming. Default: to the end of the run."),
  every: occurrence
    .optional()
    .describe(
      "Makes the fault random: the time from the end of one occurrence to the next, drawn from the seed.",
    ),
  lasting: occurrence.optional().describe("How long each occurrence of a random fault lasts; with every."),
};

const NAMES: Readonly<Record<TargetKey, string>> = {
  region: "The region it hits.",
  endpoint: "The endpoint it hits.",
  site: "The site it hits.",
  all: "",
};

function targets(kind: FaultKind): Record<string, z.ZodType> {
  const allowed = FAULT_TARGETS[kind];
  if (allowed === "none") return {};
  if (allowed === "between") {
    const rule = "a list of two ends, such as [eu, us] or [site:DE, region:eu]";
    return {
      between: z
        .tuple([line(80), line(80)], { error: rule })
        .describe(
          "The two ends: regions, endpoints, sites, or all; region:, endpoint: or site: where an id is not unique.",
        ),
    };
  }
  const named = allowed
    .filter((key) => key !== "all")
    .map((key) => [key, id().optional().describe(NAMES[key])] as const);
  const all = allowed.includes("all") ? ", or all" : "";
  return {
    ...Object.fromEntries(named),
    target: line(80)
      .optional()
      .describe(
        `The same as one text, as in CSV files: ${allowed
          .filter((key) => key !== "all")
          .map((key) => `${key}:id`)
          .join(", ")}${all}.`,
      ),
  };
}

const manner = z
  .enum(["refuse", "black-hole"])
  .prefault("black-hole")
  .describe(
    "refuse: connections fail at once; black-hole: nothing answers, and callers wait for their timeout.",
  );

const EXTRAS: Readonly<Record<FaultKind, Record<string, z.ZodType>>> = {
  "region-down": { manner },
  "endpoint-down": { manner },
  slow: { factor: positive(1_000_000).describe("Times are multiplied by this.") },
  "error-rate": { probability: ratio().describe("Share of calls that answer with a server error.") },
  "capacity-loss": {
    fraction: ratio().describe("Share of places that are gone."),
    preempt: z
      .boolean({ error: "true or false" })
      .prefault(false)
      .describe("Freeze work in the lost places; otherwise it finishes first."),
  },
  "quota-cut": { factor: ratio().describe("Limits are multiplied by this.") },
  partition: {},
  latency: { add: duration().describe("Added one way, each way.") },
  "control-plane-down": {},
  "entry-frozen": {},
  "demand-surge": { factor: positive(1_000_000).describe("Demand is multiplied by this.") },
};

const MEANINGS: Readonly<Record<FaultKind, string>> = {
  "region-down": "Everything in a region is gone.",
  "endpoint-down": "One endpoint is gone.",
  slow: "Endpoints take longer.",
  "error-rate": "Endpoints answer some calls with a server error.",
  "capacity-loss": "Endpoints lose some of their places.",
  "quota-cut": "Rate limits are cut.",
  partition: "Nothing crosses between two ends, either way.",
  latency: "Everything between two ends takes longer.",
  "control-plane-down": "Nothing new starts: replicas are neither added nor restarted.",
  "entry-frozen": "Entry answers stop changing, whatever the checkers see.",
  "demand-surge": "Users ask more; at one site, or at all.",
};

const option = (kind: FaultKind): z.ZodObject =>
  z.strictObject({
    kind: z.literal(kind).describe(MEANINGS[kind]),
    ...timing,
    ...targets(kind),
    ...EXTRAS[kind],
  });

const [first, ...others] = FAULT_KINDS.map(option);

/** One fault. That it says when, and names exactly one target, is checked where references are. */
export const faultSchema: z.ZodType<FaultForm> = z.discriminatedUnion("kind", [
  first!,
  ...others,
]) as unknown as z.ZodType<FaultForm>;

/** The faults block. */
export const faultsSchema: z.ZodType<readonly FaultForm[]> = z
  .array(faultSchema, { error: "a list of faults" })
  .max(MAX_PLACES, { error: `a list of at most ${MAX_PLACES} faults` });
