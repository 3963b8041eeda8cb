/** One request's way through a router, for programs that send it themselves: where to, again or not, what to say. */
import type { RefusalCause } from "./causes.js";
import type { Answer, Ask, Outcome, RetryGrant, Router } from "./routerTypes.js";

/** A clock and luck, as they are lent to the policy, which has none. */
export interface Host {
  /** Milliseconds; never goes back. */
  nowMs(): number;
  /** Uniform in [0, 1). */
  luck(): number;
}

/** What is asked for, as in a question to the router. */
export type TripAsk = Pick<
  Ask,
  "origin" | "dataClass" | "tenant" | "model" | "tokens" | "rttMs" | "distanceKm" | "stickyKey" | "only"
>;

/** What a program is to do next. */
export type Leg =
  /** Call the target, asking it for the model. */
  | { readonly kind: "call"; readonly target: string; readonly model: string }
  /** Wait, then ask again. */
  | { readonly kind: "wait"; readonly waitMs: number }
  /** Tell the caller why there is no answer. */
  | {
      readonly kind: "refuse";
      /** 451 where the law forbids, 429 where a rate is used up, 502 and 504 where the last target failed, else 503. */
      readonly status: number;
      readonly cause: RefusalCause;
      /** 0 when not known. */
      readonly retryAfterMs: number;
    };

/** Held requests are asked about again so often where nobody knows how long it takes. */
const POLL_MS = 100;

/** What a target's failure is called, and the status for it. */
const FAILURES: Readonly<Record<Outcome, readonly [status: number, cause: RefusalCause]>> = {
  ok: [502, "server_error"],
  error: [502, "server_error"],
  throttled: [429, "rate_limit_rpm"],
  timeout: [504, "region_blackhole"],
  abandoned: [499, "client_abandoned"],
};

const STATUSES: Readonly<Partial<Record<RefusalCause, number>>> = {
  residency_no_legal_region: 451,
  log_sink_forbidden: 451,
  rate_limit_rpm: 429,
  rate_limit_tpm: 429,
  local_throttle: 429,
};

/** What an answer with such a status says about the target; 0 stands for no answer at all. */
export function outcomeOf(status: number): Outcome {
  if (status === 429) return "throttled";
  const isOurs = status === 401 || status === 403 || status === 408;
  return status === 0 || status >= 500 || isOurs ? "error" : "ok";
}

/**
 * A request under way. Ask {@link next} what to do until it says `refuse`, or until a call's answer is one that
 * {@link accepts}; then pass that on and {@link end} the trip, once, whatever becomes of it.
 */
export class Trip {
  readonly #router: Router;
  readonly #host: Host;
  readonly #ask: TripAsk;
  readonly #tried: string[] = [];
  #grant: RetryGrant | undefined = undefined;
  /** Whether a retry has been granted and not yet been made. */
  #owes = false;
  /** The call under way. */
  #target: string | null = null;
  #startedMs = 0;
  /** How the last call failed, until it is tried again. */
  #failure: Outcome | null = null;
  #retryAfterMs = 0;
  #isOver = false;

  constructor(router: Router, host: Host, ask: TripAsk) {
    this.#router = router;
    this.#host = host;
    this.#ask = ask;
  }

  /** What to do now. After a failed call it is tried elsewhere for as long as the router's retries allow. */
  next(): Leg {
    if (this.#isOver) return { kind: "refuse", status: 499, cause: "client_abandoned", retryAfterMs: 0 };
    const nowMs = this.#host.nowMs();
    if (this.#failure !== null) {
      const waitMs = this.#retry(this.#failure, nowMs);
      if (typeof waitMs !== "number") return waitMs;
      this.#failure = null;
      if (waitMs > 0) return { kind: "wait", waitMs };
    }
    const luck = (): number => this.#host.luck();
    const answer = this.#router.route({
      ...this.#ask,
      nowMs,
      luck: [luck(), luck()],
      guardLuck: [luck(), luck()],
      tried: this.#tried,
      ...(this.#grant && { grant: this.#grant }),
    });
    if (answer.kind !== "hold") this.#owes = false;
    return this.#legOf(answer, nowMs);
  }

  /**
   * Whether an answer with this status may be passed on; otherwise its call is over, and `next` says what follows.
   * 0 stands for no answer at all; of a Retry-After only a number of seconds is understood.
   */
  accepts(status: number, retryAfter?: string | null): boolean {
    if (this.#isOver) return false;
    const outcome = outcomeOf(status);
    if (outcome === "ok") return true;
    const seconds = Number(retryAfter);
    this.#retryAfterMs = seconds > 0 && seconds < 1e9 ? 1000 * seconds : 0;
    this.#settle(outcome, 0);
    this.#failure = outcome;
    return false;
  }

  /**
   * The trip is over, and the call under way with it; a second time does nothing. Tokens that were not counted are as
   * estimated. A caller that goes away ends it with `abandoned`, at any time: nothing is accepted or called after that.
   */
  end(outcome: Outcome, tokensUsed: number = this.#ask.tokens): void {
    this.#isOver = true;
    if (this.#owes) this.#router.forgo(this.#grant, this.#host.nowMs());
    this.#owes = false;
    this.#settle(outcome, tokensUsed);
  }

  #settle(outcome: Outcome, tokensUsed: number): void {
    const target = this.#target;
    if (target === null) return;
    this.#target = null;
    const nowMs = this.#host.nowMs();
    this.#router.settle({
      target,
      outcome,
      tokensReserved: this.#ask.tokens,
      tokensUsed,
      startedMs: this.#startedMs,
      nowMs,
      retryAtMs: nowMs + this.#retryAfterMs,
      ...(this.#grant && { grant: this.#grant }),
    });
  }

  /** The wait before the next try, or why there is none. */
  #retry(outcome: Outcome, nowMs: number): number | Leg {
    const retryAfterMs = this.#retryAfterMs;
    const { tokens } = this.#ask;
    const luck = this.#host.luck();
    const again = this.#router.retry({
      ...(this.#grant && { grant: this.#grant }),
      outcome,
      tokens,
      nowMs,
      luck,
      retryAfterMs,
    });
    if (again.kind === "retry") {
      this.#grant = again.grant;
      this.#owes = true;
      return again.waitMs;
    }
    const [status, cause] = FAILURES[outcome];
    return { kind: "refuse", status, cause, retryAfterMs };
  }

  #legOf(answer: Answer, nowMs: number): Leg {
    if (answer.kind === "route") {
      this.#target = answer.target;
      this.#startedMs = nowMs;
      this.#tried.push(answer.target);
      return { kind: "call", target: answer.target, model: answer.model };
    }
    const waitMs = answer.retryAtMs - nowMs;
    if (answer.kind === "hold") return { kind: "wait", waitMs: waitMs > 0 ? waitMs : POLL_MS };
    const retryAfterMs = waitMs > 0 && waitMs < Number.POSITIVE_INFINITY ? waitMs : 0;
    return { kind: "refuse", status: STATUSES[answer.cause] ?? 503, cause: answer.cause, retryAfterMs };
  }
}
