/** What a run came to, in fewer lines than a terminal has: the verdict first, then why. */

import type { ObjectiveEstimate } from "../result/estimates.js";
import type { LatencySummary, Result } from "../result/result.js";
import { driftLines } from "./driftSentences.js";
import { errorBudgetSentences } from "./errorBudget.js";
import { clockSentence } from "./failoverClock.js";
import { fallbackSentence, heldBackSentence } from "./fallbackSentences.js";
import { count, milliseconds, plain, share, short } from "./format.js";
import {
  amplificationSentence,
  costSentence,
  limitsSentence,
  marginLines,
  optimumSentence,
  recoverySentence,
  replicaLines,
  totalSentence,
} from "./overloadSentences.js";
import { isDuring, type Phase, type PhaseShares, phaseShares, phases } from "./phases.js";
import {
  brokenSentence,
  failoverSentence,
  headlineRows,
  replicatedObjectiveWords,
  replicatedVerdictWords,
  steadySentences,
  stoppingSentence,
} from "./replicatedSentences.js";
import { residencyPriceSentence, violationLines } from "./residencySentences.js";
import { origins } from "./rows.js";
import {
  cascadeSentence,
  causeShares,
  faultSentence,
  objectiveWords,
  refusedSentence,
  residencySentence,
  verdictWords,
} from "./sentences.js";
import { storeLines } from "./storesSentences.js";

/** What the terminal can show. */
export interface SummaryOptions {
  /** Whether the terminal shows colours; without them every word still carries its meaning. */
  readonly colour: boolean;
}

type Paint = "red" | "green" | "yellow" | "bold" | "dim";

const CODES: Readonly<Record<Paint, string>> = { red: "31", green: "32", yellow: "33", bold: "1", dim: "2" };

/** Most lines of one kind; the page has the rest. */
const MAX_FAULTS = 4;
const MAX_GROUPS = 12;
const MAX_CAUSES = 4;
const MAX_OBJECTIVES = 5;
const MAX_WARNINGS = 2;
const MAX_VIOLATIONS = 4;
const MAX_REPLICAS = 3;
const MAX_STORE_LINES = 6;
const MAX_DRIFT = 5;

type Painter = (paint: Paint, text: string) => string;

function painter(options: SummaryOptions): Painter {
  return (paint, text) => (options.colour ? `\u001b[${CODES[paint]}m${text}\u001b[0m` : text);
}

/** The first `most` lines, and how many more there are. */
function capped(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most), `  … and ${lines.length - most} more`];
}

/** Columns as wide as their widest cell; names, the first two unless told otherwise, to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[], names = 2): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => Array.from(row[i] ?? "").length)),
  );
  const pad = (cell: string, i: number): string => {
    const blank = " ".repeat((widths[i] ?? 0) - Array.from(cell).length);
    return i < names ? cell + blank : blank + cell;
  };
  return rows.map((row) => `  ${row.map(pad).join("  ")}`.trimEnd());
}

function verdict(result: Result, paint: Painter): readonly string[] {
  const failed = result.objectives.some((objective) => !objective.pass);
  const { replicated } = result;
  const objectives = result.objectives
    .map((objective, i) => ({ objective, over: replicated?.objectives[i] }))
    .sort((a, b) => Number(a.objective.pass) - Number(b.objective.pass))
    .map(({ objective, over }) => {
      const words =
        over === undefined ? objectiveWords(objective) : replicatedObjectiveWords(objective, over);
      return `  ${verdictWord(objective.pass, over, paint)}  ${plain(objective.name)}: ${words}`;
    });
  const words = replicated === undefined ? verdictWords(result) : replicatedVerdictWords(replicated);
  const headline = result.objectives.length === 0 ? words : paint(failed ? "red" : "green", words);
  return [paint("bold", plain(result.scenario.name)), headline, ...capped(objectives, MAX_OBJECTIVES)];
}

function verdictWord(pass: boolean, over: ObjectiveEstimate | undefined, paint: Painter): string {
  if (pass) return paint("green", "pass");
  return over?.verdict === "undecided" ? paint("yellow", "open") : paint("red", "FAIL");
}

/** What all replications say together, before the rest, which is replication 0 alone. */
function replications(result: Result, paint: Painter): readonly string[] {
  const { replicated } = result;
  if (replicated === undefined) return [];
  const stopping = stoppingSentence(replicated);
  const { rows, lacking } = headlineRows(replicated);
  const heads = ["", "mean", "interval", "least", "median", "most", ...(lacking ? ["value in"] : [])];
  return [
    replicated.stopping.reason === "capped" ? paint("yellow", stopping) : stopping,
    ...aligned([heads, ...rows], 1),
    ...told([failoverSentence(result)]),
    ...told([brokenSentence(result)]).map((sentence) => paint("red", sentence)),
    "",
    paint("bold", "What follows is replication 0."),
  ];
}

