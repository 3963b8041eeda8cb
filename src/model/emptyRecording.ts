/** The columns of a recording before the first event: the longest list of lengths in the model, in one place. */
import type { Recording, RecordingLabels, ReplicaCounts } from "../metrics/index.js";
import { BusyMeter, HistogramPool } from "../metrics/index.js";

/** A recording that is still being written. */
export type OpenRecording = {
  -readonly [K in keyof Recording]: Recording[K] extends readonly (infer E)[] ? E[] : Recording[K];
};

/** A recording in which nothing has been counted: every column of its full length, every list empty. */
export function emptyRecording(
  labels: RecordingLabels,
  durationUs: number,
  warmupUs: number,
  homeRegion: Int32Array,
  windowUs: number,
  windowCount: number,
  coarseUs: number,
): OpenRecording {
  const columns = (count: number): Int32Array[] =>
    Array.from({ length: count }, () => new Int32Array(windowCount));
  const endpoints = labels.endpoints.length;
  const kinds = labels.sites.length * labels.classes.length * labels.phases.length;
  const coarseCount = Math.ceil(durationUs / coarseUs);
  const regions = labels.regions.length;
  return {
    labels,
    windowUs,
    windowCount,
    durationUs,
    warmupUs,
    events: 0,
    ttft: new HistogramPool(kinds * endpoints),
    e2e: new HistogramPool(kinds * endpoints),
    ttftOverTime: new HistogramPool(labels.origins.length * coarseCount),
    e2eOverTime: new HistogramPool(labels.origins.length * coarseCount),
    coarseUs,
    coarseCount,
    offered: new Float64Array(kinds),
    refused: new Float64Array(kinds * labels.causes.length),
    homeRegion,
    offeredByOrigin: columns(labels.origins.length),
    servedByOrigin: columns(labels.origins.length),
    servedWarmingUp: 0,
    refusedByOrigin: columns(labels.origins.length),
    refusedByCause: labels.causes.map(() => null),
    clientAttempts: new Int32Array(windowCount),
    callsByHome: columns(regions * regions),
    sentToRegion: columns(regions),
    capacityFailures: columns(regions),
    queuePeak: columns(regions),
    ...endpointColumns(labels, windowUs, windowCount),
    capacities: [],
    crashes: [],
    hedges: 0,
    hedgesWon: 0,
    sdkRetries: 0,
    budgetDenied: 0,
    heldBack: 0,
    failedAttempts: new Float64Array(labels.causes.length),
    clientRetries: 0,
    gatewayRetries: 0,
    clientTimeouts: 0,
    firstImpactUs: new Float64Array(labels.faults.length).fill(-1),
    misdirected: [],
    beliefs: [],
    ...unused(),
    ledger: [],
  };
}

/** What stays as it is where a scenario has nothing of the kind. */
function unused(): Pick<OpenRecording, "stores" | "versions" | "standbys" | "operations"> {
  return { stores: [], versions: null, standbys: [], operations: null };
}

/** The columns with one entry per endpoint. */
function endpointColumns(labels: RecordingLabels, windowUs: number, windowCount: number) {
  const endpoints = labels.endpoints.length;
  return {
    busy: labels.endpoints.map(() => new BusyMeter(windowUs, windowCount)),
    calls: new Float64Array(endpoints),
    completed: new Float64Array(endpoints),
    wasted: new Float64Array(endpoints),
    waitUs: new Float64Array(endpoints),
    started: new Float64Array(endpoints),
    endpointPeakQueue: new Int32Array(endpoints),
    tokensIn: new Float64Array(endpoints),
    tokensCached: new Float64Array(endpoints),
    tokensOut: new Float64Array(endpoints),
    replicas: labels.endpoints.map((endpoint) => (endpoint.kvTokens === null ? null : emptyReplicaCounts())),
    limitsHit: new Float64Array(endpoints * labels.causes.length),
  };
}

function emptyReplicaCounts(): ReplicaCounts {
  return {
    replicaUs: 0,
    peakReplicas: 0,
    starts: 0,
    preemptions: 0,
    promptTokens: 0,
    cachedTokens: 0,
    failoverTokens: 0,
    recomputedTokens: 0,
    kvTokenUs: 0,
    kvPeakTokens: 0,
    seenLow: new Float64Array(3).fill(Number.POSITIVE_INFINITY),
    seenHigh: new Float64Array(3),
  };
}
