/** The deployment's routing configuration in the policy's own words. */
import type { PolicyConfig, StrategyConfig, StrategyName } from "../policy/index.js";
import type { Endpoint, Scenario } from "../scenario/scenario.js";
import { usualInFlight } from "./capacity.js";
import { enforcedRules } from "./enforced.js";

/** Endpoints as targets of every gateway. */
export function endpointPolicyConfig(scenario: Scenario): PolicyConfig {
  const { deployment, workload } = scenario;
  const health = deployment.routing.health;
  const capacities = usualInFlight(scenario);
  return {
    targets: deployment.endpoints.map((endpoint, e) => ({
      id: endpoint.id,
      models: [endpoint.model],
      tier: endpoint.tier,
      weight: endpoint.weight,
      maxInFlight: Number.POSITIVE_INFINITY,
      requestsPerMin: endpoint.limits.requestsPerMin,
      tokensPerMin: endpoint.limits.tokensPerMin,
      requestBurst: endpoint.limits.requestBurst,
      tokenBurst: endpoint.limits.tokenBurst,
      data: endpoint.data,
      claims: endpoint.claims ?? [],
      capacity: endpoint.capacity ?? capacities[e]!,
      region: deployment.regions[endpoint.regionIndex]!.id,
      ...(endpoint.zone === undefined ? {} : { zone: endpoint.zone }),
      biasPercent: endpoint.biasPercent ?? 0,
      ...priceOf(endpoint),
    })),
    // Those of real callers stand last, so that no index depends on them.
    origins: [
      ...new Set([...workload.sites.map((site) => site.country), ...(scenario.serve?.origins ?? [])]),
    ],
    dataClasses: workload.classes.map((c) => c.id),
    tenants: tenantsOf(scenario),
    models: [
      ...new Set([...workload.classes.map((c) => c.model), ...deployment.endpoints.map((e) => e.model)]),
    ],
    rules: enforcedRules(deployment),
    strategy: withCallers(scenario),
    fallbacks: deployment.routing.fallbacks ?? {},
    waitForLimitsMs: deployment.routing.waitForLimitsMs ?? 0,
    failOpen: deployment.routing.failOpen,
    health: health === null ? null : { fall: health.fall, rise: health.rise, window: health.window ?? null },
  };
}

/**
 * The strategy, told where the gateways stand when it asks and the file does not say: by region. Where endpoints name
 * zones nobody knows in which of them a gateway stands.
 */
function withCallers({ deployment }: Scenario): StrategyName | StrategyConfig {
  const { strategy } = deployment.routing;
  if (typeof strategy === "string" || !("callers" in strategy)) return strategy;
  const isSaid = Object.keys(strategy.callers).length > 0;
  if (isSaid || deployment.endpoints.some(({ zone }) => zone !== undefined)) return strategy;
  const callers: Record<string, number> = {};
  for (const { regionIndex } of deployment.gateways) {
    const { id } = deployment.regions[regionIndex]!;
    callers[id] = (callers[id] ?? 0) + 1;
  }
  return { ...strategy, callers };
}

/** The mean of what a prompt token and an answer token cost, with what staying in the region costs. */
function priceOf({ price }: Endpoint): { readonly pricePerMTok?: number } {
  if (price === null) return {};
  return { pricePerMTok: ((price.inputUsd + price.outputUsd) / 2) * price.residencyFactor };
}

/** Whose requests there are, or rules speak of, in the order in which classes first name them. */
export function tenantsOf({ deployment, workload }: Scenario): readonly string[] {
  const named = deployment.residency.flatMap((rule) => rule.when.tenant ?? []);
  return [...new Set([...workload.classes.map((c) => c.tenant), ...named])];
}

/** A class as the policy's indices name it, the origin left out. */
export interface ClassIndices {
  readonly dataClass: number;
  readonly tenant: number;
  readonly model: number;
}

/** The indices of every class in a configuration made from the same scenario. */
export function classIndices(scenario: Scenario, config: PolicyConfig): readonly ClassIndices[] {
  const tenants = tenantsOf(scenario);
  return scenario.workload.classes.map((c, dataClass) => ({
    dataClass,
    tenant: tenants.indexOf(c.tenant),
    model: config.models.indexOf(c.model),
  }));
}

/** Round trips from a region to each endpoint, ms. */
export function rttRowMs(scenario: Scenario, region: number): Float64Array {
  const regions = scenario.deployment.regions.length;
  return Float64Array.from(
    scenario.deployment.endpoints,
    (endpoint) => scenario.network.regionRegionRttUs[region * regions + endpoint.regionIndex]! / 1000,
  );
}

/** Great circles from a region to each endpoint, km. */
export function distanceRowKm(scenario: Scenario, region: number): Float64Array {
  const regions = scenario.deployment.regions.length;
  return Float64Array.from(
    scenario.deployment.endpoints,
    (endpoint) => scenario.network.regionRegionKm[region * regions + endpoint.regionIndex]!,
  );
}
