/**
 * Objectives: `metric{selector=value, …} operator target`, what a run must show. Parsed here, judged by whoever
 * has the results.
 */
import { REFUSAL_CAUSES } from "../policy/index.js";
import { DRIFT_METRICS, DRIFT_SELECTORS } from "./driftMetrics.js";
import type { Objective } from "./scenario.js";
import { nearest } from "./suggest.js";
import { DURATION_PATTERN, PERCENT_PATTERN, readDurationUs } from "./units.js";

/** What can be asked of each metric: a time, a share or a number of requests, a number, a share, yes or no. */
type MetricKind = "time" | "requests" | "count" | "ratio" | "truth" | "cascade";

const LATENCY_PARTS = ["mean", "p50", "p90", "p95", "p99", "max"] as const;

/** Every metric an objective may name, with what it is. */
export const OBJECTIVE_METRICS: Readonly<Record<string, MetricKind>> = {
  offered: "count",
  served: "requests",
  refused: "requests",
  inFlight: "requests",
  ...Object.fromEntries(
    ["ttft", "e2e"].flatMap((name) => LATENCY_PARTS.map((part) => [`${name}.${part}`, "time" as const])),
  ),
  availability: "ratio",
  "availability.worstMinute": "ratio",
  "residency.violations": "count",
  "residency.checked": "count",
  cascade: "cascade",
  "cascade.edges": "count",
  "cascade.depth": "count",
  "cascade.size": "count",
  /** Least of any region: capacity over usual peak with every retry used. */
  "cascade.retrySafeMargin": "count",
  metastable: "truth",
  "attempts.perRequest": "count",
  /** Calls at endpoints per request: mean, and in the worst ten seconds. */
  amplification: "count",
  "amplification.worst": "count",
  /** Longest of the faults that take something down, or of the one selected; never is longer than any target. */
  detection: "time",
  failover: "time",
  restoration: "time",
  /** Of the busiest region, or of the one selected. */
  utilisation: "ratio",
  "utilisation.peak": "ratio",
  "queue.peak": "count",
  /** Refusals that another policy could have avoided, and those that none could. */
  "optimum.refusedByPolicy": "requests",
  "optimum.refusedUnavoidable": "requests",
  /** Demand times this could just be served in the tightest ten seconds. */
  "optimum.headroom": "count",
  /** US dollars. */
  cost: "count",
  "cost.perThousandServed": "count",
  prefixHitRate: "ratio",
  /** Requests answered by another model than they asked for, of those served. */
  fallback: "requests",
  /** Reads that found old data or none, requests turned away for it, and writes lost for good. */
  "data.stale": "requests",
  "data.missing": "requests",
  "data.refused": "requests",
  "data.lost": "count",
  "data.conflicts": "count",
  /** How far behind stale reads were. */
  "stale.mean": "time",
  "stale.p95": "time",
  "stale.max": "time",
  /** Largest of the regions that went down: age of what was lost with it, time until its users had their data. */
  rpo: "time",
  rto: "time",
  ...DRIFT_METRICS,
};

/** What an objective may select by. `from` is another word for `origin`. */
export const OBJECTIVE_SELECTORS = [
  "origin",
  "class",
  "region",
  "endpoint",
  "cause",
  "phase",
  "fault",
  "store",
] as const;

type Selector = (typeof OBJECTIVE_SELECTORS)[number];

const OF_STORES: readonly Selector[] = ["store", "class"];

/** Metrics that only some selectors mean anything to; the others know all but `fault` and `store`. */
const SELECTORS_OF: Readonly<Record<string, readonly Selector[]>> = {
  detection: ["fault"],
  failover: ["fault"],
  restoration: ["fault"],
  utilisation: ["region"],
  "utilisation.peak": ["region"],
  "queue.peak": ["region"],
  "cascade.size": [],
  "cascade.retrySafeMargin": ["region"],
  amplification: [],
  "amplification.worst": [],
  "optimum.refusedByPolicy": ["origin"],
  "optimum.refusedUnavoidable": ["origin"],
  "optimum.headroom": [],
  cost: ["endpoint"],
  "cost.perThousandServed": [],
  prefixHitRate: ["endpoint"],
  fallback: ["origin", "class", "region", "endpoint", "phase"],
  ...Object.fromEntries(
    ["stale", "missing", "refused", "lost", "conflicts"].map((part) => [`data.${part}`, OF_STORES]),
  ),
  ...Object.fromEntries(["mean", "p95", "max"].map((part) => [`stale.${part}`, OF_STORES])),
  rpo: ["store", "class", "region"],
  rto: ["store", "class", "region"],
  ...DRIFT_SELECTORS,
};

const ANY_BUT_FAULT: readonly Selector[] = OBJECTIVE_SELECTORS.filter(
  (name) => name !== "fault" && name !== "store",
);

const PHASES = ["before", "during", "after"];
const ALIASES: Readonly<Record<string, string>> = { from: "origin" };

/** The names that selectors may use. */
export interface ObjectiveNames {
  /** Null for any. */
  readonly origin: readonly string[] | null;
  readonly class: readonly string[];
  readonly region: readonly string[];
  readonly endpoint: readonly string[];
  /** Left out for any. */
  readonly fault?: readonly string[];
  readonly store?: readonly string[];
}

/** A parsed objective, or what is wrong with it. `offset` counts from the start of the text. */
export type ObjectiveReading =
  | { readonly ok: true; readonly objective: Objective }
  | {
      readonly ok: false;
      readonly rule: string;
      readonly offset: number;
      readonly unknown: boolean;
      readonly suggestion?: string;
    };

