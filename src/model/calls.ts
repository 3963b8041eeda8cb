/**
 * One call of a gateway to one endpoint: it is sent, its answer comes back, is learned from, or is not waited
 * for any more. What follows from it (a retry, a hedge, an answer to the user) is {@link Upstream}'s.
 */
import {
  type AttemptEnd,
  CAUSE_RATE_TOKENS,
  onResult,
  RESULT_ABANDONED,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_THROTTLED_TOKENS,
  RESULT_TIMEOUT,
  reserve,
  type Sent,
} from "../policy/index.js";
import * as at from "./attempts.js";
import type { Choice } from "./choice.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Endpoints } from "./endpoints.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import type { Network } from "./network.js";
import type { Recorder } from "./recorder.js";
import { moveTwin } from "./ring.js";
import { SdkRetries } from "./sdkRetries.js";
import type { UpstreamParts } from "./upstreamParts.js";

/** One object for every call. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class Calls {
  /** Tries below the gateway's own; null when its library makes none. */
  readonly sdk: SdkRetries | null;
  /** Whether a call may end by the gateway's own clock. */
  readonly areBounded: boolean;
  readonly #core: Core;
  readonly #network: Network;
  readonly #endpoints: Endpoints;
  readonly #recorder: Recorder;
  readonly #luck: Luck;
  readonly #choice: Choice;
  readonly #regionOfGateway: Int32Array;
  readonly #regionOfEndpoint: Int32Array;
  readonly #upstreamTimeoutUs: number;
  readonly #knowsDeadlines: boolean;
  readonly #sent: Writable<Sent> = { target: 0, tokens: 0, candidates: 0, nowMs: 0 };
  readonly #end: Writable<AttemptEnd> = {
    target: 0,
    result: 0,
    tokensReserved: 0,
    tokensUsed: 0,
    nowMs: 0,
    retryAtMs: 0,
    rttMs: 0,
  };

  constructor(parts: UpstreamParts, choice: Choice) {
    const { gateways, endpoints, routing, sdkRetry } = parts.scenario.deployment;
    this.#core = parts.core;
    this.#network = parts.network;
    this.#endpoints = parts.endpoints;
    this.#recorder = parts.recorder;
    this.#luck = parts.luck;
    this.#choice = choice;
    this.#regionOfGateway = Int32Array.from(gateways, (gateway) => gateway.regionIndex);
    this.#regionOfEndpoint = Int32Array.from(endpoints, (endpoint) => endpoint.regionIndex);
    this.#upstreamTimeoutUs = routing.upstreamTimeoutUs;
    this.#knowsDeadlines = routing.propagatesDeadlines;
    this.areBounded = this.#knowsDeadlines || this.#upstreamTimeoutUs !== Number.POSITIVE_INFINITY;
    this.sdk = sdkRetry === null ? null : new SdkRetries(parts, sdkRetry, { choice, calls: this });
  }

  /** When nobody will wait for the answer any more, as far as the gateway is told; Infinity when it is not. */
  deadlineUs(slot: number): number {
    if (!this.#knowsDeadlines) return Number.POSITIVE_INFINITY;
    return this.#core.attempts.f64[slot * at.F64 + at.F_DEADLINE_US]!;
  }

  /** Sends a gateway's call as it was just decided, the library's first try of it. May end within: an endpoint next door refuses at once. */
  begin(slot: number, g: number, e: number): void {
    this.sdk?.begins(slot, g);
    this.send(slot, g, e, this.#choice.candidates);
  }

  /** Sends a try of a call: {@link begin}'s, chosen out of `candidates`, or a further one of the library's. */
  send(slot: number, g: number, e: number, candidates = 0): void {
    const engine = this.#core;
    const { u8, i32, f64 } = engine.attempts;
    const nowMs = engine.nowUs / 1000;
    this.#sent.target = e;
    this.#sent.tokens = this.#choice.reserved(slot, e);
    this.#sent.candidates = candidates;
    this.#sent.nowMs = nowMs;
    reserve(this.#choice.policy, this.#choice.states[g]!, this.#sent);
    if (this.#choice.guards) this.#choice.callers[g]!.started(e, nowMs);
    this.#choice.foreign?.started(g, e);
    u8[slot * at.U8 + at.B_ENDPOINT] = e;
    i32[slot * at.I32 + at.I_TRIED] = i32[slot * at.I32 + at.I_TRIED]! | (1 << e);
    f64[slot * at.F64 + at.F_CALL_US] = engine.nowUs;
    if (this.areBounded) {
      const untilUs = Math.min(engine.nowUs + this.#upstreamTimeoutUs, this.deadlineUs(slot));
      if (untilUs !== Number.POSITIVE_INFINITY)
        engine.setTimer(slot, core.UPSTREAM_TIMER, untilUs, core.PHASE_TIMEOUT);
    }
    this.#recorder.call(slot);
    const delayUs = this.#hopUs(slot, g, e, draw.BACKBONE_IN);
    if (delayUs > 0) engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_SEIZE, core.TO_ENDPOINT);
    else this.#endpoints.arrive(slot);
  }

  #hopUs(slot: number, g: number, e: number, purpose: number): number {
    const from = this.#regionOfGateway[g]!;
    const to = this.#regionOfEndpoint[e]!;
    if (this.#network.backboneIsFree(from, to)) return 0;
    const { u8, u16, f64 } = this.#core.attempts;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const u = this.#luck.draw(
      u16[slot * at.U16 + at.H_SITE]!,
      request,
      u8[slot * at.U8 + at.B_ATTEMPT]!,
      u8[slot * at.U8 + at.B_HOP]!,
      purpose,
    );
    return this.#network.backboneUs(from, to, u);
  }

  /** An endpoint has answered: starts the answer on its way back. True when there is no way and it is there already. */
  returns(slot: number): boolean {
    const engine = this.#core;
    const { u8, f64 } = engine.attempts;
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    const delayUs = this.#hopUs(slot, g, u8[slot * at.U8 + at.B_ENDPOINT]!, draw.BACKBONE_OUT);
    if (delayUs === 0) return true;
    f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = f64[slot * at.F64 + at.F_FIRST_TOKEN_US]! + delayUs;
    engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_RELEASE, core.TO_GATEWAY_BACK);
    return false;
  }

  /** Whether the answer of the endpoint cannot reach its gateway. */
  isCutOff(slot: number): boolean {
    const { u8 } = this.#core.attempts;
    const to = this.#regionOfGateway[u8[slot * at.U8 + at.B_GATEWAY]!]!;
    return this.#network.backboneBlocked(this.#regionOfEndpoint[u8[slot * at.U8 + at.B_ENDPOINT]!]!, to);
  }

  /**
   * The call that is under way has ended (one of RESULT_*); everything that learns from calls does. The tape is told
   * whether its try ends with it.
   */
  learn(slot: number, g: number, result: number, endsTry: boolean): void {
    this.#choice.tape?.settled(slot, g, result, endsTry);
    const { u8, f64 } = this.#core.attempts;
    const { policy, states, callers, guards } = this.#choice;
    const e = u8[slot * at.U8 + at.B_ENDPOINT]!;
    const reserved = this.#choice.reserved(slot, e);
    let used = 0;
    if (result === RESULT_OK) used = this.#choice.used(slot, e);
    else if (result === RESULT_TIMEOUT) used = reserved;
    const { nowUs } = this.#core;
    const retryAtMs = f64[slot * at.F64 + at.F_RETRY_AT_US]! / 1000;
    const told =
      result === RESULT_THROTTLED && u8[slot * at.U8 + at.B_CAUSE] === CAUSE_RATE_TOKENS
        ? RESULT_THROTTLED_TOKENS
        : result;
    const rttMs = (nowUs - f64[slot * at.F64 + at.F_CALL_US]!) / 1000;
    const end = this.#end;
    end.target = e;
    end.result = told;
    end.tokensReserved = reserved;
    end.tokensUsed = used;
    end.nowMs = nowUs / 1000;
    end.retryAtMs = retryAtMs;
    end.rttMs = rttMs;
    onResult(policy, states[g]!, end);
    if (guards) callers[g]!.finished(e, result, rttMs, nowUs / 1000);
    this.#choice.foreign?.ended(slot, g, result, this.#choice.tokens(slot));
    this.sdk?.ended(slot, g, result);
  }

  /** The gateway no longer waits for what a record has under way, if it has anything. */
  forget(slot: number, g: number): void {
    const { u8 } = this.#core.attempts;
    if (this.areBounded) this.#core.cancelTimer(slot, core.UPSTREAM_TIMER);
    if (u8[slot * at.U8 + at.B_STATE] === core.SDK_BACKOFF) this.sdk?.ended(slot, g, RESULT_ABANDONED);
    else if (u8[slot * at.U8 + at.B_ENDPOINT] !== at.NO_ENDPOINT) {
      this.learn(slot, g, RESULT_ABANDONED, false);
    }
  }

  /**
   * Separates the gateway's side of an attempt, which may be the user's as well, from work an endpoint still
   * holds; returns that side. Where nothing is held any more they are one.
   */
  detach(slot: number): number {
    const engine = this.#core;
    const { attempts } = engine;
    const state = attempts.u8[slot * at.U8 + at.B_STATE]!;
    if (state === core.LOST || state === core.SDK_BACKOFF || state === core.WAITS_FOR_PEER) return slot;
    const own = attempts.fork(slot);
    this.#choice.foreign?.moved(slot, own);
    const flags = attempts.u8[slot * at.U8 + at.B_FLAGS]!;
    attempts.set(own, flags & (at.HOLDS_GATEWAY | at.ORPHAN | at.HEDGE | at.HELD_BACK));
    engine.endPatience(slot);
    const deadlineUs = attempts.f64[own * at.F64 + at.F_DEADLINE_US]!;
    if ((flags & (at.ORPHAN | at.HEDGE)) === 0) {
      if (deadlineUs !== Number.POSITIVE_INFINITY) engine.setPatience(own, deadlineUs);
      moveTwin(engine, slot, own);
    }
    this.abandon(slot);
    return own;
  }

  /** Leaves a call to its fate: the endpoint hears of it if it is one that listens. */
  abandon(slot: number): void {
    const { attempts } = this.#core;
    attempts.clear(slot, at.HOLDS_GATEWAY | at.HEDGE);
    attempts.set(slot, at.DETACHED | at.ORPHAN);
    this.#endpoints.abandon(slot);
  }
}
