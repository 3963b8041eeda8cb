/**
 * What Istio makes of localities before Envoy sees them, for those who read its configurations. Source: istio/istio,
 * pilot/pkg/networking/core/loadbalancer at 86c9f01.
 */

/** A place as `region/zone/subzone`; parts may be missing from the right. */
export type IstioLocality = string;

/** Where requests of a region go when it fails. */
export interface IstioFailover {
  readonly from: string;
  readonly to: string;
}

/**
 * The priority of each endpoint for a client: 0 in its own sub-zone, 1 in its zone, 2 in its region, 3 elsewhere. A
 * failover for the client's region keeps its target at 3 and only moves the other regions to 4: they stay reachable,
 * which is why it is no rule about residency.
 */
export function istioPriority(
  client: IstioLocality,
  endpoint: IstioLocality,
  failover: readonly IstioFailover[] = [],
): number {
  const [region, zone, subzone] = client.split("/");
  const [itsRegion, itsZone, itsSubzone] = endpoint.split("/");
  if (itsRegion === region) {
    if (itsZone !== zone) return 2;
    return itsSubzone === subzone ? 0 : 1;
  }
  const target = failover.find(({ from }) => from === region)?.to;
  return target === undefined || target === itsRegion ? 3 : 4;
}

/** The priorities without gaps, best 0: the tiers of the endpoints, since Envoy knows no empty priorities. */
export function istioTiers(
  client: IstioLocality,
  endpoints: readonly IstioLocality[],
  failover: readonly IstioFailover[] = [],
): readonly number[] {
  const priorities = endpoints.map((endpoint) => istioPriority(client, endpoint, failover));
  const distinct = [...new Set(priorities)].sort((a, b) => a - b);
  return priorities.map((priority) => distinct.indexOf(priority));
}

/**
 * The weight of each endpoint under `distribute`: a locality's percent in equal parts to its endpoints, and 0 where no
 * entry names its locality: those endpoints are gone, and nothing else takes any away. An entry matches a locality that
 * it is the beginning of (`region`, `region/zone`, with or without a last `/*`).
 */
export function istioDistribute(
  percents: Readonly<Record<IstioLocality, number>>,
  endpoints: readonly IstioLocality[],
): readonly number[] {
  const entries = Object.entries(percents).map(([place, percent]) => ({
    percent,
    members: endpoints.flatMap((endpoint, e) => (isWithin(endpoint, place) ? [e] : [])),
  }));
  return endpoints.map((_, e) => {
    const entry = entries.find(({ members }) => members.includes(e));
    return entry === undefined ? 0 : entry.percent / entry.members.length;
  });
}

function isWithin(endpoint: IstioLocality, place: IstioLocality): boolean {
  const start = place.replace(/\/?\*$/, "");
  return start === "" || endpoint === start || endpoint.startsWith(`${start}/`);
}
