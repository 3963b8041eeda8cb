/**
 * The scenario as the rest of the house sees it: validated, frozen, every reference resolved to an
 * index, every quantity in the unit its name ends in. The file form lives in `schema.ts`; the loader
 * turns one into the other. The model trusts this shape and only asserts it.
 */
import type { Distribution } from "../kernel/distributions.js";
import type { CallerConfig } from "../policy/index.js";
import type { Deployment } from "./deployment.js";
import type { Serve } from "./serve.js";

export type { Distribution } from "../kernel/distributions.js";
export type {
  AbandonedMode,
  ChannelPlaces,
  Crash,
  Deployment,
  Endpoint,
  Entry,
  Gateway,
  HealthCheck,
  Limits,
  Price,
  Quota,
  Region,
  Routing,
} from "./deployment.js";
export type * from "./drift.js";
export type { Enforcement, Shadow } from "./residency.js";
export type {
  Autoscale,
  Discipline,
  PrefixCache,
  PresetFacts,
  Serving,
  StepTime,
} from "./serving.js";
export type { Replication, Store, StoreAcks, StoreCopy, StoreKind } from "./stores.js";

/** Round trips and their noise, already resolved from the catalogue. Row-major matrices in µs. */
export interface Network {
  /** sites × regions. Includes the last mile. */
  readonly siteRegionRttUs: Float64Array;
  /** regions × regions. */
  readonly regionRegionRttUs: Float64Array;
  /** sites × regions and regions × regions, great circles, km. */
  readonly siteRegionKm: Float64Array;
  readonly regionRegionKm: Float64Array;
  /** Extra one-way delay per hop, users ↔ regions. */
  readonly accessJitter: Distribution;
  /** Extra one-way delay per hop, region ↔ region. */
  readonly backboneJitter: Distribution;
  /** Where each number came from, for the report: one line per distinct kind of source. */
  readonly sources: readonly string[];
}

/** A kind of request. */
export interface RequestClass {
  readonly id: string;
  readonly share: number;
  readonly model: string;
  readonly inputTokens: Distribution;
  readonly outputTokens: Distribution;
  /** What a limit reserves for the answer before its length is known. */
  readonly maxOutputTokens: number;
  /** 0 is most urgent. */
  readonly priority: number;
  /** Whose account it is on. */
  readonly tenant: string;
  /** Tokens at the start of every prompt of the class that are the same: part of `inputTokens`, cached once for all. */
  readonly sharedPrefixTokens: number;
  /** Several requests in a row by one user; null for one alone. */
  readonly session: Session | null;
  /** What kind of call it is; a chat where left out. Other systems check chats and let embeddings pass; ours treats both alike. */
  readonly api?: "chat" | "embeddings";
  /** What the client sends about itself, for other systems and modules; `{origin}` stands for where the user is. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Endpoints the client asks to stay within, by index; left out for no wish. It can only narrow. */
  readonly onlyEndpoints?: readonly number[];
}

/** A conversation: the next turn comes after the answer to the last, and some time to think. */
export interface Session {
  readonly turns: Distribution;
  /** From an answer, or a refusal, to the next turn, µs. */
  readonly think: Distribution;
  /** Longest history a prompt carries, tokens: `inputTokens` is what a turn adds to it. 0 for turns that carry nothing. */
  readonly maxContextTokens: number;
}

/** Where users are, and how much they ask. */
export interface Site {
  readonly id: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** How reports name where the user is: `EU` inside the EU-27, the country code elsewhere. */
  readonly origin: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Demand as a step function: from `startsUs[i]` the rate is `perSecond[i]`. Surges are faults, not here. */
  readonly startsUs: Float64Array;
  readonly perSecond: Float64Array;
  /** A fixed number of users who ask again `think` µs after every answer or refusal, instead of a rate; null for a rate. */
  readonly closed: { readonly users: number; readonly think: Distribution } | null;
}

/** Requests read from a file, sorted by time. Columns of equal length. */
export interface Trace {
  readonly file: string;
  readonly arrivalUs: Float64Array;
  readonly inputTokens: Int32Array;
  readonly outputTokens: Int32Array;
  readonly siteIndex: Int32Array;
  readonly classIndex: Int32Array;
  /** Which conversation the request belongs to, −1 for none; null when the file does not say. */
  readonly session: Int32Array | null;
}

