/** One call to one target: routed once, begun once, settled once. */
import type { Outcome, RefusalCause, RetryGrant, Settlement } from "../../policy/index.js";
import type { Asked, CallStart, LimitsLeft } from "../exchange.js";
import { Leaving } from "../gone.js";
import type { Trouble } from "../trouble.js";
import { bodyFor } from "./outgoing.js";
import type { IndexedTarget, Runtime } from "./runtime.js";

/** A start that brought an answer. */
export type AnswerStart = Extract<CallStart, { kind: "answer" }>;
/** A start that brought none. */
export type FailedStart = Extract<CallStart, { kind: "failed" }>;

/** What the router said of a call. */
export interface CallTicket {
  readonly target: IndexedTarget;
  readonly model: string;
  /** Set aside for it. */
  readonly tokens: number;
  readonly startedMs: number;
  /** Of the try that it belongs to; undefined for a first one. */
  readonly grant: RetryGrant | undefined;
  readonly isHedge: boolean;
}

/** How a call ended. */
export interface CallEnd {
  readonly outcome: Outcome;
  readonly cause: RefusalCause | null;
  /** What the target answered, 0 if nothing. */
  readonly status: number;
  readonly trouble?: Trouble;
  readonly tokensUsed: number;
  /** 0 when none was said. */
  readonly retryAfterMs: number;
  /** Of the calls of a try exactly one ends it. */
  readonly endsTry: boolean;
}

export class Call {
  readonly ticket: CallTicket;
  readonly #runtime: Runtime;
  readonly #request: number;
  readonly #abort = new Leaving();
  #settled = false;

  constructor(runtime: Runtime, request: number, ticket: CallTicket) {
    this.#runtime = runtime;
    this.#request = request;
    this.ticket = ticket;
    runtime.callsUnderWay[ticket.target.index]! += 1;
  }

  /** Sends it. Never rejects: what goes wrong on our own side counts as the target's failure, so that it is tried elsewhere. */
  async start(asked: Asked): Promise<CallStart> {
    const { target, model } = this.ticket;
    try {
      const start = await this.#runtime.start({
        target: target.plan,
        path: asked.path,
        headers: asked.headers,
        body: bodyFor(asked, target.plan, model),
        streams: asked.streams,
        signal: this.#abort,
      });
      this.#noteLimits(start.limits);
      return start;
    } catch {
      this.abort();
      return {
        kind: "failed",
        outcome: "error",
        cause: "policy_error",
        status: 0,
        retryAfterMs: 0,
        limits: UNSAID,
      };
    }
  }

  #noteLimits({ requests, tokens }: LimitsLeft): void {
    if (Number.isNaN(requests) && Number.isNaN(tokens)) return;
    const { router, nowMs } = this.#runtime;
    router.limitsLeft(this.ticket.target.plan.id, requests, tokens, nowMs());
  }

  /** Nobody wants the answer any more. */
  abort(): void {
    this.#abort.abort();
  }

  /** Tells the router, once, how it ended. */
  settle(end: CallEnd): void {
    if (this.#settled) throw new RangeError("bug: a call was settled twice");
    this.#settled = true;
    const { router, observer, nowMs, callsUnderWay } = this.#runtime;
    const { target, tokens, startedMs, grant, isHedge } = this.ticket;
    callsUnderWay[target.index]! -= 1;
    const endedMs = nowMs();
    const { outcome, cause, status, trouble, retryAfterMs, endsTry } = end;
    router.settle({
      request: this.#request,
      target: target.plan.id,
      outcome,
      tokensReserved: tokens,
      tokensUsed: end.tokensUsed,
      nowMs: endedMs,
      startedMs,
      endsTry,
      ...(outcome === "throttled" ? throttledWith(endedMs + retryAfterMs, cause) : {}),
      ...(grant === undefined ? {} : { grant }),
      ...(isHedge ? { hedge: true } : {}),
    });
    const durationMs = endedMs - startedMs;
    observer.callEnded({
      target: target.index,
      outcome,
      cause,
      status,
      ...(trouble === undefined ? {} : { trouble }),
      isHedge,
      durationMs,
    });
  }

  /** Gives it up: nobody wants its answer. */
  giveUp(endsTry: boolean): void {
    this.abort();
    this.settle({
      outcome: "abandoned",
      cause: null,
      status: 0,
      tokensUsed: 0,
      retryAfterMs: 0,
      endsTry,
    });
  }
}

function throttledWith(retryAtMs: number, cause: RefusalCause | null): Partial<Settlement> {
  return { retryAtMs, ...(cause === "rate_limit_tpm" ? { shortOfTokens: true } : {}) };
}

const UNSAID: LimitsLeft = { requests: Number.NaN, tokens: Number.NaN };
