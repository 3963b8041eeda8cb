/**
 * The workload block of the file form: who asks, what for, how often, and how patiently.
 */
import { z } from "zod";
import type { Distribution } from "../kernel/distributions.js";
import { Sampler } from "../kernel/index.js";
import type { RetryConfig } from "../policy/index.js";
import { DIURNAL_CURVES, type DiurnalName } from "./catalogue/index.js";
import {
  CHAT_INPUT_TOKENS,
  CHAT_OUTPUT_TOKENS,
  DEFAULT_MAX_OUTPUT_TOKENS,
  DEFAULT_TENANT,
} from "./defaults.js";
import { countDistribution, timeDistribution } from "./schemaDistribution.js";
import { MAX_PLACES } from "./schemaPlaces.js";
import { type ProtectForm, protectSchema } from "./schemaProtect.js";
import { retrySchema } from "./schemaRetry.js";
import { byId, count, duration, id, line, nonNegative, rate, ratio } from "./schemaUnits.js";

/** A request class. */
export interface ClassForm {
  readonly share: number;
  readonly model?: string | undefined;
  readonly inputTokens: Distribution;
  readonly outputTokens: Distribution;
  readonly maxOutputTokens: number;
  readonly priority: number;
  readonly tenant: string;
  readonly sharedPrefixTokens: number;
  readonly session?: SessionForm | undefined;
  readonly api: "chat" | "embeddings";
  readonly metadata: Readonly<Record<string, string>>;
  readonly only?: readonly string[] | undefined;
}

/** A conversation; thinking in µs. */
export interface SessionForm {
  readonly turns: Distribution;
  readonly think: Distribution;
  readonly maxContext: number;
}

/** A site; with a trace it may say no demand. `rate` in requests per second. */
export interface SiteForm {
  readonly id?: string | undefined;
  readonly from: string;
  readonly users?: number | undefined;
  readonly perUserPerHour?: number | undefined;
  readonly rate?: number | undefined;
  readonly diurnal?: DiurnalName | undefined;
  readonly closed?: { readonly users: number; readonly think: Distribution } | undefined;
}

/** A trace file and how its requests are told apart. */
export interface TraceForm {
  readonly file: string;
  readonly format?: "azure" | "generic" | "mooncake" | undefined;
  readonly site?: string | undefined;
  readonly sites?: Readonly<Record<string, number>> | undefined;
  readonly class?: string | undefined;
  readonly offset: number;
}

/** The client. Times in µs. */
export interface ClientForm {
  readonly timeout: Distribution;
  readonly retry?: RetryConfig | undefined;
  readonly protect: ProtectForm;
  readonly instances: number;
  readonly connection: { readonly reuse: number; readonly handshakeRoundTrips: number };
}

/** The block, parsed but with ids not yet resolved. */
export interface WorkloadForm {
  readonly classes: Readonly<Record<string, ClassForm>>;
  readonly sites: readonly SiteForm[];
  readonly diurnal?: DiurnalName | undefined;
  readonly trace?: TraceForm | undefined;
  readonly client: ClientForm;
}

/** Most classes: a request keeps its own in one byte. */
const MAX_CLASSES = 255;
/** Programs of a site; each keeps a state for every gateway. */
const MAX_INSTANCES = 1000;
/** Requests in a conversation, on average; a request keeps what is left of them in two bytes. */
const MAX_MEAN_TURNS = 10_000;
/** A refusal may take no time at all, and time must pass between two of them. */
const LEAST_MEAN_THINK_US = 1000;
/** Users of a closed site; each keeps a record for the whole run. */
const MAX_CLOSED_USERS = 1_000_000;
const METADATA_RULE = "a text of at most 300 characters";
const DIURNAL_NAMES = Object.keys(DIURNAL_CURVES) as DiurnalName[];

const sessionSchema: z.ZodType<SessionForm> = z.strictObject({
  turns: countDistribution()
    .refine((law) => new Sampler(law).mean <= MAX_MEAN_TURNS, {
      error: `at most ${MAX_MEAN_TURNS} on average`,
      params: { code: "out-of-range" },
    })
    .describe("Requests in a conversation; arrivals are of conversations then."),
  think: timeDistribution({ zero: true }).describe("From an answer, or a refusal, to the next request."),
  maxContext: count(0)
    .prefault(8192)
    .describe(
      "Longest history a prompt carries, in tokens; inputTokens is what a turn adds. 0: turns carry nothing.",
    ),
});

