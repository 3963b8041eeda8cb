/**
 * The library a gateway calls with: it tries a failed call again, always at the same endpoint, before the
 * gateway hears of the failure. It knows nothing of the gateway's guards; they see each of its tries.
 */
import {
  ALL_PARTS,
  Caller,
  PAID_NOTHING,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
  PLAIN_CALLER,
  RESULT_THROTTLED,
  type RetryConfig,
} from "../policy/index.js";
import { isFinal } from "./answers.js";
import * as at from "./attempts.js";
import type { Choice } from "./choice.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import type { Recorder } from "./recorder.js";
import type { UpstreamParts } from "./upstreamParts.js";

/** What it must know of a call. */
export interface CallFacts {
  deadlineUs(slot: number): number;
}

export class SdkRetries {
  readonly #core: Core;
  readonly #luck: Luck;
  readonly #recorder: Recorder;
  readonly #choice: Choice;
  readonly #calls: CallFacts;
  readonly #retries: number;
  /** One per gateway: its calls share one budget whatever the endpoint. */
  readonly #callers: readonly Caller[];

  constructor(parts: UpstreamParts, retry: RetryConfig, facts: { choice: Choice; calls: CallFacts }) {
    this.#core = parts.core;
    this.#luck = parts.luck;
    this.#recorder = parts.recorder;
    this.#choice = facts.choice;
    this.#calls = facts.calls;
    this.#retries = retry.retries;
    this.#callers = parts.scenario.deployment.gateways.map(
      () => new Caller({ ...PLAIN_CALLER, retry }, 1, ALL_PARTS),
    );
  }

  /** The first try of a call is about to be sent. */
  begins(slot: number, g: number): void {
    const { u8, f64 } = this.#core.attempts;
    u8[slot * at.U8 + at.B_SDK_TRY] = 0;
    u8[slot * at.U8 + at.B_SDK_PAID] = PAID_NOTHING;
    f64[slot * at.F64 + at.F_SDK_WAIT_US] = 0;
    this.#callers[g]!.firstTry(this.#choice.tokens(slot), this.#core.nowUs / 1000);
  }

  /** A try has ended (one of RESULT_*), or will not be made. */
  ended(slot: number, g: number, result: number): void {
    const paid = this.#core.attempts.u8[slot * at.U8 + at.B_SDK_PAID]!;
    this.#callers[g]!.settled(result, paid, this.#core.nowUs / 1000);
  }

  /** Whether a failed call, its last try ended, is tried again; then it waits in {@link core.SDK_BACKOFF}. */
  tryAgain(slot: number, g: number, cause: number, result: number): boolean {
    const engine = this.#core;
    const { attempts } = engine;
    const { u8, f64 } = attempts;
    const tries = u8[slot * at.U8 + at.B_SDK_TRY]!;
    if (tries >= this.#retries || attempts.has(slot, at.ORPHAN) || isFinal(cause)) return false;
    const hop = u8[slot * at.U8 + at.B_HOP]! + 1;
    const waitUs = this.#waitUs(slot, g, hop);
    // The last instant of a deadline is past it: an answer would have to take no time.
    if (engine.nowUs + waitUs >= this.#calls.deadlineUs(slot)) return false;
    const throttled = result === RESULT_THROTTLED;
    if (!this.#callers[g]!.tryRetry(tries + 1, this.#choice.tokens(slot), throttled, engine.nowUs / 1000)) {
      this.#recorder.budgetDenied();
      return false;
    }
    u8[slot * at.U8 + at.B_SDK_TRY] = tries + 1;
    u8[slot * at.U8 + at.B_SDK_PAID] = throttled ? PAID_THROTTLED_RETRY : PAID_RETRY;
    u8[slot * at.U8 + at.B_HOP] = hop;
    u8[slot * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    f64[slot * at.F64 + at.F_RETRY_AT_US] = 0;
    f64[slot * at.F64 + at.F_SDK_WAIT_US] = waitUs;
    this.#recorder.sdkRetry();
    engine.schedule(slot, engine.nowUs + waitUs, core.PHASE_SEIZE, core.SDK_BACKOFF);
    return true;
  }

  #waitUs(slot: number, g: number, hop: number): number {
    const { nowUs, attempts } = this.#core;
    const { u8, u16, f64 } = attempts;
    const u = this.#luck.draw(
      u16[slot * at.U16 + at.H_SITE]!,
      f64[slot * at.F64 + at.F_REQUEST]!,
      u8[slot * at.U8 + at.B_ATTEMPT]!,
      hop,
      draw.SDK_BACKOFF,
    );
    const retryAfterMs = Math.max(0, f64[slot * at.F64 + at.F_RETRY_AT_US]! - nowUs) / 1000;
    const previousMs = f64[slot * at.F64 + at.F_SDK_WAIT_US]! / 1000;
    const number = u8[slot * at.U8 + at.B_SDK_TRY]! + 1;
    return Math.floor(this.#callers[g]!.retryWaitMs(number, previousMs, retryAfterMs, u) * 1000 + 0.5);
  }
}
