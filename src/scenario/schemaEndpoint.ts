/**
 * Endpoints of the file form: what answers model calls, how fast, and how much of it there is.
 */
import { z } from "zod";
import type { QueueConfig } from "../policy/index.js";
import type { AbandonedMode, Crash, Limits } from "./scenario.js";
import { admissionSchema } from "./schemaAdmission.js";
import { limitsSchema } from "./schemaLimits.js";
import { type PlacesForm, placesByChannel } from "./schemaPlaces.js";
import { type EndpointPlacingForm, endpointPlacingFields } from "./schemaPlacing.js";
import { type PriceForm, priceSchema } from "./schemaPrice.js";
import { claimsSchema } from "./schemaResidency.js";
import { type ServingForm, servingSchema } from "./schemaServing.js";
import { type StandbyForm, standbySchema } from "./schemaStandby.js";
import { count, duration, id, line, nonNegative } from "./schemaUnits.js";

/** An endpoint after `like` has been written out. */
export interface EndpointForm extends EndpointPlacingForm {
  readonly region?: string | undefined;
  readonly model?: string | undefined;
  readonly version: string;
  readonly tier: number;
  readonly weight: number;
  readonly serving?: ServingForm | undefined;
  readonly limits: Limits;
  readonly abandoned: AbandonedMode;
  readonly admission: QueueConfig;
  /** µs. */
  readonly rejectCost: number;
  readonly crash: Crash | null;
  readonly standby?: StandbyForm | undefined;
  readonly price?: PriceForm | undefined;
  readonly data?: PlacesForm | undefined;
  readonly claims?: readonly string[] | undefined;
}

const ABANDONED: readonly AbandonedMode[] = ["execute", "cancel", "drop-at-dequeue"];

const crashSchema = z
  .strictObject({
    atCalls: count(1).describe("Calls in service and in line that bring it down."),
    after: duration({ zero: true }).prefault("10s").describe("How long they must last."),
    restart: duration({ millisecond: true }).prefault("60s").describe("How long it is down then."),
  })
  .transform(({ atCalls, after, restart }): Crash => ({ atCalls, afterUs: after, restartUs: restart }));

/** An endpoint. `region`, `model` and `serving` may come from the endpoint it is `like`; the loader asks for them. */
export const endpointSchema: z.ZodType<EndpointForm> = z.strictObject({
  like: id().optional().describe("Another endpoint to copy; what is said here lies over it."),
  region: id().optional().describe("The region it runs in. Required, unless copied."),
  model: line(100).optional().describe("The model it serves. Required, unless copied."),
  version: line(100).prefault("1").describe("Version of the model, for reports."),
  tier: count(0, 1000).prefault(0).describe("Lower tiers are used up before higher ones."),
  weight: nonNegative().prefault(1).describe("Share among equals, for strategies that go by weight."),
  ...endpointPlacingFields,
  serving: servingSchema.optional().describe("How it serves. Required, unless copied."),
  limits: limitsSchema.prefault({}).describe("Rate limits. Default: none."),
  abandoned: z.enum(ABANDONED).prefault("execute").describe("What happens to work whose client has gone."),
  admission: admissionSchema
    .prefault({})
    .describe("Who waits in which order, and who is turned away. Default: first come, until full."),
  rejectCost: duration({ zero: true })
    .prefault("0s")
    .describe("Work of one place that turning a call away costs."),
  crash: z
    .union([z.literal("none").transform(() => null), crashSchema])
    .prefault("none")
    .describe("Whether overload brings it down."),
  standby: standbySchema
    .optional()
    .describe("It takes no traffic until it is promoted. Default: it serves from the start."),
  price: priceSchema
    .optional()
    .describe(
      'What it costs: a row of the catalogue such as "openai:gpt-5.1", or figures. Default: unknown.',
    ),
  data: placesByChannel("Countries of the endpoint's")
    .optional()
    .describe(
      "Where its data goes, per channel. A channel not named is unknown, and so not allowed under any rule that asks.",
    ),
  claims: claimsSchema.optional(),
}) as z.ZodType<EndpointForm>;
