/** Every endpoint that Envoy can ever choose for a class: every host of its cluster that weighs something. */
import type { EnvoySource } from "../../scenario/policySource.js";
import type { Scenario } from "../../scenario/scenario.js";
import { clusterNamed } from "./envoy.js";
import type { Reach } from "./foreignRouter.js";

/** The list, in order of hosts. Where the user is makes no difference. */
export function envoyReach(source: EnvoySource, scenario: Scenario, classIndex: number): readonly Reach[] {
  const name = scenario.workload.classes[classIndex]!.model;
  const { panicPercent, overprovisioning, failsOnPanic } = clusterNamed(source, name);
  const hosts = source.hosts.filter(({ cluster, weight }) => cluster === name && weight > 0);
  const best = Math.min(...hosts.map(({ priority }) => priority));
  return hosts.flatMap(({ endpointIndex, priority, locality, at }): Reach[] => {
    const place = `priority ${priority}, locality ${locality} (${at})`;
    const reach = (how: string): Reach => ({
      endpoint: endpointIndex,
      how: `${place}: ${how}`,
      needs: "state",
    });
    const ways: Reach[] = [];
    if (priority === best) ways.push(reach("used first, whoever asks"));
    else
      ways.push(
        reach(`takes over as soon as better priorities are less than ${share(overprovisioning)} % healthy`),
      );
    if (panicPercent > 0 && !failsOnPanic)
      ways.push(reach(`with less than ${panicPercent} % healthy, health is ignored and every host is used`));
    if (priority !== best && source.retry.perPriority !== null && source.retry.retries > 0)
      ways.push(
        reach(`after ${source.retry.perPriority} tries a retry leaves the priorities it has been to`),
      );
    return ways;
  });
}

/** Healthy share at which a priority takes all of its load, percent. */
function share(overprovisioning: number): number {
  return Math.ceil(10_000 / overprovisioning);
}
