/** Whose requests no size can serve under a loss, because nobody who may lawfully serve them is left. */
import { lawfulEndpoints } from "../../model/home.js";
import { lawfulGateways } from "../../model/lawfulGateways.js";
import type { Scenario } from "../../scenario/scenario.js";
import { demands } from "../audit/demand.js";

/**
 * Share of the mean demand of those who have no lawful gateway or no lawful endpoint in a region that is up, at the worst
 * moment of the scenario's faults; 0 where everybody always has one. Only regions and endpoints that are down count: what
 * is slow or refuses is there.
 */
export function strandedShare(scenario: Scenario): number {
  const { gateways, endpoints } = scenario.deployment;
  const allowed = { gateways: lawfulGateways(scenario), endpoints: lawfulEndpoints(scenario) };
  const asked = demands(scenario);
  const total = asked.reduce((sum, { meanPerS }) => sum + meanPerS, 0);
  const starts = [-1, ...scenario.faults.map(({ startUs }) => startUs)];
  return starts.reduce((worst, atUs) => {
    const down = downAt(scenario, atUs);
    const up = {
      gateways: maskOf(gateways, ({ regionIndex }) => !down.regions.has(regionIndex)),
      endpoints: maskOf(
        endpoints,
        ({ regionIndex }, e) => !down.regions.has(regionIndex) && !down.endpoints.has(e),
      ),
    };
    const stranded = asked.reduce((sum, { meanPerS }, kind) => {
      const isServed =
        (allowed.gateways[kind]! & up.gateways) !== 0 && (allowed.endpoints[kind]! & up.endpoints) !== 0;
      return isServed ? sum : sum + meanPerS;
    }, 0);
    return Math.max(worst, total === 0 ? 0 : stranded / total);
  }, 0);
}

/** Indices of what is down at a moment. */
interface Down {
  readonly regions: ReadonlySet<number>;
  readonly endpoints: ReadonlySet<number>;
}

function downAt({ faults }: Scenario, atUs: number): Down {
  const regions = new Set<number>();
  const endpoints = new Set<number>();
  for (const fault of faults) {
    if (fault.startUs > atUs || fault.endUs <= atUs) continue;
    if (fault.kind === "region-down" && fault.target.kind === "region") regions.add(fault.target.index);
    if (fault.kind === "endpoint-down" && fault.target.kind === "endpoint") endpoints.add(fault.target.index);
  }
  return { regions, endpoints };
}

function maskOf<T>(items: readonly T[], isIn: (item: T, index: number) => boolean): number {
  return items.reduce((mask, item, i) => (isIn(item, i) ? mask | (1 << i) : mask), 0);
}
