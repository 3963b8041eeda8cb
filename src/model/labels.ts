/** Names and spans that give the recorder's columns their meaning. */
import type { FaultLabel, RecordingLabels } from "../metrics/index.js";
import { REFUSAL_CAUSES } from "../policy/index.js";
import type { Fault, FaultTarget, Scenario } from "../scenario/scenario.js";
import { usualRatesPerS } from "./capacity.js";
import { lawfulEndpoints, servingEndpoints } from "./home.js";
import { lawfulGateways } from "./lawfulGateways.js";
import type { PhaseEdge } from "./recorder.js";

/** With more clusters of faults than this, phases are just before, during and after. */
const MAX_NAMED_CLUSTERS = 4;

interface Cluster {
  readonly startUs: number;
  readonly endUs: number;
  readonly names: readonly string[];
}

/** Names and indices by which the recorder counts; origins in the order in which sites first name them. */
export function recordingLabels(scenario: Scenario): RecordingLabels {
  const { deployment, workload } = scenario;
  const ratesPerS = usualRatesPerS(scenario);
  const origins = [...new Set(workload.sites.map((site) => site.origin))];
  return {
    regions: deployment.regions.map(({ id, city, country }) => ({ id, city, country })),
    gateways: deployment.gateways.map((gateway) => ({ id: gateway.id, region: gateway.regionIndex })),
    endpoints: deployment.endpoints.map((endpoint, e) => ({
      id: endpoint.id,
      region: endpoint.regionIndex,
      slots: endpoint.serving.concurrency,
      capacityPerS: ratesPerS[e]!,
      kvTokens:
        endpoint.serving.kind === "replicas" ? endpoint.serving.replicas * endpoint.serving.kvTokens : null,
      price: endpoint.price,
    })),
    lawful: lawfulEndpoints(scenario),
    lawfulGateways: lawfulGateways(scenario),
    serving: servingEndpoints(scenario, []),
    sites: workload.sites.map((site) => ({
      id: site.id,
      origin: origins.indexOf(site.origin),
      country: site.country,
    })),
    origins,
    classes: workload.classes.map((c) => c.id),
    models: {
      asked: workload.classes.map((c) => c.model),
      answering: deployment.endpoints.map((endpoint) => endpoint.model),
    },
    causes: REFUSAL_CAUSES,
    phases: phaseNames(clusters(scenario)),
    faults: scenario.faults.map((fault) => faultLabel(scenario, fault)),
  };
}

/** Where each phase begins, in time order. */
export function phaseEdges(scenario: Scenario): PhaseEdge[] {
  const found = clusters(scenario);
  const named = found.length <= MAX_NAMED_CLUSTERS;
  return found.flatMap((cluster, i) => [
    { startUs: cluster.startUs, phase: named ? 1 + 2 * i : 1 },
    { startUs: cluster.endUs, phase: named ? 2 + 2 * i : 2 },
  ]);
}

function phaseNames(found: readonly Cluster[]): string[] {
  if (found.length === 0) return ["before"];
  if (found.length === 1 || found.length > MAX_NAMED_CLUSTERS) return ["before", "during", "after"];
  return [
    "before",
    ...found.flatMap((cluster) => [`during ${cluster.names.join("+")}`, `after ${cluster.names.join("+")}`]),
  ];
}

/** Faults that overlap or touch, taken together; surges count as faults here. */
function clusters(scenario: Scenario): Cluster[] {
  const sorted = [...scenario.faults].sort((a, b) => a.startUs - b.startUs);
  const found: { startUs: number; endUs: number; names: string[] }[] = [];
  for (const fault of sorted) {
    const last = found.at(-1);
    if (last !== undefined && fault.startUs <= last.endUs) {
      last.endUs = Math.max(last.endUs, fault.endUs);
      last.names.push(fault.id);
    } else found.push({ startUs: fault.startUs, endUs: fault.endUs, names: [fault.id] });
  }
  return found;
}

function faultLabel(scenario: Scenario, fault: Fault): FaultLabel {
  const targets = "target" in fault ? [fault.target] : "between" in fault ? fault.between : [];
  const regions =
    fault.kind === "demand-surge" ? [] : targets.flatMap((target) => regionsOf(scenario, target));
  return {
    id: fault.id,
    kind: fault.kind,
    target: targets.map((target) => targetName(scenario, target)).join(" – ") || "entry",
    startUs: fault.startUs,
    endUs: Math.min(fault.endUs, scenario.durationUs),
    regions: [...new Set(regions)],
    ...("target" in fault && fault.target.kind === "endpoint" ? { endpoint: fault.target.index } : {}),
    ...(targets.some(({ kind }) => kind === "endpoint")
      ? { endpoints: targets.flatMap((target) => (target.kind === "endpoint" ? [target.index] : [])) }
      : {}),
    movesTraffic: fault.kind === "region-down" || fault.kind === "endpoint-down",
  };
}

function regionsOf(scenario: Scenario, target: FaultTarget): number[] {
  if (target.kind === "region") return [target.index];
  if (target.kind === "endpoint") return [scenario.deployment.endpoints[target.index]!.regionIndex];
  return target.kind === "all" ? scenario.deployment.regions.map((_, r) => r) : [];
}

function targetName(scenario: Scenario, target: FaultTarget): string {
  if (target.kind === "region") return scenario.deployment.regions[target.index]!.id;
  if (target.kind === "endpoint") return scenario.deployment.endpoints[target.index]!.id;
  return target.kind === "site" ? scenario.workload.sites[target.index]!.id : "all";
}
