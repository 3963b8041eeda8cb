/**
 * Rollouts, drills and evacuations of the file form: what operators do to a deployment, when and in which steps.
 */
import { z } from "zod";
import type { EvacuationAct, EvacuationStage } from "./drift.js";
import { stageFields, stageList } from "./schemaStandby.js";
import { duration, id, line } from "./schemaUnits.js";
import { readClockHour } from "./units.js";

/** A rollout as written, times in µs. */
export interface RolloutForm {
  readonly version: string;
  readonly at: number;
  readonly endpoints: readonly string[];
  readonly every: number;
  readonly ramp: number;
}

/** When a drill is first held: µs from the start, or an hour of the day, UTC. */
export type DrillTime = { readonly us: number } | { readonly utcHour: number };

/** A drill as written. */
export interface DrillForm {
  readonly id?: string | undefined;
  readonly standby?: string | undefined;
  readonly region?: string | undefined;
  readonly first: DrillTime;
  readonly every?: number | undefined;
  readonly ramp: number;
  readonly hold: number;
  readonly classes?: readonly string[] | undefined;
  readonly order: "promote-first" | "drain-first";
}

/** An evacuation as written. */
export interface EvacuationForm {
  readonly id?: string | undefined;
  readonly region: string;
  readonly at: number;
  readonly stages: readonly EvacuationStage[];
  readonly classes?: readonly string[] | undefined;
  readonly returnAt?: number | undefined;
  readonly returnRamp: number;
}

/** Rollouts, drills or evacuations of a scenario. */
const MAX_OPERATIONS = 100;
const FIRST_RULE = 'a UTC time of day in quotes such as "03:00", or a duration from the start such as "30m"';

const ids = (what: string): z.ZodType<readonly string[]> =>
  z
    .array(id(), { error: `a list of ${what}` })
    .min(1, { error: `a list of at least one of ${what}`, abort: true })
    .max(1000, { error: `a list of at most 1000 ${what}`, abort: true });

const listOf = <T>(schema: z.ZodType<T>, what: string): z.ZodType<readonly T[]> =>
  z
    .array(schema, { error: `a list of ${what}` })
    .max(MAX_OPERATIONS, { error: `a list of at most ${MAX_OPERATIONS} ${what}`, abort: true });

const classOrder = () =>
  ids("classes")
    .optional()
    .describe("Classes one after another, those not named last and together. Default: all together.");

/** New versions, in order. */
export const rolloutsSchema: z.ZodType<readonly RolloutForm[]> = listOf(
  z.strictObject({
    version: line(100).describe("The version that comes."),
    at: duration({ zero: true }).describe("When the first endpoint gets it."),
    endpoints: ids("endpoints").describe("Who gets it, in this order."),
    every: duration({ zero: true }).prefault("10m").describe("From one endpoint to the next."),
    ramp: duration({ zero: true })
      .prefault("0s")
      .describe("Over how long the share of an endpoint's calls that get it grows to all: a canary."),
  }) as unknown as z.ZodType<RolloutForm>,
  "rollouts",
);

const firstSchema = z.union(
  [
    z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: FIRST_RULE })
      .transform((text): DrillTime => ({ utcHour: readClockHour(text) ?? 0 })),
    duration({ zero: true }).transform((us): DrillTime => ({ us })),
  ],
  { error: FIRST_RULE },
);

/** Failovers on purpose. */
export const drillsSchema: z.ZodType<readonly DrillForm[]> = listOf(
  z.strictObject({
    id: id().optional().describe("Name in reports. Default drill-1, drill-2, … in file order."),
    standby: id().optional().describe("The standby that is to serve: those it stands in for are drained."),
    region: id().optional().describe("The region that is drained, so that others serve. One of the two."),
    first: firstSchema.describe("When the first is held: a time of day, or so long after the start."),
    every: duration({ millisecond: true })
      .optional()
      .describe("From one drill to the next. Default: only once."),
    ramp: duration({ zero: true }).prefault("10m").describe("Over how long traffic goes over, and back."),
    hold: duration({ zero: true }).prefault("20m").describe("How long it stays there."),
    classes: classOrder(),
    order: z
      .enum(["promote-first", "drain-first"])
      .prefault("promote-first")
      .describe(
        "promote-first: traffic moves once the standby says it is ready; drain-first: at once, as in a real loss.",
      ),
  }) as unknown as z.ZodType<DrillForm>,
  "drills",
);

const ACTS: readonly EvacuationAct[] = ["wait", "promote", "drain-entry", "drain-endpoints"];

const evacuationStage = z
  .strictObject({
    ...stageFields,
    does: z
      .enum(ACTS)
      .prefault("wait")
      .describe(
        "wait: people decide or check; promote: standbys of the region's endpoints; drain-entry: users are no longer sent to its gateways; drain-endpoints: its endpoints get fewer calls, evenly down to none over the stage.",
      ),
  })
  .transform(({ name, takes, does }): EvacuationStage => ({ name, takesUs: takes, does }));

/** Everything out of a region. */
export const evacuationsSchema: z.ZodType<readonly EvacuationForm[]> = listOf(
  z.strictObject({
    id: id().optional().describe("Name in reports. Default evacuation-1, evacuation-2, … in file order."),
    region: id().describe("The region to leave."),
    at: duration({ zero: true }).describe("When the first stage begins."),
    stages: stageList(evacuationStage as unknown as z.ZodType<EvacuationStage>)
      .prefault([
        { name: "decide", takes: "5m" },
        { name: "drain-dns", takes: "2m", does: "drain-entry" },
        { name: "drain-endpoints", takes: "5m", does: "drain-endpoints" },
      ] as never)
      .describe("One after another. Default: decide (5m), drain-dns (2m), drain-endpoints (5m)."),
    classes: classOrder(),
    returnAt: duration().optional().describe("When traffic begins to come back. Default: never."),
    returnRamp: duration({ zero: true }).prefault("10m").describe("Over how long it does."),
  }) as unknown as z.ZodType<EvacuationForm>,
  "evacuations",
);

/** Whether conversations stay with the version of the model that answered them last. */
export const pinSchema: z.ZodType<"none" | "version", "none" | "version"> = z.enum(["none", "version"]);
/** What becomes of a turn whose version no lawful, usable endpoint has any more. */
export const pinLostSchema: z.ZodType<"move" | "refuse", "move" | "refuse"> = z.enum(["move", "refuse"]);
