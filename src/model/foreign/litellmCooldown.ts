/**
 * When LiteLLM puts a deployment aside, and how long it sleeps before a retry: `cooldown_handlers.py` and `utils.py`
 * as read. Counts are per deployment and per minute of the clock.
 */
import type { LitellmAllowedFails } from "../../scenario/policySource.js";

const FAIL_SHARE = 0.5;
const MIN_REQUESTS = 5;
/** A group of one, or a deployment that answers nothing at all, is put aside only under traffic. */
const HEAVY_REQUESTS = 1000;
const DEFAULT_ALLOWED_FAILS = 3;
const MINUTE_MS = 60_000;
const LONGEST_RETRY_AFTER_MS = 60_000;
const FIRST_SLEEP_MS = 500;
const LONGEST_SLEEP_MS = 8000;
const JITTER_MS = 750;

/** What the rules of shares and counts look at. */
export interface CooldownFacts {
  readonly status: number;
  readonly groupSize: number;
  /** Of the deployment in this minute, the failure included. */
  readonly requests: number;
  readonly fails: number;
}

/** Whether a status is one that cooldowns are about at all: a connection that failed is not. */
export function isCooldownRequired(status: number): boolean {
  return status === 429 || status === 401 || status === 408 || status === 404 || status >= 500;
}

/** Whether LiteLLM would send the same call again. */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** The rules of shares and counts, used where no number of allowed failures is set. */
export function shouldCool({ status, groupSize, requests, fails }: CooldownFacts): boolean {
  if (!isCooldownRequired(status)) return false;
  if (status === 429 && groupSize > 1) return true;
  if (fails === requests && requests >= HEAVY_REQUESTS) return true;
  if (fails > FAIL_SHARE * requests && requests >= MIN_REQUESTS && groupSize > 1) return true;
  return !isRetryable(status);
}

/** Whether so many failures within one cooldown are more than allowed: the next one cools. */
export function exceedsAllowed(allowed: number, fails: number): boolean {
  return fails > allowed;
}

/** How many failures with this status pass; a kind that the policy does not name has LiteLLM's general number. */
export function allowedFor(
  status: number,
  policy: LitellmAllowedFails | null,
  allowedFails: number | null,
): number {
  const general = allowedFails ?? DEFAULT_ALLOWED_FAILS;
  if (policy === null) return general;
  if (status === 408) return policy.timeout ?? general;
  if (status === 429) return policy.rateLimit ?? general;
  if (status === 401) return policy.authentication ?? general;
  if (status >= 500) return policy.internalServer ?? general;
  return policy.badRequest ?? general;
}

/**
 * The sleep before retry number `retry` (0 is the first), ms: none where another deployment is healthy, else what the
 * answer asked for, up to a minute, else 0.5, 1, 2, 4, 8, 8 … s and up to 0.75 s more by `u`.
 */
export function sleepMs(otherHealthy: boolean, retryAfterMs: number, retry: number, u: number): number {
  if (otherHealthy) return 0;
  if (retryAfterMs > 0 && retryAfterMs <= LONGEST_RETRY_AFTER_MS) return retryAfterMs;
  let sleep = FIRST_SLEEP_MS;
  for (let i = 0; i < retry && sleep < LONGEST_SLEEP_MS; i++) sleep *= 2;
  return Math.min(sleep, LONGEST_SLEEP_MS) + JITTER_MS * u;
}

/** The deployments of one proxy that are put aside, and the counts that decide it. */
export class LitellmCooldowns {
  readonly #cooldownMs: number;
  readonly #allowedFails: number | null;
  readonly #policy: LitellmAllowedFails | null;
  readonly #groupSizes: Int32Array;
  readonly #untilMs: Float64Array;
  readonly #requests: Int32Array;
  readonly #fails: Int32Array;
  readonly #windowFails: Int32Array;
  readonly #windowMs: Float64Array;
  #minute = -1;

  constructor(
    settings: {
      readonly cooldownMs: number;
      readonly allowedFails: number | null;
      readonly allowedFailsPolicy: LitellmAllowedFails | null;
    },
    groupSizes: readonly number[],
  ) {
    const count = groupSizes.length;
    this.#cooldownMs = settings.cooldownMs;
    this.#allowedFails = settings.allowedFails;
    this.#policy = settings.allowedFailsPolicy;
    this.#groupSizes = Int32Array.from(groupSizes);
    this.#untilMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#requests = new Int32Array(count);
    this.#fails = new Int32Array(count);
    this.#windowFails = new Int32Array(count);
    this.#windowMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  }

  /** Of `members`, those put aside now; at the end of its time one is not. */
  coolingOf(members: number, nowMs: number): number {
    let mask = 0;
    for (let d = 0; d < this.#untilMs.length; d++) {
      if ((members & (1 << d)) !== 0 && this.#untilMs[d]! > nowMs) mask |= 1 << d;
    }
    return mask;
  }

  /** A call was answered well. */
  succeeded(d: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#requests[d]! += 1;
  }

  /** A call failed with a status; may put the deployment aside. */
  failed(d: number, status: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#requests[d]! += 1;
    this.#fails[d]! += 1;
    if (!isCooldownRequired(status)) return;
    if (this.#isTooMuch(d, status, nowMs)) this.#untilMs[d] = nowMs + this.#cooldownMs;
  }

  #isTooMuch(d: number, status: number, nowMs: number): boolean {
    if (this.#allowedFails === null && this.#policy === null) {
      const groupSize = this.#groupSizes[d]!;
      return shouldCool({ status, groupSize, requests: this.#requests[d]!, fails: this.#fails[d]! });
    }
    if (nowMs - this.#windowMs[d]! >= this.#cooldownMs) {
      this.#windowMs[d] = nowMs;
      this.#windowFails[d] = 0;
    }
    this.#windowFails[d]! += 1;
    return exceedsAllowed(allowedFor(status, this.#policy, this.#allowedFails), this.#windowFails[d]!);
  }

  #turn(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#requests.fill(0);
    this.#fails.fill(0);
  }
}
