/**
 * The numbers a run is judged by, one flat list: what replications are averaged over, comparisons are made of and
 * sweeps keep a row of. Keys are written as objectives are (`ttft.p99{origin=EU}`), so each can be an objective.
 */
import type { LatencyBreakdown, Result } from "./result.js";

/** What a measure counts in. `flag` is 0 or 1. */
export type MeasureUnit = "ms" | "ratio" | "count" | "usd" | "flag";

/** How a measure is to be read. */
export interface MeasureInfo {
  readonly unit: MeasureUnit;
  /** Which way is good news; `neither` for what only describes. */
  readonly better: "lower" | "higher" | "neither";
}

/** By the metric's name, its selectors left off; the longest name that begins it decides. */
const INFO: Readonly<Record<string, MeasureInfo>> = {
  offered: { unit: "count", better: "neither" },
  refused: { unit: "ratio", better: "lower" },
  ttft: { unit: "ms", better: "lower" },
  e2e: { unit: "ms", better: "lower" },
  availability: { unit: "ratio", better: "higher" },
  "residency.violations": { unit: "count", better: "lower" },
  "cascade.edges": { unit: "count", better: "lower" },
  "cascade.depth": { unit: "count", better: "lower" },
  "cascade.size": { unit: "count", better: "lower" },
  metastable: { unit: "flag", better: "lower" },
  "attempts.perRequest": { unit: "count", better: "lower" },
  amplification: { unit: "count", better: "lower" },
  "amplification.worst": { unit: "count", better: "lower" },
  detection: { unit: "ms", better: "lower" },
  failover: { unit: "ms", better: "lower" },
  restoration: { unit: "ms", better: "lower" },
  utilisation: { unit: "ratio", better: "neither" },
  "queue.peak": { unit: "count", better: "lower" },
  "optimum.refusedByPolicy": { unit: "ratio", better: "lower" },
  "optimum.refusedUnavoidable": { unit: "ratio", better: "lower" },
  "optimum.headroom": { unit: "count", better: "higher" },
  cost: { unit: "usd", better: "lower" },
  fallback: { unit: "ratio", better: "neither" },
};

/** The metric of a key: what stands before its selectors. */
export function metricOf(key: string): string {
  const brace = key.indexOf("{");
  return brace < 0 ? key : key.slice(0, brace);
}

/**
 * How to read `key`; a metric that is not listed is a plain count that is neither good nor bad. Nor is a cause of refusal:
 * of fewer refusals more may have the same cause.
 */
export function measureInfo(key: string): MeasureInfo {
  if (key.startsWith("refused{cause=")) return { unit: "ratio", better: "neither" };
  let name = metricOf(key);
  for (;;) {
    const info = INFO[name];
    if (info !== undefined) return info;
    const dot = name.lastIndexOf(".");
    if (dot < 0) return { unit: "count", better: "neither" };
    name = name.slice(0, dot);
  }
}

const LATENCY_PARTS = ["mean", "p50", "p90", "p95", "p99", "max"] as const;

/** Key → value, in a fixed order; null where the run has none: nothing was served, nothing went down, it never came. */
export type Measures = ReadonlyMap<string, number | null>;

/** Everything of `result` that is one number. */
export function measuresOf(result: Result): Measures {
  const found = new Map<string, number | null>();
  const { requests, availability, cascade, optimum, cost } = result;
  found.set("offered", requests.offered);
  found.set("refused", share(requests.refused, requests.offered));
  for (const [origin, counts] of Object.entries(result.requestsBy.origin))
    found.set(`refused{origin=${origin}}`, share(counts.refused, counts.offered));
  for (const [cause, count] of Object.entries(result.refused))
    found.set(`refused{cause=${cause}}`, share(count, requests.offered));
  addLatency(found, "ttft", result.latency.ttftMs);
  addLatency(found, "e2e", result.latency.e2eMs);
  found.set("availability", availability.requestRatio);
  for (const [origin, ratio] of Object.entries(availability.byOrigin))
    found.set(`availability{origin=${origin}}`, ratio);
  found.set("availability.worstMinute", availability.worstMinute);
  found.set("availability.goodMinutes", availability.goodMinutes);
  addFaults(found, result);
  found.set("residency.violations", result.residency.violations);
  found.set("cascade.edges", cascade.edges.length);
  found.set("cascade.depth", cascade.depth);
  found.set("cascade.size", cascade.size);
  found.set("metastable", cascade.metastable ? 1 : 0);
  found.set("attempts.perRequest", result.attempts.perRequest);
  found.set("amplification", cascade.amplification.mean);
  found.set("amplification.worst", cascade.amplification.worst);
  for (const region of result.regions) {
    found.set(`utilisation{region=${region.id}}`, region.utilisation);
    found.set(`utilisation.peak{region=${region.id}}`, region.peakUtilisation);
    found.set(`queue.peak{region=${region.id}}`, region.peakQueue);
  }
  found.set("optimum.refusedByPolicy", share(optimum.refusedByPolicy, optimum.offered));
  found.set("optimum.refusedUnavoidable", share(optimum.refusedUnavoidable, optimum.offered));
  found.set("optimum.headroom", optimum.tightest?.headroom ?? null);
  found.set("cost", cost?.total ?? null);
  found.set("cost.perThousandServed", cost?.perThousandServed ?? null);
  return found;
}

/**
 * The value of `key`; null where the run has none. A cause of refusal that never came is no key of its run: its share
 * is 0.
 */
export function measureOf(measures: Measures, key: string): number | null {
  return measures.get(key) ?? (key.startsWith("refused{cause=") ? 0 : null);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function addLatency(found: Map<string, number | null>, name: "ttft" | "e2e", all: LatencyBreakdown): void {
  const groups: [string, LatencyBreakdown | LatencyBreakdown["by"]["origin"][string]][] = [["", all]];
  for (const [origin, summary] of Object.entries(all.by.origin)) groups.push([`{origin=${origin}}`, summary]);
  for (const [phase, summary] of Object.entries(all.by.phase)) {
    // Spells of several faults carry names of their own, which an objective cannot select one of.
    if (["before", "during", "after"].includes(phase)) groups.push([`{phase=${phase}}`, summary]);
  }
  for (const [selectors, summary] of groups)
    for (const part of LATENCY_PARTS)
      found.set(`${name}.${part}${selectors}`, summary.count === 0 ? null : summary[part]);
}

/** Longest of the faults that take something down, and of each of them; ms. Null where it never came. */
function addFaults(found: Map<string, number | null>, result: Result): void {
  const down = result.faults.filter(({ kind }) => kind === "region-down" || kind === "endpoint-down");
  const times = {
    detection: down.map((fault) => since(fault.detectedS, fault.startS)),
    failover: down.map((fault) => since(fault.shifted99S, fault.startS)),
    restoration: down.map((fault) => since(fault.restoredS, fault.endS)),
  };
  for (const [name, each] of Object.entries(times)) {
    if (down.length > 0) found.set(name, longest(each));
    if (down.length < 2) continue;
    for (const [i, { id }] of down.entries()) found.set(`${name}{fault=${id}}`, each[i] ?? null);
  }
}

function since(at: number | null, fromS: number): number | null {
  return at === null ? null : (at - fromS) * 1000;
}

function longest(times: readonly (number | null)[]): number | null {
  let most = 0;
  for (const time of times) {
    if (time === null) return null;
    most = Math.max(most, time);
  }
  return most;
}
