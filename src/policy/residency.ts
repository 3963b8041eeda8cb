/** Residency: which targets may lawfully see a request, decided once and before anything else. */
import type { Channel, ChannelPlaces, ChannelUse, PolicyTarget, ResidencyRule } from "./types.js";
import { CHANNELS } from "./types.js";

/** What a rule may find wrong with one channel of a place. */
export type Fault = "place" | "unknown-place" | "kept-too-long" | "unknown-retention" | "no-evidence";

/** What a rule found wrong with a target. */
export interface Violation {
  readonly ruleId: string;
  /** `file:line` of the rule, where known. */
  readonly source: string | null;
  readonly channel: Channel;
  readonly fault: Fault;
  /** The countries that are not allowed; empty when they are not what is wrong. */
  readonly countries: readonly string[];
  /** `file:line` of what the target says about the channel; null when it says nothing, or nobody knows where. */
  readonly statement: string | null;
}

/** A request as rules see it. */
export interface Concern {
  readonly origin: string;
  readonly dataClass: string;
  readonly tenant: string;
  /** The model that was asked for and the one that is to answer: a rule about either holds. */
  readonly models: readonly string[];
}

/** Whether a rule speaks about this request: every predicate it states holds. */
export function ruleApplies(rule: ResidencyRule, concern: Concern): boolean {
  const { origin, dataClass, tenant, model } = rule.when;
  return (
    (origin?.includes(concern.origin) ?? true) &&
    (dataClass?.includes(concern.dataClass) ?? true) &&
    (tenant?.includes(concern.tenant) ?? true) &&
    (model?.some((name) => concern.models.includes(name)) ?? true)
  );
}

/** What a place says about a channel; null when it says nothing, which is unknown and so allowed by no rule. */
export function useOf(data: ChannelPlaces, channel: Channel): ChannelUse | null {
  const stated = data[channel];
  if (stated === undefined) return null;
  const use: ChannelUse = isUse(stated) ? stated : { countries: stated };
  return use.countries.length === 0 ? null : use;
}

function isUse(stated: readonly string[] | "none" | ChannelUse): stated is ChannelUse {
  return typeof stated === "object" && "countries" in stated;
}

/**
 * The first thing a rule finds wrong with the places of a target, channels in their fixed order, or
 * null when it is satisfied. A channel of which something that the rule asks for is not known is as wrong as
 * one that is forbidden; a channel that does not happen is wrong only where evidence is asked for and none is shown:
 * that nothing happens is a claim like any other.
 */
export function ruleViolation(
  rule: ResidencyRule,
  { data, claims = [] }: Pick<PolicyTarget, "data" | "claims">,
): Violation | null {
  for (const channel of CHANNELS) {
    const violation = channelViolation(rule, channel, useOf(data, channel), claims);
    if (violation !== null) return violation;
  }
  return null;
}

function channelViolation(
  rule: ResidencyRule,
  channel: Channel,
  use: ChannelUse | null,
  claims: readonly string[],
): Violation | null {
  const allowed = rule.require[channel];
  const maxKeptDays = rule.maxKeptDays?.[channel];
  if (allowed === undefined && maxKeptDays === undefined) return null;
  const found = (fault: Fault, countries: readonly string[] = []): Violation => ({
    ruleId: rule.id,
    source: rule.source ?? null,
    channel,
    fault,
    countries,
    statement: use?.source ?? null,
  });
  if (use === null) return found("unknown-place");
  const isProven = rule.needsEvidence !== true || (use.evidence ?? "") !== "";
  if (use.countries === "none") return isProven ? null : found("no-evidence");
  if (allowed !== undefined) {
    const outside = use.countries.filter((country) => !mayGo(rule, allowed, country, claims));
    if (outside.length > 0) return found("place", outside);
  }
  if (maxKeptDays !== undefined) {
    if (use.keptDays === undefined) return found("unknown-retention");
    if (!(use.keptDays <= maxKeptDays)) return found("kept-too-long");
  }
  return isProven ? null : found("no-evidence");
}

/** Inside the required countries, or outside them on a ground whose condition the target meets. */
function mayGo(
  rule: ResidencyRule,
  allowed: readonly string[],
  country: string,
  claims: readonly string[],
): boolean {
  if (allowed.includes(country)) return true;
  return (rule.grounds ?? []).some(
    ({ countries, claim }) => countries.includes(country) && (claim === null || claims.includes(claim)),
  );
}

/** The first violation over all rules in their order, or null when the target is lawful. */
export function firstViolation(
  rules: readonly ResidencyRule[],
  target: Pick<PolicyTarget, "data" | "claims">,
  concern: Concern,
): Violation | null {
  for (const rule of rules) {
    if (!ruleApplies(rule, concern)) continue;
    const violation = ruleViolation(rule, target);
    if (violation !== null) return violation;
  }
  return null;
}
