/**
 * Hedged calls at a gateway: the record of the attempt keeps the user and the gateway's place, each further
 * call has a record of its own, and all of them stand in a ring. The first good answer ends the others.
 */
import {
  CAUSE_LOCAL_THROTTLE,
  CAUSE_NO_HEALTHY,
  CAUSE_RETRY_BUDGET,
  NO_TARGET,
  ROUTE,
} from "../policy/index.js";
import * as at from "./attempts.js";
import type { Calls } from "./calls.js";
import type { Choice } from "./choice.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Recorder } from "./recorder.js";
import { joinRing, leaveRing, replaceInRing } from "./ring.js";

/** Where hedges begin to count {@link at.B_HOP}, and how far apart: room for the library's tries of each. */
const FIRST_HOP = 128;
const HOPS_EACH = 16;

/** What hedges need of the gateway they belong to. */
export interface HedgeParts {
  readonly core: Core;
  readonly recorder: Recorder;
  readonly choice: Choice;
  readonly calls: Calls;
}

export class Hedges {
  readonly #core: Core;
  readonly #recorder: Recorder;
  readonly #choice: Choice;
  readonly #calls: Calls;

  constructor(parts: HedgeParts) {
    this.#core = parts.core;
    this.#recorder = parts.recorder;
    this.#choice = parts.choice;
    this.#calls = parts.calls;
  }

  /** An attempt has got its place at the gateway: whatever ring its record stood in before is another's. */
  begins(slot: number): void {
    this.#core.attempts.i32[slot * at.I32 + at.I_PEER] = -1;
  }

  /** A call is about to be sent: the time to its hedge starts, unless it is running or none is left. */
  arm(slot: number, g: number): void {
    const engine = this.#core;
    if (engine.attempts.has(slot, at.HEDGE) || engine.hasTimer(slot, core.HEDGE_TIMER)) return;
    const calls = engine.attempts.u8[slot * at.U8 + at.B_HEDGES]! + 1;
    const afterMs = this.#choice.callers[g]!.hedgeAfterMs(calls);
    if (afterMs === Number.POSITIVE_INFINITY) return;
    const whenUs = engine.nowUs + Math.floor(afterMs * 1000 + 0.5);
    engine.setTimer(slot, core.HEDGE_TIMER, whenUs, core.PHASE_TIMEOUT);
  }

