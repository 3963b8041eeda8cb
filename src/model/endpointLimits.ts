/** Requests and tokens per minute as the endpoint itself counts them; the gateway only estimates. */
import { causeCode, TokenBuckets } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";

const RATE_RPM: number = causeCode("rate_limit_rpm");
const RATE_TPM: number = causeCode("rate_limit_tpm");
/** What {@link EndpointLimits.admit} answers when the call may go on; every cause of refusal is 0 or more. */
export const WITHIN_LIMITS = -1;

export class EndpointLimits {
  readonly #scenario: Scenario;
  readonly #core: Core;
  readonly #limited: Uint8Array;
  readonly #requests: TokenBuckets;
  readonly #tokens: TokenBuckets;

  constructor(scenario: Scenario, core: Core) {
    this.#scenario = scenario;
    this.#core = core;
    const list = scenario.deployment.endpoints;
    this.#requests = new TokenBuckets(list.length);
    this.#tokens = new TokenBuckets(list.length);
    this.#limited = new Uint8Array(list.length);
    list.forEach(({ limits }, e) => {
      this.#requests.configure(e, limits.requestsPerMin, limits.requestBurst);
      this.#tokens.configure(e, limits.tokensPerMin, limits.tokenBurst);
      this.#limited[e] =
        Number.isFinite(limits.requestsPerMin) || Number.isFinite(limits.tokensPerMin) ? 1 : 0;
    });
  }

  /** Takes what the call needs from both buckets, or takes nothing, notes when to come back and says which was short. */
  admit(slot: number, e: number): number {
    if (this.#limited[e] === 0) return WITHIN_LIMITS;
    const nowMs = this.#core.nowUs / 1000;
    const tokens = this.#reserved(slot);
    const cause = !this.#requests.has(e, 1, nowMs)
      ? RATE_RPM
      : !this.#tokens.has(e, tokens, nowMs)
        ? RATE_TPM
        : WITHIN_LIMITS;
    if (cause === WITHIN_LIMITS) {
      this.#requests.take(e, 1, nowMs);
      this.#tokens.take(e, tokens, nowMs);
      return WITHIN_LIMITS;
    }
    const atMs = Math.max(
      this.#requests.availableAtMs(e, 1, nowMs),
      this.#tokens.availableAtMs(e, tokens, nowMs),
    );
    // With nothing to refill there is no time to name, and "never" would outlast the cut.
    this.#core.attempts.f64[slot * at.F64 + at.F_RETRY_AT_US] =
      atMs < Number.POSITIVE_INFINITY ? Math.ceil(atMs * 1000) : 0;
    return cause;
  }

  /** The answer's length is known: gives back what was reserved and not used. */
  settle(slot: number, e: number): void {
    if (this.#limited[e] === 0) return;
    const { i32 } = this.#core.attempts;
    const used = i32[slot * at.I32 + at.I_TOKENS_IN]! + i32[slot * at.I32 + at.I_TOKENS_OUT]!;
    this.#tokens.force(e, used - this.#reserved(slot), this.#core.nowUs / 1000);
  }

  setScale(e: number, factor: number): void {
    this.#requests.setScale(e, factor, this.#core.nowUs / 1000);
    this.#tokens.setScale(e, factor, this.#core.nowUs / 1000);
  }

  #reserved(slot: number): number {
    const { u8, i32 } = this.#core.attempts;
    return (
      i32[slot * at.I32 + at.I_TOKENS_IN]! +
      this.#scenario.workload.classes[u8[slot * at.U8 + at.B_CLASS]!]!.maxOutputTokens
    );
  }
}
