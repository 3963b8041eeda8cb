/**
 * The decision. The order of filters is fixed:
 *
 *   residency ∧ model ∧ narrowing → drained → health | cooldown | guards → (none left: fail open
 *   inside the lawful set, or refuse) → limits, its own and the caller's → already tried → tier → strategy
 *
 * Each step only removes, so the choice is always a member of `reachable`. Nothing here reads a clock,
 * draws luck, allocates or changes the state: the caller reserves what was decided.
 */
import { lowestBit } from "./bits.js";
import * as C from "./causes.js";
import { type Policy, reachable } from "./compile.js";
import type { PolicyState } from "./state.js";
import { type Decision, NO_TARGET, REFUSE, ROUTE, type RoutingRequest } from "./types.js";

/**
 * Routes or refuses one request. Writes every field of `out` and returns it.
 *
 * Uses exactly the two draws `u` and `v` of the request, whatever the strategy and however many
 * targets are left. Equal scores go to the earlier target. Drained targets are never chosen, not even
 * when failing open: taking one out was a person's decision, not a belief.
 */
export function decide(policy: Policy, state: PolicyState, request: RoutingRequest, out: Decision): Decision {
  const compiled = reachable(policy, request.origin, request.dataClass, request.model);
  const lawful = compiled & request.narrow;
  const live = lawful & ~state.drained;
  const up = live & state.up;
  const cooling = state.cooling === 0 ? 0 : stillCooling(state, up, request.nowMs);
  const guarded = up & state.guarded;
  const healthy = up & ~(cooling | guarded);
  let reason = 0;
  if (compiled !== (policy.serving[request.model] ?? 0)) reason |= C.REASON_RESIDENCY;
  if (lawful !== compiled) reason |= C.REASON_NARROWED;
  if (live !== lawful) reason |= C.REASON_DRAINED;
  if (up !== live) reason |= C.REASON_HEALTH;
  if (cooling !== 0) reason |= C.REASON_COOLDOWN;
  if (guarded !== 0) reason |= C.REASON_BREAKER;
  out.reason = reason;
  out.lawful = lawful;
  out.healthy = healthy;
  out.admitted = 0;
  out.retryAtMs = 0;

  let usable = healthy;
  if (usable === 0) {
    usable = policy.failOpen ? openedSet(state, live) : 0;
    if (usable === 0) {
      if (up === 0) return refuse(out, healthCause(policy, state, request, lawful, live));
      // Where no guard stands, the time of a cooldown is known and so is when to ask again.
      return guarded === up
        ? refuse(out, C.CAUSE_CIRCUIT_OPEN)
        : refuseForLimits(state, request, up & ~guarded, out);
    }
    out.reason |= C.REASON_FAILED_OPEN;
  }

  const within = withinLimits(policy, state, request, usable);
  const admitted = within & ~state.crowded;
  out.admitted = admitted;
  if (within !== usable) out.reason |= C.REASON_QUOTA;
  if (admitted !== within) out.reason |= C.REASON_CROWDED;
  // A cooling target may be the first to become free, so it counts for the time to ask again.
  if (admitted === 0) return refuseForLimits(state, request, healthy !== 0 ? up & ~guarded : usable, out);
  return choose(policy, state, request, admitted, out);
}

/** Narrows to untried targets and to the best tier, then asks the strategy. */
function choose(
  policy: Policy,
  state: PolicyState,
  request: RoutingRequest,
  admitted: number,
  out: Decision,
): Decision {
  let candidates = admitted;
  if ((admitted & request.tried) !== 0) {
    const untried = admitted & ~request.tried;
    out.reason |= untried !== 0 ? C.REASON_TRIED_AVOIDED : C.REASON_TRIED_AGAIN;
    if (untried !== 0) candidates = untried;
  }
  const tiers = policy.tiers;
  if (tiers.length > 1) {
    let spilled = false;
    for (let i = 0; i < tiers.length; i++) {
      const tier = tiers[i]!;
      if ((candidates & tier) !== 0) {
        candidates &= tier;
        break;
      }
      if ((out.lawful & tier) !== 0) spilled = true;
    }
    if (spilled) out.reason |= C.REASON_SPILLED;
  }
  out.kind = ROUTE;
  out.cause = C.CAUSE_NONE;
  out.target = policy.strategy.pick(state, candidates, request);
  return out;
}

