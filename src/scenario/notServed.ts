/** What a deployment says that a real gateway does not do: the world that the simulator adds to it. */
import type { Scenario } from "./scenario.js";

/** One sentence each, empty where the gateway does all that the file says. */
export function notServed({ deployment, faults }: Scenario): readonly string[] {
  const { routing, drift, stores, gateways, sdkRetry, quotas, endpoints } = deployment;
  const told: readonly (readonly [boolean, string])[] = [
    [
      routing.policy !== undefined && routing.policy !== null,
      "routing.policy is simulated only: the gateway always decides by regionsim's own policy",
    ],
    [routing.shadow !== undefined, "routing.shadow is simulated only: the gateway copies no request"],
    [stores.length > 0, "stores are simulated only: the gateway keeps nothing of a conversation"],
    [(drift?.rollouts.length ?? 0) > 0, "rollouts are simulated only: the gateway changes no version"],
    [
      drift !== null && drift.pinning !== null,
      "pins are simulated only: the gateway does not know which version answered",
    ],
    [
      (drift?.standbys.length ?? 0) > 0,
      "standbys are simulated only: the gateway promotes none, and calls their endpoints as it calls others",
    ],
    [
      (drift?.drills.length ?? 0) + (drift?.evacuations.length ?? 0) > 0,
      "drills and evacuations are simulated only: drain endpoints through the admin address",
    ],
    [faults.length > 0, "faults are simulated only: regionsim drill makes them happen to fake providers"],
    [sdkRetry !== null, "sdkRetry is simulated only: the gateway's client does not try again by itself"],
    [
      quotas.length > 0,
      "quotas over several endpoints are simulated only: the gateway learns of them by what the endpoints answer",
    ],
    [
      endpoints.some(({ limits }) => Number.isFinite(limits.tokensPerDay) || limits.acceleration !== null),
      "limits per day and on growth are simulated only: the gateway learns of them by what the endpoints answer",
    ],
    [
      gateways.some(({ tls }) => tls === "passthrough"),
      "tls: passthrough is simulated only: a gateway that routes by what is asked reads every prompt where it stands",
    ],
    [
      routing.propagatesDeadlines,
      "routing.propagatesDeadlines is simulated only: callers do not say how long they wait",
    ],
  ];
  return told.flatMap(([holds, sentence]) => (holds ? [sentence] : []));
}