  /**
   * The first call has taken too long: a second goes out, to an endpoint where the request has not been, if the
   * policy finds one, the throttle lets it through and the budget pays. If not, this call goes without.
   */
  fire(slot: number): void {
    const engine = this.#core;
    const { attempts } = engine;
    const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
    if (engine.nowUs >= this.#calls.deadlineUs(slot)) return;
    const hedges = attempts.u8[slot * at.U8 + at.B_HEDGES]!;
    const hedge = attempts.fork(slot);
    attempts.set(hedge, at.HEDGE);
    const { u8, i32, f64 } = attempts;
    u8[hedge * at.U8 + at.B_HOP] = FIRST_HOP + HOPS_EACH * hedges;
    u8[hedge * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    f64[hedge * at.F64 + at.F_RETRY_AT_US] = 0;
    const target = this.#elsewhere(hedge, g);
    if (target === NO_TARGET) return attempts.free(hedge);
    u8[slot * at.U8 + at.B_HEDGES] = hedges + 1;
    i32[slot * at.I32 + at.I_TRIED] = i32[slot * at.I32 + at.I_TRIED]! | (1 << target);
    joinRing(i32, at.I_PEER, slot, hedge);
    this.#recorder.hedge();
    this.arm(slot, g);
    this.#calls.begin(hedge, g, target);
  }

  /** An untried endpoint for a hedge that is paid for, or NO_TARGET. */
  #elsewhere(hedge: number, g: number): number {
    const { kind, target, cause, retryAtMs } = this.#choice.choose(hedge, g);
    const tried = this.#core.attempts.i32[hedge * at.I32 + at.I_TRIED]!;
    if (kind !== ROUTE || target === NO_TARGET) return this.#refused(hedge, g, cause, retryAtMs);
    if ((tried & (1 << target)) !== 0) return this.#refused(hedge, g, CAUSE_NO_HEALTHY);
    if (this.#choice.throttles(hedge, g)) return this.#refused(hedge, g, CAUSE_LOCAL_THROTTLE);
    if (!this.#choice.callers[g]!.tryHedge()) return this.#refused(hedge, g, CAUSE_RETRY_BUDGET);
    this.#choice.tell(hedge, g);
    return target;
  }

  /** Nobody is told why a hedge is not sent, but the tape. */
  #refused(hedge: number, g: number, cause: number, retryAtMs = 0): number {
    this.#choice.tell(hedge, g, cause, retryAtMs);
    return NO_TARGET;
  }

  /** Whether the try of a call that has failed is over with it: no other call of it may still be answered. */
  endsTry(slot: number): boolean {
    const { u8, i32 } = this.#core.attempts;
    if (!this.#core.attempts.has(slot, at.HEDGE)) return i32[slot * at.I32 + at.I_PEER]! < 0;
    const first = this.#firstOf(slot);
    const others = i32[first * at.I32 + at.I_PEER]! !== slot || i32[slot * at.I32 + at.I_PEER]! !== first;
    return u8[first * at.U8 + at.B_STATE] === core.WAITS_FOR_PEER && !others;
  }

  /** A good answer has come; the other calls are given up. Returns the record to answer with. */
  won(slot: number, g: number): number {
    const { attempts } = this.#core;
    if (!attempts.has(slot, at.HEDGE)) {
      this.giveUpOthers(slot, g);
      return slot;
    }
    const first = this.#firstOf(slot);
    leaveRing(attempts.i32, at.I_PEER, slot);
    this.giveUpOthers(first, g);
    this.#calls.forget(first, g);
    const own = this.#calls.detach(first);
    const { u8, i32, f64 } = attempts;
    u8[own * at.U8 + at.B_ENDPOINT] = u8[slot * at.U8 + at.B_ENDPOINT]!;
    u8[own * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    i32[own * at.I32 + at.I_CACHED] = i32[slot * at.I32 + at.I_CACHED]!;
    f64[own * at.F64 + at.F_FIRST_TOKEN_US] = f64[slot * at.F64 + at.F_FIRST_TOKEN_US]!;
    f64[own * at.F64 + at.F_CALL_US] = f64[slot * at.F64 + at.F_CALL_US]!;
    attempts.free(slot);
    this.#recorder.hedgeWon();
    return own;
  }

  /**
   * A call has failed for good. Returns the record whose turn it is to do something about it, or −1 while
   * another call of the ring may still be answered.
   */
  failed(slot: number, cause: number): number {
    const engine = this.#core;
    const { attempts } = engine;
    const { u8, i32, f64 } = attempts;
    if (!attempts.has(slot, at.HEDGE)) {
      engine.cancelTimer(slot, core.HEDGE_TIMER);
      if (i32[slot * at.I32 + at.I_PEER]! < 0) return slot;
      u8[slot * at.U8 + at.B_ENDPOINT] = at.NO_ENDPOINT;
      engine.park(slot, core.WAITS_FOR_PEER);
      return -1;
    }
    const first = this.#firstOf(slot);
    leaveRing(attempts.i32, at.I_PEER, slot);
    const waits = u8[first * at.U8 + at.B_STATE] === core.WAITS_FOR_PEER;
    const isLast = i32[first * at.I32 + at.I_PEER]! < 0;
    if (waits) {
      u8[first * at.U8 + at.B_CAUSE] = cause;
      f64[first * at.F64 + at.F_RETRY_AT_US] = f64[slot * at.F64 + at.F_RETRY_AT_US]!;
    }
    attempts.free(slot);
    return waits && isLast ? first : -1;
  }

  /** Ends all hedges of an attempt, and there will be none of the call under way. */
  giveUpOthers(slot: number, g: number): void {
    const { i32 } = this.#core.attempts;
    this.#core.cancelTimer(slot, core.HEDGE_TIMER);
    for (let hedge = i32[slot * at.I32 + at.I_PEER]!; hedge >= 0; hedge = i32[slot * at.I32 + at.I_PEER]!) {
      leaveRing(i32, at.I_PEER, hedge);
      this.#giveUp(hedge, g);
    }
  }

  #giveUp(hedge: number, g: number): void {
    const { attempts } = this.#core;
    this.#calls.forget(hedge, g);
    const state = attempts.u8[hedge * at.U8 + at.B_STATE];
    if (state === core.LOST || state === core.SDK_BACKOFF) attempts.free(hedge);
    else this.#calls.abandon(hedge);
  }

  /** `own` stands in the ring from now on where `slot` stood, whose copy it is. */
  replace(slot: number, own: number): void {
    replaceInRing(this.#core.attempts.i32, at.I_PEER, slot, own);
  }

  #firstOf(hedge: number): number {
    const { attempts } = this.#core;
    let slot = hedge;
    while (attempts.has(slot, at.HEDGE)) slot = attempts.i32[slot * at.I32 + at.I_PEER]!;
    return slot;
  }
}
