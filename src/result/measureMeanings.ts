/** What measures say, one sentence each: for tables, whose readers see nothing but a name. */
import { metricOf } from "./measures.js";

/** By the metric's name; the longest name that begins it decides. Selectors in braces narrow it. */
const MEANINGS: Readonly<Record<string, string>> = {
  offered: "Requests that users made after the warm-up.",
  refused: "Share of the offered requests that were refused.",
  ttft: "Time from asking to the first token, at the user, of served requests.",
  e2e: "Time from asking to the last token, at the user, of served requests.",
  availability: "Share of the finished requests that were served.",
  "availability.worstMinute": "Lowest served share of any one minute with traffic.",
  "availability.goodMinutes": "Share of one-minute windows with at least 99 % of finished requests served.",
  detection: "From the start of a fault until the first prober believed it; the longest of several.",
  failover: "From the start of a fault until 99 % of the traffic had moved; the longest of several.",
  restoration: "From the end of a fault until 99 % were served for ten seconds; the longest of several.",
  "residency.violations": "Times data was where a residency rule forbids it.",
  "cascade.edges": "Times a region pushed another into overload.",
  "cascade.depth": "Longest chain of regions that pushed one another over; 0 for none.",
  "cascade.size": "Regions that others pushed over.",
  metastable: "1 where service stayed down after the last fault, else 0.",
  "attempts.perRequest": "Attempts that clients made for each request.",
  amplification: "Calls at endpoints for each request.",
  "amplification.worst": "Calls at endpoints for each request, in the worst window.",
  utilisation: "Mean busy share of a region's slots.",
  "utilisation.peak": "Busy share of a region's slots in its busiest window.",
  "queue.peak": "Most calls that waited in a region at once.",
  "optimum.refusedByPolicy": "Share of the requests refused although a lawful place had room.",
  "optimum.refusedUnavoidable": "Share of the requests that no lawful routing could have served.",
  "optimum.headroom": "At the tightest ten seconds, demand times this could just be served lawfully.",
  cost: "What the run cost.",
  "cost.perThousandServed": "What a thousand served requests cost.",
  fallback: "Share of the requests that something else than the model asked for served.",
};

/** How a statistic of a distribution is called in a sentence. */
const PARTS: Readonly<Record<string, string>> = {
  mean: "Mean",
  p50: "Median",
  p90: "90th percentile",
  p95: "95th percentile",
  p99: "99th percentile",
  max: "Largest value",
};

/** What the measure `key` says; empty for one that is not listed. */
export function meaningOf(key: string): string {
  const metric = metricOf(key);
  const where = key.slice(metric.length);
  for (let name = metric; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
    const meaning = MEANINGS[name];
    if (meaning === undefined) continue;
    const part = PARTS[metric.slice(name.length + 1)];
    const sentence = part === undefined ? meaning : `${part}. ${meaning}`;
    return where === "" ? sentence : `${sentence} Only of ${where.slice(1, -1)}.`;
  }
  return "";
}

const LATENCIES = ["ttft", "e2e"].flatMap((name) => Object.keys(PARTS).map((part) => `${name}.${part}`));
const OF_FAULTS = ["detection", "failover", "restoration"];
const OF_REGIONS = ["utilisation", "utilisation.peak", "queue.peak"];
const ALONE = Object.keys(MEANINGS).filter(
  (name) => !["ttft", "e2e", "fallback", ...OF_REGIONS].includes(name),
);

/** Every measure a run can have, with `<…>` for what the scenario says. */
export const MEASURE_PATTERNS: readonly string[] = [
  ...ALONE,
  ...["refused{origin=<origin>}", "refused{cause=<cause>}", "availability{origin=<origin>}"],
  ...LATENCIES.flatMap((name) => [name, `${name}{origin=<origin>}`, `${name}{phase=<phase>}`]),
  ...OF_FAULTS.map((name) => `${name}{fault=<fault>}`),
  ...OF_REGIONS.map((name) => `${name}{region=<region>}`),
];