/**
 * The part of `live` that is tried when none of it is believed usable. Targets that only asked for time are
 * a better bet than those a guard keeps out, and these than those believed down.
 */
export function openedSet(state: PolicyState, live: number): number {
  const up = live & state.up;
  const unguarded = up & ~state.guarded;
  if (unguarded !== 0) return unguarded;
  return up !== 0 ? up : live;
}

/** The members of `up` whose cooldown has not passed yet; at `cooldownUntilMs` itself it has. */
export function stillCooling(state: PolicyState, up: number, nowMs: number): number {
  let mask = 0;
  for (let rest = up & state.cooling; rest !== 0; rest &= rest - 1) {
    const i = lowestBit(rest);
    if (state.cooldownUntilMs[i]! > nowMs) mask |= 1 << i;
  }
  return mask;
}

/** The members of `usable` that have a free place, a request and the tokens left, by our estimate. */
function withinLimits(policy: Policy, state: PolicyState, request: RoutingRequest, usable: number): number {
  const { tokens, nowMs } = request;
  let mask = usable & ~policy.limited;
  for (let rest = usable & policy.limited; rest !== 0; rest &= rest - 1) {
    const i = lowestBit(rest);
    if (
      state.inFlight[i]! < policy.maxInFlight[i]! &&
      state.requests.has(i, 1, nowMs) &&
      state.tokens.has(i, tokens, nowMs)
    ) {
      mask |= 1 << i;
    }
  }
  return mask;
}

/** Why nothing lawful is usable, when it is not a matter of limits. */
function healthCause(
  policy: Policy,
  state: PolicyState,
  request: RoutingRequest,
  lawful: number,
  live: number,
): number {
  const serving = policy.serving[request.model] ?? 0;
  if (serving === 0) return C.CAUSE_POLICY_ERROR;
  if (lawful === 0) return C.CAUSE_RESIDENCY;
  // Something outside the mask could have taken it: it is the rule that costs this request.
  if ((serving & ~lawful & state.up & ~state.drained) !== 0) return C.CAUSE_RESIDENCY;
  const drainedButUp = lawful & ~live & state.up;
  return drainedButUp !== 0 ? C.CAUSE_EVACUATING : C.CAUSE_NO_HEALTHY;
}

/**
 * Refuses because limits or cooldowns stand in the way of every member of `pool`.
 *
 * The time to ask again is the earliest at which one of them has its rates back, and the cause is the
 * limit that holds that one until then: a cooldown counts as the limit that its target said was short. Of
 * equal times requests go before tokens; of equal targets the earlier. When nobody knows such a time, all are merely full, for their own limit or for
 * the caller's: `concurrency_full`.
 */
function refuseForLimits(state: PolicyState, request: RoutingRequest, pool: number, out: Decision): Decision {
  const { tokens, nowMs } = request;
  const failedOpen = (out.reason & C.REASON_FAILED_OPEN) !== 0;
  let retryAtMs = Number.POSITIVE_INFINITY;
  let cause = C.CAUSE_CONCURRENCY;
  for (let rest = pool; rest !== 0; rest &= rest - 1) {
    const i = lowestBit(rest);
    const cooldownMs = failedOpen ? nowMs : state.cooldownUntilMs[i]!;
    const forTokens = (state.coolingForTokens & (1 << i)) !== 0;
    const requestsMs = Math.max(forTokens ? nowMs : cooldownMs, state.requests.availableAtMs(i, 1, nowMs));
    const tokensMs = Math.max(forTokens ? cooldownMs : nowMs, state.tokens.availableAtMs(i, tokens, nowMs));
    const readyMs = Math.max(requestsMs, tokensMs);
    if (readyMs <= nowMs) continue;
    if (readyMs < retryAtMs || cause === C.CAUSE_CONCURRENCY) {
      retryAtMs = readyMs;
      cause = tokensMs > requestsMs ? C.CAUSE_RATE_TOKENS : C.CAUSE_RATE_REQUESTS;
    }
  }
  out.retryAtMs = cause === C.CAUSE_CONCURRENCY ? 0 : retryAtMs;
  return refuse(out, cause);
}

function refuse(out: Decision, cause: number): Decision {
  out.kind = REFUSE;
  out.target = NO_TARGET;
  out.cause = cause;
  return out;
}
