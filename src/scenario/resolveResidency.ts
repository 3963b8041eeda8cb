/** Rules and places of the file form, with zones written out as countries and every statement's line kept. */
import {
  CHANNELS,
  type Channel,
  type ChannelPlaces,
  type ChannelUse,
  type ResidencyRule,
  type TransferGround,
} from "../policy/index.js";
import {
  ADEQUACY,
  COUNTRY_CODES,
  findProviderTerms,
  REGION_COUNTRY,
  resolveZone,
} from "./catalogue/index.js";
import type { Position } from "./issue.js";
import type { Enforcement, Shadow } from "./residency.js";
import {
  CACHES,
  type ChannelWord,
  NOWHERE,
  type PlacesForm,
  type UseForm,
  type ZonesForm,
} from "./schemaPlaces.js";
import {
  bounded,
  channelsOf,
  type GroundName,
  type RuleForm,
  type ShadowForm,
  type TransferForm,
  type WhenForm,
} from "./schemaResidency.js";
import { child, type SourceNode } from "./sourceTree.js";

/** Words the place of a statement as `file:line`. */
export type SourceOf = (at: Position) => string;

/** Where a place's statements are written, and where it stands. */
export interface PlaceContext {
  /** The mapping of channels; undefined where nothing is written. */
  readonly node: SourceNode | undefined;
  readonly sourceOf: SourceOf;
  /** Of its region, for terms that speak of the region. */
  readonly country: string;
}

/** What a place does with data: its provider's terms, and over them what the file says. */
export function resolvePlaces(form: PlacesForm, context: PlaceContext): ChannelPlaces {
  const places: { [C in Channel]?: ChannelUse } =
    form.terms === undefined ? {} : termsOf(form.terms, context);
  for (const channel of CHANNELS) {
    const word = wordFor(form, channel);
    const use = word === null ? undefined : form[word];
    if (use === undefined) continue;
    places[channel] = resolveUse(use, child(context.node, word!), context.sourceOf);
  }
  return places;
}

/** What is done on one channel; `node` is where it is written. */
export function resolveUse(form: UseForm, node: SourceNode | undefined, sourceOf: SourceOf): ChannelUse {
  return {
    countries: countriesOf(form.in),
    ...(form.keptDays === undefined ? {} : { keptDays: form.keptDays }),
    ...(form.evidence === undefined ? {} : { evidence: form.evidence }),
    ...sourceAt(node, sourceOf),
  };
}

/** Which word of a mapping speaks about a channel: its own, or `cache`. */
function wordFor(form: { readonly [C in ChannelWord]?: unknown }, channel: Channel): ChannelWord | null {
  if (form[channel] !== undefined) return channel;
  return CACHES.includes(channel) && form.cache !== undefined ? "cache" : null;
}

function countriesOf(words: readonly string[]): readonly string[] | "none" {
  return words.length === 1 && words[0] === NOWHERE ? "none" : expandPlaces(words);
}

function termsOf(key: string, { node, sourceOf, country }: PlaceContext): { [C in Channel]?: ChannelUse } {
  const terms = findProviderTerms(key);
  if (terms === undefined) throw new Error(`bug: no terms ${JSON.stringify(key)}`);
  const source = sourceAt(child(node, "terms"), sourceOf);
  return Object.fromEntries(
    CHANNELS.flatMap((channel) => {
      const use = terms.uses[channel];
      if (use === undefined) return [];
      const words = use.in.map((word) => (word === REGION_COUNTRY ? country : word));
      const kept = use.keptDays === undefined ? {} : { keptDays: use.keptDays };
      return [[channel, { countries: countriesOf(words), ...kept, evidence: terms.evidence, ...source }]];
    }),
  );
}

/** `file:line` of a node, for a `source`; nothing where it is not written. */
export function sourceAt(node: SourceNode | undefined, sourceOf: SourceOf): { readonly source?: string } {
  return node === undefined ? {} : { source: sourceOf(node.at) };
}

