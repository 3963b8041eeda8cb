/**
 * Users who ask a second gateway while the first has not answered. Each call is a record of its own with its own
 * patience, which ends when the try's does; all of a try stand in a ring. The first good answer is the user's, the
 * others are left as by a user who goes. A try has failed when the last of its calls has.
 */
import { RESULT_ABANDONED } from "../policy/index.js";
import * as at from "./attempts.js";
import type { ClientParts } from "./clientParts.js";
import * as core from "./core.js";
import type { Departures } from "./departures.js";
import * as draw from "./luck.js";
import type { Programs } from "./programs.js";
import { joinRing, leaveRing } from "./ring.js";

/**
 * Where the calls of hedges begin to count {@link at.B_HOP}, and how far apart: beyond a try's own, below those that
 * gateways hedge, with room for a few tries of the gateway each.
 */
const FIRST_HOP = 64;
const HOPS_EACH = 4;

export class UserHedges {
  readonly #parts: ClientParts;
  readonly #programs: Programs;
  readonly #departures: Departures;

  constructor(parts: ClientParts, programs: Programs, departures: Departures) {
    this.#parts = parts;
    this.#programs = programs;
    this.#departures = departures;
  }

  /** A call has set out: the time to the hedge after it starts, unless it is the last there may be. */
  arm(slot: number): void {
    const engine = this.#parts.core;
    const calls = engine.attempts.u8[slot * at.U8 + at.B_USER_HEDGE]! + 1;
    const afterMs = this.#programs.of(slot).hedgeAfterMs(calls);
    if (afterMs === Number.POSITIVE_INFINITY) return;
    const whenUs = engine.nowUs + Math.floor(afterMs * 1000 + 0.5);
    engine.setTimer(slot, core.CLIENT_HEDGE_TIMER, whenUs, core.PHASE_TIMEOUT);
  }

  /**
   * The last call has taken too long: another goes out, to a gateway where the try has not been, if there is one,
   * the guards let it out and the budget pays. If not, the try goes on without.
   */
  fire(slot: number): void {
    const { core: engine, recorder } = this.#parts;
    const { attempts } = engine;
    if (engine.nowUs >= attempts.f64[slot * at.F64 + at.F_DEADLINE_US]!) return;
    const hedge = attempts.u8[slot * at.U8 + at.B_USER_HEDGE]! + 1;
    const hop = FIRST_HOP + HOPS_EACH * (hedge - 1);
    const gateway = this.#elsewhere(slot, hop);
    if (gateway < 0) return;
    const added = attempts.fork(slot);
    const { u8, i32, f64 } = attempts;
    u8[added * at.U8 + at.B_USER_HEDGE] = hedge;
    u8[added * at.U8 + at.B_HOP] = hop;
    u8[added * at.U8 + at.B_ENDPOINT] = at.NO_ENDPOINT;
    u8[added * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    i32[added * at.I32 + at.I_TRIED] = 0;
    f64[added * at.F64 + at.F_ATTEMPT_US] = engine.nowUs;
    f64[added * at.F64 + at.F_RETRY_AT_US] = 0;
    joinRing(i32, at.I_TWIN, slot, added);
    recorder.hedge();
    this.#departures.leave(added, gateway);
    this.arm(added);
  }

  /** A gateway none of the try's calls has gone to, for a hedge that may go out and is paid for; −1 for none. */
  #elsewhere(slot: number, hop: number): number {
    const { core: engine, entry, luck } = this.#parts;
    const { f64, i32, u8, u16 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    let used = 1 << u8[slot * at.U8 + at.B_GATEWAY]!;
    for (let other = i32[slot * at.I32 + at.I_TWIN]!; other >= 0 && other !== slot; ) {
      used |= 1 << u8[other * at.U8 + at.B_GATEWAY]!;
      other = i32[other * at.I32 + at.I_TWIN]!;
    }
    const named = entry.elsewhere(site, request, hop, used);
    if (named < 0) return -1;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const rampU = luck.draw(site, request, attempt, hop, draw.USER_RAMP);
    const throttleU = luck.draw(site, request, attempt, hop, draw.THROTTLE);
    const gateway = this.#programs.letsOut(slot, named, rampU, throttleU);
    if (gateway < 0 || ((used >> gateway) & 1) !== 0) return -1;
    return this.#programs.of(slot).tryHedge() ? gateway : -1;
  }

  /** A good answer has come; the try's other calls are given up. */
  won(slot: number): void {
    const { core: engine, recorder } = this.#parts;
    if (engine.attempts.u8[slot * at.U8 + at.B_USER_HEDGE]! > 0) recorder.hedgeWon();
    this.giveUpOthers(slot, RESULT_ABANDONED);
  }

  /** A call has failed. True when another may still be answered: then the record is gone. */
  failed(slot: number): boolean {
    const engine = this.#parts.core;
    engine.cancelTimer(slot, core.CLIENT_HEDGE_TIMER);
    const { i32 } = engine.attempts;
    if (i32[slot * at.I32 + at.I_TWIN]! < 0) return false;
    leaveRing(i32, at.I_TWIN, slot);
    engine.attempts.free(slot);
    return true;
  }

  /** Ends all calls of a try but one, with one of RESULT_*, and there will be no more. */
  giveUpOthers(slot: number, result: number): void {
    const { core: engine, gateways } = this.#parts;
    const { attempts } = engine;
    engine.cancelTimer(slot, core.CLIENT_HEDGE_TIMER);
    for (;;) {
      const other = attempts.i32[slot * at.I32 + at.I_TWIN]!;
      if (other < 0) return;
      leaveRing(attempts.i32, at.I_TWIN, other);
      this.#programs.finished(other, result);
      engine.endPatience(other);
      engine.cancelTimer(other, core.CLIENT_HEDGE_TIMER);
      attempts.set(other, at.ORPHAN);
      gateways.abandon(other);
    }
  }
}
