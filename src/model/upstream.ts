/**
 * A gateway's side of its calls: where to, and what follows from each answer or its absence: the library tries
 * the same endpoint again, another call may still be answered, the gateway tries elsewhere, or the user is told.
 */
import {
  CAUSE_DEADLINE_IN_QUEUE,
  CAUSE_LOCAL_THROTTLE,
  type Caller,
  causeCode,
  HOLD,
  NO_TARGET,
  PAID_NOTHING,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
  type PolicyState,
  RESULT_ABANDONED,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  ROUTE,
} from "../policy/index.js";
import { isFinal, resultOf } from "./answers.js";
import * as at from "./attempts.js";
import { Calls } from "./calls.js";
import { Choice } from "./choice.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import { firstUsFrom } from "./endpointLimits.js";
import type { Endpoints } from "./endpoints.js";
import { type Environment, UP } from "./environment.js";
import type { ModuleReport } from "./foreign/moduleTypes.js";
import { Hedges } from "./hedges.js";
import { Holds } from "./holds.js";
import type { Recorder } from "./recorder.js";
import { RetryWaits } from "./retryWaits.js";
import { createShadow, type Shadow } from "./shadow.js";
import type { Stores } from "./stores.js";
import type { GatewayFront, UpstreamParts } from "./upstreamParts.js";

const UPSTREAM_TIMEOUT: number = causeCode("deadline_in_service");
/** Tries after the first of a policy that counts its own: beyond any of theirs, and few enough for the luck of each. */
const MAX_FOREIGN_RETRIES = 100;

export class Upstream {
  readonly #core: Core;
  readonly #environment: Environment;
  readonly #endpoints: Endpoints;
  readonly #recorder: Recorder;
  readonly #waits: RetryWaits;
  readonly #front: GatewayFront;
  readonly #choice: Choice;
  readonly #calls: Calls;
  readonly #holds: Holds;
  /** Null when no call is ever hedged. */
  readonly #hedges: Hedges | null;
  /** Null when no request is copied. */
  readonly #shadow: Shadow | null;
  /** Null when nothing outlives a request. */
  readonly #stores: Stores | null;
  readonly #retries: number;
  readonly #regionOfGateway: Int32Array;

