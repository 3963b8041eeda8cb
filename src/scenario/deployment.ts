/**
 * The deployment as the rest of the house sees it: what production runs, every reference an index into the lists of
 * {@link Deployment}, every quantity in the unit its name ends in.
 */
import type {
  CallerConfig,
  ChannelPlaces,
  HealthWindow,
  QueueConfig,
  ResidencyRule,
  RetryConfig,
  StrategyConfig,
  StrategyName,
} from "../policy/index.js";
import type { Drift } from "./drift.js";
import type { PolicySource } from "./policySource.js";
import type { Enforcement, Shadow } from "./residency.js";
import type { EndpointPlacing, GatewayPlacing } from "./schemaPlacing.js";
import type { Serving } from "./serving.js";
import type { Store } from "./stores.js";

export type { ChannelPlaces } from "../policy/index.js";

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
  /** Belief by the last results instead; left out or null: by fall and rise. */
  readonly window?: HealthWindow | null;
  /** Times a failed probe is repeated at once before it counts; left out: none. */
  readonly retries?: number;
  /** Of the failover clock that the figures come from; left out where the file gives them. */
  readonly preset?: string;
  /** `fixed-rate`: every interval whatever the answer; `re-armed`: interval after the previous answer. */
  readonly schedule: "fixed-rate" | "re-armed";
  /** A probe waits behind the queue of an overloaded endpoint (true), or is answered at once (false). */
  readonly seesLoad: boolean;
  /** When each prober sends its first probe; null for a random moment of the first interval, prober by prober. */
  readonly firstUs: number | null;
  /** A probe asks an endpoint the last prompt that its gateway saw; left out: one made up for the purpose. */
  readonly copiesPrompts?: boolean;
}

/** Your router in a region. */
export interface Gateway extends GatewayPlacing {
  readonly id: string;
  readonly regionIndex: number;
  readonly concurrency: number;
  readonly queueLimit: number;
  /** The line before its places. */
  readonly queue: QueueConfig;
  /** Time the gateway itself adds to each request. */
  readonly overheadUs: number;
  /** What it does with prompts; see `gatewayPlaces` for what it does where it says nothing. */
  readonly data: ChannelPlaces;
  /** Left out: it ends the encryption and reads every prompt. */
  readonly tls?: "terminate" | "passthrough";
  /** Grounds for transfers that its operator has, such as `dpf`. */
  readonly claims?: readonly string[];
  /** `file:line` of where it begins. */
  readonly source?: string;
}

/** What happens to work whose client has gone. */
export type AbandonedMode = "execute" | "cancel" | "drop-at-dequeue";
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
export interface Endpoint extends EndpointPlacing {
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
  /** A channel not named is unknown, so not allowed under a rule. */
  readonly data: ChannelPlaces;
  /** The provider's terms that `data` begins with, by their key; left out: none. */
  readonly terms?: { readonly key: string; readonly source?: string };
  /** `file:line` of `data`, for what it does not say; left out where it says nothing at all. */
  readonly dataSource?: string;
  /** Grounds for transfers that its provider has, such as `dpf`. */
  readonly claims?: readonly string[];
  /** `file:line` of where it begins. */
  readonly source?: string;
}

/** How a user reaches a gateway. */
export type Entry =
  | {
      readonly kind: "geo-dns";
      /** Of the failover clock that the figures come from; left out where the file gives them. */
      readonly preset?: string;
      readonly ttlUs: number;
      /** Share of resolvers that keep an answer `tailFactor` × TTL. */
      readonly tailShare: number;
      readonly tailFactor: number;
      readonly resolversPerSite: number;
      readonly check: HealthCheck | null;
      /** Independent checkers; a gateway is up while more than `quorum` of them say so. */
      readonly checkers: number;
      readonly quorum: number;
      /** Among lawful gateways believed up; left out: the nearest. */
      readonly strategy?: StrategyName | StrategyConfig;
    }
  | {
      readonly kind: "anycast";
      readonly preset?: string;
      /** Time for a withdrawn or announced route to reach everyone. */
      readonly convergenceUs: number;
      readonly check: HealthCheck | null;
      /** `lawful`: one prefix per residency zone; `global`: one prefix, so the network may cross borders. */
      readonly scope: "lawful" | "global";
      /** `file:line` of a global one, by which the law is not looked at; left out where nobody knows. */
      readonly source?: string;
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
  /** A name stands for it with its defaults; the loader gives options always. */
  readonly strategy: StrategyName | StrategyConfig;
  readonly health: HealthCheck | null;
  /** With every lawful target believed down: try one of them anyway (true) or refuse (false). */
  readonly failOpen: boolean;
  /** Gateway gives up on an endpoint after this long; Infinity for never. */
  readonly upstreamTimeoutUs: number;
  /** Endpoints and gateways know when the user stops waiting: nothing is begun, waited for or tried again past it. */
  readonly propagatesDeadlines: boolean;
  /** Model → the models that may answer in its place, best first; left out: none. */
  readonly fallbacks?: Readonly<Record<string, readonly string[]>>;
  /** A request is held for the first limit or cooldown to pass, when that takes no longer; left out: it is refused. */
  readonly waitForLimitsMs?: number;
  /** How often a gateway asks again for a request that a rule makes it hold back; left out: every second. */
  readonly holdPollUs?: number;
  /** What is checked of the rules; left out: all. */
  readonly enforces?: Enforcement;
  readonly shadow?: Shadow;
}

/** What production runs. */
export interface Deployment {
  readonly regions: readonly Region[];
  readonly gateways: readonly Gateway[];
  readonly endpoints: readonly Endpoint[];
  readonly entry: Entry;
  /** Residency rules, then those about transfers, each in the order of the file. */
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
