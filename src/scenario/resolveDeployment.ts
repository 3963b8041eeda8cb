/**
 * The deployment block with every name resolved to an index and every zone to countries. Input has passed the schema
 * and the reference checks; what is still missing here is a bug.
 */
import type { Channel } from "../policy/index.js";
import { CHANNELS, PLAIN_CALLER } from "../policy/index.js";
import { findCloudRegion, resolveZone } from "./catalogue/index.js";
import type {
  DeploymentForm,
  EntryForm,
  GatewayForm,
  HealthForm,
  RegionForm,
  RuleForm,
} from "./deploymentForm.js";
import type { Position } from "./issue.js";
import { resolveDrift } from "./resolveDrift.js";
import { resolveFallback } from "./resolveFallback.js";
import { resolvePolicySource } from "./resolvePolicySource.js";
import type { Presets } from "./resolvePresets.js";
import { resolvePrice, resolveServing } from "./resolveServing.js";
import { resolveStores } from "./resolveStores.js";
import type { Deployment, Endpoint, Entry, Gateway, HealthCheck, Quota, Region } from "./scenario.js";
import { GATEWAY_DEFAULT_FORM } from "./schemaDeployment.js";
import type { EndpointForm } from "./schemaEndpoint.js";
import type { QuotaForm } from "./schemaLimits.js";
import type { PlacesForm } from "./schemaPlaces.js";
import { itemsOf, nodeAt, type SourceNode } from "./sourceTree.js";

/** What resolving needs to know besides the block. */
export interface DeploymentContext {
  readonly root: SourceNode;
  readonly presets: Presets;
  /** Words the place of a rule as `file:line`. */
  readonly sourceOf: (at: Position) => string;
  /** Class ids, in file order. */
  readonly classes: readonly string[];
  /** UTC time of day at simulated time 0, hours. */
  readonly startHour: number;
  /** Of the policy's file of code; null or left out when there is none. */
  readonly policyPath?: string | null;
}

/** Resolves the block. */
export function resolveDeployment(
  form: DeploymentForm,
  { root, presets, sourceOf, classes, startHour, policyPath = null }: DeploymentContext,
): Deployment {
  const regions = Object.entries(form.regions).map(([id, region]) => resolveRegion(id, region));
  const regionIndex = (id: string): number => indexOf(regions, id);
  const gateways =
    form.gateways ??
    Object.fromEntries(
      regions.map(({ id }): [string, GatewayForm] => [id, { ...GATEWAY_DEFAULT_FORM, region: id }]),
    );
  const endpoints = Object.entries(form.endpoints).map(([id, endpoint]) =>
    resolveEndpoint(id, endpoint, regionIndex, presets),
  );
  const ruleNodes = itemsOf(nodeAt(root, ["deployment", "residency"]));
  return {
    regions,
    gateways: Object.entries(gateways).map(([id, gateway]) => resolveGateway(id, gateway, regions)),
    endpoints,
    entry: resolveEntry(form.entry),
    residency: form.residency.map((rule, index) => resolveRule(rule, index, sourceOf(ruleNodes[index]!.at))),
    routing: {
      policy: resolvePolicySource(form.routing.policy, (id) => indexOf(endpoints, id), policyPath),
      strategy: form.routing.strategy,
      health: resolveHealth(form.routing.health),
      failOpen: form.routing.failOpen,
      upstreamTimeoutUs:
        form.routing.upstreamTimeout === "none" ? Number.POSITIVE_INFINITY : form.routing.upstreamTimeout,
      propagatesDeadlines: form.routing.deadlines === "propagate",
      ...resolveFallback(form.routing),
    },
    stores: resolveStores(form.stores, { root, regions, classes }),
    quotas: Object.entries(form.quotas ?? {}).map(([id, quota]) => resolveQuota(id, quota, endpoints)),
    caller: { retry: form.retry ?? PLAIN_CALLER.retry, ...form.protect },
    sdkRetry: form.sdkRetry ?? null,
    drift: resolveDrift(form, { regions, endpoints, classes, startHour }),
  };
}

/** Endpoints by position; a quota that names neither endpoints nor models is over all of them. */
function resolveQuota(
  id: string,
  { endpoints: ids, models, perTenant, limits }: QuotaForm,
  endpoints: readonly Endpoint[],
): Quota {
  const isMember = (endpoint: Endpoint): boolean =>
    ids !== undefined ? ids.includes(endpoint.id) : models === undefined || models.includes(endpoint.model);
  const endpointIndices = endpoints.flatMap((endpoint, index) => (isMember(endpoint) ? [index] : []));
  return { id, endpointIndices, perTenant, limits };
}

