/** A comparison for the terminal: the answer first, then what changed, then how it is known. */
import type { Comparison } from "../result/comparison.js";
import { answerSentences, failoverWords } from "./compareAnswer.js";
import { changeLines, type Tone } from "./compareChanges.js";
import { standbyRisk } from "./compareDecides.js";
import { estimateOf, estimateText, labelOf, levelText } from "./compareFacts.js";
import { count, decimal, percent, plain } from "./format.js";

export { answerSentences } from "./compareAnswer.js";
export { regressionLines, regressionText } from "./compareRegressions.js";

/** What the terminal can show. */
export interface CompareTextOptions {
  readonly colour: boolean;
  /** Characters of a line; longer sentences are wrapped. */
  readonly widthCharacters: number;
  /** Every measure, also those that did not change. */
  readonly isWhole: boolean;
}

const CODES: Readonly<Record<Tone, string>> = {
  better: "32",
  worse: "31",
  changed: "33",
  heading: "1",
  note: "2",
};

/** The text, without a newline at its end. */
export function compareText(comparison: Comparison, options: CompareTextOptions): string {
  const paint = (tone: Tone, text: string): string =>
    options.colour && text !== "" ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
  const names = comparison.variants.map((_, v) => labelOf(comparison, v));
  const wrap = (text: string, indent: string): readonly string[] =>
    wrapped(text, options.widthCharacters, indent);
  const sections: readonly (readonly string[])[] = [
    [paint("heading", `${names.join(" | ")}`)],
    answerSentences(comparison).flatMap((sentence) => wrap(`• ${sentence}`, "  ")),
    comparison.variants.length > 2 ? sideBySide(comparison) : [],
    ...comparison.pairs.map((pair) =>
      changeLines(comparison, pair, options.isWhole).map(({ tone, text }) => paint(tone, text)),
    ),
    warningLines(comparison).flatMap((line) => wrap(line, "  ").map((part) => paint("changed", part))),
    footerLines(comparison).flatMap((line) => wrap(line, "  ").map((part) => paint("note", part))),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")
    .replaceAll("\u00a0", " ");
}

/** `text` in lines of at most `widthCharacters`, broken at spaces; a no-break space breaks nothing. */
function wrapped(text: string, widthCharacters: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && Array.from(longer).length > widthCharacters) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** The rows of the table of three variants and more. */
const HEADLINES: readonly (readonly [string, string])[] = [
  ["refused", "refused"],
  ["worst minute served", "availability.worstMinute"],
  ["minutes of 99 %", "availability.goodMinutes"],
  ["failover", "failover"],
  ["back after the fault", "restoration"],
  ["ttft p50", "ttft.p50"],
  ["ttft p99", "ttft.p99"],
  ["residency violations", "residency.violations"],
];

function sideBySide(comparison: Comparison): readonly string[] {
  const { variants, pareto } = comparison;
  const rows: (readonly string[])[] = [["", ...variants.map((_, v) => labelOf(comparison, v))]];
  if (pareto.some(({ costPerMonth }) => costPerMonth !== null))
    rows.push([
      "cost of 30 days",
      ...pareto.map(({ costPerMonth }) => (costPerMonth === null ? "—" : `$${count(costPerMonth)}`)),
    ]);
  for (const [name, key] of HEADLINES) {
    const cells = variants.map((_, v) => estimateOf(comparison, v, key));
    if (cells.every((cell) => cell === undefined)) continue;
    const texts = cells.map((cell) => (cell === undefined ? "—" : estimateText(cell)));
    rows.push([name, ...(key === "failover" ? variants.map((_, v) => failoverCell(comparison, v)) : texts)]);
  }
  if (variants.some((_, v) => standbyRisk(comparison, v) > 0))
    rows.push(["standby fails", ...variants.map((_, v) => riskCell(standbyRisk(comparison, v)))]);
  return aligned(rows);
}

/** Where nobody takes over, the moment at which traffic has left is no failover. */
function failoverCell(comparison: Comparison, variant: number): string {
  return failoverWords(comparison, variant).split(/ \(|, /)[0]!;
}

function riskCell(risk: number): string {
  return risk === 0 ? "—" : percent(risk);
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (text: string): number => Array.from(text).length;
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ""))));
  return rows.map((row) =>
    `  ${row.map((cell, i) => cell + " ".repeat(widths[i]! - widthOf(cell))).join("   ")}`.trimEnd(),
  );
}

function warningLines({ warnings }: Comparison): readonly string[] {
  return warnings.map((warning) => `warning: ${plain(warning)}`);
}

/** A gain by common luck that is worth a word. */
const NOTABLE = 1.1;

/** How it is known: replications, seed, the guard, and what common luck was worth. */
function footerLines(comparison: Comparison): readonly string[] {
  const { replications, seed, guard, confidence, tool, sameUsers, sameFaults, variants, pairs, atLeast } =
    comparison;
  const ratios = pairs.flatMap(({ changes }) =>
    changes.flatMap(({ varianceRatio }) => (varianceRatio === null ? [] : [varianceRatio])),
  );
  const same = [sameUsers ? "users" : "", sameFaults ? "faults" : "", "luck"].filter((word) => word !== "");
  const helped =
    ratios.length === 0 || median(ratios) < NOTABLE
      ? ""
      : `; that makes the variance of differences ${decimal(median(ratios), 1)} times smaller (median of ${count(ratios.length)})`;
  const { stopping } = variants[0]!.replicated;
  const capped =
    stopping.reason !== "capped"
      ? []
      : [
          `The width asked for was not reached in ${count(stopping.most)} replications${stopping.reached === null ? "" : `: ${percent(stopping.reached)} instead of ${percent(stopping.width ?? 0)}`}.`,
        ];
  return [
    `${count(replications)} replications of each with the same ${same.join(", ")}, seed ${plain(seed)}${helped}.`,
    `${levelText(confidence)} intervals; what is called better or worse holds jointly at that level (Holm, ${count(guard.tests)} tests); changes below ${levelText(atLeast)} are not told.`,
    ...capped,
    `regionsim ${plain(tool.version)}`,
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
