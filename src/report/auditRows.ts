/** What an audit says, as rows and lines that the terminal and the page share. */
import type { AuditLoss, AuditPath, AuditReport, AuditSinglePoint } from "../result/index.js";
import { decimal, list, listUpTo, percent, plain } from "./format.js";

/** One kind of prompt on one channel: everywhere it may ever be. */
export interface ChannelRow {
  readonly users: string;
  readonly dataClass: string;
  readonly channel: string;
  /** Where, or that nobody knows. */
  readonly countries: string;
  /** Of those, what a rule forbids; empty when nothing is. */
  readonly outside: string;
  readonly verdict: "lawful" | "VIOLATION" | "no rule";
  /** The rule and its line. */
  readonly rule: string;
  /** Lines that say so, of the places it may reach. */
  readonly lines: string;
}

/** One place that a kind of prompt may or may not reach. */
export interface PlaceRow {
  readonly users: string;
  readonly dataClass: string;
  readonly place: string;
  readonly isEver: boolean;
  /** How it gets there, or why it never does. */
  readonly why: string;
}

/** One set of lost regions. */
export interface LossRow {
  readonly lost: string;
  readonly within: string;
  readonly without: string;
  readonly price: string;
  /** Kinds that are refused at least in part, the worst first. */
  readonly struck: string;
}

const MOST_NAMES = 4;

/** The headline. */
export function auditVerdict({ verdict, violations }: AuditReport): string {
  return verdict === "proven"
    ? "PROVEN: no state of the system can put a prompt where a rule forbids it."
    : `VIOLATION POSSIBLE: ${violations.length}`;
}

/** What was looked at, in one sentence. */
export function auditScope({ counts }: AuditReport): string {
  const { kinds, places, paths, ever, governed, unlawful, rules } = counts;
  if (rules === 0)
    return `There is no rule, so nothing can be broken: ${paths} paths of ${kinds} kinds of prompts were walked.`;
  const broken =
    unlawful === 0
      ? "none of these is against a rule"
      : `${unlawful} of these ${unlawful === 1 ? "is" : "are"} against a rule`;
  return `${kinds} kinds of prompts (country × class), ${places} places, ${paths} paths to a channel, ${governed} of them under a rule: ${ever} can ever be taken, and ${broken}.`;
}

/** Countries of users; all there are of an origin such as the EU by its name. */
export function usersOf(report: AuditReport, countries: readonly string[]): string {
  const origins = new Map<string, Set<string>>();
  for (const { origin, country } of report.paths)
    origins.set(origin, (origins.get(origin) ?? new Set<string>()).add(country));
  const words = [...origins].flatMap(([origin, all]) => {
    const some = [...all].filter((country) => countries.includes(country));
    if (some.length === 0) return [];
    if (some.length < all.size || all.has(origin)) return some;
    return [all.size <= 2 ? `${origin} (${[...all].join(", ")})` : origin];
  });
  return listUpTo(words, MOST_NAMES);
}

/** Rows in the order of classes and channels; users to whom the same holds stand together. */
export function channelRows(report: AuditReport): readonly ChannelRow[] {
  const cells = new Map<string, AuditPath[]>();
  for (const path of report.paths) {
    if (!path.ever) continue;
    const key = JSON.stringify([path.dataClass, path.channel, path.country]);
    cells.set(key, [...(cells.get(key) ?? []), path]);
  }
  const rows = new Map<string, { row: Omit<ChannelRow, "users">; countries: string[] }>();
  for (const cell of cells.values()) {
    const row = channelRow(cell);
    const key = JSON.stringify(row);
    const known = rows.get(key) ?? { row, countries: [] };
    known.countries.push(cell[0]!.country);
    rows.set(key, known);
  }
  return [...rows.values()].map(({ row, countries }) => ({ users: usersOf(report, countries), ...row }));
}

function channelRow(cell: readonly AuditPath[]): Omit<ChannelRow, "users"> {
  const broken = cell.filter(({ verdict }) => verdict === "unlawful");
  const ruled = broken[0] ?? cell.find(({ rule }) => rule !== null);
  const { dataClass, channel } = cell[0]!;
  return {
    dataClass,
    channel,
    countries: countriesOf(cell, ({ countries }) => countries) || "nowhere",
    outside: countriesOf(broken, ({ outside, countries }) =>
      countries === null || outside.length > 0 ? (countries === null ? null : outside) : countries,
    ),
    verdict: broken.length > 0 ? "VIOLATION" : ruled === undefined ? "no rule" : "lawful",
    rule: ruled === undefined ? "" : `${plain(ruled.rule!)}${lineIn(ruled.ruleLine)}`,
    lines: linesWords((broken.length > 0 ? broken : cell).map(({ statementLine }) => statementLine)),
  };
}

function countriesOf(cell: readonly AuditPath[], of: (path: AuditPath) => AuditPath["countries"]): string {
  const words = cell.flatMap((path) => {
    const countries = of(path);
    if (countries === null) return ["unknown"];
    return countries === "none" ? [] : countries;
  });
  return listUpTo([...new Set(words)], 8);
}

