/**
 * The deployment block of the file form: what production runs. A gateway can read the same block.
 */
import { z } from "zod";
import { failoverClockIds } from "./catalogue/index.js";
import {
  ANYCAST_DEFAULTS,
  DEFAULT_LAST_MILE,
  GATEWAY_DEFAULTS,
  GEO_DNS_DEFAULTS,
  HEALTH_DEFAULTS,
} from "./defaults.js";
import type {
  DeploymentForm,
  EntryForm,
  GatewayForm,
  JitterForm,
  NetworkForm,
  RegionForm,
} from "./deploymentForm.js";
import { admissionSchema } from "./schemaAdmission.js";
import { timeDistribution } from "./schemaDistribution.js";
import { drillsSchema, evacuationsSchema, pinLostSchema, pinSchema, rolloutsSchema } from "./schemaDrift.js";
import { endpointSchema } from "./schemaEndpoint.js";
import { fallbackFields } from "./schemaFallback.js";
import { healthSchema, PROMPT } from "./schemaHealth.js";
import { quotaSchema } from "./schemaLimits.js";
import { MAX_GATEWAYS, MAX_PLACES, placesByChannel } from "./schemaPlaces.js";
import { entryStrategySchema, gatewayPlacingFields } from "./schemaPlacing.js";
import { policySourceSchema } from "./schemaPolicySource.js";
import { protectSchema } from "./schemaProtect.js";
import { claimsSchema, enforceSchema, ruleSchema, shadowSchema, transferSchema } from "./schemaResidency.js";
import { retrySchema } from "./schemaRetry.js";
import { storesSchema } from "./schemaStores.js";
import { strategySchema } from "./schemaStrategy.js";
import { byId, count, duration, flag, id, line, positive, ratio } from "./schemaUnits.js";

/** Endpoints a router can hold in one mask. */
const MAX_ENDPOINTS = 31;
/** Quotas; every call asks each one it is under. */
const MAX_QUOTAS = 100;
/** Independent checkers; with the gateways and endpoints there may be, 31 961 probers, which 16 bits can tell apart. */
const MAX_CHECKERS = 1000;
/** Resolvers of a site, each with a cache of its own. */
const MAX_RESOLVERS = 10_000;

const degrees = (limit: number): z.ZodType<number> => {
  const rule = `degrees from -${limit} to ${limit}`;
  return z
    .number({ error: rule })
    .min(-limit, { error: rule, abort: true })
    .max(limit, { error: rule, abort: true });
};

const regionSchema: z.ZodType<RegionForm> = z.union([
  z.strictObject({
    at: line(64).describe(
      'Catalogue key such as "aws:eu-central-1"; gives country, coordinates and latencies.',
    ),
  }),
  z.strictObject({
    country: z
      .string({ error: "a country code such as DE" })
      .regex(/^[A-Z]{2}$/, { error: "a country code such as DE" })
      .describe("ISO 3166-1 alpha-2."),
    city: line(100).describe("For reports."),
    latitude: degrees(90).describe("Degrees north."),
    longitude: degrees(180).describe("Degrees east."),
  }),
]);

const gatewaySchema: z.ZodType<GatewayForm> = z.strictObject({
  region: id().describe("The region it runs in."),
  ...gatewayPlacingFields,
  concurrency: count(1).prefault(GATEWAY_DEFAULTS.concurrency).describe("Requests it carries at once."),
  queue: count(0).prefault(GATEWAY_DEFAULTS.queue).describe("Requests that may wait for a place."),
  overhead: duration({ zero: true })
    .prefault(GATEWAY_DEFAULTS.overhead)
    .describe("Time the gateway itself adds to each request."),
  admission: admissionSchema
    .prefault({})
    .describe("Who waits in which order, and who is turned away. Default: first come, until full."),
  data: placesByChannel("Countries of the gateway's")
    .optional()
    .describe(
      "Where its data goes. Default: processing and logs in the country of its region, nothing else.",
    ),
  tls: z
    .enum(["terminate", "passthrough"])
    .prefault("terminate")
    .describe("passthrough: it passes requests on without reading them, and so does nothing with prompts."),
  claims: claimsSchema.optional(),
});

