/** Every kind of prompt × place × channel: may it ever be there, and may it be there. */
import type { AuditKind, AuditPath, AuditPlace, AuditWay } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { KindReach, PlaceReach } from "./reachTypes.js";
import { type ChannelVerdict, channelVerdicts, type PlaceIndex } from "./verdicts.js";

/** Users of one country and a class, with what each of their sites can reach. */
export interface CountryKind {
  readonly kind: AuditKind;
  readonly classIndex: number;
  readonly bySite: readonly KindReach[];
}

/** A place and its names. */
export interface NamedPlace extends PlaceIndex {
  readonly place: AuditPlace;
}

/** Kinds by country and class, in the order of sites and then of classes. */
export function countryKinds({ workload }: Scenario, reaches: readonly KindReach[]): readonly CountryKind[] {
  const countries = [...new Set(workload.sites.map((site) => site.country))];
  return countries.flatMap((country) =>
    workload.classes.map(({ id, tenant, model }, classIndex): CountryKind => {
      const bySite = reaches.filter(
        (reach) => reach.classIndex === classIndex && workload.sites[reach.site]!.country === country,
      );
      const { origin } = workload.sites[bySite[0]!.site]!;
      return { kind: { country, origin, dataClass: id, tenant, model }, classIndex, bySite };
    }),
  );
}

/** Gateways, endpoints and copies of stores, in the order of the file. */
export function placesOf({ deployment }: Scenario): readonly NamedPlace[] {
  const { regions, gateways, endpoints, stores } = deployment;
  const named = (
    kind: AuditPlace["kind"],
    of: readonly { id: string; regionIndex: number }[],
  ): NamedPlace[] =>
    of.map(({ id, regionIndex }, index) => ({
      kind,
      index,
      place: { kind, id, region: regions[regionIndex]!.id },
    }));
  return [
    ...named("gateway", gateways),
    ...named("endpoint", endpoints),
    ...named(
      "store",
      stores.flatMap((store) => store.copies),
    ),
  ];
}

/** The paths of one kind, in the order of places and channels. */
export function pathsOf(
  scenario: Scenario,
  of: CountryKind,
  places: readonly NamedPlace[],
): readonly AuditPath[] {
  const { site, classIndex } = of.bySite[0]!;
  return places.flatMap((at) => {
    const reach = reachAt(of, at);
    return channelVerdicts(scenario, { site, classIndex }, at).map((verdict) => {
      const isLine = verdict.channel === "queue" && at.kind === "gateway";
      return pathOf(of.kind, at.place, isLine ? heldAt(of, reach, at.index) : reach, verdict);
    });
  });
}

/** Written out, because there may be very many and the engine is slow to spread so wide an object. */
function pathOf(
  kind: AuditKind,
  place: AuditPlace,
  { ways, never }: PlaceReach,
  of: ChannelVerdict,
): AuditPath {
  return {
    country: kind.country,
    origin: kind.origin,
    dataClass: kind.dataClass,
    tenant: kind.tenant,
    model: kind.model,
    place,
    channel: of.channel,
    ever: ways.length > 0,
    ways,
    never,
    verdict: of.verdict,
    fault: of.fault,
    countries: of.countries,
    outside: of.outside,
    rule: of.rule,
    ruleLine: of.ruleLine,
    statementLine: of.statementLine,
    keptDays: of.keptDays,
    evidence: of.evidence,
    letBy: of.letBy,
  };
}

/** What any of the sites can do. */
export function reachAt({ bySite }: CountryKind, { kind, index }: PlaceIndex): PlaceReach {
  const list = kind === "gateway" ? "gateways" : kind === "endpoint" ? "endpoints" : "stores";
  const each = bySite.map((reach) => reach[list][index]!);
  const ways = distinctWays(each.flatMap((reach) => reach.ways));
  return { ways, never: ways.length > 0 ? null : (each[0]?.never ?? null) };
}

/** The line of a gateway is reached by being held there and by nothing else. */
function heldAt({ bySite }: CountryKind, gateway: PlaceReach, index: number): PlaceReach {
  if (gateway.ways.length === 0) return gateway;
  const held = bySite.flatMap((reach) =>
    reach.gateways[index]!.ways.length > 0 ? (reach.held[index] ?? []) : [],
  );
  const ways = distinctWays(held);
  return { ways, never: ways.length > 0 ? null : "requests are refused there, never held" };
}

/** Each way once, in the order met. */
export function distinctWays(ways: readonly AuditWay[]): readonly AuditWay[] {
  const seen = new Set<string>();
  return ways.filter(({ kind, how }) => {
    const key = `${kind} ${how}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