/** Zones and countries as a set of countries, in the order written, each once. */
function expandPlaces(words: readonly string[]): readonly string[] {
  return [...new Set(words.flatMap((word) => resolveZone(word) ?? []))];
}

/** The position of an id; a bug when there is none. */
export function indexOf(things: readonly { readonly id: string }[], id: string): number {
  const index = things.findIndex((thing) => thing.id === id);
  if (index < 0) throw new Error(`bug: nothing is called ${JSON.stringify(id)}`);
  return index;
}

function resolveRegion(id: string, form: RegionForm): Region {
  if (!("at" in form))
    return {
      id,
      at: null,
      city: form.city,
      country: form.country,
      latitude: form.latitude,
      longitude: form.longitude,
    };
  const place = findCloudRegion(form.at);
  if (place === undefined) throw new Error(`bug: no region ${JSON.stringify(form.at)}`);
  return {
    id,
    at: form.at,
    city: place.city,
    country: place.country,
    latitude: place.latitude,
    longitude: place.longitude,
  };
}

function resolveGateway(id: string, form: GatewayForm, regions: readonly Region[]): Gateway {
  const regionIndex = indexOf(regions, form.region);
  const country = regions[regionIndex]!.country;
  // A gateway sees every prompt in the clear: saying where its logs go does not make its processing vanish.
  const data = { processing: [country], logs: [country], ...resolvePlaces(form.data ?? {}) };
  return {
    id,
    regionIndex,
    concurrency: form.concurrency,
    queueLimit: form.queue,
    queue: form.admission,
    overheadUs: form.overhead,
    data,
  };
}

function resolveEndpoint(
  id: string,
  form: EndpointForm,
  regionIndex: (id: string) => number,
  presets: Presets,
): Endpoint {
  const { region, model, serving } = form;
  if (region === undefined || model === undefined || serving === undefined)
    throw new Error(`bug: endpoint ${JSON.stringify(id)} is not complete`);
  return {
    id,
    regionIndex: regionIndex(region),
    model,
    version: form.version,
    tier: form.tier,
    weight: form.weight,
    serving: resolveServing(serving, presets.get(id)),
    limits: form.limits,
    abandoned: form.abandoned,
    queue: form.admission,
    rejectCostUs: form.rejectCost,
    crash: form.crash,
    price: form.price === undefined ? null : resolvePrice(form.price),
    data: form.data === undefined ? {} : resolvePlaces(form.data),
  };
}

function resolvePlaces(form: PlacesForm): { readonly [C in Channel]?: readonly string[] } {
  const places: { [C in Channel]?: readonly string[] } = {};
  for (const channel of CHANNELS) {
    const words = form[channel];
    if (words !== undefined) places[channel] = expandPlaces(words);
  }
  return places;
}

function resolveEntry(form: EntryForm): Entry {
  switch (form.kind) {
    case "geo-dns":
      return {
        kind: "geo-dns",
        ttlUs: form.ttl,
        tailShare: form.tailShare,
        tailFactor: form.tailFactor,
        resolversPerSite: form.resolversPerSite,
        check: resolveHealth(form.check),
        checkers: form.checkers,
        quorum: form.quorum,
      };
    case "anycast":
      return {
        kind: "anycast",
        convergenceUs: form.convergence,
        check: resolveHealth(form.check),
        scope: form.scope,
      };
    case "direct":
      return { kind: "direct", failover: form.failover };
  }
}

function resolveHealth(form: HealthForm | "none"): HealthCheck | null {
  if (form === "none") return null;
  return {
    intervalUs: form.interval,
    timeoutUs: form.timeout,
    fall: form.fall,
    rise: form.rise,
    schedule: form.schedule,
    seesLoad: form.seesLoad,
    firstUs: form.first ?? null,
  };
}

function resolveRule(form: RuleForm, index: number, source: string): Deployment["residency"][number] {
  const { origin, dataClass, model } = form.when;
  return {
    id: form.id ?? `rule-${index + 1}`,
    when: {
      ...(origin === undefined ? {} : { origin: expandPlaces(origin) }),
      ...(dataClass === undefined ? {} : { dataClass }),
      ...(model === undefined ? {} : { model }),
    },
    require: resolvePlaces(form.require),
    onEmpty: "refuse",
    source,
  };
}
