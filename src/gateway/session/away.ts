/** What the rules allow and only the moment does not: such a refusal passes, and its caller is to know. */
import type { Asked, Refusal } from "../exchange.js";
import { reachableAt } from "./reach.js";
import type { Runtime } from "./runtime.js";

const MESSAGE =
  "All endpoints that may lawfully process this request are down or full at the moment; others may not be used. Try again later.";

/**
 * The refusal, in other words where there is somebody who may lawfully process the request. Its cause stays the policy's,
 * which does not tell the two apart.
 */
export function orAway(runtime: Runtime, { caller, model }: Asked, refusal: Refusal): Refusal {
  if (refusal.cause !== "residency_no_legal_region") return refusal;
  const { origin, dataClass, tenant } = caller.identity;
  if (reachableAt(runtime, [origin, dataClass, model, tenant]).length === 0) return refusal;
  const { health, holdPollMs } = runtime.plan;
  const againMs = health === null ? holdPollMs : health.intervalUs / 1000;
  return { ...refusal, message: MESSAGE, retryAfterMs: refusal.retryAfterMs || againMs };
}
