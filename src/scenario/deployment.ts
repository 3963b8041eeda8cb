/**
 * The deployment as the rest of the house sees it: what production runs, every reference an index into the lists of
 * {@link Deployment}, every quantity in the unit its name ends in.
 */
import type { Distribution } from "../kernel/distributions.js";
import type {
  CallerConfig,
  Channel,
  QueueConfig,
  ResidencyRule,
  RetryConfig,
  StrategyName,
} from "../policy/index.js";
import type { Drift } from "./drift.js";
import type { Store } from "./stores.js";
import type { PolicySource } from "./policySource.js";

/** The countries in which each channel happens; a channel not named is unknown, so not allowed under a rule. */
export type ChannelPlaces = { readonly [C in Channel]?: readonly string[] };

/** A place where you run. */
export interface Region {
  readonly id: string;
  /** Catalogue key such as `aws:eu-central-1`, or null when given by coordinates. */
  readonly at: string | null;
  readonly city: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** How something finds out whether something else is up. */
export interface HealthCheck {
  readonly intervalUs: number;
  readonly timeoutUs: number;
  /** Consecutive failures that mark a target down. */
  readonly fall: number;
  /** Consecutive successes that mark it up again. */
  readonly rise: number;
  /** `fixed-rate`: every interval whatever the answer; `re-armed`: interval after the previous answer. */
  readonly schedule: "fixed-rate" | "re-armed";
  /** A probe waits behind the queue of an overloaded endpoint (true), or is answered at once (false). */
  readonly seesLoad: boolean;
  /** When each prober sends its first probe; null for a random moment of the first interval, prober by prober. */
  readonly firstUs: number | null;
}

/** Your router in a region. */
export interface Gateway {
  readonly id: string;
  readonly regionIndex: number;
  readonly concurrency: number;
  readonly queueLimit: number;
  /** The line before its places. */
  readonly queue: QueueConfig;
  /** Time the gateway itself adds to each request. */
  readonly overheadUs: number;
  readonly data: ChannelPlaces;
}

/** What happens to work whose client has gone. */
export type AbandonedMode = "execute" | "cancel" | "drop-at-dequeue";
/** Who is served next at an abstract server. */
export type Discipline = "fifo" | "lifo" | "processor-sharing" | "priority" | "preemptive-priority";

/**
 * How long one step of continuous batching takes, µs: base + prefill × prompt tokens of the step + decode ×
 * sequences that decode + kv × their context tokens.
 */
export interface StepTime {
  readonly baseUs: number;
  readonly prefillUsPerToken: number;
  readonly decodeUsPerSequence: number;
  readonly kvUsPerToken: number;
}

/** Where step times come from, and how far to trust them. */
export interface PresetFacts {
  readonly id: string;
  readonly source: string;
  /** Mean and worst error on held-out shapes, percent; null when nobody measured. */
  readonly heldOutMeanPercent: number | null;
  readonly heldOutWorstPercent: number | null;
  /** What was measured; outside it the figures are a guess. Null when unknown. */
  readonly hull: {
    readonly inputTokens: readonly [low: number, high: number];
    readonly outputTokens: readonly [low: number, high: number];
    readonly concurrency: readonly [low: number, high: number];
  } | null;
}

/** More replicas when they are needed, fewer when they are not. */
export interface Autoscale {
  /** `queue`: waiting calls per replica; `utilisation`: share of sequences in use. */
  readonly on: "queue" | "utilisation";
  readonly target: number;
  readonly min: number;
  readonly max: number;
  /** How often the figure is looked at. */
  readonly intervalUs: number;
  /** From the decision to a replica that starts up; a warm one skips it. */
  readonly provisionUs: number;
  /** The figure must ask for fewer for this long before one goes. */
  readonly scaleInAfterUs: number;
}

/** Prompts whose beginning is still in memory are not computed again. */
export interface PrefixCache {
  /** Of the replica group together; least recently used leave first. */
  readonly capacityTokens: number;
  readonly blockTokens: number;
}

/** How an endpoint serves: a provider known from outside, replicas you host, or abstract servers with a service law. */
export type Serving =
  | {
      readonly kind: "provider";
      /** Time to first token at the endpoint, µs. */
      readonly ttft: Distribution;
      /** Time per output token, µs. */
      readonly perTokenUs: Distribution;
      /** Slots that work at once. */
      readonly concurrency: number;
      readonly queueLimit: number;
      /** Service time × (1 + slowdown·utilisation²) at the moment of start; 0 for none. */
      readonly slowdownAtFull: number;
    }
  | {
      readonly kind: "server";
      /** Service time, µs. */
      readonly service: Distribution;
      readonly concurrency: number;
      readonly queueLimit: number;
      readonly discipline: Discipline;
    }
  | {
      readonly kind: "replicas";
      readonly stepTime: StepTime;
      /** Null when the coefficients were written in the scenario. */
      readonly preset: PresetFacts | null;
      /** Serving at the start. */
      readonly replicas: number;
      /** Sequences a replica works on at once. */
      readonly maxSequences: number;
      /** Tokens a replica may put in one step: decodes and prefill chunks together. */
      readonly maxBatchedTokens: number;
      /** Memory of one replica, in tokens of context. */
      readonly kvTokens: number;
      /** Memory is given out in blocks of so many tokens. */
      readonly kvBlockTokens: number;
      /** replicas × maxSequences: places of the group at the start. */
      readonly concurrency: number;
      /** Calls that may wait before the group. */
      readonly queueLimit: number;
      /** Time before a call reaches a replica; occupies none. */
      readonly overheadUs: number;
      readonly prefixCache: PrefixCache | null;
      /** From the start of a process to its first step. */
      readonly coldStartUs: number;
      /** Replicas that are started and idle, ready to serve at once. */
      readonly warmPool: number;
      /** Replicas that may start within a minute, after a fault or by autoscaling; Infinity for any number. */
      readonly startsPerMin: number;
      readonly autoscale: Autoscale | null;
    };

/** What a thing costs, US dollars. */
export interface Price {
  /** Per million tokens. */
  readonly inputUsd: number;
  readonly cachedInputUsd: number;
  readonly outputUsd: number;
  /** Token prices × this: what a provider asks for staying in a region. */
  readonly residencyFactor: number;
  /** Per replica (or, for other kinds of serving, per endpoint) and hour. */
  readonly perReplicaHourUsd: number;
}

/** An endpoint that overload brings down. */
export interface Crash {
  /** Calls in service and in line that bring it down. */
  readonly atCalls: number;
  /** They must last this long. */
  readonly afterUs: number;
  readonly restartUs: number;
}

/** Rate limits of an endpoint or a quota, refilled continuously. */
export interface Limits {
  /** Infinity for none. */
  readonly requestsPerMin: number;
  readonly tokensPerMin: number;
  /** Bucket sizes: how much may come at once. */
  readonly requestBurst: number;
  readonly tokenBurst: number;
  /** Tokens in a day of simulated time that began at time 0, counted when settled; Infinity for none. */
  readonly tokensPerDay: number;
  /** An output token counts as so many. */
  readonly outputBurndown: number;
  /** Prompt tokens found in a prefix cache count (true) or not. */
  readonly countsCached: boolean;
  /** Use may grow by this factor per minute over its highest minute so far, from `freePerMin` tokens on; null for any growth. */
  readonly acceleration: { readonly factorPerMin: number; readonly freePerMin: number } | null;
}

/** One limit over several endpoints: an account, a model, a quota that regions share. */
export interface Quota {
  readonly id: string;
  readonly endpointIndices: readonly number[];
  /** Every tenant has a limit of its own. */
  readonly perTenant: boolean;
  readonly limits: Limits;
}

/** A thing that answers model calls in one region. */
export interface Endpoint {
  readonly id: string;
  readonly regionIndex: number;
  readonly model: string;
  readonly version: string;
  /** Lower is tried first by `priority`. */
  readonly tier: number;
  readonly weight: number;
  readonly serving: Serving;
  readonly limits: Limits;
  readonly abandoned: AbandonedMode;
  readonly queue: QueueConfig;
  /** Work that turning a call away costs, µs of one slot. */
  readonly rejectCostUs: number;
  readonly crash: Crash | null;
  readonly price: Price | null;
  readonly data: ChannelPlaces;
}

/** How a user reaches a gateway. */
export type Entry =
  | {
      readonly kind: "geo-dns";
      readonly ttlUs: number;
      /** Share of resolvers that keep an answer `tailFactor` × TTL. */
      readonly tailShare: number;
      readonly tailFactor: number;
      readonly resolversPerSite: number;
      readonly check: HealthCheck | null;
      /** Independent checkers; a gateway is up while more than `quorum` of them say so. */
      readonly checkers: number;
      readonly quorum: number;
    }
  | {
      readonly kind: "anycast";
      /** Time for a withdrawn or announced route to reach everyone. */
      readonly convergenceUs: number;
      readonly check: HealthCheck | null;
      /** `lawful`: one prefix per residency zone; `global`: one prefix, so the network may cross borders. */
      readonly scope: "lawful" | "global";
    }
  /** No entry machinery: users' programs know the gateways and use the nearest lawful one. */
  | {
      readonly kind: "direct";
      /** After one that refused, or did not answer in time, a retry goes to the next nearest; the list goes round. */
      readonly failover: boolean;
    };

/** How a gateway chooses among endpoints. */
export interface Routing {
  /** Another system, or code, that decides instead of our policy; left out or null: ours, and all the rest here is about it. */
  readonly policy?: PolicySource | null;
  readonly strategy: StrategyName;
  readonly health: HealthCheck | null;
  /** With every lawful target believed down: try one of them anyway (true) or refuse (false). */
  readonly failOpen: boolean;
  /** Gateway gives up on an endpoint after this long; Infinity for never. */
  readonly upstreamTimeoutUs: number;
  /** Endpoints and gateways know when the user stops waiting: nothing is begun, waited for or tried again past it. */
  readonly propagatesDeadlines: boolean;
}

/** What production runs. */
export interface Deployment {
  readonly regions: readonly Region[];
  readonly gateways: readonly Gateway[];
  readonly endpoints: readonly Endpoint[];
  readonly entry: Entry;
  readonly residency: readonly ResidencyRule[];
  /** What outlives a request, and where its copies are. */
  readonly stores: readonly Store[];
  /** Limits over several endpoints, beside each endpoint's own. */
  readonly quotas: readonly Quota[];
  readonly routing: Routing;
  /** What a gateway does about endpoints that fail; its retries go to other endpoints first. */
  readonly caller: CallerConfig;
  /** Retries below the gateway's, by the library it calls with: always at the same endpoint. Null for none. */
  readonly sdkRetry: RetryConfig | null;
  /** Versions that change, standbys, drills and evacuations; null when there is nothing of the kind. */
  readonly drift: Drift | null;
}