/** Zones and countries as a set of countries, in the order written, each once. */
export function expandPlaces(words: readonly string[]): readonly string[] {
  return [...new Set(words.flatMap((word) => resolveZone(word) ?? []))];
}

function resolveZones(form: ZonesForm): { [C in Channel]?: readonly string[] } {
  return perChannel(form, (words) => (words[0] === NOWHERE ? [] : expandPlaces(words)));
}

function perChannel<T, R>(
  form: { readonly [C in ChannelWord]?: T | undefined },
  of: (stated: T) => R,
): { [C in Channel]?: R } {
  return Object.fromEntries(
    CHANNELS.flatMap((channel) => {
      const word = wordFor(form, channel);
      const stated = word === null ? undefined : form[word];
      return stated === undefined ? [] : [[channel, of(stated)]];
    }),
  );
}

/** A residency rule. */
export function resolveRule(form: RuleForm, index: number, source: string): ResidencyRule {
  const maxKeptDays = retention(form);
  return {
    id: form.id ?? `rule-${index + 1}`,
    when: resolveWhen(form.when),
    require: resolveZones(form.require),
    ...(maxKeptDays === null ? {} : { maxKeptDays }),
    ...(form.evidence === "required" ? { needsEvidence: true } : {}),
    onEmpty: form.onEmpty,
    source,
  };
}

function retention({ require, maxRetention }: RuleForm): { [C in Channel]?: number } | null {
  if (maxRetention === undefined) return null;
  if (typeof maxRetention !== "number") return perChannel(maxRetention, (days) => days);
  return Object.fromEntries(channelsOf(bounded(require)).map((channel) => [channel, maxRetention]));
}

function resolveWhen({ origin, dataClass, class: classes, tenant, model }: WhenForm): ResidencyRule["when"] {
  const about = dataClass ?? classes;
  return {
    ...(origin === undefined ? {} : { origin: expandPlaces(origin) }),
    ...(about === undefined ? {} : { dataClass: about }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(model === undefined ? {} : { model }),
  };
}

/**
 * A rule about transfers: data of the zone's users stays in it, or goes where a ground allows. It is a rule of its
 * own, so it never lets anything through that a residency rule refuses.
 */
export function resolveTransfer(form: TransferForm, index: number, source: string): ResidencyRule {
  const home = expandPlaces(form.from);
  return {
    id: form.id ?? `transfer-${index + 1}`,
    when: { ...resolveWhen(form.when), origin: home },
    require: Object.fromEntries(channelsOf(form.channels).map((channel) => [channel, home])),
    grounds: [...new Set(form.allow)].flatMap(groundsOf),
    onEmpty: form.onEmpty,
    source,
  };
}

function groundsOf(name: GroundName): readonly TransferGround[] {
  if (name === "scc") return [{ name, countries: COUNTRY_CODES, claim: "scc" }];
  const claim = name === "adequacy" ? null : name;
  const countries = ADEQUACY.filter((decision) => decision.claim === claim).map(({ country }) => country);
  return [{ name, countries, claim }];
}

/** What the router checks; nothing for all. */
export function resolveEnforce(
  form: "all" | "none" | readonly ChannelWord[] | undefined,
  node: SourceNode | undefined,
  sourceOf: SourceOf,
): { readonly enforces?: Enforcement } {
  if (form === undefined || form === "all") return {};
  const channels = form === "none" ? [] : channelsOf(form as readonly ChannelWord[]);
  return { enforces: { channels, ...sourceAt(node, sourceOf) } };
}

/** Copies of live traffic; nothing for none. */
export function resolveShadow(
  form: ShadowForm | undefined,
  endpoints: readonly { readonly id: string }[],
  { node, sourceOf }: { readonly node: SourceNode | undefined; readonly sourceOf: SourceOf },
): { readonly shadow?: Shadow } {
  if (form === undefined) return {};
  const endpointIndex = endpoints.findIndex(({ id }) => id === form.to);
  if (endpointIndex < 0) throw new Error(`bug: no endpoint ${JSON.stringify(form.to)}`);
  return { shadow: { share: form.share, endpointIndex, ...sourceAt(node, sourceOf) } };
}
