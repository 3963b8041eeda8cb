/** What an audit says, as rows and lines that the terminal and the page share. */
import type { AuditLoss, AuditPath, AuditReport, AuditSinglePoint } from "../result/index.js";
import { decimal, list, listUpTo, percent, plain } from "./format.js";

/** One kind of prompt on one channel: everywhere it may ever be. */
export interface ChannelRow {
  readonly users: string;
  readonly classes: string;
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

/** Most classes or users that a line names. */
export const MOST_NAMES: number = 4;
const MOST_COUNTRIES = 6;
/** Half of what prints as 0.01 %. */
const LEAST_SHARE = 0.00005;

/** The headline. */
export function auditVerdict({ verdict, violations }: AuditReport): string {
  switch (verdict) {
    case "proven":
      return "PROVEN: no state of the system can put a prompt where a rule forbids it.";
    case "violation-possible":
      return `VIOLATION POSSIBLE: ${violations.length}`;
    case "no-rules":
      return "NO RULES: nothing is forbidden, so nothing is proven.";
  }
}

/** What was looked at, in one sentence. */
export function auditScope({ counts }: AuditReport): string {
  const { kinds, places, paths, ever, governed, unlawful, rules } = counts;
  if (rules === 0)
    return `${kinds} kinds of prompts (country × class), ${places} places, ${paths} paths to a channel, of which ${ever} can ever be taken.`;
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
  const told = [...cells.values()].map((cell) => ({
    row: channelRow(cell),
    country: cell[0]!.country,
    dataClass: cell[0]!.dataClass,
  }));
  const byClass = gathered(told, ({ row, dataClass }) => [row, dataClass]).map((alike) => ({
    row: alike[0]!.row,
    dataClass: alike[0]!.dataClass,
    users: usersOf(
      report,
      alike.map(({ country }) => country),
    ),
  }));
  return gathered(byClass, ({ row, users }) => [row, users]).map((alike) => ({
    users: alike[0]!.users,
    classes: listUpTo(
      alike.map(({ dataClass }) => plain(dataClass)),
      MOST_NAMES,
    ),
    ...alike[0]!.row,
  }));
}

/** Things whose keys are the same, in the order of the first of them. */
export function gathered<T>(things: readonly T[], keyOf: (thing: T) => unknown): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = JSON.stringify(keyOf(thing));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thing]);
    else group.push(thing);
  }
  return [...groups.values()];
}

function channelRow(cell: readonly AuditPath[]): Omit<ChannelRow, "users" | "classes"> {
  const broken = cell.filter(({ verdict }) => verdict === "unlawful");
  const ruled = broken[0] ?? cell.find(({ rule }) => rule !== null);
  return {
    channel: cell[0]!.channel,
    countries: countriesOf(cell, ({ countries }) => countries) || "nowhere",
    // What is denied without evidence is nowhere: then the evidence is what is wrong.
    outside:
      broken.length === 0
        ? ""
        : countriesOf(broken, ({ outside, countries }) =>
            countries === null || outside.length > 0 ? (countries === null ? null : outside) : countries,
          ) || "no evidence",
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
  return listUpTo([...new Set(words)], MOST_COUNTRIES);
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
  const struck = byKind.filter(({ refusedShare }) => refusedShare >= LEAST_SHARE);
  const byClass = gathered(struck, ({ dataClass, refusedShare }) => [dataClass, percent(refusedShare)]).map(
    (alike) => ({
      share: alike[0]!.refusedShare,
      dataClass: alike[0]!.dataClass,
      users: usersOf(
        report,
        alike.map(({ country }) => country),
      ),
    }),
  );
  const words = [...gathered(byClass, ({ share, users }) => [percent(share), users])]
    .sort((a, b) => b[0]!.share - a[0]!.share)
    .map((alike) => {
      const classes = listUpTo(
        alike.map(({ dataClass }) => plain(dataClass)),
        MOST_NAMES,
      );
      return `${percent(alike[0]!.share)} of ${classes} from ${alike[0]!.users}`;
    });
  return words.length <= 3
    ? words.join("; ")
    : `${words.slice(0, 2).join("; ")}; and ${words.length - 2} more`;
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