type Failure = Extract<ObjectiveReading, { readonly ok: false }>;
type Selected = { readonly ok: true; readonly selectors: Readonly<Record<string, string>> };

const SHAPE = /^\s*([^\s{<>=!]+)\s*(?:\{([^{}]*)\})?\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*$/d;
const SHAPE_RULE = 'of the form metric{selector=value} operator target, such as "refused{origin=US} <= 0.5%"';

/** Parses one objective; `names` are those of the scenario. */
export function readObjective(text: string, names: ObjectiveNames): ObjectiveReading {
  const match = SHAPE.exec(text);
  if (match === null) return problem(SHAPE_RULE, 0, mendOperator(text));
  const [, metric = "", selectorText, operator = "", targetText = ""] = match;
  const at = (group: number): number => match.indices?.[group]?.[0] ?? 0;
  const kind = Object.hasOwn(OBJECTIVE_METRICS, metric) ? OBJECTIVE_METRICS[metric] : undefined;
  if (kind === undefined) return unknown("metric", metric, Object.keys(OBJECTIVE_METRICS), at(1));
  const selected = readSelectors(selectorText ?? "", at(2), names, metric);
  if (!selected.ok) return selected;
  const { selectors } = selected;
  const target = readObjectiveTarget(targetText, kind);
  if (target === null)
    return problem(`${metric} compared with ${TARGET_RULES[kind]}, not ${JSON.stringify(targetText)}`, at(4));
  if (target.unit === "word" && operator !== "==" && operator !== "!=") {
    return problem(
      `${metric} compared with == or !=, because ${JSON.stringify(targetText)} is a word`,
      at(3),
    );
  }
  return {
    ok: true,
    objective: {
      text: text.trim(),
      metric,
      selectors,
      operator: operator as Objective["operator"],
      ...target,
    },
  };
}

const TARGET_RULES: Readonly<Record<MetricKind, string>> = {
  time: "a duration such as 1500ms",
  requests: "a share such as 0.5% or a number of requests",
  count: "a number",
  ratio: "a share such as 99.9%",
  truth: "true or false",
  cascade: "none or a number",
};

function readObjectiveTarget(text: string, kind: MetricKind): Pick<Objective, "target" | "unit"> | null {
  const number = /^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : null;
  const share = PERCENT_PATTERN.test(text) ? Number(text.slice(0, -1)) / 100 : null;
  if (kind === "time") return durationTarget(text);
  if (kind === "truth") return text === "true" || text === "false" ? { target: text, unit: "word" } : null;
  if (kind === "cascade" && text === "none") return { target: text, unit: "word" };
  if (kind === "requests" || kind === "ratio") {
    if (share !== null) return share <= 1 ? { target: share, unit: "ratio" } : null;
    if (number === null) return null;
    if (kind === "ratio") return number <= 1 ? { target: number, unit: "ratio" } : null;
    return { target: number, unit: "count" };
  }
  return number === null ? null : { target: number, unit: "count" };
}

function durationTarget(text: string): Pick<Objective, "target" | "unit"> | null {
  if (!DURATION_PATTERN.test(text)) return null;
  const reading = readDurationUs(text);
  return reading.ok ? { target: reading.value / 1000, unit: "ms" } : null;
}

function readSelectors(
  text: string,
  offset: number,
  names: ObjectiveNames,
  metric: string,
): Selected | Failure {
  const selectors: Record<string, string> = {};
  if (text.trim() === "") return { ok: true, selectors };
  let start = offset;
  for (const part of text.split(",")) {
    const match = /^\s*([^\s=]+)\s*=\s*([^\s=]+)\s*$/.exec(part);
    if (match === null) return problem("selectors of the form name=value, with commas between them", start);
    const key = ALIASES[match[1]!] ?? match[1]!;
    const value = match[2]!;
    const known = OBJECTIVE_SELECTORS.find((name) => name === key);
    if (known === undefined) return unknown("selector", match[1]!, OBJECTIVE_SELECTORS, start);
    const allowed = SELECTORS_OF[metric] ?? ANY_BUT_FAULT;
    if (!allowed.includes(known)) {
      const some = allowed.length === 0 ? "no selector" : `no selector but ${allowed.join(", ")}`;
      return problem(`${metric} with ${some}, not ${known}`, start);
    }
    if (Object.hasOwn(selectors, known))
      return problem(`selectors each given once, not ${known} twice`, start);
    const values = known === "cause" ? REFUSAL_CAUSES : known === "phase" ? PHASES : (names[known] ?? null);
    if (values !== null && !values.includes(value)) return unknown(known, value, values, start);
    selectors[known] = value;
    start += part.length + 1;
  }
  return { ok: true, selectors };
}

function mendOperator(text: string): string | undefined {
  const mended = text
    .replace(/===/, "==")
    .replace(/=</, "<=")
    .replace(/=>/, ">=")
    .replace(/([^<>=!])=([^=])(?=[^{}]*$)/, "$1==$2");
  return mended !== text && SHAPE.test(mended) ? JSON.stringify(mended) : undefined;
}

function problem(rule: string, offset: number, suggestion?: string): Failure {
  return { ok: false, rule, offset, unknown: false, ...(suggestion === undefined ? {} : { suggestion }) };
}

function unknown(what: string, word: string, known: readonly string[], offset: number): Failure {
  const near = nearest(word, known);
  const some = known.slice(0, 8).join(", ");
  const rule = `about a known ${what}${near === undefined ? ` (${some}${known.length > 8 ? ", …" : ""})` : ""}, not ${JSON.stringify(word)}`;
  return {
    ok: false,
    rule,
    offset,
    unknown: true,
    ...(near === undefined ? {} : { suggestion: JSON.stringify(near) }),
  };
}
