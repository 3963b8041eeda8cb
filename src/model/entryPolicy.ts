/** Gateways as the policy sees them: which are lawful for whom, and how far away each is. */
import type { ChannelPlaces, ChannelUse, Policy, PolicyConfig } from "../policy/index.js";
import { CHANNELS, reachable } from "../policy/index.js";
import type { Gateway, Scenario } from "../scenario/scenario.js";
import { enforcedRules } from "./enforced.js";
import { classIndices, tenantsOf } from "./policies.js";

/** Nothing happens because nothing is there to do it: nobody claims it, so no rule may ask for evidence of it. */
const NOT_THERE: ChannelUse = { countries: "none", evidence: "the gateway does only what the file says" };
const NOTHING_ELSE: ChannelPlaces = Object.fromEntries(CHANNELS.map((channel) => [channel, NOT_THERE]));

/**
 * Gateways as targets. An anycast prefix announced everywhere cannot know who is asking: it carries no
 * rules, and the auditor sees what comes of it.
 */
export function entryPolicyConfig(scenario: Scenario): PolicyConfig {
  const { deployment, workload } = scenario;
  const blind = deployment.entry.kind === "anycast" && deployment.entry.scope === "global";
  const byName = deployment.entry.kind === "geo-dns";
  const models = [
    ...new Set([...workload.classes.map((c) => c.model), ...deployment.endpoints.map((e) => e.model)]),
  ];
  return {
    targets: deployment.gateways.map((gateway) => ({
      id: gateway.id,
      models,
      ...(byName ? placingOf(gateway) : { tier: 0, weight: 1 }),
      maxInFlight: Number.POSITIVE_INFINITY,
      requestsPerMin: Number.POSITIVE_INFINITY,
      tokensPerMin: Number.POSITIVE_INFINITY,
      requestBurst: Number.POSITIVE_INFINITY,
      tokenBurst: Number.POSITIVE_INFINITY,
      // Whether a request may be held back is the gateway's to decide, once it is asked to.
      data: { ...gatewayPlaces(scenario, gateway), queue: NOT_THERE },
      claims: gateway.claims ?? [],
    })),
    origins: [...new Set(workload.sites.map((site) => site.country))],
    dataClasses: workload.classes.map((c) => c.id),
    tenants: tenantsOf(scenario),
    models,
    rules: blind ? [] : enforcedRules(deployment),
    strategy: (byName ? deployment.entry.strategy : undefined) ?? "nearest",
    failOpen: false,
    health: { fall: 1, rise: 1 },
  };
}

function placingOf({ tier = 0, weight = 1, biasPercent = 0 }: Gateway): {
  readonly tier: number;
  readonly weight: number;
  readonly biasPercent: number;
} {
  return { tier, weight, biasPercent };
}

/**
 * Everything a gateway does with a prompt. Where it says nothing it reads prompts in its own region, unless it only
 * passes them on; it holds those in its memory, for as long as a request lasts, that it holds back; and does nothing
 * else.
 */
export function gatewayPlaces(scenario: Scenario, gateway: Gateway): ChannelPlaces {
  const country = scenario.deployment.regions[gateway.regionIndex]!.country;
  return {
    ...NOTHING_ELSE,
    processing: gateway.tls === "passthrough" ? NOT_THERE : [country],
    queue: { countries: [country], keptDays: 0 },
    ...gateway.data,
  };
}

/** Gateways lawful for every class of an origin. */
export function lawfulForAll(
  policy: Policy,
  scenario: Scenario,
  config: PolicyConfig,
  origin: number,
): number {
  return classIndices(scenario, config).reduce((mask, of) => mask & reachable(policy, { origin, ...of }), -1);
}

/** Round trips from a site to every gateway, ms. */
export function gatewayRttRowMs(scenario: Scenario, site: number): Float64Array {
  const regions = scenario.deployment.regions.length;
  return Float64Array.from(
    scenario.deployment.gateways,
    (gateway) => scenario.network.siteRegionRttUs[site * regions + gateway.regionIndex]! / 1000,
  );
}

/** Great circles from a site to every gateway, km. */
export function gatewayDistanceRowKm(scenario: Scenario, site: number): Float64Array {
  const regions = scenario.deployment.regions.length;
  return Float64Array.from(
    scenario.deployment.gateways,
    (gateway) => scenario.network.siteRegionKm[site * regions + gateway.regionIndex]!,
  );
}
