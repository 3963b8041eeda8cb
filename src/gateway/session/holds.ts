/** Requests that are held back instead of being refused, as the simulated gateway holds them: each keeps its place. */
import type { Asked } from "../exchange.js";
import type { GatewayPlan } from "../plan.js";

/** Whether a request may be kept waiting here: waiting is a use of its data like any other. */
export function mayHold({ mayHold: rule }: Pick<GatewayPlan, "mayHold">, asked: Asked): boolean {
  return rule?.(asked.caller.identity, asked.model) ?? false;
}

/** A limit's end is known and waited for; a rule is looked at again and again, and at its end where that is sooner. */
export function holdUntilMs(
  { policy, holdPollMs }: Pick<GatewayPlan, "policy" | "holdPollMs">,
  retryAtMs: number,
  nowMs: number,
): number {
  const pollMs = nowMs + holdPollMs;
  if (!(retryAtMs > nowMs)) return pollMs;
  return retryAtMs - nowMs <= (policy.waitForLimitsMs ?? 0) ? retryAtMs : Math.min(retryAtMs, pollMs);
}
