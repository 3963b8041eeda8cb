/**
 * A gateway's choice where the policy is not ours: the questions that routers are asked, what they remember of each
 * attempt, and what they are told. Exists only where a scenario names such a policy.
 */
import {
  causeCode,
  type Decision,
  type PolicyState,
  RESULT_OK,
  RESULT_TIMEOUT,
  type RoutingRequest,
} from "../../policy/index.js";
import * as at from "../attempts.js";
import type { Core } from "../core.js";
import type { ForeignRouters } from "./create.js";
import type { ForeignAsk, ForeignEnd } from "./foreignRouter.js";

const TIMED_OUT: number = causeCode("deadline_in_service");

/** Draws beyond those of every decision. */
export interface GuardLuck {
  readonly u: number;
  readonly v: number;
}

export class ForeignChoice {
  readonly #core: Core;
  readonly #routers: ForeignRouters["byGateway"];
  readonly #asks: readonly ForeignAsk[];
  /** By slot: what the router remembers of the attempt there. */
  #memory = new Float64Array(1024);
  readonly #end: ForeignEnd = {
    target: 0,
    result: 0,
    cause: 0,
    startedMs: 0,
    nowMs: 0,
    tokensReserved: 0,
    tokensUsed: 0,
    tokensOut: 0,
    retryAtMs: 0,
  };

  constructor(core: Core, routers: ForeignRouters, asks: readonly RoutingRequest[]) {
    this.#core = core;
    this.#routers = routers.byGateway;
    this.#asks = asks.map((ask) => ({
      ...ask,
      request: 0,
      site: 0,
      classIndex: 0,
      attempt: 0,
      hop: 0,
      tryNumber: 0,
      guardU: 0,
      guardV: 0,
      memory: 0,
    }));
  }

  /** An attempt has got its place at its gateway: nothing is remembered of whoever had the record before. */
  begins(slot: number): void {
    if (slot >= this.#memory.length) this.#grow(slot);
    this.#memory[slot] = 0;
  }

  /** The attempt goes on in another record. */
  moved(from: number, to: number): void {
    if (to >= this.#memory.length) this.#grow(to);
    this.#memory[to] = this.#memory[from]!;
  }

  #grow(slot: number): void {
    const grown = new Float64Array(Math.max(slot + 1, Math.ceil(this.#memory.length * 1.5)));
    grown.set(this.#memory);
    this.#memory = grown;
  }

  choose(
    slot: number,
    g: number,
    state: PolicyState,
    question: RoutingRequest,
    luck: GuardLuck,
    out: Decision,
  ): void {
    const ask = this.#fill(slot, g, question, luck);
    this.#routers[g]!.decide(ask, state, out);
    this.#memory[slot] = ask.memory;
  }

  /**
   * The wait before the next try, ms; −1 when there is none; NaN where the scenario's own `retry` decides. May change
   * what is remembered, so it is asked once per failure.
   */
  retryWaitMs(
    slot: number,
    g: number,
    question: RoutingRequest,
    luck: GuardLuck,
    failure: { readonly cause: number; readonly retryAfterMs: number },
  ): number {
    const router = this.#routers[g]!;
    if (router.retryWaitMs === undefined) return Number.NaN;
    const ask = this.#fill(slot, g, question, luck);
    const waitMs = router.retryWaitMs(ask, failure.cause, failure.retryAfterMs);
    this.#memory[slot] = ask.memory;
    return waitMs;
  }

  /** Whether retries are the routers' own affair. */
  get retries(): boolean {
    return this.#routers.some((router) => router.retryWaitMs !== undefined);
  }

  #fill(slot: number, g: number, question: RoutingRequest, luck: GuardLuck): ForeignAsk {
    const { u8, u16, f64 } = this.#core.attempts;
    const ask = this.#asks[g]!;
    Object.assign(ask, question);
    ask.request = f64[slot * at.F64 + at.F_REQUEST]!;
    ask.site = u16[slot * at.U16 + at.H_SITE]!;
    ask.classIndex = u8[slot * at.U8 + at.B_CLASS]!;
    ask.attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    ask.hop = u8[slot * at.U8 + at.B_HOP]!;
    ask.tryNumber = u8[slot * at.U8 + at.B_GATEWAY_TRY]!;
    ask.guardU = luck.u;
    ask.guardV = luck.v;
    ask.memory = this.#memory[slot] ?? 0;
    return ask;
  }

  started(g: number, target: number): void {
    this.#routers[g]!.started?.(target, this.#core.nowUs / 1000);
  }

  /** The call that is under way in a record has ended, with one of RESULT_*; `tokensReserved` is what was asked for. */
  ended(slot: number, g: number, result: number, tokensReserved: number): void {
    const { u8, i32, f64 } = this.#core.attempts;
    const end = this.#end;
    end.target = u8[slot * at.U8 + at.B_ENDPOINT]!;
    end.result = result;
    // A call that is given up has no answer, and so no cause of its own yet.
    end.cause = result === RESULT_TIMEOUT ? TIMED_OUT : u8[slot * at.U8 + at.B_CAUSE]!;
    end.startedMs = f64[slot * at.F64 + at.F_CALL_US]! / 1000;
    end.nowMs = this.#core.nowUs / 1000;
    end.tokensReserved = tokensReserved;
    const ok = result === RESULT_OK;
    end.tokensOut = ok ? i32[slot * at.I32 + at.I_TOKENS_OUT]! : 0;
    end.tokensUsed = ok ? i32[slot * at.I32 + at.I_TOKENS_IN]! + end.tokensOut : 0;
    end.retryAtMs = f64[slot * at.F64 + at.F_RETRY_AT_US]! / 1000;
    this.#routers[g]!.ended?.(end);
  }

  probed(g: number, target: number, ok: boolean): void {
    this.#routers[g]!.probed?.(target, ok, this.#core.nowUs / 1000);
  }
}