  constructor(parts: UpstreamParts, front: GatewayFront) {
    const { gateways, caller } = parts.scenario.deployment;
    this.#core = parts.core;
    this.#environment = parts.environment;
    this.#endpoints = parts.endpoints;
    this.#recorder = parts.recorder;
    this.#stores = parts.stores;
    this.#shadow = createShadow(parts);
    this.#front = front;
    this.#choice = new Choice(parts);
    this.#waits = new RetryWaits(parts, this.#choice);
    this.#calls = new Calls(parts, this.#choice);
    this.#holds = new Holds(parts);
    this.#hedges =
      caller.hedge === null ? null : new Hedges({ ...parts, choice: this.#choice, calls: this.#calls });
    this.#retries = this.#choice.foreign?.retries === true ? MAX_FOREIGN_RETRIES : caller.retry.retries;
    this.#regionOfGateway = Int32Array.from(gateways, (gateway) => gateway.regionIndex);
  }

  /** What each gateway believes. */
  get states(): readonly PolicyState[] {
    return this.#choice.states;
  }

  /** What keeps each gateway from making things worse. */
  get callers(): readonly Caller[] {
    return this.#choice.callers;
  }

  /** What is told about a policy of code after the run; null for any other. */
  moduleReport(): ModuleReport | null {
    return this.#choice.moduleReport();
  }

  /** A prober's verdict on an endpoint. */
  report(g: number, e: number, ok: boolean): void {
    this.#choice.report(g, e, ok);
  }

  /** An attempt has got a place at its gateway. */
  begins(slot: number): void {
    const { u8 } = this.#core.attempts;
    u8[slot * at.U8 + at.B_GATEWAY_TRY] = 0;
    u8[slot * at.U8 + at.B_HEDGES] = 0;
    u8[slot * at.U8 + at.B_SDK_PAID] = 0;
    this.#core.attempts.clear(slot, at.HELD_BACK);
    this.#core.attempts.f64[slot * at.F64 + at.F_GATEWAY_WAIT_US] = 0;
    this.#choice.foreign?.begins(slot);
    this.#hedges?.begins(slot);
  }

  /** Asks the policy where to, and sends the call there: the first try of an attempt, or a further one. */
  route(slot: number): void {
    const engine = this.#core;
    if (engine.attempts.has(slot, at.ORPHAN)) return this.#front.drop(slot);
    const { u8, f64 } = engine.attempts;
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    if (engine.nowUs >= this.#calls.deadlineUs(slot)) return this.#expire(slot, g);
    const decision = this.#choice.choose(slot, g);
    if (decision.kind === HOLD && this.#holds.hold(slot, g, decision.retryAtMs, this.#calls.deadlineUs(slot)))
      return this.#choice.tell(slot, g);
    // A try that is held has not begun.
    if (this.#choice.budgets && u8[slot * at.U8 + at.B_GATEWAY_TRY] === 0) this.#firstTry(slot, g);
    if (decision.kind !== ROUTE || decision.target === NO_TARGET) {
      const { cause, retryAtMs } = decision;
      this.#choice.tell(slot, g, cause, retryAtMs);
      f64[slot * at.F64 + at.F_RETRY_AT_US] = retryAtMs > 0 ? firstUsFrom(retryAtMs) : 0;
      return this.#end(slot, g, RESULT_ABANDONED, cause);
    }
    // Only what would be sent is asked of the throttle: what is refused before says nothing about the endpoints' load.
    if (this.#choice.throttles(slot, g)) {
      this.#choice.tell(slot, g, CAUSE_LOCAL_THROTTLE);
      return this.#end(slot, g, RESULT_ABANDONED, CAUSE_LOCAL_THROTTLE);
    }
    if (this.#stores !== null) {
      const cause = this.#stores.opens(slot, g, decision.target);
      if (cause !== at.NO_CAUSE) return this.#end(slot, g, RESULT_ABANDONED, cause);
    }
    if (this.#shadow !== null && u8[slot * at.U8 + at.B_GATEWAY_TRY] === 0) this.#shadow.mirror(slot, g);
    this.#choice.tell(slot, g);
    this.#hedges?.arm(slot, g);
    this.#calls.begin(slot, g, decision.target);
  }

  #firstTry(slot: number, g: number): void {
    this.#core.attempts.u8[slot * at.U8 + at.B_GATEWAY_PAID] = PAID_NOTHING;
    this.#choice.callers[g]!.firstTry(this.#choice.tokens(slot), this.#core.nowUs / 1000);
  }

  /** Nobody will wait for an answer when its turn comes: only a try that was begun counts as one. */
  #expire(slot: number, g: number): void {
    if (this.#core.attempts.u8[slot * at.U8 + at.B_GATEWAY_TRY] !== 0) this.#forgo(slot, g);
    this.#front.finish(slot, g, CAUSE_DEADLINE_IN_QUEUE);
  }

  /** The library's wait is over: the same endpoint again. */
  again(slot: number): void {
    const { u8 } = this.#core.attempts;
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    this.#hedges?.arm(slot, g);
    this.#calls.send(slot, g, u8[slot * at.U8 + at.B_ENDPOINT]!);
  }

  /** A call has been under way for so long that a second is worth its price. */
  hedge(slot: number): void {
    this.#hedges?.fire(slot);
  }

  /** An endpoint has answered (well or badly, in `B_CAUSE`): the answer starts on its way back. */
  answered(slot: number): void {
    if (this.#calls.returns(slot)) this.answer(slot);
  }

  /** The endpoint's answer has reached the gateway. */
  answer(slot: number): void {
    const { attempts } = this.#core;
    if (attempts.has(slot, at.DETACHED)) return this.#endpoints.discard(slot);
    const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
    if (this.#environment.regionDown[this.#regionOfGateway[g]!] !== UP || this.#calls.isCutOff(slot))
      return this.#front.lose(slot);
    if (this.#calls.areBounded) this.#core.cancelTimer(slot, core.UPSTREAM_TIMER);
    const cause = attempts.u8[slot * at.U8 + at.B_CAUSE]!;
    const result = resultOf(cause);
    this.#learn(slot, g, result);
    if (cause !== at.NO_CAUSE) return this.#failed(slot, g, result, cause);
    const own = this.#hedges === null ? slot : this.#hedges.won(slot, g);
    this.#settle(own, g, RESULT_OK);
    this.#front.finish(own, g, at.NO_CAUSE, this.#stores === null ? 0 : this.#stores.closes(own, g));
  }

  /** The gateway's patience with an endpoint has run out, or its user's; the call is left to its fate. */
  timeout(slot: number): void {
    const { attempts, nowUs } = this.#core;
    const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
    this.#learn(slot, g, RESULT_TIMEOUT);
    this.#core.cancelTimer(slot, core.HEDGE_TIMER);
    const own = this.#calls.detach(slot);
    if (own !== slot) {
      this.#hedges?.replace(slot, own);
      // The endpoint was told how long the gateway would wait, where it is told anything.
      const { f64 } = attempts;
      f64[slot * at.F64 + at.F_DEADLINE_US] = Math.min(nowUs, f64[slot * at.F64 + at.F_DEADLINE_US]!);
    }
    this.#failed(own, g, RESULT_TIMEOUT, UPSTREAM_TIMEOUT);
  }

  #learn(slot: number, g: number, result: number): void {
    const endsTry = result === RESULT_OK || this.#hedges === null || this.#hedges.endsTry(slot);
    this.#calls.learn(slot, g, result, endsTry);
  }

  #failed(slot: number, g: number, result: number, cause: number): void {
    if (this.#calls.sdk?.tryAgain(slot, g, cause, result) === true) return;
    const own = this.#hedges === null ? slot : this.#hedges.failed(slot, cause);
    if (own < 0) return;
    this.#settle(own, g, result);
    if (this.#retries > 0 && this.#retry(own, g, result, cause)) return;
    this.#front.finish(own, g, cause);
  }

  #settle(slot: number, g: number, result: number): void {
    if (!this.#choice.budgets) return;
    const paid = this.#core.attempts.u8[slot * at.U8 + at.B_GATEWAY_PAID]!;
    this.#choice.callers[g]!.settled(result, paid, this.#core.nowUs / 1000);
  }

  /** The try ends without a call that ends it. */
  #forgo(slot: number, g: number): void {
    this.#choice.tape?.forgone(slot, g);
    this.#settle(slot, g, RESULT_ABANDONED);
  }

  /** The attempt ends with its try. */
  #end(slot: number, g: number, result: number, cause: number): void {
    this.#settle(slot, g, result);
    this.#front.finish(slot, g, cause);
  }

  /** Tries again after its backoff; false when that is not allowed, not paid for or too late. The cause stays as it was. */
  #retry(slot: number, g: number, result: number, cause: number): boolean {
    const engine = this.#core;
    const { attempts } = engine;
    const { u8, f64 } = attempts;
    const tries = u8[slot * at.U8 + at.B_GATEWAY_TRY]! + 1;
    if (tries > this.#retries || attempts.has(slot, at.ORPHAN) || isFinal(cause)) return false;
    const hop = u8[slot * at.U8 + at.B_HOP]! + 1;
    const isOwn = this.#choice.foreign?.retries === true;
    const waitUs = isOwn ? this.#waits.foreignUs(slot, g, cause) : this.#waits.ownUs(slot, g, tries, hop);
    if (waitUs < 0 || engine.nowUs + waitUs >= this.#calls.deadlineUs(slot)) return false;
    if (!isOwn && !this.#isPaid(slot, g, tries, result)) {
      this.#recorder.budgetDenied();
      return false;
    }
    u8[slot * at.U8 + at.B_GATEWAY_TRY] = tries;
    u8[slot * at.U8 + at.B_GATEWAY_PAID] = result === RESULT_THROTTLED ? PAID_THROTTLED_RETRY : PAID_RETRY;
    u8[slot * at.U8 + at.B_HOP] = hop;
    u8[slot * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    u8[slot * at.U8 + at.B_ENDPOINT] = at.NO_ENDPOINT;
    f64[slot * at.F64 + at.F_RETRY_AT_US] = 0;
    f64[slot * at.F64 + at.F_GATEWAY_WAIT_US] = waitUs;
    this.#recorder.gatewayRetry();
    engine.schedule(slot, engine.nowUs + waitUs, core.PHASE_SEIZE, core.GATEWAY_BACKOFF);
    return true;
  }

  #isPaid(slot: number, g: number, tries: number, result: number): boolean {
    const nowMs = this.#core.nowUs / 1000;
    const isThrottled = result === RESULT_THROTTLED;
    const isPaid = this.#choice.callers[g]!.tryRetry(tries, this.#choice.tokens(slot), isThrottled, nowMs);
    this.#choice.tape?.retried(slot, g, { ...this.#waits.asked, result, isPaid });
    return isPaid;
  }

  /** Separates the user's side of an attempt from work an endpoint still holds; returns the user's side. */
  detach(slot: number): number {
    return this.#calls.detach(slot);
  }

  /** The user has gone: what is under way goes on as the endpoint will have it, but for hedges, which end. */
  abandoned(slot: number): void {
    const { attempts } = this.#core;
    if (this.#hedges !== null && attempts.has(slot, at.HOLDS_GATEWAY))
      this.#hedges.giveUpOthers(slot, attempts.u8[slot * at.U8 + at.B_GATEWAY]!);
  }

  /** The gateway no longer waits for the calls an attempt has outstanding, if it has any. */
  forget(slot: number): void {
    const { u8 } = this.#core.attempts;
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    this.#hedges?.giveUpOthers(slot, g);
    const state = u8[slot * at.U8 + at.B_STATE]!;
    // Before its first decision, and while that is to wait, an attempt is not a try yet.
    const waits = state === core.HELD && u8[slot * at.U8 + at.B_GATEWAY_TRY] === 0;
    const tried = state !== core.GATEWAY_WORK && !waits;
    this.#calls.forget(slot, g);
    if (tried) this.#forgo(slot, g);
  }
}
