/** The `serve` block of the file form: how the gateways of the deployment are run for real. */
import { z } from "zod";
import { MAX_GATEWAYS, MAX_PLACES, places } from "./schemaPlaces.js";
import { address, filePath, secretRef, sha256Text, size } from "./schemaServeUnits.js";
import { byId, count, durationMs, id, line, positive } from "./schemaUnits.js";
import {
  BOUNDS_DEFAULTS,
  BYTES_PER_TOKEN_DEFAULT,
  DRAIN_DEFAULT,
  MAX_AGE_DEFAULT,
  PROBE_DEFAULTS,
  UPSTREAM_CONNECTIONS_DEFAULT,
} from "./serveDefaults.js";
import type {
  BoundsForm,
  IdentitySourceForm,
  ListenerForm,
  RecordForm,
  ServedGatewayForm,
  ServeForm,
  UpstreamForm,
} from "./serveForm.js";

/** Listeners of a gateway. */
const MAX_LISTENERS = 64;
/** Keys or certificates of a listener. */
const MAX_RECORDS = 100_000;
const RECORDS_RULE = "a list of records, or the path of a YAML or JSON file that holds one";
const URL_RULE =
  'the URL that paths are put behind, such as "https://eu.example.com/v1", without user, query or fragment';
const PROBE_PATH_RULE = 'a path that begins with /, such as "/models"';
const MAX_CONNECTIONS = 1_000_000;
/** Of the longest timer that Node knows; a longer one would fire at once. */
const MAX_TIMEOUT_MS = 2_147_483_647;

const timeout = () =>
  durationMs().refine((ms) => ms <= MAX_TIMEOUT_MS, {
    error: "at most 24 days",
    params: { code: "out-of-range" },
  });

const identityFields = {
  origin: line(64).describe("The country the callers are in, such as DE."),
  class: id().optional().describe("Their class of the workload. Default: the only one."),
  tenant: line(64).optional().describe("Whose account it is on. Default: the tenant of the class."),
};

const recordSchema = z.strictObject({
  name: line(200).describe("What logs call the caller. Says nothing about the proof."),
  sha256: sha256Text().describe(
    "SHA-256 of the key, or of the client certificate in its DER form, in hexadecimal digits.",
  ),
  ...identityFields,
});

const recordsSchema = z
  .array(recordSchema, { error: RECORDS_RULE })
  .min(1, { error: "a list with at least one record", abort: true })
  .max(MAX_RECORDS, {
    error: `a list of at most ${MAX_RECORDS} records`,
    abort: true,
  }) as z.ZodType<readonly RecordForm[]>;

/** A path that is left standing could not be read, which has been said. */
const records = () =>
  z
    .union([filePath().transform((): readonly RecordForm[] => []), recordsSchema], { error: RECORDS_RULE })
    .describe("Who may call: a list, or the path of a file with one, relative to this one.");

const identitySchema = z.discriminatedUnion("from", [
  z.strictObject({
    from: z.literal("listener").describe("All who can reach this address are the same."),
    ...identityFields,
  }),
  z.strictObject({
    from: z.literal("header").describe("The edge says so, in a header that it signs."),
    secret: secretRef().describe("What the edge signs with (HMAC-SHA-256)."),
    maxAge: timeout().prefault(MAX_AGE_DEFAULT).describe("An older header is not believed."),
  }),
  z.strictObject({
    from: z
      .literal("client-certificate")
      .describe("By the certificate of the caller; needs tls with clientCa."),
    records: records(),
  }),
  z.strictObject({
    from: z.literal("api-key").describe("By the key that the caller sends as a bearer or as x-api-key."),
    records: records(),
  }),
]) as unknown as z.ZodType<IdentitySourceForm>;

const listenerSchema = z.strictObject({
  bind: address().describe("Where it listens."),
  tls: z
    .strictObject({
      cert: filePath().describe("PEM file of the certificate, with the chain behind it."),
      key: secretRef().describe("PEM of its private key."),
      clientCa: filePath()
        .optional()
        .describe("PEM file of who signs client certificates, which are then asked for."),
    })
    .optional()
    .describe("Default: plain HTTP."),
  identity: identitySchema.describe("How it knows whose request it is: nothing unproven is believed."),
}) as unknown as z.ZodType<ListenerForm>;

const gatewaySchema = z.strictObject({
  listeners: byId(listenerSchema, MAX_LISTENERS).describe(
    "Where callers' requests come in, by a name for logs.",
  ),
  admin: address().optional().describe("Administration, on the loopback only. Default: none."),
  metrics: address().optional().describe("Where /metrics is. Default: nowhere."),
  decisions: filePath()
    .optional()
    .describe("JSON Lines of every decision and what it was made from; no content. Default: not written."),
}) as unknown as z.ZodType<ServedGatewayForm>;

