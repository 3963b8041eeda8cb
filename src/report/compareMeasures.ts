/** Measures as a reader who has not read the manual understands them. */

import { metricOf } from "../result/measures.js";
import { causeStyle } from "./causes.js";
import { plain } from "./format.js";

const METRICS: Readonly<Record<string, string>> = {
  offered: "requests offered",
  refused: "refused",
  ttft: "first token",
  e2e: "whole answer",
  availability: "availability",
  "availability.worstMinute": "served in the worst minute",
  "availability.goodMinutes": "good minutes",
  "residency.violations": "residency violations",
  "cascade.edges": "failures that caused another",
  "cascade.depth": "depth of the cascade",
  "cascade.size": "size of the cascade",
  metastable: "stays overloaded by itself",
  "attempts.perRequest": "tries per request",
  amplification: "calls per request",
  "amplification.worst": "calls per request, worst 10 s",
  detection: "until a failure is noticed",
  failover: "until 99 % has left what is dead",
  restoration: "until service is restored afterwards",
  utilisation: "utilisation",
  "utilisation.peak": "peak utilisation",
  "queue.peak": "longest queue",
  "optimum.refusedByPolicy": "refusals that another policy avoids",
  "optimum.refusedUnavoidable": "refusals that no policy avoids",
  "optimum.headroom": "headroom at the tightest moment",
  cost: "cost",
  "cost.perThousandServed": "cost per 1000 served",
};

/** The longest known name that begins a metric, in words, and what is left of it (`p99`). */
function metricWords(metric: string): string {
  let name = metric;
  let rest = "";
  for (;;) {
    if (Object.hasOwn(METRICS, name)) return rest === "" ? METRICS[name]! : `${METRICS[name]}, ${rest}`;
    const dot = name.lastIndexOf(".");
    if (dot < 0) return plain(metric);
    rest = rest === "" ? name.slice(dot + 1) : `${name.slice(dot + 1)}.${rest}`;
    name = name.slice(0, dot);
  }
}

/** `first token, p99, EU users` for `ttft.p99{origin=EU}`. */
export function measureWords(key: string): string {
  const metric = metricOf(key);
  const selectors = key.slice(metric.length + 1, -1);
  const parts = selectors === "" ? [] : selectors.split(",").map(selectorWords);
  return [metricWords(metric), ...parts].join(", ");
}

function selectorWords(selector: string): string {
  const equals = selector.indexOf("=");
  const [name, value] = [selector.slice(0, equals), selector.slice(equals + 1)];
  if (name === "origin") return `${plain(value)} users`;
  if (name === "cause") return plain(causeStyle(value).label);
  if (name === "phase") return value === "before" ? "before any fault" : `${plain(value)} the faults`;
  return plain(value);
}

/** Measures of requests that were answered: with others refused, they are of other people. */
const OF_ANSWERED = /^(?:ttft|e2e|amplification)(?:[.{]|$)/;

/** Whether a measure says nothing of requests that were refused. */
export function isOfAnswered(key: string): boolean {
  return OF_ANSWERED.test(key);
}
