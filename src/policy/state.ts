/** What one gateway believes about its targets, and the only functions that change it. */
import type { Policy } from "./compile.js";
import { HealthTracker } from "./healthTracker.js";
import { RESULT_THROTTLED, RESULT_THROTTLED_TOKENS } from "./results.js";
import type { Ended, Picker } from "./strategies/strategy.js";
import { TokenBuckets } from "./tokenBuckets.js";
import { type Belief, PolicyError } from "./types.js";

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
  /** Work, but say they are not well; and not counted by strategies that count. Both set by who learns of it. */
  degraded: number;
  excluded: number;
  /** Reserved and not yet settled by this gateway. */
  readonly inFlight: Int32Array;
  /** The policy's weights, here so that a state is the fleet a strategy looks at. */
  readonly weight: ArrayLike<number>;
  /** Estimates of what is left of each target's limits. */
  readonly requests: TokenBuckets;
  readonly tokens: TokenBuckets;
  /** Null when nothing probes: then every target is believed up for ever. */
  readonly health: HealthTracker | null;
  /** The strategy, with what it remembers. */
  readonly picker: Picker;
}

/** An attempt that is being sent. The caller may use one object for all. */
export interface Sent {
  readonly target: number;
  /** What is set aside until the attempt is settled. */
  readonly tokens: number;
  /** Of the decision: what the strategy chose from. 0 for a further try at a target that was chosen before. */
  readonly candidates: number;
  readonly nowMs: number;
}

/** An attempt that has ended. The caller may use one object for all. */
export interface AttemptEnd extends Ended {
  readonly tokensReserved: number;
  readonly tokensUsed: number;
  /** Of a throttled one: when the target may be asked again. */
  readonly retryAtMs: number;
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
    degraded: 0,
    excluded: 0,
    inFlight: new Int32Array(targets.length),
    weight: policy.weight,
    requests,
    tokens,
    health:
      health === null
        ? null
        : new HealthTracker(targets.length, health.fall, health.rise, health.window ?? null),
    picker: policy.strategy.create(policy.options, targets),
  };
}

/** Commits a decision's route: one more in flight, and its request and estimated tokens taken from the buckets. */
export function reserve(policy: Policy, state: PolicyState, sent: Sent): void {
  const { target, tokens, nowMs } = sent;
  assertTarget(policy, target);
  state.inFlight[target]! += 1;
  if ((policy.limited & (1 << target)) !== 0) {
    state.requests.force(target, 1, nowMs);
    state.tokens.force(target, tokens, nowMs);
  }
  state.picker.sent?.(target, sent.candidates, nowMs);
  if (state.cooling !== 0) clearCooldown(state, target, nowMs);
}

/**
 * Settles an attempt: one fewer in flight, and the token estimate replaced by what was used.
 *
 * A throttled one cools its target down until `retryAtMs`; of two such answers the later time holds,
 * since a target that asks twice means the longer wait. Other results leave health to the probes.
 */
export function onResult(policy: Policy, state: PolicyState, end: AttemptEnd): void {
  const { target, result } = end;
  assertTarget(policy, target);
  const inFlight = state.inFlight[target]! - 1;
  if (inFlight < 0) throw new PolicyError([`bug: target ${target} settled more often than reserved`]);
  state.inFlight[target] = inFlight;
  if ((policy.limited & (1 << target)) !== 0) {
    state.tokens.force(target, end.tokensUsed - end.tokensReserved, end.nowMs);
  }
  state.picker.ended?.(end);
  const forTokens = result === RESULT_THROTTLED_TOKENS;
  if ((result === RESULT_THROTTLED || forTokens) && end.retryAtMs > state.cooldownUntilMs[target]!) {
    state.cooldownUntilMs[target] = end.retryAtMs;
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

/** Takes over what another state believed of a target; a cooldown of its own that lasts longer stays. */
export function adoptBelief(state: PolicyState, target: number, belief: Belief): void {
  state.health?.set(target, belief.up);
  if (state.health !== null) state.up = state.health.upMask;
  setDrained(state, target, belief.drained);
  if (!(belief.cooldownUntilMs > state.cooldownUntilMs[target]!)) return;
  state.cooldownUntilMs[target] = belief.cooldownUntilMs;
  state.cooling |= 1 << target;
}

/** Takes a target out of use, or puts it back. What is in flight there is left to finish. */
export function setDrained(state: PolicyState, target: number, drained: boolean): void {
  if (drained) state.drained |= 1 << target;
  else state.drained &= ~(1 << target);
}

/** A target says it is not well though it works, or that it is well again. */
export function setDegraded(state: PolicyState, target: number, degraded: boolean): void {
  if (degraded) state.degraded |= 1 << target;
  else state.degraded &= ~(1 << target);
}

/** A target is not to be counted, up or down, or is again. */
export function setExcluded(state: PolicyState, target: number, excluded: boolean): void {
  if (excluded) state.excluded |= 1 << target;
  else state.excluded &= ~(1 << target);
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
