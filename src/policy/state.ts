/** What one gateway believes about its targets, and the only functions that change it. */
import type { Policy } from "./compile.js";
import { HealthTracker } from "./healthTracker.js";
import { TokenBuckets } from "./tokenBuckets.js";
import { PolicyError } from "./types.js";

/** The attempt was answered. */
export const RESULT_OK = 0;
/** The attempt failed: refused, reset or a server error. */
export const RESULT_ERROR = 1;
/** The target said it is over its limit (429). */
export const RESULT_THROTTLED = 2;
/** The same, and it said that tokens were short: what a later refusal then gives as its cause. For {@link onResult} alone. */
export const RESULT_THROTTLED_TOKENS = 5;
/** No answer in time. */
export const RESULT_TIMEOUT = 3;
/** The client went away first. */
export const RESULT_ABANDONED = 4;

/** One gateway's beliefs: plain columns, one entry per target, and masks. */
export interface PolicyState {
  /** Believed up by probes; all set when nothing probes. */
  up: number;
  /** Taken out by the operator. */
  drained: number;
  /** May be cooling down; `cooldownUntilMs` decides. */
  cooling: number;
  readonly cooldownUntilMs: Float64Array;
  /** Of the targets that asked for time, those that were short of tokens. */
  coolingForTokens: number;
  /**
   * Kept out by the caller's own guards: a breaker is open, the target is ejected, held back after its return
   * or not ramped in for this request. Whoever owns the guards sets it before a decision; 0 when there are none.
   */
  guarded: number;
  /** The caller may have no more under way there, by a limit it found itself. Set as `guarded` is. */
  crowded: number;
  /** Reserved and not yet settled by this gateway. */
  readonly inFlight: Int32Array;
  /** The policy's weights, here so that a state is the fleet a strategy looks at. */
  readonly weight: ArrayLike<number>;
  /** Estimates of what is left of each target's limits. */
  readonly requests: TokenBuckets;
  readonly tokens: TokenBuckets;
  /** Null when nothing probes: then every target is believed up for ever. */
  readonly health: HealthTracker | null;
}

/** A gateway's beliefs before anything happened: all up, nothing in flight, buckets full. */
export function createState(policy: Policy): PolicyState {
  const { targets, health } = policy.config;
  const requests = new TokenBuckets(targets.length);
  const tokens = new TokenBuckets(targets.length);
  targets.forEach((target, t) => {
    requests.configure(t, target.requestsPerMin, target.requestBurst);
    tokens.configure(t, target.tokensPerMin, target.tokenBurst);
  });
  return {
    up: policy.all,
    drained: 0,
    cooling: 0,
    coolingForTokens: 0,
    cooldownUntilMs: new Float64Array(targets.length).fill(Number.NEGATIVE_INFINITY),
    guarded: 0,
    crowded: 0,
    inFlight: new Int32Array(targets.length),
    weight: policy.weight,
    requests,
    tokens,
    health: health === null ? null : new HealthTracker(targets.length, health.fall, health.rise),
  };
}

/** Commits a route: one more in flight, and its request and estimated tokens taken from the buckets. */
export function reserve(
  policy: Policy,
  state: PolicyState,
  target: number,
  tokens: number,
  nowMs: number,
): void {
  assertTarget(policy, target);
  state.inFlight[target]! += 1;
  if ((policy.limited & (1 << target)) !== 0) {
    state.requests.force(target, 1, nowMs);
    state.tokens.force(target, tokens, nowMs);
  }
  if (state.cooling !== 0) clearCooldown(state, target, nowMs);
}

/**
 * Settles an attempt: one fewer in flight, and the token estimate replaced by what was used.
 *
 * A throttled one cools its target down until `retryAtMs`; of two such answers the later time holds,
 * since a target that asks twice means the longer wait. Other results leave health to the probes.
 */
export function onResult(
  policy: Policy,
  state: PolicyState,
  target: number,
  result: number,
  tokensReserved: number,
  tokensUsed: number,
  nowMs: number,
  retryAtMs: number,
): void {
  assertTarget(policy, target);
  const inFlight = state.inFlight[target]! - 1;
  if (inFlight < 0) throw new PolicyError([`bug: target ${target} settled more often than reserved`]);
  state.inFlight[target] = inFlight;
  if ((policy.limited & (1 << target)) !== 0) {
    state.tokens.force(target, tokensUsed - tokensReserved, nowMs);
  }
  const forTokens = result === RESULT_THROTTLED_TOKENS;
  if ((result === RESULT_THROTTLED || forTokens) && retryAtMs > state.cooldownUntilMs[target]!) {
    state.cooldownUntilMs[target] = retryAtMs;
    state.cooling |= 1 << target;
    if (forTokens) state.coolingForTokens |= 1 << target;
    else state.coolingForTokens &= ~(1 << target);
  }
}

/** Takes one probe result; true when the belief about the target changed. */
export function onProbe(policy: Policy, state: PolicyState, target: number, ok: boolean): boolean {
  assertTarget(policy, target);
  if (state.health === null) return false;
  const changed = state.health.report(target, ok);
  state.up = state.health.upMask;
  return changed;
}

/** Takes a target out of use, or puts it back. What is in flight there is left to finish. */
export function setDrained(state: PolicyState, target: number, drained: boolean): void {
  if (drained) state.drained |= 1 << target;
  else state.drained &= ~(1 << target);
}

/** A cooldown that has passed need not be looked at again. */
function clearCooldown(state: PolicyState, target: number, nowMs: number): void {
  if ((state.cooling & (1 << target)) !== 0 && state.cooldownUntilMs[target]! <= nowMs) {
    state.cooling &= ~(1 << target);
  }
}

function assertTarget(policy: Policy, target: number): void {
  if (!(target >= 0 && target < policy.targetCount)) {
    throw new PolicyError([`bug: target must be an index below ${policy.targetCount}, got ${target}`]);
  }
}
