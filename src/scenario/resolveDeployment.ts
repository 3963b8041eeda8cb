/**
 * The deployment block with every name resolved to an index and every zone to countries. Input has passed the schema
 * and the reference checks; what is still missing here is a bug.
 */
import { type ChannelPlaces, PLAIN_CALLER } from "../policy/index.js";
import { findCloudRegion } from "./catalogue/index.js";
import type { DeploymentForm, EntryForm, GatewayForm, HealthForm, RegionForm } from "./deploymentForm.js";
import type { Position } from "./issue.js";
import { resolveDrift } from "./resolveDrift.js";
import { resolveFallback } from "./resolveFallback.js";
import { resolvePolicySource } from "./resolvePolicySource.js";
import type { Presets } from "./resolvePresets.js";
import {
  type PlaceContext,
  resolveEnforce,
  resolvePlaces,
  resolveRule,
  resolveShadow,
  resolveTransfer,
  sourceAt,
} from "./resolveResidency.js";
import { resolvePrice, resolveServing } from "./resolveServing.js";
import { resolveStores } from "./resolveStores.js";
import type { Deployment, Endpoint, Entry, Gateway, HealthCheck, Quota, Region } from "./scenario.js";
import { GATEWAY_DEFAULT_FORM } from "./schemaDeployment.js";
import type { EndpointForm } from "./schemaEndpoint.js";
import type { QuotaForm } from "./schemaLimits.js";
import type { PlacesForm } from "./schemaPlaces.js";
import { resolveEndpointPlacing, resolveGatewayPlacing } from "./schemaPlacing.js";
import { child, itemsOf, keyPlaceOf, nodeAt, type SourceNode, type SourcePath } from "./sourceTree.js";

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
  const gateways =
    form.gateways ??
    Object.fromEntries(
      regions.map(({ id }): [string, GatewayForm] => [id, { ...GATEWAY_DEFAULT_FORM, region: id }]),
    );
  const written = (kind: string, id: string): Written => ({
    node: nodeAt(root, ["deployment", kind, id]),
    source: sourceOf(keyPlaceOf(root, ["deployment", kind, id])),
    sourceOf,
  });
  const endpoints = Object.entries(form.endpoints).map(([id, endpoint]) =>
    resolveEndpoint(id, endpoint, { regions, presets, ...written("endpoints", id) }),
  );
  const lineOf = (...path: SourcePath): string | undefined => {
    const node = nodeAt(root, ["deployment", ...path]);
    return node === undefined ? undefined : sourceOf(node.at);
  };
  const ruleNodes = itemsOf(nodeAt(root, ["deployment", "residency"]));
  const transferNodes = itemsOf(nodeAt(root, ["deployment", "transfers"]));
  return {
    regions,
    gateways: Object.entries(gateways).map(([id, gateway]) =>
      resolveGateway(id, gateway, regions, written(form.gateways === undefined ? "regions" : "gateways", id)),
    ),
    endpoints,
    entry: resolveEntry(form.entry, lineOf("entry", "scope") ?? lineOf("entry")),
    residency: [
      ...form.residency.map((rule, i) => resolveRule(rule, i, sourceOf(ruleNodes[i]!.at))),
      ...(form.transfers ?? []).map((rule, i) => resolveTransfer(rule, i, sourceOf(transferNodes[i]!.at))),
    ],
    routing: {
      policy: resolvePolicySource(form.routing.policy, (id) => indexOf(endpoints, id), policyPath),
      strategy: form.routing.strategy,
      health: resolveHealth(form.routing.health),
      failOpen: form.routing.failOpen,
      upstreamTimeoutUs:
        form.routing.upstreamTimeout === "none" ? Number.POSITIVE_INFINITY : form.routing.upstreamTimeout,
      propagatesDeadlines: form.routing.deadlines === "propagate",
      ...resolveFallback(form.routing),
      ...resolveEnforce(form.routing.enforce, nodeAt(root, ["deployment", "routing", "enforce"]), sourceOf),
      ...resolveShadow(form.routing.shadow, endpoints, written("routing", "shadow")),
    },
    stores: resolveStores(form.stores, { root, regions, classes, sourceOf }),
    quotas: Object.entries(form.quotas ?? {}).map(([id, quota]) => resolveQuota(id, quota, endpoints)),
    caller: { retry: form.retry ?? PLAIN_CALLER.retry, ...form.protect },
    sdkRetry: form.sdkRetry ?? null,
    drift: resolveDrift(form, { regions, endpoints, classes, startHour, lineOf }),
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

/** Where a thing is written; no node for one that is there by default. */
interface Written {
  readonly node: SourceNode | undefined;
  /** `file:line` of its name, or of what it is made from. */
  readonly source: string;
  readonly sourceOf: (at: Position) => string;
}

function resolveGateway(
  id: string,
  form: GatewayForm,
  regions: readonly Region[],
  { node, source, sourceOf }: Written,
): Gateway {
  const regionIndex = indexOf(regions, form.region);
  const country = regions[regionIndex]!.country;
  // A gateway that ends the encryption sees every prompt: saying where its logs go does not make its processing vanish.
  const unsaid: ChannelPlaces = form.tls === "passthrough" ? {} : { processing: [country], logs: [country] };
  const stated = resolvePlaces(form.data ?? {}, { node: child(node, "data"), sourceOf, country });
  return {
    id,
    regionIndex,
    concurrency: form.concurrency,
    queueLimit: form.queue,
    queue: form.admission,
    overheadUs: form.overhead,
    ...resolveGatewayPlacing(form),
    data: { ...unsaid, ...stated },
    ...(form.tls === "passthrough" ? { tls: form.tls } : {}),
    ...(form.claims === undefined ? {} : { claims: form.claims }),
    source,
  };
}

function resolveEndpoint(
  id: string,
  form: EndpointForm,
  {
    regions,
    presets,
    node,
    source,
    sourceOf,
  }: Written & {
    readonly regions: readonly Region[];
    readonly presets: Presets;
  },
): Endpoint {
  const { region, model, serving } = form;
  if (region === undefined || model === undefined || serving === undefined)
    throw new Error(`bug: endpoint ${JSON.stringify(id)} is not complete`);
  const regionIndex = indexOf(regions, region);
  const { country } = regions[regionIndex]!;
  return {
    id,
    regionIndex,
    model,
    version: form.version,
    tier: form.tier,
    weight: form.weight,
    ...resolveEndpointPlacing(form),
    serving: resolveServing(serving, presets.get(id)),
    limits: form.limits,
    abandoned: form.abandoned,
    queue: form.admission,
    rejectCostUs: form.rejectCost,
    crash: form.crash,
    price: form.price === undefined ? null : resolvePrice(form.price),
    ...resolveEndpointData(form.data, { node, sourceOf, country }),
    ...(form.claims === undefined ? {} : { claims: form.claims }),
    source,
  };
}

/** What an endpoint says of its data, and where; `node` is that of the endpoint. */
function resolveEndpointData(
  form: PlacesForm | undefined,
  { node, sourceOf, country }: PlaceContext,
): Pick<Endpoint, "data" | "terms" | "dataSource"> {
  const data = child(node, "data");
  const keyAt = node?.kind === "map" ? node.entries.get("data")?.keyAt : undefined;
  return {
    data: resolvePlaces(form ?? {}, { node: data, sourceOf, country }),
    ...(form?.terms === undefined
      ? {}
      : { terms: { key: form.terms, ...sourceAt(child(data, "terms"), sourceOf) } }),
    ...(keyAt === undefined ? {} : { dataSource: sourceOf(keyAt) }),
  };
}

function resolveEntry(form: EntryForm, source: string | undefined): Entry {
  switch (form.kind) {
    case "geo-dns":
      return {
        kind: "geo-dns",
        ...(form.preset === undefined ? {} : { preset: form.preset }),
        ttlUs: form.ttl,
        tailShare: form.tailShare,
        tailFactor: form.tailFactor,
        resolversPerSite: form.resolversPerSite,
        check: resolveHealth(form.check),
        checkers: form.checkers,
        quorum: form.quorum,
        strategy: form.strategy,
      };
    case "anycast":
      return {
        kind: "anycast",
        ...(form.preset === undefined ? {} : { preset: form.preset }),
        convergenceUs: form.convergence,
        check: resolveHealth(form.check),
        scope: form.scope,
        ...(form.scope === "lawful" || source === undefined ? {} : { source }),
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
    ...(form.window === undefined ? {} : { window: form.window }),
    ...(form.retries === undefined ? {} : { retries: form.retries }),
    ...(form.preset === undefined ? {} : { preset: form.preset }),
    ...(form.prompt === "copy" ? { copiesPrompts: true } : {}),
  };
}
