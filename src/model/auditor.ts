/**
 * Judges where prompts went, after the fact, from the ledger and the rules as written. It shares no
 * code with the router: if the two disagree, one of them is wrong, and the run says so.
 */
import type { LedgerEntry, LedgerPurpose } from "../metrics/index.js";
import type { ResidencyRule } from "../policy/index.js";
import type { Endpoint, Gateway, Scenario, StoreCopy } from "../scenario/scenario.js";

/** What is wrong with a write. */
export type AuditFault = "place" | "unknown-place" | "kept-too-long" | "unknown-retention" | "no-evidence";

/** Whose prompts: indices into the workload's sites and classes. */
export interface AuditKind {
  readonly site: number;
  readonly classIndex: number;
}

/** A place by its index among those of its kind, and why it is asked about. */
export type AuditPlace = Pick<LedgerEntry, "placeKind" | "place"> & {
  /** Left out: `store` for a store, `request` for the others. */
  readonly purpose?: LedgerPurpose;
};

/** What one kind of user's prompts do at one place on one channel in one country, and whether they may. */
export interface AuditVerdict {
  readonly origin: string;
  readonly dataClass: string;
  readonly channel: string;
  /** `unknown` where a rule asks and nobody says, `none` where it is said not to happen and nothing is shown for it. */
  readonly country: string;
  /** Gateway, endpoint or copy of a store, by id. */
  readonly at: string;
  readonly purpose: LedgerPurpose;
  readonly lawful: boolean;
  /** The rule that decides: the first that is broken, or the first that is kept; null when none asks, which is lawful. */
  readonly rule: string | null;
  /** `file:line` of that rule; null when there is none, or nobody knows where. */
  readonly ruleLine: string | null;
  /** Null when lawful. */
  readonly fault: AuditFault | null;
  /** `file:line` of what the place says of the channel, of the place where it says nothing; null when nobody knows where. */
  readonly line: string | null;
  /** `file:line` of the setting by which neither entry nor router checks this channel; null when one does, or the write is lawful. */
  readonly letBy: string | null;
}

/** A verdict and how often it happened. */
export interface AuditRow extends AuditVerdict {
  readonly writes: number;
}

/** The verdict on a whole run. */
export interface Audit {
  /** Hops and writes judged, and those of them that break a rule: each once, in however many countries it may happen. */
  readonly checked: number;
  readonly violations: number;
  readonly rows: readonly AuditRow[];
}

/** Every (kind of user, channel, country, place, purpose) that saw prompts, how often, and whether it may. */
export function auditLedger(scenario: Scenario, entries: readonly LedgerEntry[]): Audit {
  const rows = new Map<string, AuditRow>();
  let [checked, violations] = [0, 0];
  for (const entry of entries) {
    const verdicts = judgePlace(scenario, entry, entry);
    checked += entry.writes * channelsOf(verdicts);
    violations += entry.writes * channelsOf(verdicts.filter(({ lawful }) => !lawful));
    for (const verdict of verdicts) {
      const key = JSON.stringify(Object.values(verdict));
      const writes = (rows.get(key)?.writes ?? 0) + entry.writes;
      rows.set(key, { ...verdict, writes });
    }
  }
  return { checked, violations, rows: [...rows.values()] };
}

/** A place does one thing with a prompt on each channel, whatever the number of countries that it may happen in. */
function channelsOf(verdicts: readonly AuditVerdict[]): number {
  return new Set(verdicts.map(({ channel }) => channel)).size;
}

/** What a place does with a prompt on one channel. */
interface Use {
  readonly channel: string;
  readonly countries: readonly string[];
  readonly keptDays: number | null;
  readonly evidence: string | null;
  readonly line: string | null;
}

/**
 * The verdicts on what a place does with a prompt of one kind of user that reaches it, one a channel and country, in
 * the order in which the place states them; then those on what a rule asks and the place does not say, or denies
 * without the evidence that the rule asks for. Any other channel that does not happen there has none. Whether a prompt can get there is not looked at.
 */
