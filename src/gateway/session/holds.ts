/** Requests that are held back instead of being refused, as the simulated gateway holds them: each keeps its place. */
import type { GatewayPlan } from "../plan.js";

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
