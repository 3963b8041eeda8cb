/**
 * What a caller does to protect those it calls and itself: how often it tries again, when it stops asking
 * at all, how much it has under way. The same words for a gateway and for a user's program. Times in ms.
 */
import type { BackoffKind } from "./backoff.js";

/** What pays for retries. Every kind is asked before each retry, after the count of tries allowed it. */
export type RetryBudgetConfig =
  /** The count of tries is the only bound. */
  | { readonly kind: "none" }
  /** Each first try earns `ratio` of a retry, at most five saved up. */
  | { readonly kind: "ratio"; readonly ratio: number }
  /** A retry spends 1 of a bucket that starts full; each first try or success deposits. */
  | {
      readonly kind: "token-bucket";
      readonly size: number;
      readonly deposit: number;
      readonly depositOn: "start" | "success";
      /** `at-least-one`: fires with 1 or more; `more-than-one`: only above 1 (the published simulator's code). */
      readonly fires: "at-least-one" | "more-than-one";
    }
  /** No retry while failed tries / first tries, over all time and retries' failures included, exceeds the threshold. */
  | { readonly kind: "failure-rate"; readonly threshold: number }
  /** gRPC A6: −1 per failure, +ratio per success, no retry at or below half. */
  | { readonly kind: "grpc-throttle"; readonly maxTokens: number; readonly tokenRatio: number }
  /** As `ratio`, in model tokens: a retry of a long prompt costs what it weighs. */
  | { readonly kind: "llm-tokens"; readonly ratio: number; readonly burstTokens: number }
  /** Finagle: deposits expire after `ttlMs`; a reserve of `minPerS`. */
  | {
      readonly kind: "windowed-ratio";
      readonly ttlMs: number;
      readonly minPerS: number;
      readonly ratio: number;
    }
  /** Envoy: at most max(min, share of calls under way) retries under way. */
  | { readonly kind: "concurrent-share"; readonly share: number; readonly min: number }
  /** AWS SDK: a retry costs `cost`, after a throttled try `throttleCost`; a success gives back what its retry cost, or 1. */
  | {
      readonly kind: "aws-standard";
      readonly capacity: number;
      readonly cost: number;
      readonly throttleCost: number;
    };

/** The kinds of {@link RetryBudgetConfig}. */
export type RetryBudgetKind = RetryBudgetConfig["kind"];

/**
 * What an obeyed Retry-After does. `at-least`: the longer of the backoff and of the Retry-After, of which no
 * more than the cap counts. `beyond-backoff` (AWS SDK): the Retry-After, but no less than the backoff and no
 * more than the cap above it. `exactly` (OpenAI SDK, LiteLLM): the Retry-After as it is. `jittered` (Envoy):
 * between once and one and a half times the Retry-After. For the last two one above the cap is taken for
 * nonsense and the backoff waited.
 */
export type RetryAfterManner = "at-least" | "beyond-backoff" | "exactly" | "jittered";

/** When to try again, and how long to wait before it. */
export interface RetryConfig {
  /** Tries after the first. */
  readonly retries: number;
  readonly budget: RetryBudgetConfig;
  readonly backoff: { readonly kind: BackoffKind; readonly baseMs: number; readonly capMs: number };
  /** What a Retry-After does to the wait; not obeyed, the backoff alone is waited. */
  readonly retryAfter: {
    readonly obey: boolean;
    readonly capMs: number;
    /** `at-least` when left out. */
    readonly manner?: RetryAfterManner;
  };
}

/** When to stop calling a target that fails, target by target. */
export type BreakerConfig =
  | { readonly kind: "none" }
  /** Opens after this many failures in a row. */
  | {
      readonly kind: "consecutive";
      readonly failures: number;
      readonly openMs: number;
      /** Calls let through after `openMs`; when all of them succeed it closes, one failure opens it again. */
      readonly halfOpenCalls: number;
    }
  /** Opens when the failed share of the calls of a sliding window exceeds the threshold. */
  | {
      readonly kind: "failure-rate";
      readonly threshold: number;
      readonly windowMs: number;
      readonly minCalls: number;
      readonly openMs: number;
      readonly halfOpenCalls: number;
    };

/** The kinds of {@link BreakerConfig}. */
export type BreakerKind = BreakerConfig["kind"];

/** Puts a target that fails out of use for a while; never more than a share of all targets. */
export interface OutlierConfig {
  readonly consecutiveFailures: number;
  /**
   * Multiplied by how often the target has been ejected, up to the longest. That count falls by one for
   * every `ejectionMs` the target has been in use since it came back.
   */
  readonly ejectionMs: number;
  readonly maxEjectionMs: number;
  /** Of all targets, 0 … 1; one target may always be ejected when the share is above 0. */
  readonly maxShare: number;
}

