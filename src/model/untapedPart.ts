/** What of a simulated gateway is no router's. */
import type { Scenario } from "../scenario/scenario.js";

/**
 * What of a scenario no router's log can hold, in one clause; null where there is nothing of the kind. A router knows
 * nothing of libraries that try again below it, of operators' paces and pins, nor of stores.
 */
export function untapedPart({ deployment }: Scenario): string | null {
  const { routing, sdkRetry, drift, stores } = deployment;
  if (routing.policy != null) return "another policy decides (routing.policy)";
  if (sdkRetry !== null)
    return "the gateway's library tries again at the endpoint it has (sdk-retry), which no router decides";
  if (stores.length > 0) return "a store may refuse what the policy has routed (stores)";
  if (drift === null) return null;
  if (drift.pinning !== null) return "conversations are pinned to versions (pinning)";
  const acts = drift.standbys.length + drift.drills.length + drift.evacuations.length > 0;
  return acts ? "operators move traffic at paces of their own (standbys, drills, evacuations)" : null;
}