const classSchema: z.ZodType<ClassForm> = z.strictObject({
  share: nonNegative().prefault(1).describe("Weight among the classes."),
  model: line(100).optional().describe("The model it asks for. Default: the only model there is."),
  inputTokens: countDistribution()
    .prefault(CHAT_INPUT_TOKENS)
    .describe("Prompt length. Default: percentiles of the Azure 2023 conversation trace."),
  outputTokens: countDistribution()
    .prefault(CHAT_OUTPUT_TOKENS)
    .describe("Answer length. Default: percentiles of the Azure 2023 conversation trace."),
  maxOutputTokens: count(1)
    .prefault(DEFAULT_MAX_OUTPUT_TOKENS)
    .describe("What a token limit reserves for the answer before its length is known."),
  priority: count(0, 1000).prefault(0).describe("0 is most urgent."),
  tenant: id().prefault(DEFAULT_TENANT).describe("Whose account it is on, for quotas per tenant."),
  sharedPrefixTokens: count(0)
    .prefault(0)
    .describe(
      "Tokens at the start of every prompt that are the same, such as a system prompt; part of inputTokens.",
    ),
  session: sessionSchema
    .optional()
    .describe("Several requests in a row by one user. Default: each request is alone."),
  api: z
    .enum(["chat", "embeddings"])
    .prefault("chat")
    .describe("What kind of call it is; some routers check chats and let embeddings pass."),
  metadata: z
    .record(line(100), z.string({ error: METADATA_RULE }).max(300, { error: METADATA_RULE }), {
      error: "a mapping from keys to texts",
    })
    .prefault({})
    .describe(
      "What the client sends about itself; {origin} and {origin:lower} stand for where the user is. Our own policy never sees it.",
    ),
  only: z
    .array(id(), { error: "a list of endpoints" })
    .min(1, { error: "a list with at least one endpoint" })
    .max(31, { error: "a list of at most 31 endpoints" })
    .optional()
    .describe("Endpoints the client asks to stay within. It can only narrow."),
});

const siteSchema: z.ZodType<SiteForm> = z.strictObject({
  id: id().optional().describe("Name in reports and faults. Default: `from` as written."),
  from: line(64).describe(
    "Where: a country (DE), a US state (US-NY), or a place of the catalogue (us-new-york).",
  ),
  users: nonNegative().optional().describe("How many people; with perUserPerHour."),
  perUserPerHour: nonNegative()
    .optional()
    .describe("Requests a person makes in an hour, averaged over the day."),
  rate: rate().optional().describe("Demand of the whole site, instead of users × perUserPerHour."),
  closed: z
    .strictObject({
      users: count(1, MAX_CLOSED_USERS).describe("How many people, each with one request at a time."),
      think: timeDistribution()
        .refine((law) => new Sampler(law).mean >= LEAST_MEAN_THINK_US, {
          error: "at least 1ms on average: who is refused at once would ask again at once, for ever",
          params: { code: "out-of-range" },
        })
        .describe("From an answer, or a refusal, to their next request; within a conversation too."),
    })
    .optional()
    .describe("Instead of a demand: a fixed number of people who ask again after every answer."),
  diurnal: z
    .enum(DIURNAL_NAMES)
    .optional()
    .describe(
      "Curve over the day, by the site's local time where the curve is local. Default: assistant for users, flat for a rate.",
    ),
});

const traceSchema: z.ZodType<TraceForm> = z.strictObject({
  file: line(1024).describe("CSV file, relative to this one."),
  format: z
    .enum(["azure", "generic", "mooncake"])
    .optional()
    .describe(
      "azure: TIMESTAMP,ContextTokens,GeneratedTokens; generic: atMs or at_s,inputTokens,outputTokens[,site][,class][,session]; mooncake: timestamp_ms,input_length,output_length. Default: by the header.",
    ),
  site: id().optional().describe("The site all requests come from, where the file does not say."),
  sites: z
    .record(z.string(), nonNegative(), { error: "a mapping from site ids to weights" })
    .optional()
    .describe(
      "Sites the requests are dealt to at random by weight. Default: every site, by its demand, or evenly.",
    ),
  class: id()
    .optional()
    .describe(
      "The class of all requests, where the file does not say. Default: dealt by the classes' shares.",
    ),
  offset: duration({ zero: true }).prefault("0s").describe("When the first request arrives."),
});

const clientSchema: z.ZodType<ClientForm> = z.strictObject({
  timeout: timeDistribution().prefault("30s").describe("Patience per attempt."),
  retry: retrySchema({ kind: "full-jitter" })
    .optional()
    .describe("What clients do when an attempt fails. Default: they give up."),
  protect: protectSchema
    .prefault({})
    .describe(
      "What else users' programs do about gateways that fail: breakers, hedges, limits and the like.",
    ),
  instances: count(1, MAX_INSTANCES)
    .prefault(1)
    .describe("Programs a site's users share, each with budgets and breakers of its own."),
  connection: z
    .strictObject({
      reuse: ratio()
        .prefault(0)
        .describe(
          "Share of first attempts on a connection already open; people who ask every few minutes have lost theirs.",
        ),
      handshakeRoundTrips: count(0, 10)
        .prefault(2)
        .describe("Round trips before the request on a new connection: TCP 1 + TLS 1.3 1."),
    })
    .prefault({})
    .describe("Connections between users and gateways."),
});

/** The workload block. */
export const workloadSchema: z.ZodType<WorkloadForm> = z.strictObject({
  classes: byId(classSchema, MAX_CLASSES)
    .prefault({ chat: {} })
    .describe(
      "Kinds of requests, by id; a residency rule names them as dataClass. Default: one class, chat.",
    ),
  sites: z
    .array(siteSchema, { error: "a list of sites" })
    .min(1, { error: "a list with at least one site" })
    .max(MAX_PLACES, { error: `a list of at most ${MAX_PLACES} sites` })
    .describe("Where users are."),
  diurnal: z
    .enum(DIURNAL_NAMES)
    .optional()
    .describe("Curve over the day for every site that does not say its own."),
  trace: traceSchema.optional().describe("Requests from a file, instead of the sites' demand."),
  client: clientSchema.prefault({}).describe("How clients behave."),
}) as z.ZodType<WorkloadForm>;