/** Refuses at the caller, by chance, before anything is sent. */
export type ThrottleConfig =
  | { readonly kind: "none" }
  /** SRE book: max(0, (requests − K·accepts) / (requests + 1)) over a window; refused ones count as requests. */
  | { readonly kind: "adaptive"; readonly k: number; readonly windowMs: number }
  /** Envoy: max(0, (n − successes / threshold) / (n + 1)) to the power 1 / aggression, at most `maxRejectShare`. */
  | {
      readonly kind: "success-rate";
      readonly threshold: number;
      readonly aggression: number;
      readonly windowMs: number;
      readonly maxRejectShare: number;
    };

/** The kinds of {@link ThrottleConfig}. */
export type ThrottleKind = ThrottleConfig["kind"];

/** How many calls a target may have under way from this caller; found by trying. */
export type ConcurrencyLimitConfig =
  | { readonly kind: "none" }
  | { readonly kind: "fixed"; readonly limit: number }
  /** One more after each good answer while at least half the limit is used; × backoffRatio after a drop or a slow one. */
  | {
      readonly kind: "aimd";
      readonly initial: number;
      readonly min: number;
      readonly max: number;
      readonly backoffRatio: number;
      readonly slowMs: number;
    }
  /** Envoy's gradient: limit × clamp((minRtt + buffer) / sampleRtt, ½ … 2) + √limit, once per window. */
  | {
      readonly kind: "gradient";
      readonly initial: number;
      readonly min: number;
      readonly max: number;
      readonly windowMs: number;
      /** Share of the smallest round trip that is not taken for queueing. */
      readonly bufferShare: number;
      /** How often the smallest round trip is forgotten and measured anew. */
      readonly minRttEveryMs: number;
    }
  /** Netflix's Gradient2: against a long average of round trips, smoothed, leaving room for `queueSize` calls. */
  | {
      readonly kind: "gradient2";
      readonly initial: number;
      readonly min: number;
      readonly max: number;
      /** Weight of the new limit against the old, above 0 and at most 1. */
      readonly smoothing: number;
      readonly queueSize: number;
      /** Round trips the long average looks back on. */
      readonly longWindow: number;
      /** How many times the long average a round trip may be before it is taken for queueing. */
      readonly tolerance: number;
    }
  /** Netflix's Vegas: keeps between 3 and 6 times log10(limit) calls queued, by the smallest round trip seen. */
  | {
      readonly kind: "vegas";
      readonly initial: number;
      readonly max: number;
      /** Weight of the new limit against the old, above 0 and at most 1. */
      readonly smoothing: number;
      /** One step of log10(limit) down, or half of the limit. */
      readonly decrease: "log10" | "half";
    };

/** The kinds of {@link ConcurrencyLimitConfig}. */
export type ConcurrencyLimitKind = ConcurrencyLimitConfig["kind"];

/** A second call to another target while the first has not answered. */
export interface HedgeConfig {
  readonly afterMs: number;
  /** Calls beyond the first. */
  readonly extraCalls: number;
  /** Hedges per first try, saved up as retries are by `ratio`. */
  readonly ratio: number;
}

/** A target that comes back is not trusted at once. */
export interface ReturnConfig {
  /** Kept out of use for this long after it is believed up again. */
  readonly holdMs: number;
  /** Then takes a share of its requests that grows over this time; 0 for all at once. */
  readonly slowStartMs: number;
  /** Share = max(minShare, (time / slowStartMs) ^ (1 / aggression)). */
  readonly aggression: number;
  readonly minShare: number;
}

/** All of it together. */
export interface CallerConfig {
  readonly retry: RetryConfig;
  readonly breaker: BreakerConfig;
  readonly outlier: OutlierConfig | null;
  readonly throttle: ThrottleConfig;
  readonly limit: ConcurrencyLimitConfig;
  readonly hedge: HedgeConfig | null;
  /** Null: a target that is believed up takes its full share at once. */
  readonly returning: ReturnConfig | null;
}

/** Who waits in a line, in which order, and who is turned away from it. For gateways and endpoints alike. */
export interface QueueConfig {
  readonly order: "fifo" | "lifo" | "adaptive-lifo" | "priority";
  /** Work whose caller's deadline has passed is dropped when its turn comes. */
  readonly dropExpired: boolean;
  /** CoDel: drops at the head while waits have exceeded the target for a whole interval. */
  readonly codel: { readonly targetMs: number; readonly intervalMs: number } | null;
  /**
   * Turns away what comes when the share of places taken (slots and line together) reaches the class's threshold:
   * the most urgent priority has 1, and each less urgent one `step` less, down to `floor`.
   */
  readonly shed: { readonly step: number; readonly floor: number } | null;
}

/** Tries once, refuses nothing, limits nothing. */
export const PLAIN_CALLER: CallerConfig = {
  retry: {
    retries: 0,
    budget: { kind: "none" },
    backoff: { kind: "none", baseMs: 0, capMs: 0 },
    retryAfter: { obey: true, capMs: Number.POSITIVE_INFINITY },
  },
  breaker: { kind: "none" },
  outlier: null,
  throttle: { kind: "none" },
  limit: { kind: "none" },
  hedge: null,
  returning: null,
};

/** First come, first served, and nobody is turned away but by a full line. */
export const PLAIN_QUEUE: QueueConfig = { order: "fifo", dropExpired: false, codel: null, shed: null };
