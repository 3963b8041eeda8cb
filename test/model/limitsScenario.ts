/** Scenarios in which limits are all that can refuse. */
import type { Endpoint, Limits, Quota, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  fixed,
  region,
  requestClass,
  SECOND,
  server,
  site,
  UNMETERED,
} from "./buildScenario.js";

/** No limit. */
export const NEVER: number = Number.POSITIVE_INFINITY;
/** Limits that refuse nothing. */
export const FREE: Limits = {
  requestsPerMin: NEVER,
  tokensPerMin: NEVER,
  requestBurst: NEVER,
  tokenBurst: NEVER,
  ...UNMETERED,
};
/** Seconds. */
export const DAY_S: number = 86_400;

/** An account over these endpoints. */
export function quota(endpointIndices: readonly number[], limits: Partial<Limits>, perTenant = false): Quota {
  return { id: "account", endpointIndices, perTenant, limits: { ...FREE, ...limits } };
}

/** Two regions with a gateway and an endpoint each; users 0 and 1 stay in theirs. Calls take a second. */
export function twoRegions(quotas: readonly Quota[], over: Partial<Endpoint> = {}): Scenario {
  const serving = server(fixed(SECOND), 100);
  return buildScenario({
    durationS: 30,
    regions: [region("r0", "US"), region("r1", "US")],
    endpoints: [endpoint("e0", 0, serving, over), endpoint("e1", 1, serving, over)],
    sites: [site("s0", "US", 0), site("s1", "US", 0)],
    classes: [requestClass("a", { tenant: "t0" }), requestClass("b", { tenant: "t1" })],
    accessRttMs: [0, 50, 50, 0],
    backboneRttMs: [0, 100, 100, 0],
    deployment: { quotas },
  });
}

/** One region, one endpoint that takes a second for a call. */
export function alone(
  limits: Partial<Limits>,
  parts: { readonly durationS?: number; readonly quotas?: readonly Quota[] } = {},
): Scenario {
  return buildScenario({
    durationS: parts.durationS ?? 30,
    endpoints: [endpoint("e", 0, server(fixed(SECOND), 100), { limits: { ...FREE, ...limits } })],
    sites: [site("s", "US", 0)],
    deployment: { quotas: parts.quotas ?? [] },
  });
}

/** Requests at these seconds. */
export const at = (...seconds: readonly number[]): { atS: number }[] => seconds.map((atS) => ({ atS }));
