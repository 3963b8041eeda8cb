/** What one boundary of a replica brings: it is collected while the replica is at work, and told when it is over. */
import { expired } from "../policy/index.js";
import type { Endpoint } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import { IN_SERVICE } from "./core.js";
import type { DealtCalls } from "./dealtCalls.js";
import type { GroupParts } from "./groupParts.js";
import type { ReplicaSink } from "./replica/index.js";

export class Boundary implements ReplicaSink {
  /** Calls whose last token is out, and calls that nobody wants whose turn had come: so many from the start of each. */
  finishedCount = 0;
  passedOverCount = 0;
  readonly finishedCalls: number[] = [];
  readonly passedOver: number[] = [];
  /** The replica it belongs to. */
  replica = 0;
  readonly #parts: GroupParts;
  readonly #e: number;
  readonly #dealt: DealtCalls;
  readonly #dropsOrphans: boolean;
  readonly #dropsExpired: boolean;

  constructor(parts: GroupParts, e: number, endpoint: Endpoint, dealt: DealtCalls) {
    this.#parts = parts;
    this.#e = e;
    this.#dealt = dealt;
    this.#dropsOrphans = endpoint.abandoned === "drop-at-dequeue";
    this.#dropsExpired = parts.propagatesDeadlines && endpoint.queue.dropExpired;
  }

  /** A boundary of replica `r` begins. */
  begin(r: number): void {
    this.replica = r;
    this.finishedCount = 0;
    this.passedOverCount = 0;
  }

  /** A call's turn has come. */
  admits(slot: number, atUs: number): boolean {
    const { core, recorder } = this.#parts;
    const { u8, i32, f64 } = core.attempts;
    this.#dealt.leftLine(this.replica, promptTokensOf(i32, slot));
    if (this.#isUnwanted(slot, atUs)) {
      this.passedOver[this.passedOverCount] = slot;
      this.passedOverCount += 1;
      return false;
    }
    u8[slot * at.U8 + at.B_STATE] = IN_SERVICE;
    recorder.started(this.#e, atUs - f64[slot * at.F64 + at.F_MARK_US]!);
    return true;
  }

  #isUnwanted(slot: number, atUs: number): boolean {
    const { attempts } = this.#parts.core;
    if (attempts.has(slot, at.ORPHAN)) return this.#dropsOrphans;
    return this.#dropsExpired && expired(attempts.f64[slot * at.F64 + at.F_DEADLINE_US]!, atUs);
  }

  firstToken(slot: number, atUs: number): void {
    const { core, memory } = this.#parts;
    const { f64 } = core.attempts;
    // After a move the user has seen it already.
    if (f64[slot * at.F64 + at.F_FIRST_TOKEN_US]! < 0) f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = atUs;
    memory.keepShared(slot, this.#e);
  }

  finished(slot: number): void {
    this.finishedCalls[this.finishedCount] = slot;
    this.finishedCount += 1;
  }
}

/** Tokens of a call's prompt: a replica computes at least one. */
export function promptTokensOf(i32: Int32Array, slot: number): number {
  return Math.max(1, i32[slot * at.I32 + at.I_TOKENS_IN]!);
}
