/**
 * What a careful reader of a scenario should know although nothing is wrong with it.
 */
import { CHANNELS } from "../policy/index.js";
import type { Scenario } from "./scenario.js";

/** One sentence each; empty for most scenarios. */
export function warningsOf(scenario: Scenario): readonly string[] {
  return [...unknownPlaces(scenario), ...lateFaults(scenario), ...idleDemand(scenario)];
}

/** An endpoint that does not say where a channel happens is shut out by every rule that asks. */
function unknownPlaces({ deployment }: Scenario): readonly string[] {
  return deployment.residency.flatMap((rule) =>
    deployment.endpoints.flatMap((endpoint) => {
      const silent = CHANNELS.filter(
        (channel) => rule.require[channel] !== undefined && endpoint.data[channel] === undefined,
      );
      if (silent.length === 0) return [];
      return [
        `endpoint ${endpoint.id} does not say where its ${silent.join(", ")} happen, so rule ${rule.id} never allows it`,
      ];
    }),
  );
}

function lateFaults({ faults, durationUs }: Scenario): readonly string[] {
  return faults
    .filter((fault) => fault.startUs >= durationUs)
    .map((fault) => `fault ${fault.id} begins after the end of the run`);
}

function idleDemand({ workload }: Scenario): readonly string[] {
  if (workload.trace !== null || workload.sites.some((site) => site.perSecond.some((rate) => rate > 0)))
    return [];
  return ["no site asks for anything"];
}
