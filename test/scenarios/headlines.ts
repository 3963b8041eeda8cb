/** The number of each shipped scenario that answers its question, as scenarios/README.md words it. */
import type { LatencySummary, Result } from "../../src/result/index.js";
import { whole } from "./shipped.js";

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

function storm(result: Result): string {
  const fault = result.faults[0]!;
  const back =
    fault.restoredS === null
      ? "never back"
      : `back ${Math.round(fault.restoredS - fault.endS)} s after the fault`;
  return `${percent(result.requests.refused / result.requests.offered)} refused; service ${back}`;
}

function failoverTokens(result: Result): number {
  return result.replicas.reduce((sum, group) => sum + group.failoverTokens, 0);
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(1)} million`;
}

function peak(result: Result, region: string): number {
  return result.regions.find(({ id }) => id === region)!.peakUtilisation;
}

function dollars(result: Result): string {
  return `${result.cost!.perThousandServed!.toFixed(2)} $ per thousand answers`;
}

/** Unlawful hops and writes at a place, on one channel. */
function unlawful(result: Result, at: string, channel: string): string {
  const rows = result.residency.rows.filter((row) => !row.lawful && row.at === at && row.channel === channel);
  return whole(Math.max(...rows.map(({ writes }) => writes)));
}

function allRefused(result: Result, digits: number = 1): string {
  return `${percent(result.requests.refused / result.requests.offered, digits)} refused`;
}

/** Of the answers, those by another model than was asked for. */
function fallbackShare(result: Result): number {
  return result.fallbacks.answered / result.requests.served;
}

/** Who was refused, and when the first gateway knew of each fault. */
function noticed(result: Result): string {
  const after = result.faults.map(({ startS, gatewayDetectedS }) =>
    ((gatewayDetectedS ?? NaN) - startS).toFixed(1),
  );
  return (
    `${result.residency.violations} violations; refused: EU ${refused(result, "origin", "EU")}, ` +
    `US ${refused(result, "origin", "US")}; noticed after ${after.join(" s and ")} s`
  );
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
  "single-region": (result) =>
    `${allRefused(result)}; first token p50 ${ms(ttft(result, "before").p50)} on an ordinary day`,
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
  "retry-storm": storm,
  "retry-storm-budget": storm,
  "survivor-cold-cache": (result) =>
    `first token p95 ${seconds(ttft(result, "before").p95)} before, ${seconds(ttft(result, "during").p95)} during ` +
    `the outage, ${seconds(ttft(result, "after").p95)} after it; ${millions(failoverTokens(result))} prompt tokens computed twice`,
  "quota-cliff": (result) =>
    `${percent(result.requests.refused / result.requests.offered)} refused, ` +
    `${percent((result.refused.rate_limit_tpm ?? 0) / result.requests.refused)} of them for tokens per minute; ` +
    `the survivor's places were never more than ${percent(peak(result, "stockholm"), 0)} in use`,
  "gpu-headroom": (result) =>
    `${percent(result.requests.refused / result.requests.offered)} refused; first token p95 ` +
    `${ms(ttft(result, "before").p95)} before, ${ms(ttft(result, "during").p95)} during; ${dollars(result)}`,
  "standby-cold-start": (result) =>
    `${percent(result.requests.refused / result.requests.offered)} refused; first token p95 ` +
    `${seconds(ttft(result, "before").p95)} before, ${seconds(ttft(result, "during").p95)} during; ${dollars(result)}`,
  "leaky-logs": (result) =>
    `${whole(result.residency.violations)} writes of logs and traces abroad; ${allRefused(result)}`,
  "failover-breaks-residency": (result) =>
    `${unlawful(result, "us-model", "processing")} European prompts processed in the US in eight minutes; ${allRefused(result)}`,
  "untested-standby": (result) => {
    const [first] = result.standbys[0]!.promotions;
    return `${allRefused(result)}: the promotion failed (${first!.failure})`;
  },
  "version-skew": (result) => {
    const { sessions, skewedShare } = result.versions!;
    return `${percent(skewedShare)} of ${whole(sessions)} conversations saw two versions; ${allRefused(result)}`;
  },
  "stateful-failover": (result) => {
    const { rpoWrites, rpoS, rtoS } = result.stores[0]!.outages[0]!.byClass.talk!;
    return (
      `${unlawful(result, "conversations@frankfurt", "store")} turns stored in the UK; of the outage: ${rpoWrites} turns ` +
      `nowhere else, the oldest ${rpoS.toFixed(0)} s old, and ${rtoS!.toFixed(0)} s until users had their data again`
    );
  },
  "provider-vs-region": (result) =>
    `${allRefused(result)}; ${percent(fallbackShare(result))} answered by another model; ` +
    `${unlawful(result, "sweden-gpt", "processing")} prompts processed anywhere; ${dollars(result)}`,
  "provider-alone": (result) => `${allRefused(result)}; ${dollars(result)}`,
  "gateway-vs-provider-endpoints": (result) => {
    const { EU } = result.latency.ttftMs.originInPhase;
    return (
      `${unlawful(result, "frankfurt-global", "processing")} European prompts processed anywhere; first token p95 ` +
      `${seconds(EU!.during!.p95)} while the site is gone; ${dollars(result)}`
    );
  },
  gateway: noticed,
  drill: noticed,
  "eu-means-four-things": (result) =>
    `${whole(result.residency.violations)} of ${whole(result.requests.offered)} prompts where more than the EU is meant; ${allRefused(result)}`,
};
