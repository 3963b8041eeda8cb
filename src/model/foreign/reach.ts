/** What a foreign router can ever choose, for the audit. */
import type { Scenario } from "../../scenario/scenario.js";
import { envoyReach } from "./envoyReach.js";
import type { Reach } from "./foreignRouter.js";
import { litellmReach } from "./litellmReach.js";
import { portkeyReach } from "./portkeyReach.js";

/**
 * Every endpoint that the scenario's foreign router can choose in any state for users of a class at a site, each with
 * a sentence of how it gets there; an endpoint may be in the list several times. Empty where the policy is our own.
 * Nothing can be said about code but that it may answer anything, so a module reaches every endpoint.
 */
export function foreignReach(scenario: Scenario, site: number, classIndex: number): readonly Reach[] {
  const { policy } = scenario.deployment.routing;
  if (policy === undefined || policy === null) return [];
  switch (policy.kind) {
    case "litellm":
      return litellmReach(policy, scenario, site, classIndex);
    case "portkey":
      return portkeyReach(policy, scenario, site, classIndex);
    case "envoy":
      return envoyReach(policy, scenario, classIndex);
    case "module":
      return scenario.deployment.endpoints.map((_, endpoint) => ({
        endpoint,
        how: `code: ${policy.path} may answer any endpoint, and only runs can show what it does`,
        needs: "state",
      }));
  }
}
