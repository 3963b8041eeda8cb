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
import { isIndex, type Policy, rowOf } from "./compile.js";
import type { PolicyState } from "./state.js";
import { type Decision, HOLD, NO_TARGET, REFUSE, ROUTE, type RoutingRequest } from "./types.js";

/**
 * Routes, refuses or holds one request. Writes every field of `out` and returns it.
 *
 * Uses exactly the two draws `u` and `v` of the request, whatever the strategy and however many
 * targets are left. Equal scores go to the earlier target. Drained targets are never chosen, not even
 * when failing open: taking one out was a person's decision, not a belief.
 *
 * A model's fallbacks are asked in their order when no target of the model itself is left that could take the
 * request, or only such as it has been to already: every region is tried before another model is.
 */
export function decide(policy: Policy, state: PolicyState, request: RoutingRequest, out: Decision): Decision {
  const row = rowOf(policy, request.origin, request.dataClass, request.tenant);
  if (row < 0 || !isIndex(request.model, policy.modelCount)) {
    const serving = policy.serving[request.model] ?? 0;
    return decideWithin(policy, state, request, clear(out, request.model, 0, serving));
  }
  const { links } = policy;
  const base = row * links.count;
  const first = links.first[request.model]!;
  const end = links.first[request.model + 1]!;
  clear(out, request.model, policy.lawful[base + first]!, policy.serving[request.model]!);
  decideWithin(policy, state, request, out);
  if (out.kind === ROUTE && (end - first === 1 || (out.reason & C.REASON_TRIED_AGAIN) === 0)) return out;
  if (end - first > 1 && fallBack(policy, state, request, out, base)) return out;
  return out.kind === REFUSE ? orHold(policy, request, row, out) : out;
}

/** Asks the fallbacks in turn. When none can take the request, `out` is again what it was. */
function fallBack(
  policy: Policy,
  state: PolicyState,
  request: RoutingRequest,
  out: Decision,
  base: number,
): boolean {
  const { links, lawful, serving } = policy;
  const first = links.first[request.model]!;
  for (let link = first + 1; link < links.first[request.model + 1]!; link++) {
    const model = links.answering[link]!;
    decideWithin(policy, state, request, clear(out, model, lawful[base + link]!, serving[model]!));
    if (out.kind === ROUTE && (out.reason & C.REASON_TRIED_AGAIN) === 0) {
      out.reason |= C.REASON_FALLBACK;
      return true;
    }
  }
  clear(out, request.model, lawful[base + first]!, serving[request.model]!);
  decideWithin(policy, state, request, out);
  return out.kind === ROUTE;
}

/** Begins a decision about the targets of one model: `lawful` of those that serve it. */
function clear(out: Decision, model: number, lawful: number, serving: number): Decision {
  out.model = model;
  out.lawful = lawful;
  out.reason = lawful !== serving ? C.REASON_RESIDENCY : 0;
  return out;
}

/** Decides among the targets of `out.model`; `out.lawful` is not narrowed yet. */
function decideWithin(policy: Policy, state: PolicyState, request: RoutingRequest, out: Decision): Decision {
  const lawful = out.lawful & request.narrow;
  const live = lawful & ~state.drained;
  const up = live & state.up;
  const cooling = state.cooling === 0 ? 0 : stillCooling(state, up, request.nowMs);
  const guarded = up & state.guarded;
  const healthy = up & ~(cooling | guarded);
  let reason = out.reason;
  if (lawful !== out.lawful) reason |= C.REASON_NARROWED;
  if (live !== lawful) reason |= C.REASON_DRAINED;
  if (up !== live) reason |= C.REASON_HEALTH;
  if (cooling !== 0) reason |= C.REASON_COOLDOWN;
  if (guarded !== 0) reason |= C.REASON_BREAKER;
  out.reason = reason;
  out.lawful = lawful;
  out.healthy = healthy;
  out.admitted = 0;
  out.candidates = 0;
  out.retryAtMs = 0;

  let usable = policy.strategy.reach === "live" ? live : healthy;
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
  if (policy.strategy.reach === "tier" && policy.tiers.length > 1) {
    candidates = bestTier(policy, candidates, out);
  }
  out.candidates = candidates;
  const target = state.picker.pick(state, candidates, request, out);
  // Only a strategy that looks at health itself may find none of them good enough.
  if (target < 0) return refuse(out, C.CAUSE_NO_HEALTHY);
  out.kind = ROUTE;
  out.cause = C.CAUSE_NONE;
  out.target = target;
  noteChoice(policy, out);
  return out;
}

/** The members of the best tier that has any. */
function bestTier(policy: Policy, candidates: number, out: Decision): number {
  const { tiers } = policy;
  let spilled = false;
  for (let i = 0; i < tiers.length; i++) {
    const tier = tiers[i]!;
    if ((candidates & tier) !== 0) {
      if (spilled) out.reason |= C.REASON_SPILLED;
      return candidates & tier;
    }
    if ((out.lawful & tier) !== 0) spilled = true;
  }
  return candidates;
}

/** Says of a strategy's own choice what the filters would have said of theirs. */
function noteChoice(policy: Policy, out: Decision): void {
  if (policy.strategy.reach === "tier") return;
  const { target } = out;
  const bit = 1 << target;
  if ((out.healthy & bit) === 0) out.reason |= C.REASON_FAILED_OPEN;
  for (let i = 0; i < policy.tiers.length; i++) {
    const tier = policy.tiers[i]! & out.lawful;
    if (tier === 0) continue;
    if ((tier & bit) === 0) out.reason |= C.REASON_SPILLED;
    return;
  }
}

/** What becomes of a refusal that may be worth waiting for. */
function orHold(policy: Policy, request: RoutingRequest, row: number, out: Decision): Decision {
  const waitMs = out.retryAtMs - request.nowMs;
  if (out.retryAtMs > 0 && waitMs <= policy.waitForLimitsMs) {
    out.kind = HOLD;
    return out;
  }
  const { cause } = out;
  // With nothing lawful at all there is nothing to wait for.
  const mayPass =
    out.lawful !== 0 &&
    (cause === C.CAUSE_RESIDENCY ||
      cause === C.CAUSE_NO_HEALTHY ||
      cause === C.CAUSE_CIRCUIT_OPEN ||
      cause === C.CAUSE_EVACUATING);
  if (mayPass && policy.holds[row * policy.modelCount + request.model] === 1) out.kind = HOLD;
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
