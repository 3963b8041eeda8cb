/**
 * Which numbers of a scenario are capacities, and which of them each endpoint is bound by. They are changed as `--set`
 * changes them, so a sized scenario is one that anybody could have written.
 */
import { capacityBounds } from "../../model/capacity.js";
import type { CapacityUnit, Knob } from "../../result/sizing.js";
import type { Endpoint, Scenario } from "../../scenario/scenario.js";

/** A number that may be sized. */
export interface Capacity {
  /** As `--set` takes it. */
  readonly path: string;
  /** The endpoint, gateway or quota it belongs to, and the region or regions that is in. */
  readonly owner: string;
  readonly region: string;
  readonly unit: CapacityUnit;
  readonly value: number;
  /** More than this no scenario may say. */
  readonly most: number;
  /** US dollars an hour for one unit; null without a price. */
  readonly usdPerUnitHour: number | null;
}

/** Replicas of one endpoint that a scenario may have. */
const MOST_REPLICAS = 10_000;

/** Every finite capacity, endpoints first, then gateways, then quotas; each in the order of the file. */
export function capacitiesOf(scenario: Scenario): readonly Capacity[] {
  const { endpoints, gateways, quotas, regions } = scenario.deployment;
  const all = [
    ...endpoints.flatMap((endpoint) => ofEndpoint(endpoint, regions[endpoint.regionIndex]!.id)),
    ...gateways.map(({ id, regionIndex, concurrency }) =>
      plain(`deployment.gateways.${id}.concurrency`, {
        owner: id,
        region: regions[regionIndex]!.id,
        unit: "concurrency",
        value: concurrency,
      }),
    ),
    ...quotas.flatMap(({ id, endpointIndices, limits }) => {
      const of = endpointIndices.map((e) => regions[endpoints[e]!.regionIndex]!.id);
      const region = [...new Set(of)].join(", ");
      return (["requestsPerMin", "tokensPerMin"] as const).map((unit) =>
        plain(`deployment.quotas.${id}.${unit}`, { owner: id, region, unit, value: limits[unit] }),
      );
    }),
  ];
  return all.filter(({ value }) => value < Number.POSITIVE_INFINITY);
}

/** What binds each endpoint first, by path; those bound by a quota that others draw on give that quota, once. */
export function bindingPaths(scenario: Scenario): readonly string[] {
  const { endpoints, quotas } = scenario.deployment;
  const paths = capacityBounds(scenario).flatMap((bounds, e) => {
    const first = bounds[0];
    if (first === undefined) return [];
    if (first.quotaIndex !== null) return [`deployment.quotas.${quotas[first.quotaIndex]!.id}.${first.unit}`];
    return [pathOf(endpoints[e]!, first.unit)];
  });
  return [...new Set(paths)];
}

function ofEndpoint(endpoint: Endpoint, region: string): readonly Capacity[] {
  const { id, serving, limits, price } = endpoint;
  const places =
    serving.kind === "replicas" ? (serving.autoscale?.max ?? serving.replicas) : serving.concurrency;
  const unit =
    serving.kind === "replicas" ? "replicas" : serving.kind === "server" ? "servers" : "concurrency";
  const rent = price === null || price.perReplicaHourUsd === 0 ? null : price.perReplicaHourUsd;
  // A provider's rent is for all its places together: a place costs its share of it.
  const usdPerUnitHour = rent === null ? null : unit === "replicas" ? rent : rent / places;
  const most = unit === "replicas" ? MOST_REPLICAS : Number.MAX_SAFE_INTEGER;
  return [
    { path: pathOf(endpoint, unit), owner: id, region, unit, value: places, most, usdPerUnitHour },
    ...(["requestsPerMin", "tokensPerMin"] as const).map((limit) =>
      plain(pathOf(endpoint, limit), { owner: id, region, unit: limit, value: limits[limit] }),
    ),
  ];
}

function pathOf({ id, serving }: Endpoint, unit: CapacityUnit): string {
  const at = `deployment.endpoints.${id}`;
  if (unit === "requestsPerMin" || unit === "tokensPerMin") return `${at}.limits.${unit}`;
  if (serving.kind !== "replicas") return `${at}.serving.concurrency`;
  // What scales by itself is sized by how far it may.
  return serving.autoscale === null ? `${at}.serving.replicas` : `${at}.serving.autoscale.max`;
}

function plain(path: string, rest: Omit<Capacity, "path" | "most" | "usdPerUnitHour">): Capacity {
  return { path, ...rest, most: Number.MAX_SAFE_INTEGER, usdPerUnitHour: null };
}

/** The capacity as a knob: steps of a hundredth for what is bought by the thousand, of one for all else. */
export function knobOf(capacity: Capacity, follow: readonly string[]): Knob {
  const { path, owner, region, unit, value, usdPerUnitHour } = capacity;
  return {
    path,
    endpoint: owner,
    region,
    unit,
    step: stepOf(value),
    follow,
    from: value,
    to: null,
    usdPerUnitHour,
  };
}

/** 1 up to 1000, then the power of ten that is between a thousandth and a hundredth of the value. */
function stepOf(value: number): number {
  let step = 1;
  while (value / step > 1000) step *= 10;
  return step;
}

/**
 * The settings that give a capacity a value. What scales by itself must not begin above its most, and gateways that the
 * file leaves to the default must all be written where one is.
 */
export function settingsOf(
  scenario: Scenario,
  { path }: Pick<Knob, "path">,
  value: number,
): readonly string[] {
  const setting = `${path}=${value}`;
  if (path.endsWith(".autoscale.max")) return [setting, ...scalingSettings(scenario, path, value)];
  return path.startsWith("deployment.gateways.") ? [...gatewaySettings(scenario), setting] : [setting];
}

function scalingSettings(scenario: Scenario, path: string, most: number): readonly string[] {
  const [, , id] = path.split(".");
  const serving = scenario.deployment.endpoints.find((endpoint) => endpoint.id === id)?.serving;
  if (serving?.kind !== "replicas" || serving.autoscale === null) return [];
  const at = `deployment.endpoints.${id}.serving`;
  return [
    ...(serving.replicas > most ? [`${at}.replicas=${most}`] : []),
    ...(serving.autoscale.min > most ? [`${at}.autoscale.min=${most}`] : []),
  ];
}

/** None where the gateways cannot be the default's, one a region and called as it; no change where they are written. */
function gatewaySettings({ deployment: { gateways, regions } }: Scenario): readonly string[] {
  const isDefault =
    gateways.length === regions.length &&
    gateways.every(({ id, regionIndex }) => regions[regionIndex]!.id === id);
  return isDefault ? gateways.map(({ id }) => `deployment.gateways.${id}.region=${id}`) : [];
}

/** Capacities of other owners that change too when `path` is set, as `changed` shows beside `scenario`. */
export function followersOf(scenario: Scenario, changed: Scenario, owner: string): readonly string[] {
  const after = new Map(capacitiesOf(changed).map(({ path, value }) => [path, value]));
  const moved = capacitiesOf(scenario).filter(
    (capacity) => capacity.owner !== owner && after.get(capacity.path) !== capacity.value,
  );
  return [...new Set(moved.map((capacity) => capacity.owner))];
}
