/**
 * Endpoints of the file form: what answers model calls, how fast, and how much of it there is.
 */
import { z } from "zod";
import type { Distribution } from "../kernel/distributions.js";
import type { AbandonedMode, Discipline } from "./scenario.js";
import { timeDistribution } from "./schemaDistribution.js";
import { type PlacesForm, placesByChannel } from "./schemaPlaces.js";
import { count, id, limit, line, nonNegative } from "./schemaUnits.js";

/** How an endpoint serves, times in µs. */
export type ServingForm =
  | {
      readonly kind: "provider";
      readonly ttft: Distribution;
      readonly perToken: Distribution;
      readonly concurrency: number;
      readonly queue: number;
      readonly slowdownAtFull: number;
    }
  | {
      readonly kind: "server";
      readonly service: Distribution;
      readonly concurrency: number;
      readonly queue: number;
      readonly discipline: Discipline;
    };

/** Rate limits; Infinity for none. Bursts default to one minute's worth. */
export interface LimitsForm {
  readonly requestsPerMin: number;
  readonly tokensPerMin: number;
  readonly requestBurst?: number | undefined;
  readonly tokenBurst?: number | undefined;
}

/** An endpoint after `like` has been written out. */
export interface EndpointForm {
  readonly region?: string | undefined;
  readonly model?: string | undefined;
  readonly version: string;
  readonly tier: number;
  readonly weight: number;
  readonly serving?: ServingForm | undefined;
  readonly limits: LimitsForm;
  readonly abandoned: AbandonedMode;
  readonly data?: PlacesForm | undefined;
}

const DISCIPLINES: readonly Discipline[] = [
  "fifo",
  "lifo",
  "processor-sharing",
  "priority",
  "preemptive-priority",
];
const ABANDONED: readonly AbandonedMode[] = ["execute", "cancel", "drop-at-dequeue"];

const servingSchema: z.ZodType<ServingForm> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("provider").describe("A model behind somebody's API, known from outside."),
    ttft: timeDistribution({ zero: true }).describe("Time to first token at the endpoint."),
    perToken: timeDistribution({ zero: true }).describe("Time per output token after the first."),
    concurrency: count(1).prefault(1000).describe("Requests it works on at once."),
    queue: count(0)
      .prefault(0)
      .describe("Requests that may wait for a place; with none, more is refused at once."),
    slowdownAtFull: nonNegative()
      .prefault(0)
      .describe("Times stretch by 1 + this × utilisation², so by 1 + this when full."),
  }),
  z.strictObject({
    kind: z
      .literal("server")
      .describe("Abstract servers with a service law, for theory and for parts that are no model."),
    service: timeDistribution().describe("Service time."),
    concurrency: count(1).prefault(1).describe("Servers."),
    queue: count(0).prefault(1000).describe("Requests that may wait."),
    discipline: z.enum(DISCIPLINES).prefault("fifo").describe("Who is served next."),
  }),
]);

const limitsSchema: z.ZodType<LimitsForm> = z.strictObject({
  requestsPerMin: limit().prefault("unlimited").describe("Requests per minute, refilled continuously."),
  tokensPerMin: limit()
    .prefault("unlimited")
    .describe("Tokens per minute, input and output together, refilled continuously."),
  requestBurst: limit().optional().describe("Requests that may come at once. Default: one minute's worth."),
  tokenBurst: limit().optional().describe("Tokens that may come at once. Default: one minute's worth."),
});

/** An endpoint. `region`, `model` and `serving` may come from the endpoint it is `like`; the loader asks for them. */
export const endpointSchema: z.ZodType<EndpointForm> = z.strictObject({
  like: id().optional().describe("Another endpoint to copy; what is said here lies over it."),
  region: id().optional().describe("The region it runs in. Required, unless copied."),
  model: line(100).optional().describe("The model it serves. Required, unless copied."),
  version: line(100).prefault("1").describe("Version of the model, for reports."),
  tier: count(0, 1000).prefault(0).describe("Lower tiers are used up before higher ones."),
  weight: nonNegative().prefault(1).describe("Share among equals, for the weighted strategy."),
  serving: servingSchema.optional().describe("How it serves. Required, unless copied."),
  limits: limitsSchema.prefault({}).describe("Rate limits. Default: none."),
  abandoned: z.enum(ABANDONED).prefault("execute").describe("What happens to work whose client has gone."),
  data: placesByChannel("Countries of the endpoint's")
    .optional()
    .describe(
      "Where its data goes, per channel. A channel not named is unknown, and so not allowed under any rule that asks.",
    ),
});
