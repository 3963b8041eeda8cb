/**
 * The shape of a result document, as far as reports and comparisons lean on it. A document from elsewhere
 * is checked against this once, so that nothing behind needs to doubt it.
 */

/** A leaf by name; a list by its item in `[]`; a record of equal values under the key `*`; else fields. */
export type Shape =
  | "text"
  | "number"
  | "number?"
  | "flag"
  | "null"
  | "scalar"
  | readonly [Shape]
  | { readonly [key: string]: Shape };

/** The first thing that does not fit: `<path> must be <rule>`. */
export interface ShapeProblem {
  readonly path: string;
  readonly message: string;
}

const leaves: Readonly<
  Record<string, { readonly rule: string; readonly fits: (value: unknown) => boolean }>
> = {
  text: { rule: "a text", fits: (value) => typeof value === "string" },
  number: { rule: "a number", fits: (value) => typeof value === "number" },
  "number?": { rule: "a number or null", fits: (value) => value === null || typeof value === "number" },
  flag: { rule: "true or false", fits: (value) => typeof value === "boolean" },
  null: { rule: "null", fits: (value) => value === null },
  scalar: {
    rule: "a number or a text",
    fits: (value) => typeof value === "number" || typeof value === "string",
  },
};

/** The first place, in document order, at which `value` is not of `shape`; null when it is. */
export function shapeProblem(value: unknown, shape: Shape, path: string): ShapeProblem | null {
  if (typeof shape === "string") {
    const leaf = leaves[shape]!;
    return leaf.fits(value) ? null : { path, message: `${path} must be ${leaf.rule}` };
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return { path, message: `${path} must be a list` };
    return firstProblem(value.map((item, i) => [item, shape[0] as Shape, `${path}[${i}]`]));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { path, message: `${path || "the document"} must be an object` };
  }
  const fields = shape as { readonly [key: string]: Shape };
  const record = value as Record<string, unknown>;
  const below = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const every = fields["*"];
  if (every !== undefined)
    return firstProblem(Object.keys(record).map((key) => [record[key], every, below(key)]));
  return firstProblem(Object.entries(fields).map(([key, field]) => [record[key], field, below(key)]));
}

function firstProblem(parts: readonly (readonly [unknown, Shape, string])[]): ShapeProblem | null {
  for (const [value, shape, path] of parts) {
    const problem =
      value === undefined ? { path, message: `${path} is missing` } : shapeProblem(value, shape, path);
    if (problem !== null) return problem;
  }
  return null;
}

const counts: Shape = { offered: "number", served: "number", refused: "number", inFlight: "number" };
const numbers: Shape = { "*": "number" };
const latency = {
  count: "number",
  mean: "number",
  p50: "number",
  p90: "number",
  p95: "number",
  p99: "number",
  max: "number",
} as const;
const breakdown: Shape = {
  ...latency,
  by: { "*": { "*": latency } },
  originInPhase: { "*": { "*": latency } },
};

const regionShape: Shape = {
  id: "text",
  city: "text",
  country: "text",
  utilisation: "number",
  peakUtilisation: "number",
  peakQueue: "number",
  calls: "number",
  divertedCalls: "number",
  overloadedS: "number",
  limitsHit: numbers,
};

const endpointShape: Shape = {
  id: "text",
  region: "text",
  calls: "number",
  completed: "number",
  wasted: "number",
  utilisation: "number",
  meanWaitMs: "number",
  peakQueue: "number",
};

const faultShape: Shape = {
  id: "text",
  kind: "text",
  target: "text",
  startS: "number",
  endS: "number",
  firstImpactS: "number?",
  detectedS: "number?",
  gatewayDetectedS: "number?",
  entryDetectedS: "number?",
  shifted50S: "number?",
  shifted95S: "number?",
  shifted99S: "number?",
  restoredS: "number?",
  refused: "number",
};

const cascadeShape: Shape = {
  edges: [{ from: "text", to: "text", startS: "number", endS: "number", divertedShare: "number" }],
  depth: "number",
  metastable: "flag",
  goodputAfterOverBefore: "number?",
  margins: [
    {
      region: "text",
      capacityPerS: "number?",
      peakLoadPerS: "number",
      usualPeakPerS: "number",
      naiveLimit: "number",
      retrySafeMargin: "number?",
    },
  ],
};

const seriesShape: Shape = {
  windowS: "number",
  startS: ["number"],
  byOrigin: {
    "*": {
      offered: ["number"],
      served: ["number"],
      refused: ["number"],
      ttftP50Ms: ["number?"],
      ttftP95Ms: ["number?"],
      e2eP50Ms: ["number?"],
      e2eP95Ms: ["number?"],
    },
  },
  byRegion: {
    "*": { utilisation: ["number"], queue: ["number"], calls: ["number"], divertedCalls: ["number"] },
  },
  refusedByCause: { "*": ["number"] },
  attempts: ["number"],
};

const attemptsShape: Shape = {
  client: "number",
  endpoint: "number",
  clientRetries: "number",
  gatewayRetries: "number",
  clientTimeouts: "number",
  wasted: "number",
  failed: numbers,
  perRequest: "number",
};

const residencyShape: Shape = {
  checked: "number",
  violations: "number",
  rows: [
    {
      origin: "text",
      dataClass: "text",
      channel: "text",
      country: "text",
      at: "text",
      writes: "number",
      lawful: "flag",
    },
  ],
};

/** Of a whole `regionsim.result/1`. */
export const RESULT_SHAPE: Shape = {
  schema: "text",
  tool: { name: "text", version: "text" },
  scenario: {
    name: "text",
    question: "text",
    sha256: "text",
    durationS: "number",
    warmupS: "number",
    startUtc: "text",
  },
  seed: "text",
  replications: "number",
  digest: "text",
  events: "number",
  trail: { stride: "number", states: ["text"] },
  requests: counts,
  requestsBy: { origin: { "*": counts }, class: { "*": counts }, homeRegion: { "*": counts } },
  refused: numbers,
  refusedBy: {
    origin: { "*": numbers },
    class: { "*": numbers },
    phase: { "*": numbers },
    originInPhase: { "*": { "*": numbers } },
  },
  servedBy: { "*": { "*": numbers } },
  servedAway: { "*": numbers },
  attempts: attemptsShape,
  latency: { ttftMs: breakdown, e2eMs: breakdown },
  availability: { requestRatio: "number", goodMinutes: "number", worstMinute: "number", byOrigin: numbers },
  regions: [regionShape],
  endpoints: [endpointShape],
  faults: [faultShape],
  cascade: cascadeShape,
  residency: residencyShape,
  objectives: [{ name: "text", pass: "flag", value: "scalar", target: "scalar", unit: "text" }],
  series: seriesShape,
  lanes: [{ region: "text", observer: "text", state: "text", startS: "number", endS: "number" }],
  warnings: ["text"],
};
