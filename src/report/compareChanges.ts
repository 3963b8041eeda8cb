/** What changed between two variants, line by line, as a plan of changes is read: what differs first, the rest counted. */
import type { Change, Comparison, Pair } from "../result/comparison.js";
import { metricOf } from "../result/measures.js";
import { neverCame } from "../result/regressions.js";
import { type Judged, judged, servesOthers } from "./compareDecides.js";
import { changeText, estimateOf, isTold, labelOf, measureText } from "./compareFacts.js";
import { count, plain } from "./format.js";

/** How a line is coloured; its words say the same. */
export type Tone = "better" | "worse" | "changed" | "heading" | "note";

/** One line and how it is meant. */
export interface ToneLine {
  readonly tone: Tone;
  readonly text: string;
}

/** Most lines of a group when not everything is asked for. */
const MAX_LINES = 6;

/** Groups in the order they are read, and the metrics of each by how their keys begin. */
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ["service", ["offered", "refused", "availability", "fallback"]],
  ["latency", ["ttft", "e2e"]],
  ["failover", ["detection", "failover", "restoration"]],
  ["residency", ["residency"]],
  ["cost", ["cost"]],
  ["overload", ["cascade", "metastable", "attempts", "amplification", "queue", "utilisation", "optimum"]],
];
const OTHER_GROUP = "other";

/** The lines of one variant beside the first one. `isWhole` leaves nothing out. */
export function changeLines(comparison: Comparison, pair: Pair, isWhole: boolean): readonly ToneLine[] {
  const heading = `${labelOf(comparison, 0)} → ${labelOf(comparison, pair.variant)}`;
  const told = isWhole ? pair.changes : distinct(pair.changes.filter(isTold));
  const groups = [...GROUPS.map(([name]) => name), OTHER_GROUP].flatMap((name) =>
    groupLines(comparison, pair, { name, isWhole, told: told.filter(({ key }) => groupOf(key) === name) }),
  );
  return [{ tone: "heading", text: heading }, ...groups, ...restLines(pair, isWhole)];
}

function groupOf(key: string): string {
  const [head = ""] = metricOf(key).split(".");
  return GROUPS.find(([, heads]) => heads.includes(head))?.[0] ?? OTHER_GROUP;
}

/** Of an only group of users the whole is told, and not the group again. */
function distinct(changes: readonly Change[]): readonly Change[] {
  const alike = (a: Change, b: Change): boolean =>
    metricOf(a.key) === metricOf(b.key) &&
    a.from === b.from &&
    a.to === b.to &&
    a.difference === b.difference;
  return changes.filter(
    (change) =>
      !changes.some((other) => !other.key.includes("{") && other !== change && alike(change, other)),
  );
}

interface Group {
  readonly name: string;
  readonly told: readonly Change[];
  readonly isWhole: boolean;
}

function groupLines(comparison: Comparison, pair: Pair, { name, told, isWhole }: Group): readonly ToneLine[] {
  const lone = loneLines(comparison, pair, name);
  if (told.length + lone.length === 0) return [];
  const shown = isWhole ? told : told.slice(0, MAX_LINES);
  const cells = shown.map((change) => ({ change, cells: cellsOf(comparison, pair, change) }));
  const widths = [0, 1].map((i) => Math.max(0, ...cells.map((row) => width(row.cells[i] ?? ""))));
  const lines = cells.map(
    ({ change, cells: [key = "", values = "", rest = ""] }): ToneLine => ({
      tone: toneOf(change, judged(comparison, pair.variant, change)),
      text: `    ${signOf(change)} ${padded(key, widths[0]!)}  ${padded(values, widths[1]!)}  ${rest}`.trimEnd(),
    }),
  );
  const more = told.length - shown.length;
  return [
    { tone: "note", text: `  ${name}${noteOf(comparison, pair, name)}` },
    ...lone,
    ...lines,
    ...(more > 0
      ? [{ tone: "note" as const, text: `      and ${count(more)} more of ${name}; --all lists them` }]
      : []),
  ];
}

/** Times of requests that only one of the two serves are no gain and no loss. */
function noteOf(comparison: Comparison, { variant }: Pair, name: string): string {
  return name === "latency" && servesOthers(comparison, variant)
    ? " of served requests, which are not the same ones: the shares refused differ"
    : "";
}

function toneOf(change: Change, said: Judged): Tone {
  if (!isTold(change)) return "note";
  return said === "of those served" ? "changed" : (change.verdict as Tone);
}

function signOf(change: Change): string {
  return isTold(change) ? "~" : " ";
}

function cellsOf(comparison: Comparison, { variant }: Pair, change: Change): readonly string[] {
  const { key, from, to } = change;
  const verdict = judged(comparison, variant, change);
  const much = changeText(change, comparison.confidence);
  return [
    plain(key),
    `${measureText(key, from)} → ${measureText(key, to)}`,
    [much === "" ? "" : `(${much})`, verdict].filter((part) => part !== "").join("  "),
  ];
}

/** Times that came for one of the two and never for the other. What else only one has is counted. */
function loneLines(
  comparison: Comparison,
  { variant, onlyFirst, onlyOther }: Pair,
  name: string,
): readonly ToneLine[] {
  if (name !== "failover") return [];
  const [first, other] = [comparison.variants[0]!.replicated, comparison.variants[variant]!.replicated];
  const value = (v: number, key: string): string =>
    measureText(key, estimateOf(comparison, v, key)?.mean ?? 0);
  return [
    ...onlyFirst
      .filter((key) => neverCame(key, first, other))
      .map(
        (key): ToneLine => ({ tone: "worse", text: `    - ${plain(key)}  ${value(0, key)} → never  worse` }),
      ),
    ...onlyOther
      .filter((key) => neverCame(key, other, first))
      .map(
        (key): ToneLine => ({
          tone: "better",
          text: `    + ${plain(key)}  never → ${value(variant, key)}  better`,
        }),
      ),
  ];
}

/** What was left out, counted. */
function restLines({ changes, onlyFirst, onlyOther }: Pair, isWhole: boolean): readonly ToneLine[] {
  const counted = (verdict: Change["verdict"]): number =>
    changes.filter((change) => change.verdict === verdict).length;
  const [same, small, uncertain] = [counted("same"), counted("small"), counted("uncertain")];
  const only = onlyFirst.length + onlyOther.length;
  const parts = [
    same === 0 ? "" : `${measures(same)} without significant change`,
    small === 0 ? "" : `${count(small)} smaller than asked for`,
    uncertain === 0 ? "" : `${count(uncertain)} uncertain: more replications may tell`,
    only === 0 ? "" : `${count(only)} that only one of the two has`,
  ].filter((part) => part !== "");
  const named = isWhole && only > 0 ? [...onlyFirst, ...onlyOther].map((key) => `      ${plain(key)}`) : [];
  if (parts.length === 0) return [];
  return [
    { tone: "note", text: `  ${parts.join(", ")}${isWhole ? "" : " (--all)"}` },
    ...named.map((text): ToneLine => ({ tone: "note", text })),
  ];
}

function measures(n: number): string {
  return `${count(n)} measure${n === 1 ? "" : "s"}`;
}

function width(text: string): number {
  return Array.from(text).length;
}

function padded(text: string, toWidth: number): string {
  return text + " ".repeat(Math.max(0, toWidth - width(text)));
}
