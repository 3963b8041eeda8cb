/** What takes a kind of prompt every lawful place it has. */
import { firstBits } from "../../policy/index.js";
import type { AuditSinglePoint } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { LawfulKind } from "./lawfulKinds.js";
import { originWords } from "./violations.js";
import { listWords } from "./words.js";

/** Something that can be lost, with the places that go with it, as masks. */
interface Part {
  readonly kind: AuditSinglePoint["kind"];
  readonly id: string;
  readonly gateways: number;
  readonly endpoints: number;
}

/** In the order of endpoints, gateways, regions, providers, countries; kinds of users alike stand together. */
export function singlePointsOf(
  scenario: Scenario,
  kinds: readonly LawfulKind[],
): readonly AuditSinglePoint[] {
  return partsOf(scenario).flatMap((part) => {
    const struck = kinds.filter((kind) => dies(kind.lawful, kind.lawfulGateways, part));
    return [true, false].flatMap((isMadeByRules) => {
      const alike = struck.filter((kind) => dies(kind.serving, kind.allGateways, part) !== isMadeByRules);
      return alike.length === 0 ? [] : [pointOf(scenario, part, alike, isMadeByRules)];
    });
  });
}

/** Whether places that were there are all gone with the part. */
function dies(endpoints: number, gateways: number, part: Part): boolean {
  if (endpoints === 0 || gateways === 0) return false;
  return (endpoints & ~part.endpoints) === 0 || (gateways & ~part.gateways) === 0;
}

function pointOf(
  scenario: Scenario,
  { kind, id }: Part,
  alike: readonly LawfulKind[],
  isMadeByRules: boolean,
): AuditSinglePoint {
  const origins = [...new Set(alike.map((one) => one.kind.country))];
  const classes = [...new Set(alike.map((one) => one.kind.dataClass))];
  const whose = `${listWords(classes)} from ${originWords(scenario, origins)}`;
  const why = isMadeByRules
    ? "without it the rules leave them nothing, though other places would be up"
    : "without it there is nothing left to serve them, rules or none";
  return {
    origins,
    classes,
    kind,
    id,
    isMadeByRules,
    sentence: `${whose}: all depends on ${kind} ${id}; ${why}.`,
  };
}

/** Everything that can be lost at one blow. A provider is what stands before the colon in a region's catalogue key. */
function partsOf({ deployment }: Scenario): readonly Part[] {
  const { regions, gateways, endpoints } = deployment;
  const inRegions = (kind: Part["kind"], id: string, regionMask: number): Part => {
    const members = (of: readonly { readonly regionIndex: number }[]): number =>
      maskWhere(of, ({ regionIndex }) => ((regionMask >> regionIndex) & 1) !== 0);
    return { kind, id, gateways: members(gateways), endpoints: members(endpoints) };
  };
  const by = (
    kind: Part["kind"],
    nameOf: (region: (typeof regions)[number]) => string | null,
  ): readonly Part[] => {
    const names = [...new Set(regions.map(nameOf))].filter((name) => name !== null);
    return names.map((name) =>
      inRegions(
        kind,
        name,
        maskWhere(regions, (region) => nameOf(region) === name),
      ),
    );
  };
  return [
    ...endpoints.map(({ id }, e): Part => ({ kind: "endpoint", id, gateways: 0, endpoints: 1 << e })),
    ...gateways.map(({ id }, g): Part => ({ kind: "gateway", id, gateways: 1 << g, endpoints: 0 })),
    ...by("region", ({ id }) => id),
    ...by("provider", ({ at: key }) => (key === null ? null : key.split(":")[0]!)),
    ...by("country", ({ country }) => country),
  ];
}

function maskWhere<T>(list: readonly T[], has: (one: T) => boolean): number {
  return list.reduce((mask, one, i) => (has(one) ? mask | (1 << i) : mask), 0) & firstBits(31);
}
