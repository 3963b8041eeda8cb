/** The shape of what several replications, or one long run, say in a result document. */
import type { Shape } from "./shape.js";

const interval: Shape = { low: "number", high: "number", confidence: "number", method: "text" };

/** Of several replications together. */
export const replicatedShape: Shape = {
  replications: "number",
  confidence: "number",
  stopping: {
    reason: "text",
    width: "number?",
    of: ["text"],
    reached: "number?",
    least: "number",
    most: "number",
  },
  digest: "text",
  estimates: [
    {
      key: "text",
      n: "number",
      mean: "number",
      sd: "number",
      interval: { "?": interval },
      min: "number",
      median: "number",
      max: "number",
      medianInterval: { "?": interval },
    },
  ],
  pooled: [
    {
      key: "text",
      count: "number",
      mean: "number",
      p50: "number",
      p90: "number",
      p95: "number",
      p99: "number",
      max: "number",
    },
  ],
  objectives: [
    {
      name: "text",
      verdict: "text",
      mean: "number?",
      interval: { "?": interval },
      passes: "number",
      of: "number",
      passInterval: interval,
    },
  ],
  missing: { "*": "number" },
};

/** Of one run that was asked whether it is long enough. */
export const steadyShape: Shape = {
  width: "number",
  windowS: "number",
  windows: "number",
  demandVaries: "flag",
  measures: [
    {
      key: "text",
      mean: "number",
      interval: { "?": interval },
      batches: "number",
      lag1: "number",
      independent: "flag",
      cutS: "number",
      settled: "flag",
      lengthNeeded: "number?",
    },
  ],
};