const quorumDescription = "A gateway is up while more than this share of the checkers say so.";

const PRESET = "Figures of a known service; what is written beside it lies over them.";

const entrySchema: z.ZodType<EntryForm> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z
      .literal("geo-dns")
      .describe(
        "Name service that answers with a lawful gateway believed up: the nearest, or by another strategy.",
      ),
    preset: z.enum(failoverClockIds("geo-dns")).optional().describe(PRESET),
    ttl: duration({ zero: true })
      .prefault(GEO_DNS_DEFAULTS.ttl)
      .describe("How long a resolver keeps an answer."),
    tailShare: ratio()
      .prefault(GEO_DNS_DEFAULTS.tailShare)
      .describe("Share of resolvers that keep an answer longer than they should."),
    tailFactor: positive(100_000)
      .prefault(GEO_DNS_DEFAULTS.tailFactor)
      .describe("How many times longer those keep it."),
    resolversPerSite: count(1, MAX_RESOLVERS)
      .prefault(GEO_DNS_DEFAULTS.resolversPerSite)
      .describe("Resolvers that users of a site share."),
    check: healthSchema(GEO_DNS_DEFAULTS.check)
      .prefault(GEO_DNS_DEFAULTS.check)
      .describe("How each checker probes gateways; none: answers never change."),
    checkers: count(1, MAX_CHECKERS).prefault(GEO_DNS_DEFAULTS.checkers).describe("Independent checkers."),
    quorum: ratio().prefault(GEO_DNS_DEFAULTS.quorum).describe(quorumDescription),
    strategy: entryStrategySchema
      .prefault("nearest")
      .describe(
        "How it chooses among lawful gateways believed up: a name, or a mapping with `kind` and options.",
      ),
  }),
  z.strictObject({
    kind: z
      .literal("anycast")
      .describe("One address announced from every gateway; the network takes users to the nearest."),
    preset: z.enum(failoverClockIds("anycast")).optional().describe(PRESET),
    convergence: duration({ zero: true })
      .prefault(ANYCAST_DEFAULTS.convergence)
      .describe("Time for a withdrawn or announced route to reach everyone."),
    check: healthSchema(GEO_DNS_DEFAULTS.check)
      .prefault(GEO_DNS_DEFAULTS.check)
      .describe("The check that withdraws a route; none: routes never change."),
    scope: z
      .enum(["lawful", "global"])
      .prefault(ANYCAST_DEFAULTS.scope)
      .describe(
        "lawful: an address per residency zone; global: one address, so the network may cross borders.",
      ),
  }),
  z.strictObject({
    kind: z
      .literal("direct")
      .describe("No machinery: users' programs know the gateways; the nearest lawful one, up or down."),
    failover: flag()
      .prefault(false)
      .describe(
        "After a gateway that refused the connection or did not answer in time, a retry goes to the next nearest lawful one.",
      ),
  }),
]);

const jitterSchema = (): z.ZodType<JitterForm> =>
  z.union([z.enum(["none", "default"]), timeDistribution({ zero: true })]) as z.ZodType<JitterForm>;

const networkSchema: z.ZodType<NetworkForm> = z.strictObject({
  rtt: z
    .union([
      duration({ zero: true }),
      z.record(
        z.string().regex(/^\S+ ?-> ?\S+$/, {
          error: 'a pair such as "DE->eu" (site to region) or "us->eu" (between regions)',
        }),
        duration({ zero: true }),
        { error: 'one round trip for all pairs, or a mapping such as { "DE->eu": "12ms" }' },
      ),
    ])
    .optional()
    .describe(
      'Round trips instead of the catalogue\'s: one for all pairs ("0ms" for theory), or some pairs as "from->to".',
    ),
  lastMile: duration({ zero: true })
    .prefault(DEFAULT_LAST_MILE)
    .describe(
      "Round trip between a user and the network's edge, part of every site-to-region figure not given here.",
    ),
  jitter: jitterSchema()
    .prefault("default")
    .describe("Extra one-way delay per hop: the catalogue's heavy-tailed noise, none, or a distribution."),
  accessJitter: jitterSchema().optional().describe("The same for hops between users and regions only."),
  backboneJitter: jitterSchema().optional().describe("The same for hops between regions only."),
});

