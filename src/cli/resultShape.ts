/**
 * The shape of a result document, as far as reports and comparisons lean on it. A document from elsewhere
 * is checked against this once, so that nothing behind needs to doubt it.
 */

import { clockShape } from "./clockShape.js";
import { operationsShape, standbyShape, versionsShape } from "./driftShape.js";
import { replicatedShape, steadyShape } from "./replicatedShape.js";
import { residencyShape } from "./residencyShape.js";
import type { Shape } from "./shape.js";
import { storeShape } from "./storesShape.js";

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
  tokens: { in: "number", cachedIn: "number", out: "number" },
  limitsHit: numbers,
};

const replicaShape: Shape = {
  endpoint: "text",
  meanReplicas: "number",
  peakReplicas: "number",
  starts: "number",
  kvTokens: "number",
  meanKvShare: "number",
  peakKvShare: "number",
  promptTokens: "number",
  cachedTokens: "number",
  failoverTokens: "number",
  prefixHitRate: "number",
  preemptions: "number",
  recomputedTokens: "number",
  preset: {
    "?": {
      id: "text",
      source: "text",
      heldOutMeanPercent: "number?",
      heldOutWorstPercent: "number?",
    },
  },
  outsideHull: ["text"],
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
  edges: [
    {
      from: "text",
      to: "text",
      startS: "number",
      endS: "number",
      divertedShare: "number",
      pushedPerS: "number",
      usualPerS: "number",
    },
  ],
  depth: "number",
  size: "number",
  total: "flag",
  withoutRegion: [{ origin: "text", class: "text", startS: "number", seconds: "number" }],
  overloads: [{ region: "text", startS: "number", endS: "number", reason: "text" }],
  amplification: { mean: "number", worst: "number?", worstAtS: "number?" },
  metastable: "flag",
  goodputAfterOverBefore: "number?",
  comparison: {
    "?": {
      before: "number",
      beforeFromS: "number",
      beforeToS: "number",
      after: "number",
      afterFromS: "number",
      afterToS: "number",
      deviation: "number?",
    },
  },
  recovery: {
    "?": {
      fault: "text",
      faultEndS: "number",
      tookS: "number?",
      closedFormS: "number?",
      closedForm: "text",
    },
  },
  boundary: {
    "?": {
      usualLoadPerS: "number",
      usualCapacityPerS: "number",
      loadTriggerPerS: "number",
      capacityTriggerPerS: "number",
      overloadPossible: "flag",
      alwaysRecovers: "flag",
      deficitRequests: "number",
      deficitCapacityS: "number",
    },
  },
  tries: { client: "number", gateway: "number", library: "number", product: "number" },
  margins: [
    {
      region: "text",
      capacityPerS: "number?",
      peakLoadPerS: "number",
      usualPeakPerS: "number",
      naiveLimit: "number",
      retrySafeMargin: "number?",
      deficitCapacityS: "number?",
    },
  ],
};

const optimumCounts = {
  offered: "number",
  couldServe: "number",
  refusedUnavoidable: "number",
  refusedByPolicy: "number",
} as const;

const optimumShape: Shape = {
  ...optimumCounts,
  byOrigin: { "*": optimumCounts },
  tightest: { "?": { headroom: "number", startS: "number" } },
  perWindow: { windowS: "number", startS: ["number"], offered: ["number"], couldServe: ["number"] },
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
  calls: ["number"],
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
  hedges: "number",
  hedgesWon: "number",
  sdkRetries: "number",
  budgetDenied: "number",
  heldBack: "number",
};

const costShape: Shape = {
  "?": {
    currency: "text",
    total: "number",
    perThousandServed: "number?",
    byEndpoint: [
      {
        id: "text",
        inputTokens: "number",
        cachedTokens: "number",
        outputTokens: "number",
        tokensUsd: "number",
        replicaHours: "number",
        replicasUsd: "number",
      },
    ],
  },
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
  fallbacks: { answered: "number", byClass: { "*": { "*": "number" } } },
  latency: { ttftMs: breakdown, e2eMs: breakdown },
  availability: { requestRatio: "number", goodMinutes: "number", worstMinute: "number", byOrigin: numbers },
  regions: [regionShape],
  endpoints: [endpointShape],
  replicas: [replicaShape],
  stores: [storeShape],
  versions: versionsShape,
  standbys: [standbyShape],
  operations: operationsShape,
  faults: [faultShape],
  clock: [clockShape],
  cascade: cascadeShape,
  optimum: optimumShape,
  residency: residencyShape,
  cost: costShape,
  objectives: [{ name: "text", pass: "flag", value: "scalar", target: "scalar", unit: "text" }],
  series: seriesShape,
  lanes: [{ region: "text", observer: "text", state: "text", startS: "number", endS: "number" }],
  warnings: ["text"],
  "replicated?": replicatedShape,
  "replicationValues?": { "*": ["number?"] },
  "steady?": steadyShape,
};