/** Finished requests, refusals and waiting of one group of users in one stretch of time. */
function groupRow(
  name: string,
  when: string,
  counts: PhaseShares,
  ttft: LatencySummary | undefined,
): string[] {
  const served = ttft !== undefined && ttft.count > 0;
  return [
    name,
    when,
    count(counts.finished),
    count(counts.refused),
    share(counts.refused, counts.finished),
    served ? milliseconds(ttft.p50) : "—",
    served ? milliseconds(ttft.p95) : "—",
  ];
}

/** For every origin the whole run, and of its phases as many as there is room for: all, those up to the faults, those of faults, the worst. */
function byOrigin(result: Result): readonly string[] {
  const names = origins(result);
  if (names.length === 0) return [];
  const rows = phaseChoices(result)
    .map((choose) => names.flatMap((origin) => originRows(result, origin, choose(origin))))
    .reduce((fitting, next) => (fitting.length <= MAX_GROUPS ? fitting : next));
  const heads = ["users in", "when", "finished", "refused", "share", "ttft p50", "ttft p95"];
  const [head = "", ...lines] = aligned([heads, ...rows]);
  return [head, ...capped(lines, MAX_GROUPS)];
}

/** Ever fewer phases to tell an origin's story with. */
function phaseChoices(result: Result): readonly ((origin: string) => readonly Phase[])[] {
  const found = phases(result);
  // A run of one stretch has no other to compare it with: it is the whole run.
  const all = found.length === 1 ? [] : found;
  const during = all.filter(isDuring);
  const first = all.filter((phase) => phase.kind !== "after");
  const refusedShare = (origin: string, { key }: Phase): number => {
    const counts = phaseShares(result, origin, (phase) => phase.key === key);
    return counts.finished === 0 ? 0 : counts.refused / counts.finished;
  };
  const worst = (origin: string): readonly Phase[] => {
    const [first, ...others] = all;
    if (first === undefined) return [];
    return [others.reduce((a, b) => (refusedShare(origin, b) > refusedShare(origin, a) ? b : a), first)];
  };
  return [() => all, () => first, () => during, worst, () => []];
}

/** An origin's whole run, then the given phases in which it had traffic. */
function originRows(result: Result, origin: string, chosen: readonly Phase[]): readonly string[][] {
  const parts = chosen.flatMap((phase) => {
    const counts = phaseShares(result, origin, ({ key }) => key === phase.key);
    const ttft = result.latency.ttftMs.originInPhase[origin]?.[phase.key];
    return counts.finished === 0 ? [] : [groupRow("", short(phase.label, 18), counts, ttft)];
  });
  const all = phaseShares(result, origin, () => true);
  return [groupRow(short(origin, 16), "whole run", all, result.latency.ttftMs.by.origin[origin]), ...parts];
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
    const { finished, away } = phaseShares(result, origin, isDuring);
    return away === 0 ? [] : [`${share(away, finished)} of ${short(origin, 20)} requests`];
  });
  return moved.length === 0 ? "" : ` Served away from home during faults: ${moved.slice(0, 4).join(", ")}.`;
}

function told(sentences: readonly string[]): readonly string[] {
  return sentences.filter((sentence) => sentence !== "");
}

/** The summary, lines joined and ended by newlines; plain spaces only, no control but colour's. */
export function summaryText(result: Result, options: SummaryOptions): string {
  const paint = painter(options);
  const broken = result.residency.violations > 0;
  const hurt = result.cascade.edges.length > 0 || result.cascade.metastable;
  const sections: readonly (readonly string[])[] = [
    verdict(result, paint),
    replications(result, paint),
    steadySentences(result),
    capped(
      result.faults.map((fault) => `${paint("yellow", "•")} ${faultSentence(fault, result)}`),
      MAX_FAULTS,
    ),
    byOrigin(result),
    [
      refusedSentence(result) + reroutedWords(result),
      ...causes(result),
      ...told([
        optimumSentence(result),
        limitsSentence(result),
        fallbackSentence(result),
        heldBackSentence(result),
      ]),
    ],
    [
      paint(broken ? "red" : "green", residencySentence(result)),
      ...capped(
        violationLines(result).map((line) => paint("red", `  ${line}`)),
        MAX_VIOLATIONS,
      ),
      ...told([residencyPriceSentence(result)]),
      hurt ? paint("yellow", cascadeSentence(result)) : cascadeSentence(result),
      ...told([
        clockSentence(result),
        ...errorBudgetSentences(result),
        totalSentence(result),
        amplificationSentence(result),
        recoverySentence(result),
      ]),
      ...marginLines(result),
    ],
    capped(driftLines(result), MAX_DRIFT),
    [...capped(replicaLines(result), MAX_REPLICAS), ...told([costSentence(result)])],
    capped(storeLines(result), MAX_STORE_LINES),
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
