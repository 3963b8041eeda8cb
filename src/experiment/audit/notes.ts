/** What a reader should know before signing, and what the proof rests on. */
import { CHANNELS, ruleApplies } from "../../policy/index.js";
import type { AuditNote, AuditPath } from "../../result/index.js";
import { displacedEndpoints } from "../../scenario/displaced.js";
import type { Scenario } from "../../scenario/scenario.js";
import { at, listWords } from "./words.js";

/** Notes in the order of their weight. */
export function notesOf(scenario: Scenario, paths: readonly AuditPath[]): readonly AuditNote[] {
  return [
    ...foreignNotes(scenario),
    ...unenforcedNotes(scenario),
    ...unusedRules(scenario),
    ...displacedNotes(scenario),
    ...statements(
      paths,
      "no-evidence",
      ({ evidence, countries }) => countries !== null && countries !== "none" && evidence === null,
    ),
    ...statements(paths, "unknown-retention", (path) => isKept(path) && path.keptDays === null),
    ...statements(paths, "kept-forever", (path) => isKept(path) && path.keptDays === "forever"),
  ];
}

function foreignNotes({ deployment }: Scenario): readonly AuditNote[] {
  const { policy } = deployment.routing;
  if (policy === undefined || policy === null) return [];
  const sentence =
    policy.kind === "module"
      ? `${policy.path} is code that routes: it is taken to choose anything, and no proof about it is possible.`
      : `Endpoints are chosen by ${policy.kind}'s own rules, which know nothing of residency; what they can reach is told with each way.`;
  return [{ code: "foreign-policy", sentence, line: null }];
}

function unenforcedNotes({ deployment }: Scenario): readonly AuditNote[] {
  const { enforces } = deployment.routing;
  if (enforces === undefined) return [];
  const asked = CHANNELS.filter(
    (channel) =>
      !enforces.channels.includes(channel) &&
      deployment.residency.some(
        ({ require, maxKeptDays }) => channel in require || channel in (maxKeptDays ?? {}),
      ),
  );
  if (asked.length === 0) return [];
  const checked =
    enforces.channels.length === 0 ? "nothing of the rules" : `${listWords(enforces.channels)} only`;
  return [
    {
      code: "unenforced",
      sentence: `The router checks ${checked}${at(enforces.source)}; rules also ask about ${listWords(asked)}.`,
      line: enforces.source ?? null,
    },
  ];
}

/** A rule about nobody protects nobody: often a misspelt country. */
function unusedRules({ deployment, workload }: Scenario): readonly AuditNote[] {
  return deployment.residency.flatMap((rule): readonly AuditNote[] => {
    const isUsed = workload.sites.some(({ country }) =>
      workload.classes.some(({ id, tenant, model }) =>
        ruleApplies(rule, { origin: country, dataClass: id, tenant, models: [model] }),
      ),
    );
    if (isUsed) return [];
    const sentence = `Rule ${rule.id}${at(rule.source)} is about nobody in this workload.`;
    return [{ code: "unused-rule", sentence, line: rule.source ?? null }];
  });
}

/** Terms may well move processing away from a region; whoever signs should know that the file says so. */
function displacedNotes({ deployment }: Scenario): readonly AuditNote[] {
  return displacedEndpoints(deployment).map(({ code, sentence, line }) => ({
    code,
    sentence: `${sentence[0]!.toUpperCase()}${sentence.slice(1)}; it is taken as stated.`,
    line,
  }));
}

function isKept({ channel, countries }: AuditPath): boolean {
  return channel !== "processing" && countries !== null && countries !== "none";
}

/** One note for all places that lack it of the same channels: those that some rule governs and prompts may ever be on. */
function statements(
  paths: readonly AuditPath[],
  code: "no-evidence" | "unknown-retention" | "kept-forever",
  isSo: (path: AuditPath) => boolean,
): readonly AuditNote[] {
  const places = new Map<string, { path: AuditPath; channels: Set<string> }>();
  for (const path of paths) {
    if (!path.ever || path.verdict === "not-governed" || !isSo(path)) continue;
    const key = `${path.place.kind} ${path.place.id}`;
    const known = places.get(key) ?? { path, channels: new Set<string>() };
    known.channels.add(path.channel);
    places.set(key, known);
  }
  const groups = new Map<string, { names: string[]; line: string | null }>();
  for (const [name, { path, channels }] of places) {
    const list = listWords([...channels]);
    const group = groups.get(list) ?? { names: [], line: path.statementLine };
    group.names.push(`${name}${at(path.statementLine)}`);
    groups.set(list, group);
  }
  return [...groups].map(([channels, { names, line }]): AuditNote => {
    const sentence = `${NOTE_WORDS[code](channels)}: ${listWords(names)}.`;
    return { code, sentence, line };
  });
}

const NOTE_WORDS = {
  "no-evidence": (channels: string): string => `No contract or page is shown for ${channels}`,
  "unknown-retention": (channels: string): string =>
    `Nobody says how long ${channels} ${areWords(channels)} kept`,
  "kept-forever": (channels: string): string => `Kept without end: ${channels}`,
} as const;

function areWords(channels: string): string {
  return channels.includes(" and ") || channels.endsWith("s") ? "are" : "is";
}

/** What is taken as given, in sentences. */
export function assumptionsOf({ deployment, workload }: Scenario): readonly string[] {
  const { entry } = deployment;
  return [
    "Every state counts: any set of places up or down, believed so or not, cooling down, guarded, drained, full or out of quota, after any tries, with any luck; whether something in the file brings it about is not asked.",
    "What the file says of its places is taken as true; nobody has looked at the places themselves.",
    `Users are where ${workload.trace === null ? "the workload's sites" : "the trace and its sites"} say, and send what its classes say; a prompt of another class, or from a country the workload does not name, is not judged here.`,
    entry.kind === "anycast" && entry.scope === "global"
      ? "One address announced everywhere may lead anybody to any gateway, whatever distances say."
      : "Entry answers once for every class of a site, so its users are only ever sent to gateways that are lawful for all of their classes.",
    ...(deployment.stores.length > 0
      ? ["A copy of a store gets what any other copy of it gets, unless the store is isolated."]
      : []),
    "Refusals at a loss are those of a steady flow at each site's busiest time, all at once, and of calls of mean length; waiting and networks are left out, so no routing refuses less for long.",
  ];
}
