/** The words of a router: what a gateway's own code asks and is answered, by name. */
import type { RefusalCause } from "./causes.js";
import type { Explanation } from "./explain.js";
import type { Belief } from "./types.js";

/** A routing question with names. */
export interface Ask {
  /** Which request it is about, for a journal of decisions; the router does not look at it. */
  readonly request?: number;
  /** ISO 3166-1 alpha-2. A country that is not configured is refused. */
  readonly origin: string;
  readonly dataClass: string;
  /** Left out where only one is configured. */
  readonly tenant?: string;
  readonly model: string;
  /** Estimate of input and output tokens: what limits are asked for, and what is set aside. */
  readonly tokens: number;
  /** What is set aside at targets that count otherwise, by id. */
  readonly tokensAt?: Readonly<Record<string, number>>;
  /** What it weighs where tokens pay for retries; left out: `tokens`. */
  readonly weight?: number;
  /** Never goes back from one question to the next, `explain` included. */
  readonly nowMs: number;
  /** Two fresh uniform numbers in [0, 1). The router has no luck of its own. */
  readonly luck: readonly [number, number];
  /** Two more, needed where the caller lets targets return slowly (the first) or throttles (the second). */
  readonly guardLuck?: readonly [number, number];
  /** Expected round trip to each target by id; a target left out counts as the farthest. */
  readonly rttMs?: Readonly<Record<string, number>>;
  readonly distanceKm?: Readonly<Record<string, number>>;
  /** Whole number ≥ 0 that requests which belong together share, for sticky strategies. */
  readonly stickyKey?: number;
  /** Ids of targets this request has tried. */
  readonly tried?: readonly string[];
  /** Ids the client asks to stay within; it can only narrow. */
  readonly only?: readonly string[];
  /** For a retry: what {@link Router.retry} granted. Left out for a request's first try. */
  readonly grant?: RetryGrant;
  /** A second call of a try that has not been answered: it is paid for from the hedges, and is no try of its own. */
  readonly hedge?: boolean;
  /** False where waiting would be of no use: what would be held is refused, and the try is over. Left out: true. */
  readonly mayHold?: boolean;
}

/** A routing answer with names. */
export type Answer =
  | {
      readonly kind: "route";
      readonly target: string;
      /** The model that is to answer: the one asked for, or a fallback. */
      readonly model: string;
      /** Bits of `REASONS`, as in every other kind of answer. */
      readonly reason: number;
    }
  | {
      /**
       * Not now: ask the same again at `retryAtMs`, or soon where that is 0, for as long as the client may be kept
       * waiting; then tell it the cause, and {@link Router.forgo} the grant if there was one. A hedge is never held.
       */
      readonly kind: "hold";
      /** What to refuse it with when it is held no longer. */
      readonly cause: RefusalCause;
      readonly retryAtMs: number;
      readonly reason: number;
    }
  | {
      readonly kind: "refuse";
      readonly cause: RefusalCause;
      /** 0 when not known, Infinity when never. */
      readonly retryAtMs: number;
      readonly reason: number;
    };

/** How an attempt ended. */
export type Outcome = "ok" | "error" | "throttled" | "timeout" | "abandoned";

/** What is known when an attempt has ended. */
export interface Settlement {
  /** As in the question. */
  readonly request?: number;
  readonly target: string;
  readonly outcome: Outcome;
  /** The `tokens` of the question, or those at the target where it counts otherwise. */
  readonly tokensReserved: number;
  readonly tokensUsed: number;
  readonly nowMs: number;
  /** From Retry-After, with `throttled`. */
  readonly retryAtMs?: number;
  /** With `throttled`: it was short of tokens, not of requests. */
  readonly shortOfTokens?: boolean;
  /** The `nowMs` of the question: needed where the caller guards, since it learns from round trips. */
  readonly startedMs?: number;
  /** How long the call took, where that was measured in another way; `startedMs` is then not needed. */
  readonly rttMs?: number;
  /** The `grant` and `hedge` of the question. */
  readonly grant?: RetryGrant;
  readonly hedge?: boolean;
  /**
   * Whether the try ends with this call; left out: unless it is a hedge. Of the calls of a try exactly one ends it:
   * the one that wins, or the last to fail.
   */
  readonly endsTry?: boolean;
}

