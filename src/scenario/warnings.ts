/**
 * What a careful reader of a scenario should know although nothing is wrong with it.
 */
import { CHANNELS } from "../policy/index.js";
import { displacedEndpoints } from "./displaced.js";
import type { Scenario } from "./scenario.js";
import { serveWarnings } from "./warningsServe.js";
import { servingWarnings } from "./warningsServing.js";

/** One sentence each; empty for most scenarios. */
export function warningsOf(scenario: Scenario): readonly string[] {
  return [
    ...unknownPlaces(scenario),
    ...displacedEndpoints(scenario.deployment).map(({ sentence }) => sentence),
    ...servingWarnings(scenario),
    ...lateFaults(scenario),
    ...idleSurges(scenario),
    ...idleDemand(scenario),
    ...serveWarnings(scenario),
  ];
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
        `endpoint ${endpoint.id} says nothing of its ${silent.join(", ")}, so rule ${rule.id} never allows it`,
      ];
    }),
  );
}

function lateFaults({ faults, durationUs }: Scenario): readonly string[] {
  return faults
    .filter((fault) => fault.startUs >= durationUs)
    .map((fault) => `fault ${fault.id} begins after the end of the run`);
}

/** People of a closed site ask when they have thought, and there are as many of them as there are. */
function idleSurges({ faults, workload }: Scenario): readonly string[] {
  return faults.flatMap((fault) => {
    if (fault.kind !== "demand-surge") return [];
    const { target } = fault;
    return workload.sites
      .filter(
        (site, index) =>
          site.closed !== null &&
          (target.kind === "all" || (target.kind === "site" && target.index === index)),
      )
      .map(
        (site) => `fault ${fault.id} changes nothing at site ${site.id}, whose people wait for their answers`,
      );
  });
}

function idleDemand({ workload }: Scenario): readonly string[] {
  const asks = workload.sites.some((site) => site.closed !== null || site.perSecond.some((rate) => rate > 0));
  if (workload.trace !== null || asks) return [];
  return ["no site asks for anything"];
}