export function judgePlace(scenario: Scenario, kind: AuditKind, at: AuditPlace): AuditVerdict[] {
  const { placeKind, purpose = placeKind === "store" ? "store" : "request" } = at;
  const place = placeOf(scenario, at);
  const site = scenario.workload.sites[kind.site]!;
  const requestClass = scenario.workload.classes[kind.classIndex]!;
  const models = "model" in place ? [requestClass.model, place.model] : [requestClass.model];
  const rules = scenario.deployment.residency.filter((rule) =>
    concerns(rule, {
      country: site.country,
      dataClass: requestClass.id,
      tenant: requestClass.tenant,
      models,
    }),
  );
  const claims = "claims" in place && place.claims !== undefined ? place.claims : [];
  const verdict = (use: Use, country: string, found: Found): AuditVerdict => ({
    origin: site.origin,
    dataClass: requestClass.id,
    channel: use.channel,
    country,
    at: place.id,
    purpose,
    lawful: found.fault === null,
    rule: found.rule?.id ?? null,
    ruleLine: found.rule?.source ?? null,
    fault: found.fault,
    line: use.line ?? lineOf(place),
    letBy: found.fault === null ? null : unchecked(scenario, use.channel, placeKind),
  });
  const uses = usesOf(scenario, placeKind, place);
  const rows = uses
    .filter(({ channel }) => placeKind !== "gateway" || (channel === "queue") === (purpose === "queue"))
    .flatMap((use) =>
      use.countries.map((country) => verdict(use, country, judge(rules, use, country, claims))),
    );
  const written = placeKind === "store" ? storeChannels(scenario, at.place) : null;
  for (const rule of rules) {
    for (const channel of new Set([...Object.keys(rule.require), ...Object.keys(rule.maxKeptDays ?? {})])) {
      if (written !== null && !written.includes(channel)) continue;
      // A gateway does nothing but what it says, so only what it begins to say and leaves open is unknown.
      if (placeKind === "gateway" && !isOpen(place.data, channel, purpose)) continue;
      if (!says(place.data, channel))
        rows.push(verdict(bare(channel, []), "unknown", { rule, fault: "unknown-place" }));
      else if (rule.needsEvidence === true && deniesBarely(place.data, channel))
        rows.push(verdict(denial(place.data, channel), "none", { rule, fault: "no-evidence" }));
    }
  }
  return rows;
}

function placeOf({ deployment }: Scenario, { placeKind, place }: AuditPlace): Gateway | Endpoint | StoreCopy {
  if (placeKind === "gateway") return deployment.gateways[place]!;
  if (placeKind === "endpoint") return deployment.endpoints[place]!;
  return deployment.stores.flatMap((store) => store.copies)[place]!;
}

/** The channel that a store writes, which rules about that channel ask for. */
function storeChannels({ deployment }: Scenario, copy: number): readonly string[] {
  const kinds = deployment.stores.flatMap((store) => store.copies.map(() => store.kind));
  return [kinds[copy] === "vector-index" ? "vector-index" : "store"];
}

/** Everything a place says, as written; "none" says that nothing happens. */
function usesOf(scenario: Scenario, placeKind: string, place: Gateway | Endpoint | StoreCopy): Use[] {
  const uses = Object.entries(place.data).flatMap(([channel, stated]): Use[] => {
    if (stated === "none") return [];
    if (Array.isArray(stated)) return [bare(channel, stated)];
    const { countries, keptDays, evidence, source } = stated as {
      readonly countries: readonly string[] | "none";
      readonly keptDays?: number;
      readonly evidence?: string;
      readonly source?: string;
    };
    if (countries === "none") return [];
    return [
      { channel, countries, keptDays: keptDays ?? null, evidence: evidence || null, line: source ?? null },
    ];
  });
  if (placeKind !== "gateway") return uses;
  const gateway = place as Gateway;
  const country = scenario.deployment.regions[gateway.regionIndex]!.country;
  // Whatever a gateway says of itself, it has read the prompt where it stands, unless it only passes it on.
  if (gateway.tls !== "passthrough" && !("processing" in gateway.data))
    uses.unshift(bare("processing", [country]));
  if (!("queue" in gateway.data)) uses.push({ ...bare("queue", [country]), keptDays: 0 });
  return uses;
}

function bare(channel: string, countries: readonly string[]): Use {
  return { channel, countries, keptDays: null, evidence: null, line: null };
}

