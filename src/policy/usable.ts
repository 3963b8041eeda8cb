/** Which targets may be used now, by what is believed about them and by what is left of their limits. */
import { lowestBit } from "./bits.js";
import type { Policy } from "./compile.js";
import type { PolicyState } from "./state.js";
import type { RoutingRequest } from "./types.js";

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
export function withinLimits(
  policy: Policy,
  state: PolicyState,
  request: RoutingRequest,
  usable: number,
): number {
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