const upstreamSchema = z.strictObject({
  url: z
    .string({ error: URL_RULE })
    .max(2048, { error: URL_RULE, abort: true })
    .regex(/^https?:\/\/[^\s/?#@\\]+(\/[^\s?#@\\]*)?$/, { error: URL_RULE, abort: true })
    .describe("What callers ask for below /v1 is asked for below it."),
  api: z.enum(["openai", "anthropic"]).prefault("openai").describe("The dialect it speaks."),
  key: secretRef().optional().describe("The key for this endpoint and no other. Default: none."),
  keyHeader: z
    .enum(["bearer", "x-api-key", "api-key"])
    .optional()
    .describe("Where the key goes; bearer: in authorization. Default: x-api-key for anthropic, else bearer."),
  model: line(200).optional().describe("What it calls the model. Default: as the deployment does."),
  ca: filePath().optional().describe("PEM file of an authority to trust beside the system's."),
  probe: z
    .strictObject({
      path: z
        .string({ error: PROBE_PATH_RULE })
        .max(1024, { error: PROBE_PATH_RULE, abort: true })
        .regex(/^\/[!-~]*$/, { error: PROBE_PATH_RULE, abort: true })
        .prefault(PROBE_DEFAULTS.path)
        .describe("Below url."),
      status: z
        .array(count(200, 599), { error: "a list of statuses" })
        .min(1, { error: "a list with at least one status", abort: true })
        .max(100, { error: "a list of at most 100 statuses", abort: true })
        .prefault([...PROBE_DEFAULTS.status])
        .describe("The statuses that mean it is well."),
    })
    .prefault({})
    .describe("What health checks ask; how often is routing.health's to say."),
  connections: count(1, MAX_CONNECTIONS)
    .prefault(UPSTREAM_CONNECTIONS_DEFAULT)
    .describe("Connections to it at once."),
}) as unknown as z.ZodType<UpstreamForm>;

const boundsSchema = z.strictObject({
  body: size().prefault(BOUNDS_DEFAULTS.body).describe("Of a request."),
  bodies: size()
    .prefault(BOUNDS_DEFAULTS.bodies)
    .describe("Of all requests under way together: what a gateway holds in memory of them."),
  headers: size().prefault(BOUNDS_DEFAULTS.headers).describe("All of them together."),
  url: size().prefault(BOUNDS_DEFAULTS.url).describe("Of a request."),
  event: size().prefault(BOUNDS_DEFAULTS.event).describe("The longest event of a stream."),
  answer: size().prefault(BOUNDS_DEFAULTS.answer).describe("The longest answer, streamed or not."),
  headersWithin: timeout()
    .prefault(BOUNDS_DEFAULTS.headersWithin)
    .describe("From the first byte to the last header."),
  bodyWithin: timeout()
    .prefault(BOUNDS_DEFAULTS.bodyWithin)
    .describe("From the first byte to the end of the body."),
  stalled: timeout()
    .prefault(BOUNDS_DEFAULTS.stalled)
    .describe("A caller that takes nothing of its answer for so long is cut off."),
  connections: count(1, MAX_CONNECTIONS)
    .prefault(BOUNDS_DEFAULTS.connections)
    .describe("Of callers, at once."),
}) as unknown as z.ZodType<BoundsForm>;

const timeoutsSchema = z.strictObject({
  connect: timeout().optional().describe("Until there is a connection. Default: 2s."),
  firstToken: timeout().optional().describe("Until the first byte of the answer's body. Default: 30s."),
  idle: timeout().optional().describe("Between two pieces of an answer. Default: 30s."),
  total: timeout()
    .optional()
    .describe("For all of an answer. Default: routing.upstreamTimeout, or 10m where that is none."),
  drain: timeout()
    .prefault(DRAIN_DEFAULT)
    .describe("A gateway that is to end waits so long for what is under way."),
});

/** How the gateways of a deployment are run. */
export const serveSchema: z.ZodType<ServeForm> = z.strictObject({
  gateways: byId(gatewaySchema, MAX_GATEWAYS).describe("Those that are run by this file, by gateway."),
  upstreams: byId(upstreamSchema, MAX_PLACES).describe("What stands behind each endpoint."),
  logs: byId(filePath(), MAX_PLACES)
    .optional()
    .describe(
      "By region: the file that requests served there are logged in, as JSON Lines. Default: nowhere.",
    ),
  origins: places()
    .optional()
    .describe("Countries of callers, or zones, beside those of the workload's sites and of the listeners."),
  residencyStatus: z
    .literal([451, 503], { error: "451 or 503" })
    .prefault(451)
    .describe("The status of a request that no lawful endpoint may answer."),
  bounds: boundsSchema.prefault({} as never).describe("What callers may send, and how slowly."),
  timeouts: timeoutsSchema.prefault({} as never).describe("How long a gateway waits for an endpoint."),
  bytesPerToken: positive(64)
    .prefault(BYTES_PER_TOKEN_DEFAULT)
    .describe("Bytes of a prompt that are taken for a token before the endpoint has counted."),
}) as unknown as z.ZodType<ServeForm>;
