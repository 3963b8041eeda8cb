/** What a run came to, in fewer lines than a terminal has: the verdict first, then why. */
import type { LatencySummary, Result } from "../result/result.js";
import { count, milliseconds, percent, plain, share, short } from "./format.js";
import { origins, PHASES, type Phase, phaseShares } from "./rows.js";
import {
  cascadeSentence,
  causeShares,
  faultSentence,
  objectiveWords,
  refusedSentence,
  residencySentence,
  verdictWords,
} from "./sentences.js";

export interface SummaryOptions {
  /** Whether the terminal shows colours; without them every word still carries its meaning. */
  readonly colour: boolean;
}

type Paint = "red" | "green" | "yellow" | "bold" | "dim";

const CODES: Readonly<Record<Paint, string>> = { red: "31", green: "32", yellow: "33", bold: "1", dim: "2" };

/** Most lines of one kind; the page has the rest. */
const MAX_FAULTS = 6;
const MAX_ORIGINS = 5;
const MAX_CAUSES = 5;
const MAX_OBJECTIVES = 8;
const MAX_WARNINGS = 4;

type Painter = (paint: Paint, text: string) => string;

function painter(options: SummaryOptions): Painter {
  return (paint, text) => (options.colour ? `\u001b[${CODES[paint]}m${text}\u001b[0m` : text);
}

/** The first `most` lines, and how many more there are. */
function capped(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), `  … and ${lines.length - most} more`];
}

/** Columns as wide as their widest cell; the first to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => Array.from(row[i] ?? "").length)),
  );
  const pad = (cell: string, i: number): string => {
    const blank = " ".repeat((widths[i] ?? 0) - Array.from(cell).length);
    return i === 0 ? cell + blank : blank + cell;
  };
  return rows.map((row) => `  ${row.map(pad).join("  ")}`.trimEnd());
}

function verdict(result: Result, paint: Painter): readonly string[] {
  const failed = result.objectives.some((objective) => !objective.pass);
  const objectives = [...result.objectives]
    .sort((a, b) => Number(a.pass) - Number(b.pass))
    .map((objective) => {
      const word = objective.pass ? paint("green", "pass") : paint("red", "FAIL");
      return `  ${word}  ${plain(objective.name)}: ${objectiveWords(objective)}`;
    });
  const words = verdictWords(result);
  const headline = result.objectives.length === 0 ? words : paint(failed ? "red" : "green", words);
  return [paint("bold", plain(result.scenario.name)), headline, ...capped(objectives, MAX_OBJECTIVES)];
}

function p50p95(summary: LatencySummary | undefined): string {
  if (summary === undefined || summary.count === 0) return "—";
  return `${milliseconds(summary.p50)} / ${milliseconds(summary.p95)}`;
}

function refusedIn(result: Result, origin: string, phase: Phase): string {
  const { finished, refused } = phaseShares(result, origin, phase);
  return finished === 0 ? "—" : percent(refused / finished);
}

function byOrigin(result: Result): readonly string[] {
  const names = origins(result);
  if (names.length === 0) return [];
  const shown = names.slice(0, MAX_ORIGINS);
  const traffic = shown.map((origin) => {
    const counts = result.requestsBy.origin[origin]!;
    return [
      short(origin, 20),
      count(counts.offered),
      count(counts.served),
      count(counts.refused),
      ...PHASES.map((phase) => refusedIn(result, origin, phase)),
    ];
  });
  const latency = shown.map((origin) => [
    short(origin, 20),
    ...PHASES.map((phase) => p50p95(result.latency.ttftMs.originInPhase[origin]?.[phase])),
  ]);
  const more = names.length > shown.length ? [`  … and ${names.length - shown.length} more origins`] : [];
  return [
    ...aligned([
      ["requests from", "offered", "served", "refused", "% before", "during", "after faults"],
      ...traffic,
    ]),
    ...aligned([["first token p50 / p95", "before", "during", "after faults"], ...latency]),
    ...more,
  ];
}

function causes(result: Result): readonly string[] {
  return capped(
    causeShares(result).map(({ words }) => `  ${words}`),
    MAX_CAUSES,
  );
}

function warningLines(result: Result): readonly string[] {
  const lone = result.replications === 1;
  const said = result.warnings.some((warning) => /one seed is one anecdote/i.test(warning));
  const all = [...(lone && !said ? ["One seed is one anecdote: no interval."] : []), ...result.warnings];
  return capped(
    all.map((warning) => `warning: ${plain(warning)}`),
    MAX_WARNINGS,
  );
}

/** Whether traffic moved, which the refused share alone does not say. */
function reroutedWords(result: Result): string {
  const moved = origins(result).flatMap((origin) => {
    const { finished, rerouted } = phaseShares(result, origin, "during");
    return rerouted === 0 ? [] : [`${share(rerouted, finished)} of ${short(origin, 20)} requests`];
  });
  return moved.length === 0 ? "" : ` Served away from home during faults: ${moved.slice(0, 4).join(", ")}.`;
}

/** The summary, lines joined and ended by newlines; plain spaces only, no control but colour's. */
export function summaryText(result: Result, options: SummaryOptions): string {
  const paint = painter(options);
  const broken = result.residency.violations > 0;
  const hurt = result.cascade.edges.length > 0 || result.cascade.metastable;
  const sections: readonly (readonly string[])[] = [
    verdict(result, paint),
    capped(
      result.faults.map((fault) => `${paint("yellow", "•")} ${faultSentence(fault, result)}`),
      MAX_FAULTS,
    ),
    byOrigin(result),
    [refusedSentence(result) + reroutedWords(result), ...causes(result)],
    [
      paint(broken ? "red" : "green", residencySentence(result)),
      hurt ? paint("yellow", cascadeSentence(result)) : cascadeSentence(result),
    ],
    warningLines(result).map((line) => paint("yellow", line)),
    [
      paint(
        "dim",
        `seed ${plain(result.seed)}  digest ${plain(result.digest)}  regionsim ${plain(result.tool.version)}`,
      ),
    ],
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join("\n"))
    .join("\n\n")}\n`.replaceAll("\u00a0", " ");
}
