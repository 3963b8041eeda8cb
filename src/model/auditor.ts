/**
 * Judges where prompts went, after the fact, from the ledger and the rules as written. It shares no
 * code with the router: if the two disagree, one of them is wrong, and the run says so.
 */
import type { LedgerEntry } from "../metrics/index.js";
import type { Scenario } from "../scenario/scenario.js";

/** Prompts of one kind of user that one place saw on one channel, and the verdict. */
export interface AuditRow {
  readonly origin: string;
  readonly dataClass: string;
  readonly channel: string;
  readonly country: string;
  /** Gateway or endpoint id. */
  readonly at: string;
  readonly writes: number;
  readonly lawful: boolean;
  /** The rule that decides; null when none applies, which is lawful. */
  readonly rule: string | null;
}

/** The verdict on a whole run. */
export interface Audit {
  /** Writes judged, and those of them that break a rule. */
  readonly checked: number;
  readonly violations: number;
  readonly rows: readonly AuditRow[];
}

/** Every (kind of user, channel, country, place) that saw prompts, how often, and whether it may. */
export function auditLedger(scenario: Scenario, entries: readonly LedgerEntry[]): Audit {
  const rows = new Map<string, AuditRow>();
  for (const entry of entries) {
    for (const row of judge(scenario, entry)) {
      const key = JSON.stringify([
        row.origin,
        row.dataClass,
        row.channel,
        row.country,
        row.at,
        row.lawful,
        row.rule,
      ]);
      const known = rows.get(key);
      rows.set(key, known === undefined ? row : { ...known, writes: known.writes + row.writes });
    }
  }
  const list = [...rows.values()];
  const sum = (some: readonly AuditRow[]): number => some.reduce((total, row) => total + row.writes, 0);
  return { checked: sum(list), violations: sum(list.filter((row) => !row.lawful)), rows: list };
}

function judge(scenario: Scenario, entry: LedgerEntry): AuditRow[] {
  const site = scenario.workload.sites[entry.site]!;
  const requestClass = scenario.workload.classes[entry.classIndex]!;
  const place =
    entry.placeKind === "gateway"
      ? scenario.deployment.gateways[entry.place]!
      : entry.placeKind === "store"
        ? scenario.deployment.stores.flatMap((store) => store.copies)[entry.place]!
        : scenario.deployment.endpoints[entry.place]!;
  const where = new Map<string, readonly string[]>(
    Object.entries(place.data) as [string, readonly string[]][],
  );
  // Whatever a gateway says of itself, it has read the prompt where it stands.
  if (entry.placeKind === "gateway" && !where.has("processing")) {
    where.set("processing", [scenario.deployment.regions[place.regionIndex]!.country]);
  }
  const rules = scenario.deployment.residency.filter((rule) => {
    const { origin, dataClass, model } = rule.when;
    if (origin !== undefined && !origin.some((country) => country === site.country)) return false;
    if (dataClass !== undefined && !dataClass.some((id) => id === requestClass.id)) return false;
    return model === undefined || model.some((id) => id === requestClass.model);
  });
  const rows: AuditRow[] = [];
  const add = (channel: string, country: string, lawful: boolean, rule: string | null): void => {
    rows.push({
      origin: site.origin,
      dataClass: requestClass.id,
      channel,
      country,
      at: place.id,
      writes: entry.writes,
      lawful,
      rule,
    });
  };
  for (const [channel, countries] of where) {
    const concerned = rules.filter((rule) => channel in rule.require);
    for (const country of countries) {
      const broken = concerned.find((rule) => !allows(rule.require, channel, country));
      add(channel, country, broken === undefined, (broken ?? concerned[0])?.id ?? null);
    }
  }
  // What an endpoint does not say about a channel that a rule governs is a breach, not a blank.
  if (entry.placeKind === "endpoint") {
    for (const rule of rules) {
      for (const channel of Object.keys(rule.require))
        if ((where.get(channel) ?? []).length === 0) add(channel, "unknown", false, rule.id);
    }
  }
  return rows;
}

function allows(require: object, channel: string, country: string): boolean {
  const allowed = new Map<string, readonly string[]>(Object.entries(require)).get(channel);
  return allowed === undefined || allowed.some((one) => one === country);
}