/** The deployment block. */
export const deploymentSchema: z.ZodType<DeploymentForm> = z.strictObject({
  regions: byId(regionSchema, MAX_PLACES).describe("Where you run, by id."),
  gateways: byId(gatewaySchema, MAX_GATEWAYS)
    .optional()
    .describe("Your routers, by id; at most 31. Default: one in every region, named as the region."),
  endpoints: byId(endpointSchema, MAX_ENDPOINTS).describe("What answers model calls, by id; at most 31."),
  entry: entrySchema
    .prefault({ kind: "geo-dns" })
    .describe("How users reach a gateway. Default: geo-dns with a 60 s TTL."),
  residency: z
    .array(ruleSchema, { error: "a list of rules" })
    .max(MAX_PLACES, { error: "a list of at most 10000 rules", abort: true })
    .prefault([])
    .describe("Where data must stay. No rules: anything may go anywhere."),
  transfers: z
    .array(transferSchema, { error: "a list of rules" })
    .max(MAX_PLACES, { error: "a list of at most 10000 rules", abort: true })
    .optional()
    .describe("On what grounds data may leave a zone. They widen no residency rule. Default: not asked."),
  routing: z
    .strictObject({
      policy: policySourceSchema.optional().describe("What decides instead: code, or another system."),
      strategy: strategySchema
        .prefault("nearest")
        .describe(
          "How a gateway chooses among lawful, healthy endpoints with room: a name, or a mapping with `kind` and options.",
        ),
      health: healthSchema(HEALTH_DEFAULTS, PROMPT)
        .prefault(HEALTH_DEFAULTS)
        .describe("How each gateway probes endpoints; none: it believes all are up."),
      failOpen: z
        .boolean({ error: "true or false" })
        .prefault(false)
        .describe("With every lawful endpoint believed down: try one of them anyway, or refuse."),
      upstreamTimeout: z
        .union([z.literal("none"), duration()])
        .prefault("60s")
        .describe("When a gateway gives up on an endpoint."),
      deadlines: z
        .enum(["ignore", "propagate"])
        .prefault("ignore")
        .describe(
          "propagate: gateways and endpoints know when the user stops waiting, and begin nothing past it.",
        ),
      enforce: enforceSchema.optional(),
      shadow: shadowSchema.optional(),
      ...fallbackFields,
      pin: pinSchema
        .prefault("none")
        .describe("version: a conversation stays with endpoints of the version that answered it last."),
      onPinLost: pinLostSchema
        .prefault("move")
        .describe(
          "With no lawful, usable endpoint of that version left: move to another version, or refuse the turn.",
        ),
    })
    .prefault({})
    .describe("How gateways choose endpoints."),
  retry: retrySchema({ kind: "none" })
    .optional()
    .describe("The gateway's own retries, at other endpoints first. Default: none."),
  protect: protectSchema
    .prefault({})
    .describe("What else a gateway does about endpoints that fail: breakers, hedges, limits and the like."),
  sdkRetry: retrySchema({ kind: "full-jitter" })
    .optional()
    .describe(
      "Retries below the gateway's, by the library it calls with: always at the same endpoint. Default: none.",
    ),
  stores: storesSchema
    .optional()
    .describe("What outlives a request: conversations, profiles, indexes, and their copies, by id."),
  quotas: byId(quotaSchema, MAX_QUOTAS)
    .optional()
    .describe("Limits over several endpoints: an account, a model, a quota that regions share."),
  rollouts: rolloutsSchema
    .optional()
    .describe("New versions of models, put on endpoints in order. Default: none."),
  drills: drillsSchema.optional().describe("Failovers on purpose, on a schedule. Default: none."),
  evacuations: evacuationsSchema
    .optional()
    .describe("Regions that operators empty, in stages. Default: none."),
  network: networkSchema.prefault({}).describe("Latency and noise, where the catalogue's are not wanted."),
}) as z.ZodType<DeploymentForm>;

/** A gateway of which nothing is said but its region. */
export const GATEWAY_DEFAULT_FORM: Omit<GatewayForm, "region"> = gatewaySchema.parse({ region: "any" });
