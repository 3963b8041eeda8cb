/**
 * The deployment as the rest of the house sees it: what production runs, every reference an index into the lists of
 * {@link Deployment}, every quantity in the unit its name ends in.
 */
import type { Distribution } from "../kernel/distributions.js";
import type { Channel, ResidencyRule, StrategyName } from "../policy/index.js";

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
  /** Time the gateway itself adds to each request. */
  readonly overheadUs: number;
  readonly data: ChannelPlaces;
}

/** What happens to work whose client has gone. */
export type AbandonedMode = "execute" | "cancel" | "drop-at-dequeue";
/** Who is served next at an abstract server. */
export type Discipline = "fifo" | "lifo" | "processor-sharing" | "priority" | "preemptive-priority";

/** How an endpoint serves: a provider known from outside, or abstract servers with a service law. */
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
    };

/** Rate limits of an endpoint, refilled continuously. */
export interface Limits {
  /** Infinity for none. */
  readonly requestsPerMin: number;
  readonly tokensPerMin: number;
  /** Bucket sizes: how much may come at once. */
  readonly requestBurst: number;
  readonly tokenBurst: number;
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
  /** No entry machinery: the client always uses the nearest lawful gateway. */
  | { readonly kind: "direct" };

/** When to try again, and how long to wait before it. */
export interface RetryPolicy {
  /** Tries after the first. */
  readonly retries: number;
  /** Retries allowed per first try, as a ratio; Infinity for no budget. */
  readonly budgetRatio: number;
  readonly backoff: {
    readonly kind:
      | "none"
      | "exponential"
      | "equal-jitter"
      | "full-jitter"
      | "decorrelated-jitter"
      | "exponential-random";
    readonly baseUs: number;
    readonly capUs: number;
  };
}

/** How a gateway chooses among endpoints. */
export interface Routing {
  readonly strategy: StrategyName;
  readonly health: HealthCheck | null;
  /** With every lawful target believed down: try one of them anyway (true) or refuse (false). */
  readonly failOpen: boolean;
  /** Gateway gives up on an endpoint after this long; Infinity for never. */
  readonly upstreamTimeoutUs: number;
}

/** What production runs. */
export interface Deployment {
  readonly regions: readonly Region[];
  readonly gateways: readonly Gateway[];
  readonly endpoints: readonly Endpoint[];
  readonly entry: Entry;
  readonly residency: readonly ResidencyRule[];
  readonly routing: Routing;
  /** The gateway's own retries, at other endpoints first. */
  readonly retry: RetryPolicy;
}