/** A retry that was granted and paid for: to be handed to the next `route`, or back by `forgo`. */
export interface RetryGrant {
  /** 1 for the first retry. */
  readonly retryNumber: number;
  readonly waitMs: number;
  /** One of PAID_*. */
  readonly paid: number;
}

/** Whether a try that failed may be followed by another. Asked after the try was settled, or refused by `route`. */
export interface RetryQuestion {
  /** As in the question that it follows. */
  readonly request?: number;
  /** The grant of the try that failed; left out after a first try. */
  readonly grant?: RetryGrant;
  /** `refused` when `route` itself refused. What went well or was given up is not tried again. */
  readonly outcome: Outcome | "refused";
  readonly tokens: number;
  readonly nowMs: number;
  /** One fresh uniform number in [0, 1). */
  readonly luck: number;
  /** From Retry-After, as time to wait; 0 or left out when nothing was said. */
  readonly retryAfterMs?: number;
}

/** The answer to a {@link RetryQuestion}. */
export type RetryAnswer =
  /** Wait, then ask `route` with the grant. */
  | { readonly kind: "retry"; readonly waitMs: number; readonly grant: RetryGrant }
  /** Null when the count of tries is used up or there is nothing to try again: the last answer stands. */
  | { readonly kind: "give-up"; readonly cause: RefusalCause | null };

/** What a router believes of all targets, as masks: bit i is the i-th target's. */
export interface BeliefMasks {
  readonly up: number;
  readonly drained: number;
  readonly cooling: number;
  /** Kept out by breakers, ejections and slow returns, and by limits it found itself, as of the last question. */
  readonly guarded: number;
  readonly crowded: number;
}

/** One gateway's router. */
export interface Router {
  /** Routes, and counts the attempt as in flight until `settle`; or refuses. */
  route(ask: Ask): Answer;
  /** Ends an attempt. Call it once for every route. */
  settle(settlement: Settlement): void;
  /** Whether to try again after a failure, and after what wait. Spends what it grants. */
  retry(question: RetryQuestion): RetryAnswer;
  /**
   * Ends a try without a call that could end it: a retry that was granted and will not be made, or whose calls have all
   * been settled without ending it. Without a grant, a first try of the latter kind. `request` is for a journal.
   */
  forgo(grant: RetryGrant | undefined, nowMs: number, request?: number): void;
  /** How long a try with so many calls under way (1 is the first alone) waits before a hedge; Infinity for never. */
  hedgeAfterMs(callsSoFar: number): number;
  /** Takes a probe result; true when the belief about the target changed. Where targets return slowly it needs the time. */
  probe(target: string, ok: boolean, nowMs?: number): boolean;
  /** Takes a target out of use, or puts it back. */
  drain(target: string, drained: boolean): void;
  /** A target said how much of its limits is left: the router's own estimate falls to it, and never rises. NaN: not said. */
  limitsLeft(target: string, requests: number, tokens: number, nowMs: number): void;
  /** What is believed of a target now. */
  belief(target: string): Belief;
  /** Takes over what another router believed of a target, as after a change of configuration. */
  adopt(target: string, belief: Belief): void;
  /** What is believed of all targets. */
  beliefs(): BeliefMasks;
  /** What `route` would answer now and why, target by target; the throttle, which is chance, left out. Changes nothing. */
  explain(ask: Ask): Explanation;
  /** Everything that can ever be chosen for such a request. */
  reachable(origin: string, dataClass: string, model: string, tenant?: string): readonly string[];
}
