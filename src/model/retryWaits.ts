/** How long a gateway waits before it tries again elsewhere: by the scenario's own rules, or another policy's. */
import { REASON_FAILED_OPEN, ROUTE } from "../policy/index.js";
import * as at from "./attempts.js";
import type { Choice } from "./choice.js";
import type { Core } from "./core.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import type { UpstreamParts } from "./upstreamParts.js";

export class RetryWaits {
  /** What the last wait was made from. */
  readonly asked: { luck: number; retryAfterMs: number; waitMs: number } = {
    luck: 0,
    retryAfterMs: 0,
    waitMs: 0,
  };
  readonly #core: Core;
  readonly #luck: Luck;
  readonly #choice: Choice;

  constructor(parts: UpstreamParts, choice: Choice) {
    this.#core = parts.core;
    this.#luck = parts.luck;
    this.#choice = choice;
  }

  /** The wait of a policy that counts its own tries; negative for no further try. Asked once per failure. */
  foreignUs(slot: number, g: number, cause: number): number {
    const waitMs = this.#choice.foreignWaitMs(slot, g, cause, this.#askedMs(slot));
    return waitMs < 0 ? -1 : Math.floor(waitMs * 1000 + 0.5);
  }

  /** The wait before retry number `retryNumber`, whose call is the try's call number `hop`. */
  ownUs(slot: number, g: number, retryNumber: number, hop: number): number {
    const { u8, u16, f64 } = this.#core.attempts;
    const u = this.#luck.draw(
      u16[slot * at.U16 + at.H_SITE]!,
      f64[slot * at.F64 + at.F_REQUEST]!,
      u8[slot * at.U8 + at.B_ATTEMPT]!,
      hop,
      draw.GATEWAY_BACKOFF,
    );
    const previousMs = f64[slot * at.F64 + at.F_GATEWAY_WAIT_US]! / 1000;
    const retryAfterMs = this.#retryAfterMs(slot, g);
    const waitMs = this.#choice.callers[g]!.retryWaitMs(retryNumber, previousMs, retryAfterMs, u);
    this.asked.luck = u;
    this.asked.retryAfterMs = retryAfterMs;
    this.asked.waitMs = waitMs;
    return Math.floor(waitMs * 1000 + 0.5);
  }

  /** How long the last answer asks to be left alone from now on, ms; 0 when it does not. */
  #askedMs(slot: number): number {
    const { attempts, nowUs } = this.#core;
    return Math.max(0, attempts.f64[slot * at.F64 + at.F_RETRY_AT_US]! / 1000 - nowUs / 1000);
  }

  /**
   * How long the last answer asked to be left alone, 0 when it did not. That is a wish of one endpoint, which the
   * policy grants by not choosing it; the request waits only where there is no other to go to, and then until
   * the policy will choose one, since its own count of requests and tokens may be behind the endpoint's.
   */
  #retryAfterMs(slot: number, g: number): number {
    const nowMs = this.#core.nowUs / 1000;
    const leftMs = this.#askedMs(slot);
    // Another policy is not asked beforehand: it would take the question for a request.
    if (leftMs === 0 || this.#choice.foreign !== null) return 0;
    const { kind, reason, retryAtMs } = this.#choice.choose(slot, g);
    if (kind === ROUTE) return (reason & REASON_FAILED_OPEN) === 0 ? 0 : leftMs;
    return retryAtMs === Number.POSITIVE_INFINITY ? leftMs : Math.max(leftMs, retryAtMs - nowMs);
  }
}
