/**
 * The decision. The order of filters is fixed:
 *
 *   residency ∧ model ∧ narrowing → drained → health | cooldown | guards → (none left: fail open
 *   inside the lawful set, or refuse) → limits, its own and the caller's → already tried → tier → strategy
 *   → (none left: the same for each fallback model) → refuse or hold
 *
 * Each step only removes, so the choice is always a member of `reachable`. Nothing here reads a clock,
 * draws luck, allocates or changes the state: the caller reserves what was decided.
 */
import * as C from "./causes.js";
import { isIndex, type Policy, reachable, rowOf } from "./compile.js";
import { nameLogSink } from "./logCause.js";
import { AT_ONCE, healthCause, LIMITS_PASS, passes, refuse, refuseForLimits } from "./refusals.js";
import type { PolicyState } from "./state.js";
import { type Decision, HOLD, REFUSE, ROUTE, type RoutingRequest } from "./types.js";
import { openedSet, stillCooling, withinLimits } from "./usable.js";

/**
 * Routes, refuses or holds one request. Writes every field of `out` and returns it.
 *
 * Uses exactly the two draws `u` and `v` of the request, whatever the strategy and however many
 * targets are left. Equal scores go to the earlier target. Drained targets are never chosen, not even
 * when failing open: taking one out was a person's decision, not a belief.
 *
 * A model's fallbacks are asked in their order when no target of the model itself is left that could take the
 * request, or only such as it has been to already: every region is tried before another model is, and every model
 * before a target is tried again. When none can, the refusal that would be over first is told (see {@link passes}).
 */
export function decide(policy: Policy, state: PolicyState, request: RoutingRequest, out: Decision): Decision {
  const row = rowOf(policy, request.origin, request.dataClass, request.tenant);
  if (row < 0 || !isIndex(request.model, policy.modelCount)) {
    const serving = policy.serving[request.model] ?? 0;
    return decideWithin(policy, state, request, clear(out, request.model, 0, serving));
  }
  const { first } = policy.links;
  const link = first[request.model]!;
  decideLink(policy, state, request, link, out);
  if (first[request.model + 1]! - link > 1) fallBack(policy, state, request, out);
  return out.kind === REFUSE ? orHold(policy, request, row, out) : out;
}

/**
 * Decides as if the answering model of one link were the only one, of a request whose every index is known. For explanations, and
 * the first step of {@link decide}; never holds.
 */
export function decideLink(
  policy: Policy,
  state: PolicyState,
  request: RoutingRequest,
  link: number,
  out: Decision,
): Decision {
  const { links, lawful, serving } = policy;
  const row = rowOf(policy, request.origin, request.dataClass, request.tenant);
  const model = links.answering[link]!;
  const cell = row * links.count + link;
  clear(out, model, lawful[cell]!, serving[model]!);
  decideWithin(policy, state, request, out);
  nameLogSink(policy, state, cell, out, request.narrow);
  if (out.kind === ROUTE && model !== request.model) out.reason |= C.REASON_FALLBACK;
  return out;
}

/** Goes on to the fallbacks when the model itself, whose decision is in `out`, does not settle it. */
function fallBack(policy: Policy, state: PolicyState, request: RoutingRequest, out: Decision): void {
  const { first } = policy.links;
  let best = first[request.model]!;
  let bestPasses = passes(out);
  let bestRetryMs = out.retryAtMs;
  const end = first[request.model + 1]!;
  for (let link = best + 1; bestPasses !== AT_ONCE && link < end; link++) {
    decideLink(policy, state, request, link, out);
    const ease = passes(out);
    if (ease > bestPasses || (ease === LIMITS_PASS && ease === bestPasses && out.retryAtMs < bestRetryMs)) {
      best = link;
      bestPasses = ease;
      bestRetryMs = out.retryAtMs;
    } else if (link === end - 1) decideLink(policy, state, request, best, out);
  }
  if (out.kind === REFUSE) out.model = request.model;
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
  out.usable = usable;
  if (usable === 0) {
    usable = policy.failOpen ? openedSet(state, live) : 0;
    out.usable = usable;
    if (usable === 0) {
      if (up === 0) return refuse(out, healthCause(policy, state, out, request.narrow));
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
  if (admitted === 0) return refuseForLimits(state, request, usable | (up & ~guarded), out);
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
  let target = state.picker.pick(state, candidates, request, out);
  if (target < 0 && candidates !== admitted && policy.strategy.reach === "live") {
    // What was not tried yet is not good enough, so that leaves what was.
    out.reason = (out.reason & ~C.REASON_TRIED_AVOIDED) | C.REASON_TRIED_AGAIN;
    out.candidates = admitted;
    target = state.picker.pick(state, admitted, request, out);
  }
  if (target < 0) return refuseUnwanted(state, request, out);
  out.kind = ROUTE;
  out.cause = C.CAUSE_NONE;
  out.target = target;
  noteChoice(policy, out);
  return out;
}

/** Only a strategy that looks at health or at load itself may find none of the candidates good enough. */
function refuseUnwanted(state: PolicyState, request: RoutingRequest, out: Decision): Decision {
  if ((out.reason & C.REASON_SPILL_CAPPED) !== 0) return refuse(out, C.CAUSE_CONCURRENCY);
  const full = out.usable & ~out.admitted;
  const { candidates } = out;
  // It is the limits that are in the way when it would take one of those without them.
  const isShort = full !== 0 && state.picker.pick(state, out.usable, request, out) >= 0;
  const wanted = out.candidates;
  out.candidates = candidates;
  if (!isShort) return refuse(out, C.CAUSE_NO_HEALTHY);
  const healthy = full & out.healthy;
  return refuseForLimits(state, request, healthy !== 0 ? healthy : wanted, out);
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

/** What becomes of a refusal that may be worth waiting for: for a limit to pass, or because the rules say so. */
function orHold(policy: Policy, request: RoutingRequest, row: number, out: Decision): Decision {
  const waitMs = out.retryAtMs - request.nowMs;
  if (out.retryAtMs > 0 && waitMs <= policy.waitForLimitsMs && waitMs < Number.POSITIVE_INFINITY) {
    out.kind = HOLD;
    return out;
  }
  const rulesHold = policy.holds[row * policy.modelCount + request.model] === 1;
  // A full target is usable, and more of the same would not make it less full.
  const nothingUsable = out.usable === 0 || out.cause === C.CAUSE_NO_HEALTHY;
  // With nothing lawful at all there is nothing to wait for.
  if (rulesHold && nothingUsable && (reachable(policy, request) & request.narrow) !== 0) out.kind = HOLD;
  return out;
}
