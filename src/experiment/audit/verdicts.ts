/** The independent judge's words about a place, channel by channel. */
import { gatewayPlaces } from "../../model/entryPolicy.js";
import { type AuditVerdict, judgePlace } from "../../model/index.js";
import type { Channel, ChannelPlaces, ChannelUse } from "../../policy/index.js";
import { CHANNELS } from "../../policy/index.js";
import type { AuditPath, AuditPlace } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Kind } from "./reachTypes.js";

/** What there is to say of one channel of a place and one kind of prompt. */
export type ChannelVerdict = Pick<
  AuditPath,
  | "channel"
  | "verdict"
  | "fault"
  | "countries"
  | "outside"
  | "rule"
  | "ruleLine"
  | "statementLine"
  | "keptDays"
  | "evidence"
  | "letBy"
>;

/** A place by kind and index. */
export interface PlaceIndex {
  readonly kind: AuditPlace["kind"];
  readonly index: number;
}

/** One a channel that the place states or a rule asks about, in the fixed order of channels. */
export function channelVerdicts(
  scenario: Scenario,
  kind: Kind,
  place: PlaceIndex,
): readonly ChannelVerdict[] {
  const judged = judgements(scenario, kind, place);
  const data = dataOf(scenario, place);
  return CHANNELS.flatMap((channel) => {
    const rows = judged.filter((row) => row.channel === channel);
    const use = useOf(data, channel);
    if (rows.length === 0 && use === null) return [];
    if (place.kind === "gateway" && rows.length === 0 && !(channel in gatewayData(scenario, place)))
      return [];
    return [verdictOf(channel, rows, use)];
  });
}

/** Whether nothing of what the place does with such prompts breaks a rule; what only held requests meet aside. */
export function isLawful(scenario: Scenario, kind: Kind, place: PlaceIndex): boolean {
  const at = { placeKind: place.kind, place: place.index } as const;
  return judgePlace(scenario, kind, at).every(({ lawful }) => lawful);
}

function judgements(
  scenario: Scenario,
  kind: Kind,
  { kind: placeKind, index }: PlaceIndex,
): readonly AuditVerdict[] {
  const at = { placeKind, place: index } as const;
  const rows = judgePlace(scenario, kind, at);
  return placeKind === "gateway"
    ? [...rows, ...judgePlace(scenario, kind, { ...at, purpose: "queue" })]
    : rows;
}

function gatewayData(scenario: Scenario, { index }: PlaceIndex): ChannelPlaces {
  return scenario.deployment.gateways[index]!.data;
}

function dataOf(scenario: Scenario, { kind, index }: PlaceIndex): ChannelPlaces {
  const { deployment } = scenario;
  switch (kind) {
    case "gateway":
      return gatewayPlaces(scenario, deployment.gateways[index]!);
    case "endpoint":
      return deployment.endpoints[index]!.data;
    case "store":
      return deployment.stores.flatMap((store) => store.copies)[index]!.data;
  }
}

function useOf(data: ChannelPlaces, channel: Channel): ChannelUse | null {
  const stated = data[channel];
  if (stated === undefined) return null;
  return typeof stated === "object" && "countries" in stated ? stated : { countries: stated };
}

function verdictOf(channel: Channel, rows: readonly AuditVerdict[], use: ChannelUse | null): ChannelVerdict {
  const broken = rows.find(({ lawful }) => !lawful);
  const deciding = broken ?? rows.find(({ rule }) => rule !== null);
  const isUnknown = use === null || use.countries.length === 0;
  return {
    channel,
    verdict: broken !== undefined ? "unlawful" : deciding !== undefined ? "lawful" : "not-governed",
    fault: broken?.fault ?? null,
    countries: isUnknown ? null : use.countries,
    outside: isUnknown
      ? []
      : [...new Set(rows.filter(({ fault }) => fault === "place").map(({ country }) => country))],
    rule: deciding?.rule ?? null,
    ruleLine: deciding?.ruleLine ?? null,
    statementLine: use?.source ?? (deciding ?? rows[0])?.line ?? null,
    keptDays: keptOf(use),
    evidence: use?.evidence ?? null,
    letBy: broken?.letBy ?? null,
  };
}

function keptOf(use: ChannelUse | null): ChannelVerdict["keptDays"] {
  if (use?.keptDays === undefined) return null;
  return use.keptDays === Number.POSITIVE_INFINITY ? "forever" : use.keptDays;
}
