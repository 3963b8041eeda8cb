/** The tables of a comparison: what decides side by side, objectives, and every measure of every pair. */
import type { Comparison, Pair } from "../result/comparison.js";
import type { Estimate } from "../result/estimates.js";
import { causeStyle } from "./causes.js";
import { isBest } from "./compareBest.js";
import { type Judged, judged } from "./compareDecides.js";
import { changeText, estimateOf, intervalText, isAsLong, measureText, splitWords } from "./compareFacts.js";
import { isOfAnswered, measureWords } from "./compareMeasures.js";
import { allOrigins, answersAlike, causeShares } from "./compareRows.js";
import { html } from "./escape.js";
import { count, percent, plain, short } from "./format.js";
import { figure, type Table, words } from "./markup.js";
import { phases } from "./phases.js";

/** What an architect asks first, in this order; rows that no variant has a value of are left out. */
const HEADLINES: readonly (readonly [string, string])[] = [
  ["availability", "requests answered"],
  ["availability.worstMinute", "answered in the worst minute"],
  ["availability.goodMinutes", "minutes with 99 % answered"],
  ["detection", "failure noticed after, slowest"],
  ["failover", "99 % has left what is dead, slowest"],
  ["restoration", "back to normal after the fault, slowest"],
  ["residency.violations", "residency violations"],
  ["ttft.p50", "first token, p50 of those answered"],
  ["ttft.p99", "first token, p99 of those answered"],
  ["e2e.p50", "whole answer, p50 of those answered"],
  ["amplification.worst", "calls per request, worst 10 s"],
  ["optimum.headroom", "demand times this could be served"],
  ["cost.perThousandServed", "cost per 1000 answered"],
];

interface Line {
  readonly name: string;
  readonly cells: readonly HeadlineCell[];
}

interface HeadlineCell {
  readonly text: string;
  /** Between what it lies, or how bad it can be. */
  readonly range: string;
  readonly best: boolean;
}

/** Variants side by side with their intervals, the best of each line marked in words. */
export function headlineMarkup(comparison: Comparison): string {
  const heads = comparison.variants.map(
    ({ label }) => `<th scope="col" class="n">${html(short(label, 60))}</th>`,
  );
  const body = headlines(comparison).map(
    ({ name, cells }) =>
      `<tr><td>${html(name.replaceAll(" ", "\u00a0"))}</td>${cells
        .map(
          ({ text, range, best }) =>
            `<td class="n">${best ? '<span class="badge pass">best</span> ' : ""}<b>${html(text)}</b>` +
            `${range === "" ? "" : `<br><span class="lede">${html(range)}</span>`}</td>`,
        )
        .join("")}</tr>`,
  );
  return (
    '<div class="card scroll" role="region" aria-label="Side by side" tabindex="0">\n<table>\n' +
    `<thead><tr><th scope="col"></th>${heads.join("")}</tr></thead>\n<tbody>\n${body.join("\n")}\n</tbody>\n</table>\n</div>`
  );
}

function headlines(comparison: Comparison): readonly Line[] {
  const { variants, pareto } = comparison;
  const lines: Line[] = [];
  if (pareto.some(({ costPerMonth }) => costPerMonth !== null))
    lines.push({
      name: "cost in 30 days",
      cells: pareto.map(({ costPerMonth }, v) => ({
        text: costPerMonth === null ? "—" : `$${count(costPerMonth)}`,
        range: "",
        best: isAsLong(comparison) && isBest(comparison, v, "cost"),
      })),
    });
  const users = allOrigins(comparison);
  const byOrigin = users.length < 2 ? [] : users.map((origin) => [`ttft.p99{origin=${origin}}`, ""] as const);
  for (const [key, name] of [...HEADLINES, ...byOrigin]) {
    const cells = variants.map((_, v) => estimateOf(comparison, v, key));
    if (cells.every((cell) => cell === undefined)) continue;
    const judged =
      !isOfAnswered(key) ||
      variants.every((_, a) => variants.every((_, b) => answersAlike(comparison, a, b)));
    lines.push({
      name: name === "" ? `${measureWords(key)}, of those answered` : name,
      cells: cells.map((cell, v) => ({
        ...headlineCell(cell),
        best: judged && isBest(comparison, v, key),
      })),
    });
  }
  return lines;
}

