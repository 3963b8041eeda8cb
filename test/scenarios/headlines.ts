/** The number of each shipped scenario that answers its question, as scenarios/README.md words it. */
import type { LatencySummary, Result } from "../../src/result/index.js";

function percent(share: number, digits: number = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function seconds(valueMs: number): string {
  return `${(valueMs / 1000).toFixed(1)} s`;
}

function refused(result: Result, by: "origin" | "class", name: string): string {
  const counts = result.requestsBy[by][name]!;
  return percent(counts.refused / counts.offered);
}

function ttft(result: Result, phase: string): LatencySummary {
  return result.latency.ttftMs.by.phase[phase]!;
}

function standby(result: Result): string {
  const share = percent(result.requests.refused / result.requests.offered, 2);
  const { before, "during frankfurt-outage": during } = result.latency.ttftMs.by.phase;
  return `${share} refused; first token p50 ${ms(before!.p50)}, p95 ${seconds(during!.p95)} while Frankfurt is down`;
}

/** Scenario → headline, from its result. */
export const HEADLINES: Readonly<Record<string, (result: Result) => string>> = {
  "eu-us": (result) => {
    const { US } = result.latency.ttftMs.originInPhase;
    return (
      `${result.residency.violations} violations; refused: EU ${refused(result, "origin", "EU")}, ` +
      `US ${refused(result, "origin", "US")}; American first token p50 ${ms(US!.before!.p50)} at home, ` +
      `${ms(US!["during us-outage"]!.p50)} from Frankfurt`
    );
  },
  "active-active": standby,
  "active-passive": standby,
  cascade: (result) =>
    `${percent(result.requests.refused / result.requests.offered)} refused; service after the outage at ` +
    `${percent(result.cascade.goodputAfterOverBefore!)} of before, and staying there`,
  headroom: (result) =>
    `${percent(result.requests.refused / result.requests.offered)} refused; ${result.cascade.edges.length} regions pushed over`,
  "eu-residency-outage": (result) =>
    `refused over the day: personal ${refused(result, "class", "personal")}, public ${refused(result, "class", "public")}`,
  replay: (result) =>
    `${percent(result.requests.refused / result.requests.offered)} refused; first token p95 ` +
    `${seconds(ttft(result, "before").p95)} before, ${seconds(ttft(result, "during").p95)} during`,
};
