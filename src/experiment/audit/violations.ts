/** Paths that may be taken and must not be, told to a person. */
import type { Channel } from "../../policy/index.js";
import { type AuditPath, type AuditViolation, isLetByEntry } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { distinctWays } from "./paths.js";
import { at, faultWords, listWords, zoneWords } from "./words.js";

/** Completes "prompts may be …", followed by a country. */
const DONE: Readonly<Record<Channel, string>> = {
  processing: "processed in",
  logs: "logged in",
  traces: "traced in",
  "prompt-cache": "kept in a prompt cache in",
  "semantic-cache": "kept in a semantic cache in",
  store: "stored in",
  "vector-index": "indexed in",
  queue: "queued in",
  "abuse-monitoring": "kept for abuse monitoring in",
};

/** Most ways a sentence tells; the list has all. */
const WAYS_TOLD = 3;

/** One a place, channel, fault and rule, with all to whom it happens; in the order of the paths. */
export function violationsOf(scenario: Scenario, paths: readonly AuditPath[]): readonly AuditViolation[] {
  const groups = new Map<string, AuditPath[]>();
  for (const path of paths) {
    if (!path.ever || path.verdict !== "unlawful") continue;
    const { place, channel, fault, outside, rule } = path;
    const key = JSON.stringify([place.kind, place.id, channel, fault, outside, rule]);
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups.values()].map((group) => violationOf(scenario, group));
}

function violationOf(scenario: Scenario, group: readonly AuditPath[]): AuditViolation {
  const { place, channel, fault, outside, countries, rule, ruleLine, statementLine, letBy } = group[0]!;
  const ways = distinctWays(group.flatMap((path) => path.ways));
  const told = {
    origins: [...new Set(group.map(({ country }) => country))],
    classes: [...new Set(group.map(({ dataClass }) => dataClass))],
    place,
    channel,
    fault: fault!,
    countries: outside.length > 0 ? outside : countries === null || countries === "none" ? [] : countries,
    rule: rule!,
    ruleLine,
    line: statementLine ?? ruleLine,
    letBy,
    ways,
  };
  return { sentence: sentenceOf(scenario, told, group[0]!), ...told };
}

function sentenceOf(
  scenario: Scenario,
  told: Omit<AuditViolation, "sentence">,
  { statementLine, ruleLine, countries }: AuditPath,
): string {
  const { place, channel, fault, rule, ways } = told;
  const isDenied = countries === "none";
  const whose = `Prompts of ${listWords(told.classes)} from ${originWords(scenario, told.origins)}`;
  const where = isDenied
    ? "for all that anybody shows"
    : told.countries.length === 0
      ? "nobody knows where"
      : zoneWords(told.countries);
  const done = told.countries.length === 0 ? DONE[channel].replace(/ in$/, "") : DONE[channel];
  const says = `${place.kind === "store" ? "store copy" : place.kind} ${place.id}${at(statementLine)} ${faultWords(fault, channel, isDenied ? "none" : told.countries)}`;
  const rules = `rule ${rule}${at(ruleLine)} ${demandWords(scenario, told)}`;
  return `${whose} may be ${done} ${where}: ${says}; ${rules}${letWords(told)}; reached by ${waysWords(ways)}.`;
}

/** By what it comes about that nobody looks. */
function letWords({ letBy, channel, place, ways }: Omit<AuditViolation, "sentence">): string {
  if (letBy === null) return "";
  return isLetByEntry({ place, ways })
    ? `; entry announces one address everywhere${at(letBy)}`
    : `; the router does not check ${channel}${at(letBy)}`;
}

function demandWords(
  { deployment }: Scenario,
  { rule, channel, fault }: Omit<AuditViolation, "sentence">,
): string {
  const written = deployment.residency.find(({ id }) => id === rule)!;
  const allowed = written.require[channel];
  const days = written.maxKeptDays?.[channel];
  if (fault === "no-evidence") return "counts only what there is evidence for";
  if ((fault === "kept-too-long" || fault === "unknown-retention") && days !== undefined)
    return `allows at most ${days} ${days === 1 ? "day" : "days"}`;
  if (allowed === undefined) return `asks about ${channel}`;
  const grounds = (written.grounds ?? []).map(({ name }) => name);
  return `allows ${zoneWords(allowed)} only${grounds.length === 0 ? "" : `, or a transfer by ${listWords(grounds)}`}`;
}

/** Ways that need nothing but bad luck first; of those alike the first few. */
function waysWords(ways: AuditViolation["ways"]): string {
  const order = ["state", "client", "defect"];
  const sorted = [...ways].sort((a, b) => order.indexOf(a.needs) - order.indexOf(b.needs));
  const told = sorted.slice(0, WAYS_TOLD).map(({ how }) => how);
  const rest = ways.length - told.length;
  return `${told.join("; or ")}${rest === 0 ? "" : `; or ${rest} more ${rest === 1 ? "way" : "ways"}`}`;
}

/** Countries of users; those that are all there are of an origin such as the EU by its name. */
export function originWords({ workload }: Scenario, countries: readonly string[]): string {
  const origins = [...new Set(workload.sites.map(({ origin }) => origin))];
  const words = origins.flatMap((origin) => {
    const all = [
      ...new Set(workload.sites.filter((site) => site.origin === origin).map(({ country }) => country)),
    ];
    const some = all.filter((country) => countries.includes(country));
    if (some.length === 0) return [];
    if (origin === all[0] || some.length < all.length) return some;
    return [all.length <= 4 ? `${origin} (${all.join(", ")})` : origin];
  });
  return listWords(words);
}