/** The mean over its interval; what is usual over the worst, where the mean is what no replication has. */
function headlineCell(estimate: Estimate | undefined): Omit<HeadlineCell, "best"> {
  if (estimate === undefined) return { text: "—", range: "" };
  const { key, mean, interval } = estimate;
  const split = splitWords(estimate);
  if (split !== null) return { text: split.usual, range: split.rare };
  return { text: measureText(key, mean), range: intervalText(key, interval) };
}

const VERDICTS = {
  pass: '<span class="badge pass">PASS</span>',
  fail: '<span class="badge fail">FAIL</span>',
  undecided: '<span class="badge fail">UNDECIDED</span>',
} as const;

/** Each file's own objectives, judged over its replications; empty where no file has one. */
export function objectivesMarkup({ variants }: Comparison): string {
  const names = [
    ...new Set(variants.flatMap(({ replicated }) => replicated.objectives.map(({ name }) => name))),
  ];
  if (names.length === 0) return "";
  const rows = names.map((name) => {
    const cells = variants.map(({ replicated }) => {
      const judged = replicated.objectives.find((objective) => objective.name === name);
      if (judged === undefined) return "<td>not asked</td>";
      return `<td>${VERDICTS[judged.verdict]} holds in ${count(judged.passes)} of ${count(judged.of)}</td>`;
    });
    return `<tr><td><code>${html(name)}</code></td>${cells.join("")}</tr>`;
  });
  const heads = variants.map(({ label }) => `<th scope="col">${html(short(label, 60))}</th>`);
  return (
    '<h2>Objectives</h2>\n<div class="card scroll" role="region" aria-label="Objectives" tabindex="0">\n<table>\n' +
    `<thead><tr><th scope="col">objective</th>${heads.join("")}</tr></thead>\n<tbody>\n${rows.join("\n")}\n</tbody>\n</table>\n</div>`
  );
}

const SAID: Readonly<Record<Judged, string>> = {
  "of those served": "of those served",
  better: "better",
  worse: "worse",
  changed: "changed",
  uncertain: "perhaps",
  small: "small",
  same: "no change shown",
};

/** Every table, folded: the measures of each pair, refusals by cause, latency while things are broken. */
export function compareTables(comparison: Comparison): readonly Table[] {
  return [
    ...comparison.pairs.map((pair) => pairTable(comparison, pair)),
    causeTable(comparison),
    phaseTable(comparison),
  ].filter(({ rows }) => rows.length > 0);
}

function pairTable(comparison: Comparison, { variant, changes }: Pair): Table {
  const name = (v: number): string => short(comparison.variants[v]!.label, 60);
  return {
    title: `Every measure: ${name(variant)} beside ${name(0)}`,
    note: "Means over replications in which both have a value, and the change with its own interval. “Perhaps”: the interval excludes no change, yet so many measures show as much by chance.",
    heads: ["measure", "key", name(0), name(variant), "change", "verdict", "replications"],
    rows: changes.map((change) => [
      words(measureWords(change.key)),
      words(plain(change.key)),
      figure(measureText(change.key, change.from)),
      figure(measureText(change.key, change.to)),
      figure(changeText(change, comparison.confidence)),
      words(SAID[judged(comparison, variant, change)]),
      figure(count(change.n)),
    ]),
  };
}

function causeTable({ variants }: Comparison): Table {
  const shares = variants.map((variant) => new Map<string, number>(causeShares(variant)));
  const causes = [...new Set(shares.flatMap((share) => [...share.keys()]))];
  return {
    title: "Refused by cause",
    note: "Share of all requests, mean of all replications.",
    heads: ["cause", ...variants.map(({ label }) => short(label, 60))],
    rows: causes.map((cause) => [
      words(causeStyle(cause).label),
      ...shares.map((share) => figure(percent(share.get(cause) ?? 0))),
    ]),
  };
}

/** What the answered waited before, during and after the faults, in the first replication. */
function phaseTable({ variants }: Comparison): Table {
  const rows = variants.flatMap(({ label, first }) =>
    phases(first).flatMap((phase) => {
      const ttft = first.latency.ttftMs.by.phase[phase.key];
      if (ttft === undefined || ttft.count === 0) return [];
      return [
        [
          words(short(label, 60)),
          words(plain(phase.label)),
          figure(count(ttft.count)),
          ...[ttft.p50, ttft.p95, ttft.p99].map((value) => figure(measureText("ttft", value))),
        ],
      ];
    }),
  );
  return {
    title: "First token by phase",
    note: "Of requests answered, in the first replication.",
    heads: ["variant", "phase", "answered", "p50", "p95", "p99"],
    rows,
  };
}
