/** The part of the page about several replications, or about how steady one run was. */
import type { Replicated } from "../result/estimates.js";
import type { Result } from "../result/result.js";
import { html } from "./escape.js";
import { count, milliseconds, percent, quantity } from "./format.js";
import { figure, foldedTable, listMarkup, type Table, tableMarkup, words } from "./markup.js";
import { measureWords } from "./measureWords.js";
import {
  brokenSentence,
  countWords,
  estimateCells,
  failoverSentence,
  headlineRows,
  steadySentences,
  stoppingSentence,
} from "./replicatedSentences.js";

const ESTIMATE_HEADS = ["measure", "mean", "interval of the mean", "least", "median", "most"] as const;
const COUNT_HEAD = "replications with a value";
const VERDICTS = { pass: "PASS", fail: "FAIL", undecided: "UNDECIDED" } as const;

/** What was asked, and what all replications say to it. */
export function replicatedObjectivesTable(result: Result, replicated: Replicated): Table {
  return {
    title: "Objectives",
    note: "Passed where the whole interval of the mean is on the right side of the target.",
    heads: ["verdict", "objective", "value", "interval", "target", "holds in", "interval of that share"],
    rows: replicated.objectives.map(({ name, verdict, interval, passes, of, passInterval }, i) => {
      const { value, target, unit } = result.objectives[i]!;
      const range =
        interval === null ? "—" : `${quantity(interval.low, unit)} to ${quantity(interval.high, unit)}`;
      return [
        words(VERDICTS[verdict]),
        words(name),
        figure(quantity(value, unit)),
        figure(range),
        figure(quantity(target, unit)),
        figure(`${count(passes)} of ${count(of)}`),
        figure(`${percent(passInterval.low)} to ${percent(passInterval.high)}`),
      ];
    }),
  };
}

/** The section "Over n replications"; empty for a single run. */
export function replicatedSection(result: Result): string {
  const { replicated } = result;
  if (replicated === undefined) return "";
  const sentences = [
    stoppingSentence(replicated),
    failoverSentence(result),
    brokenSentence(result),
    "All else on this page, its charts and its tables show replication 0.",
  ].filter((sentence) => sentence !== "");
  const { rows, lacking } = headlineRows(replicated);
  const headline: Table = {
    title: "Estimates",
    note: "",
    heads: lacking ? [...ESTIMATE_HEADS, COUNT_HEAD] : ESTIMATE_HEADS,
    rows: rows.map(cells),
  };
  return [
    `<h2>Over ${count(replicated.replications)} replications</h2>`,
    `<div class="card">\n${listMarkup(sentences.map(html))}\n</div>`,
    tableMarkup(headline),
    foldedTable(estimatesTable(replicated)),
    foldedTable(pooledTable(replicated)),
  ].join("\n");
}

function cells([name = "", ...values]: readonly string[]): Table["rows"][number] {
  return [words(name), ...values.map(figure)];
}

function estimatesTable({ estimates, replications }: Replicated): Table {
  return {
    title: "Every measure over the replications",
    note: "Intervals of the mean over replications, which are independent of each other; of the median, two of the values themselves.",
    heads: [...ESTIMATE_HEADS, "interval of the median", COUNT_HEAD],
    rows: estimates.map((estimate) => {
      const { key, medianInterval } = estimate;
      const median =
        medianInterval === null
          ? "—"
          : `${measureWords(key, medianInterval.low)} to ${measureWords(key, medianInterval.high)}`;
      return [...cells(estimateCells(estimate)), figure(median), figure(countWords(estimate, replications))];
    }),
  };
}

function pooledTable({ pooled }: Replicated): Table {
  return {
    title: "Latency of all requests of all replications together",
    note: "From histograms merged exactly. Requests within a run depend on each other, so these carry no interval.",
    heads: ["latency", "served", "mean", "p50", "p90", "p95", "p99", "max"],
    rows: pooled.map(({ key, count: served, mean, p50, p90, p95, p99, max }) => [
      words(key),
      figure(count(served)),
      ...[mean, p50, p90, p95, p99, max].map((ms) => figure(milliseconds(ms))),
    ]),
  };
}

/** What a run says of its own length; empty where it was not asked. */
export function steadySection(result: Result): string {
  const sentences = steadySentences(result);
  return sentences.length === 0
    ? ""
    : `<h2>How steady this run is</h2>\n<div class="card">\n${listMarkup(sentences.map(html))}\n</div>`;
}