/** `a.yaml:3, 7 and b.yaml:9`. */
function linesWords(lines: readonly (string | null)[]): string {
  const byFile = new Map<string, string[]>();
  for (const line of new Set(lines)) {
    const [, file, number] = /^(.*):(\d+)$/.exec(line ?? "") ?? [];
    if (file === undefined || number === undefined) continue;
    byFile.set(file, [...(byFile.get(file) ?? []), number]);
  }
  return list(
    [...byFile].map(
      ([file, numbers]) =>
        `${plain(file)}:${numbers.slice(0, MOST_NAMES).join(", ")}${numbers.length > MOST_NAMES ? ", …" : ""}`,
    ),
  );
}

function lineIn(line: string | null): string {
  return line === null ? "" : ` (${plain(line)})`;
}

/** Rows in the order of kinds and places; users to whom the same holds stand together. */
export function placeRows(report: AuditReport): readonly PlaceRow[] {
  const rows = new Map<string, { row: Omit<PlaceRow, "users">; countries: Set<string> }>();
  for (const path of report.paths) {
    // Every channel of a place is reached with it, but for the line of a gateway.
    if (path.place.kind === "gateway" && path.channel === "queue") continue;
    const why = path.ever ? [...new Set(path.ways.map(({ how }) => how))].join("; ") : (path.never ?? "");
    const place = `${path.place.kind} ${plain(path.place.id)}`;
    const row = { dataClass: path.dataClass, place, isEver: path.ever, why: plain(why) };
    const key = JSON.stringify(row);
    const known = rows.get(key) ?? { row, countries: new Set<string>() };
    known.countries.add(path.country);
    rows.set(key, known);
  }
  return [...rows.values()].map(({ row, countries }) => ({ users: usersOf(report, [...countries]), ...row }));
}

/** Sets of lost regions that are worth a line: none, each alone, and of the others the worst. */
export function lossRows(report: AuditReport, most: number): readonly LossRow[] {
  const { sets } = report.unavoidable;
  const few = sets.filter(({ lost }) => lost.length < 2);
  const many = sets
    .filter(({ lost, withoutRules }) => lost.length >= 2 && withoutRules.refusedShare < 1)
    .sort(
      (a, b) => b.priceOfRules - a.priceOfRules || b.withinRules.refusedShare - a.withinRules.refusedShare,
    );
  const shown = [...few, ...many.slice(0, Math.max(0, most - few.length))];
  return shown.map((loss) => lossRow(report, loss));
}

function lossRow(report: AuditReport, loss: AuditLoss): LossRow {
  const { lost, withinRules, withoutRules, priceOfRules } = loss;
  return {
    lost: lost.length === 0 ? "nothing" : list(lost.map(plain)),
    within: percent(withinRules.refusedShare),
    without: percent(withoutRules.refusedShare),
    price: percent(priceOfRules),
    struck: struckKinds(report, loss),
  };
}

function struckKinds(report: AuditReport, { byKind }: AuditLoss): string {
  const groups = new Map<string, { share: number; dataClass: string; countries: string[] }>();
  for (const { dataClass, country, refusedShare } of byKind) {
    if (refusedShare < 0.00005) continue;
    const key = `${dataClass} ${refusedShare.toFixed(4)}`;
    const known = groups.get(key) ?? { share: refusedShare, dataClass, countries: [] };
    known.countries.push(country);
    groups.set(key, known);
  }
  const words = [...groups.values()]
    .sort((a, b) => b.share - a.share)
    .map(
      ({ share, dataClass, countries }) =>
        `${plain(dataClass)} from ${usersOf(report, countries)} ${percent(share)}`,
    );
  return words.length <= 3
    ? words.join(", ")
    : `${words.slice(0, 2).join(", ")} and ${words.length - 2} more`;
}

/** What the table of losses is about. */
export function lossTitle({ unavoidable }: AuditReport): string {
  const { peakPerS, isEverySet, mostLost } = unavoidable;
  const sets = isEverySet ? "every set of regions" : `sets of up to ${mostLost} regions`;
  return `Refused whatever the routing does, for ${sets} lost (busiest time, ${decimal(peakPerS, peakPerS < 10 ? 1 : 0)} requests/s)`;
}

/** The region whose loss leaves the least, in a sentence; null with one region. */
export function survivorSentence(report: AuditReport): string | null {
  const worst = report.unavoidable.worstSurvivor;
  if (worst === null) return null;
  const { refusedShare } = worst.withinRules;
  const lost = list(worst.lost.map(plain));
  if (refusedShare > 0)
    return `Worst legal survivor: without ${lost}, ${percent(refusedShare)} of all requests cannot be served within the rules.`;
  const spare = worst.headroom === null ? "any demand" : `${decimal(worst.headroom, 2)} times the demand`;
  return `Worst legal survivor: without ${lost}, ${spare} can still be served within the rules.`;
}

/** What single points there are, kinds of users to whom the same happens together, those made by rules first. */
export function singlePointLines(report: AuditReport): readonly string[] {
  const groups = new Map<string, AuditSinglePoint[]>();
  for (const point of report.singlePoints) {
    const key = JSON.stringify([point.isMadeByRules, point.origins, point.classes]);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()]
    .sort((a, b) => Number(b[0]!.isMadeByRules) - Number(a[0]!.isMadeByRules))
    .map((points) => {
      const { origins, classes, isMadeByRules } = points[0]!;
      const on = list(points.map(({ kind, id }) => `${kind} ${plain(id)}`));
      const why = isMadeByRules ? "others would be there, but the rules forbid them" : "rules or none";
      return `${listUpTo(classes.map(plain), MOST_NAMES)} from ${usersOf(report, origins)}: all depends on ${on} (${why}).`;
    });
}