/** How users' programs behave. */
export interface Client {
  /** Patience per attempt, µs. */
  readonly timeout: Distribution;
  /** What users' programs do about gateways that fail. */
  readonly caller: CallerConfig;
  /** Programs a site's users share, each with budgets and breakers of its own; requests go to them in turn. */
  readonly instances: number;
  /** Share of first attempts on a connection already open; retries always open a new one. */
  readonly connectionReuse: number;
  /** Round trips before the request on a new connection (TCP 1 + TLS 1.3 1 = 2). */
  readonly handshakeRoundTrips: number;
}

/** Who asks. */
export interface Workload {
  readonly classes: readonly RequestClass[];
  readonly sites: readonly Site[];
  /** When present, arrivals and token counts come from here and site rates are ignored. */
  readonly trace: Trace | null;
  readonly client: Client;
}

/** How a thing that is down looks from outside: connections fail at once, or nothing answers. */
export type Manner = "refuse" | "black-hole";
/** Which side of a fault a thing is on: a region, an endpoint, a gateway, or users of a site. */
export type FaultTarget =
  | { readonly kind: "region"; readonly index: number }
  | { readonly kind: "endpoint"; readonly index: number }
  | { readonly kind: "site"; readonly index: number }
  | { readonly kind: "all" };

/** Which fault, and when. */
export interface FaultSpan {
  /** As written, or `fault-1`, `fault-2`, … in file order. */
  readonly id: string;
  readonly startUs: number;
  /** Exclusive. */
  readonly endUs: number;
}

/** What goes wrong. */
export type Fault = FaultSpan &
  (
    | { readonly kind: "region-down"; readonly target: FaultTarget; readonly manner: Manner }
    | { readonly kind: "endpoint-down"; readonly target: FaultTarget; readonly manner: Manner }
    /** Service time × factor at every endpoint of the target. */
    | { readonly kind: "slow"; readonly target: FaultTarget; readonly factor: number }
    /** Each call answers 5xx with this probability. */
    | { readonly kind: "error-rate"; readonly target: FaultTarget; readonly probability: number }
    /** Slots × (1 − fraction); work already running is not killed, `preempt` freezes it. */
    | {
        readonly kind: "capacity-loss";
        readonly target: FaultTarget;
        readonly fraction: number;
        readonly preempt: boolean;
      }
    /** Limits × factor. */
    | { readonly kind: "quota-cut"; readonly target: FaultTarget; readonly factor: number }
    /** Nothing crosses between the two, either way. */
    | { readonly kind: "partition"; readonly between: readonly [FaultTarget, FaultTarget] }
    /** Added one way, each way, between the two. */
    | {
        readonly kind: "latency";
        readonly between: readonly [FaultTarget, FaultTarget];
        readonly addUs: number;
      }
    /** Nothing new starts: no scaling out, no restarts. */
    | { readonly kind: "control-plane-down"; readonly target: FaultTarget }
    /** Entry answers stop changing, whatever the checkers see. */
    | { readonly kind: "entry-frozen" }
    /** Demand × factor at the target sites. */
    | { readonly kind: "demand-surge"; readonly target: FaultTarget; readonly factor: number }
  );

/** The kinds of faults. */
export type FaultKind = Fault["kind"];

/** `metric{selector} op target`, parsed. */
export interface Objective {
  readonly text: string;
  /** Dotted path such as `ttft.p95`, `refused`, `residency.violations`, `cascade`. */
  readonly metric: string;
  readonly selectors: Readonly<Record<string, string>>;
  readonly operator: "<" | "<=" | ">" | ">=" | "==" | "!=";
  /** Milliseconds for times, a ratio 0..1 for percentages, or a word such as `none`. */
  readonly target: number | string;
  readonly unit: "ms" | "ratio" | "count" | "word";
  /** Where it is written, `file:line`, the file relative to the scenario; left out for what was read by itself. */
  readonly source?: string;
}

/** Everything a run needs to know. */
export interface Scenario {
  readonly name: string;
  readonly question: string;
  readonly seed: string;
  readonly durationUs: number;
  readonly warmupUs: number;
  /** UTC time of day at simulated time 0, in hours; decides where the diurnal curves start. */
  readonly startUtcHour: number;
  readonly deployment: Deployment;
  readonly workload: Workload;
  readonly network: Network;
  readonly faults: readonly Fault[];
  readonly objectives: readonly Objective[];
  /** How its gateways are run for real; left out where the file does not say. No run depends on it. */
  readonly serve?: Serve | null;
  /** SHA-256 over the file and everything it pulls in, after overlays. */
  readonly sha256: string;
  /** Things a careful reader should know: figures outside their measured range, defaults that matter. */
  readonly warnings: readonly string[];
}