/** Whether a gateway names a channel that prompts on their way meet for such a purpose. */
function isOpen(data: object, channel: string, purpose: LedgerPurpose): boolean {
  return channel in data && (channel === "queue") === (purpose === "queue");
}

/** Whether a place says anything of a channel: an empty list of countries says nothing. */
function says(data: object, channel: string): boolean {
  const stated: unknown = new Map<string, unknown>(Object.entries(data)).get(channel);
  if (stated === undefined) return false;
  if (Array.isArray(stated)) return stated.length > 0;
  if (typeof stated !== "object" || stated === null) return true;
  return (stated as { readonly countries: ArrayLike<string> }).countries.length > 0;
}

/** Whether a place says that a channel does not happen, and shows nothing for it. */
function deniesBarely(data: object, channel: string): boolean {
  const stated: unknown = new Map<string, unknown>(Object.entries(data)).get(channel);
  if (stated === "none") return true;
  if (typeof stated !== "object" || stated === null || Array.isArray(stated)) return false;
  const { countries, evidence } = stated as { readonly countries: unknown; readonly evidence?: string };
  return countries === "none" && !evidence;
}

/** The statement that a channel does not happen, with its line where that is known. */
function denial(data: object, channel: string): Use {
  const stated = new Map<string, { readonly source?: string }>(Object.entries(data)).get(channel)!;
  return { ...bare(channel, []), line: stated.source ?? null };
}

function concerns(
  { when }: ResidencyRule,
  who: {
    readonly country: string;
    readonly dataClass: string;
    readonly tenant: string;
    readonly models: readonly string[];
  },
): boolean {
  if (when.origin !== undefined && !when.origin.some((country) => country === who.country)) return false;
  if (when.dataClass !== undefined && !when.dataClass.some((id) => id === who.dataClass)) return false;
  if (when.tenant !== undefined && !when.tenant.some((id) => id === who.tenant)) return false;
  return when.model === undefined || when.model.some((id) => who.models.some((model) => model === id));
}

/** The rule that decides about a write, and what it finds wrong. */
interface Found {
  readonly rule: ResidencyRule | null;
  readonly fault: AuditFault | null;
}

function judge(rules: readonly ResidencyRule[], use: Use, country: string, claims: readonly string[]): Found {
  let kept: ResidencyRule | null = null;
  for (const rule of rules) {
    const allowed = new Map<string, readonly string[]>(Object.entries(rule.require)).get(use.channel);
    const longest = new Map<string, number>(Object.entries(rule.maxKeptDays ?? {})).get(use.channel);
    if (allowed === undefined && longest === undefined) continue;
    kept ??= rule;
    if (allowed !== undefined && !allowed.some((one) => one === country) && !granted(rule, country, claims))
      return { rule, fault: "place" };
    if (longest !== undefined && use.keptDays === null) return { rule, fault: "unknown-retention" };
    if (longest !== undefined && use.keptDays !== null && use.keptDays > longest)
      return { rule, fault: "kept-too-long" };
    if (rule.needsEvidence === true && use.evidence === null) return { rule, fault: "no-evidence" };
  }
  return { rule: kept, fault: null };
}

/** Whether a rule about transfers has a ground that reaches this country and that the place meets. */
function granted({ grounds }: ResidencyRule, country: string, claims: readonly string[]): boolean {
  for (const ground of grounds ?? []) {
    if (!ground.countries.some((one) => one === country)) continue;
    if (ground.claim === null || claims.some((claim) => claim === ground.claim)) return true;
  }
  return false;
}

/** Where a place that says nothing of a channel could say it. */
function lineOf(place: Gateway | Endpoint | StoreCopy): string | null {
  if ("dataSource" in place && place.dataSource !== undefined) return place.dataSource;
  return "source" in place && place.source !== undefined ? place.source : null;
}

/** One address announced everywhere leads to any gateway, whatever is checked. */
function unchecked({ deployment }: Scenario, channel: string, placeKind: string): string | null {
  const { entry, routing } = deployment;
  if (placeKind === "gateway" && entry.kind === "anycast" && entry.scope === "global")
    return entry.source ?? null;
  const { enforces } = routing;
  if (enforces === undefined || enforces.channels.some((one) => one === channel)) return null;
  return enforces.source ?? null;
}
