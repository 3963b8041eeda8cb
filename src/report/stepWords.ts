/** What the summary of a step says of a run, a comparison or an audit beside its checks. */
import type { AuditReport } from "../result/auditReport.js";
import type { Comparison } from "../result/comparison.js";
import type { Result } from "../result/result.js";
import { auditScope, auditVerdict } from "./auditRows.js";
import { answerSentences } from "./compareAnswer.js";
import { list, plain } from "./format.js";
import { failoverSentence, stoppingSentence } from "./replicatedSentences.js";
import { cascadeSentence, faultSentence, refusedSentence, residencySentence } from "./sentences.js";
import type { StepWords } from "./stepSummary.js";

/** Of a run: its faults and who was refused; of several, how many and how their failovers went. */
export function runWords(result: Result): StepWords {
  const { replicated, scenario } = result;
  const first = replicated === undefined ? "" : "First replication: ";
  const own = [
    ...result.faults.map((fault) => faultSentence(fault, result)),
    refusedSentence(result),
    residencySentence(result),
    cascadeSentence(result),
  ].filter((sentence) => sentence !== "");
  const over =
    replicated === undefined
      ? []
      : [stoppingSentence(replicated), failoverSentence(result)].filter((sentence) => sentence !== "");
  return { title: plain(scenario.name), lines: [...over, ...own.map((sentence) => `${first}${sentence}`)] };
}

/** Of a comparison: its answer. */
export function comparisonWords(comparison: Comparison): StepWords {
  const labels = comparison.variants.map(({ label }) => plain(label));
  return { title: `${list(labels)} compared`, lines: answerSentences(comparison) };
}

/** Of an audit: its verdict and what it covers. */
export function auditWords(report: AuditReport): StepWords {
  return {
    title: `Residency audit: ${plain(report.scenario.name)}`,
    lines: [auditVerdict(report), auditScope(report)],
  };
}
