/** What is told when nothing can be chosen: why, and from when on it is worth asking again. */
import { lowestBit } from "./bits.js";
import * as C from "./causes.js";
import type { Policy } from "./compile.js";
import type { PolicyState } from "./state.js";
import { type Decision, NO_TARGET, REFUSE, ROUTE, type RoutingRequest } from "./types.js";

/** Why nothing lawful is usable, when it is not a matter of limits. */
export function healthCause(policy: Policy, state: PolicyState, out: Decision, narrow: number): number {
  const { lawful } = out;
  const serving = policy.serving[out.model] ?? 0;
  const wished = serving & narrow;
  // Nothing serves the model, or nothing that the caller asked to stay within.
  if (wished === 0) return C.CAUSE_POLICY_ERROR;
  if (lawful === 0) return C.CAUSE_RESIDENCY;
  // Something outside the mask could have taken it: it is the rule that costs this request.
  if ((wished & ~lawful & state.up & ~state.drained) !== 0) return C.CAUSE_RESIDENCY;
  const live = lawful & ~state.drained;
  const drainedButUp = lawful & ~live & state.up;
  return drainedButUp !== 0 ? C.CAUSE_EVACUATING : C.CAUSE_NO_HEALTHY;
}

/**
 * Refuses because limits or cooldowns stand in the way of every member of `pool`.
 *
 * The time to ask again is the earliest at which one of them has its rates back, and the cause is the
 * limit that holds that one until then: a cooldown counts as the limit that its target said was short, unless
 * the target was usable in spite of it. Of equal times requests go before tokens; of equal targets the earlier. When
 * nobody knows such a time and one of them is merely full, for its own limit or for the caller's:
 * `concurrency_full`; when no time will ever come, Infinity.
 */
export function refuseForLimits(
  state: PolicyState,
  request: RoutingRequest,
  pool: number,
  out: Decision,
): Decision {
  const { tokens, nowMs } = request;
  let retryAtMs = Number.POSITIVE_INFINITY;
  let cause = C.CAUSE_NONE;
  let isFull = false;
  for (let rest = pool; rest !== 0; rest &= rest - 1) {
    const i = lowestBit(rest);
    const bit = 1 << i;
    const cooldownMs = (out.usable & bit) !== 0 ? nowMs : state.cooldownUntilMs[i]!;
    const forTokens = (state.coolingForTokens & bit) !== 0;
    const requestsMs = Math.max(forTokens ? nowMs : cooldownMs, state.requests.availableAtMs(i, 1, nowMs));
    const tokensMs = Math.max(forTokens ? cooldownMs : nowMs, state.tokens.availableAtMs(i, tokens, nowMs));
    const readyMs = Math.max(requestsMs, tokensMs);
    if (readyMs <= nowMs) isFull = true;
    else if (readyMs < retryAtMs || cause === C.CAUSE_NONE) {
      retryAtMs = readyMs;
      cause = tokensMs > requestsMs ? C.CAUSE_RATE_TOKENS : C.CAUSE_RATE_REQUESTS;
    }
  }
  if (isFull && retryAtMs === Number.POSITIVE_INFINITY) return refuse(out, C.CAUSE_CONCURRENCY);
  out.retryAtMs = retryAtMs;
  return refuse(out, cause);
}

/** Writes a refusal. */
export function refuse(out: Decision, cause: number): Decision {
  out.kind = REFUSE;
  out.target = NO_TARGET;
  out.cause = cause;
  return out;
}

/** A target that was not tried yet. */
export const AT_ONCE = 7;
/** A limit or cooldown that ends at a known time. */
export const LIMITS_PASS = 5;

/**
 * How soon the outcome for one model lets the request through, for comparing it with those of the others; of equals the
 * model named earlier. A target not tried yet comes first, then one to try again, then the refusals: a limit whose end is
 * known, a place to become free, a guard to open, what no waiting helps against, and a model that nobody serves.
 */
export function passes(out: Decision): number {
  if (out.kind === ROUTE) return (out.reason & C.REASON_TRIED_AGAIN) === 0 ? AT_ONCE : 6;
  if (out.retryAtMs > 0 && out.retryAtMs < Number.POSITIVE_INFINITY) return LIMITS_PASS;
  if (out.cause === C.CAUSE_CONCURRENCY) return 4;
  if (out.cause === C.CAUSE_CIRCUIT_OPEN) return 3;
  return out.cause === C.CAUSE_POLICY_ERROR ? 1 : 2;
}
