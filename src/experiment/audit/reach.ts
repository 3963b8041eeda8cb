/** Where one kind of prompt may ever be: gateways, endpoints, copies of stores. */
import { foreignReach } from "../../model/foreign/reach.js";
import { mayHold } from "../../model/holds.js";
import { firstViolation } from "../../policy/index.js";
import type { AuditWay } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { type EndpointReach, endpointReach, type GatewayPolicy } from "./endpointReach.js";
import { type EntryReach, entryReaches } from "./entryReach.js";
import type { Kind, KindReach, PlaceReach } from "./reachTypes.js";
import { storeReach } from "./storeReach.js";
import { at } from "./words.js";

/** The reach of every kind of prompt, sites first, classes within. */
export function reaches(scenario: Scenario, own: GatewayPolicy): readonly KindReach[] {
  const { sites, classes } = scenario.workload;
  const entryOf = entryReaches(scenario);
  const holding = mayHold(scenario);
  const gateways = scenario.deployment.gateways.length;
  return sites.flatMap((_, site) => {
    const entry = entryOf(site);
    return classes.map((_, classIndex) => {
      const first = (site * classes.length + classIndex) * gateways;
      const reach = kindReach(scenario, own, entry, { site, classIndex });
      return { ...reach, held: heldAt(scenario, own, reach, holding.subarray(first, first + gateways)) };
    });
  });
}

function kindReach(
  scenario: Scenario,
  own: GatewayPolicy,
  entry: EntryReach,
  kind: Kind,
): Omit<KindReach, "held"> {
  const { gateways, endpoints } = scenario.deployment;
  const routed = routedTo(scenario, own, entry, kind);
  const copied = copiesAt(scenario, own, entry, kind);
  const atEndpoints = endpoints.map((_, e): PlaceReach => {
    const ways = [...routed.waysAt(e), ...copied(e)];
    return ways.length > 0 ? { ways, never: null } : { ways, never: routed.neverOf(e) };
  });
  const served = routedMask(endpoints.length, routed);
  return {
    ...kind,
    gateways: gateways.map((_, g): PlaceReach => {
      const isTheirs = ((entry.gateways >> g) & 1) !== 0;
      return isTheirs ? { ways: entry.waysOf(g), never: null } : { ways: [], never: entry.neverOf(g) };
    }),
    endpoints: atEndpoints,
    stores: storeReach(scenario, kind.classIndex, { gateways: entry.gateways, endpoints: served }),
  };
}

/** Endpoints that requests themselves are sent to. */
interface Routed {
  waysAt(endpoint: number): readonly AuditWay[];
  neverOf(endpoint: number): string;
}

function routedMask(count: number, routed: Routed): number {
  let mask = 0;
  for (let e = 0; e < count; e++) if (routed.waysAt(e).length > 0) mask |= 1 << e;
  return mask;
}

function routedTo(scenario: Scenario, own: GatewayPolicy, entry: EntryReach, kind: Kind): Routed {
  const { policy } = scenario.deployment.routing;
  if (policy !== undefined && policy !== null) return foreignRouted(scenario, entry, kind);
  const reach: EndpointReach = endpointReach(scenario, own, kind, entry);
  return {
    waysAt: (e) => (((reach.endpoints >> e) & 1) !== 0 ? reach.waysOf(e) : []),
    neverOf: reach.neverOf,
  };
}

/** Another system chooses: what it can reach it says itself. */
function foreignRouted(scenario: Scenario, entry: EntryReach, { site, classIndex }: Kind): Routed {
  const found = entry.gateways === 0 ? [] : foreignReach(scenario, site, classIndex);
  return {
    waysAt: (e) =>
      found
        .filter(({ endpoint }) => endpoint === e)
        .map(({ how, needs }): AuditWay => ({ kind: "foreign", how, needs })),
    neverOf: () =>
      entry.gateways === 0 ? "no gateway takes such requests" : "nothing in the imported rules leads there",
  };
}

/** Probes that carry a prompt, and shadow traffic: both keep to what the gateways check of the rules. */
function copiesAt(
  scenario: Scenario,
  { config }: GatewayPolicy,
  entry: EntryReach,
  { site, classIndex }: Kind,
): (endpoint: number) => readonly AuditWay[] {
  const { health, shadow } = scenario.deployment.routing;
  const { id, tenant, model } = scenario.workload.classes[classIndex]!;
  const origin = scenario.workload.sites[site]!.country;
  return (endpoint) => {
    const ways: AuditWay[] = [];
    if (entry.gateways === 0) return ways;
    const concern = { origin, dataClass: id, tenant, models: [model] };
    const isKeptAway = (): boolean =>
      firstViolation(config.rules, config.targets[endpoint]!, concern) !== null;
    if (health?.copiesPrompts === true && !isKeptAway())
      ways.push({ kind: "probe-copy", how: "a health check that carries the last prompt", needs: "state" });
    if (shadow !== undefined && shadow.share > 0 && shadow.endpointIndex === endpoint && !isKeptAway())
      ways.push({ kind: "shadow", how: `shadow traffic${at(shadow.source)}`, needs: "state" });
    return ways;
  };
}

/** Requests are held back where all rules about them say so, or while a limit is about to pass. */
function heldAt(
  scenario: Scenario,
  { config, policy }: GatewayPolicy,
  { site, classIndex, endpoints }: Omit<KindReach, "held">,
  holding: Uint8Array,
): readonly (AuditWay | null)[] {
  const { id, tenant, model } = scenario.workload.classes[classIndex]!;
  const origin = config.origins.indexOf(scenario.workload.sites[site]!.country);
  const row =
    (origin * policy.dataClassCount + config.dataClasses.indexOf(id)) * policy.tenantCount +
    (config.tenants ?? []).indexOf(tenant);
  const byRule = policy.holds[row * policy.modelCount + config.models.indexOf(model)] === 1;
  // Another system's router refuses at once, and with nothing lawful at all there is nothing to wait for.
  const isForeign = (scenario.deployment.routing.policy ?? null) !== null;
  const isAnyLawful = endpoints.some(({ ways }) => ways.length > 0);
  if (isForeign || !isAnyLawful || !(byRule || policy.waitForLimitsMs > 0))
    return Array.from(holding, () => null);
  const until = byRule ? "until a lawful endpoint is back" : "until a limit has passed";
  const way: AuditWay = { kind: "hold", how: `being held ${until}`, needs: "state" };
  return Array.from(holding, (may) => (may === 1 ? way : null));
}
