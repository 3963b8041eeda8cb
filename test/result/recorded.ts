/** Recordings made by hand: two regions, two endpoints, users in the EU and in the US, two classes. */

import type { BeliefChange, FaultLabel, Recording, RecordingLabels } from "../../src/metrics/index.js";
import { BusyMeter, HistogramPool } from "../../src/metrics/index.js";
import type { RefusalCause } from "../../src/policy/index.js";
import { causeCode, REFUSAL_CAUSES } from "../../src/policy/index.js";
import type { ObjectiveQuery, Result, RunFacts } from "../../src/result/index.js";
import { buildResult } from "../../src/result/index.js";

export const SECOND = 1e6;
export const EU = 0;
export const US = 1;

export function fault(id: string, startS: number, endS: number, over: Partial<FaultLabel> = {}): FaultLabel {
  return {
    id,
    kind: "region-down",
    target: "eu",
    startUs: startS * SECOND,
    endUs: endS * SECOND,
    regions: [0],
    movesTraffic: true,
    ...over,
  };
}

/** From `startS` on, requests belong to `phase`. */
export interface Edge {
  readonly startS: number;
  readonly phase: number;
}

export interface Setting {
  readonly durationS: number;
  readonly warmupS?: number;
  readonly faults?: readonly FaultLabel[];
  readonly phases?: readonly string[];
  readonly edges?: readonly Edge[];
  readonly capacityPerS?: number;
  readonly slots?: number;
}

/** Sites, endpoints, regions and origins share their indices: 0 in the EU, 1 in the US. */
function labelsOf(setting: Setting): RecordingLabels {
  return {
    regions: [
      { id: "eu", city: "Frankfurt", country: "DE" },
      { id: "us", city: "Ashburn", country: "US" },
    ],
    gateways: [
      { id: "gw-eu", region: 0 },
      { id: "gw-us", region: 1 },
    ],
    endpoints: ["eu-model", "us-model"].map((id, region) => ({
      id,
      region,
      slots: setting.slots ?? 10,
      capacityPerS: setting.capacityPerS ?? 10,
      kvTokens: null,
      price: null,
    })),
    lawful: Int32Array.of(3, 3, 3, 3),
    lawfulGateways: Int32Array.of(3, 3, 3, 3),
    serving: Int32Array.of(3, 3, 3, 3),
    sites: [
      { id: "berlin", origin: EU, country: "DE" },
      { id: "boston", origin: US, country: "US" },
    ],
    origins: ["EU", "US"],
    classes: ["chat", "code"],
    models: { asked: ["m", "m"], answering: ["m", "m"] },
    causes: REFUSAL_CAUSES,
    phases: setting.phases ?? ["before"],
    faults: setting.faults ?? [],
  };
}

/** Writes the columns of a recording as their descriptions say, one event at a time and in any order. */
export class Notes {
  readonly recording: Recording;
  readonly #edges: readonly Edge[];
  readonly #beliefs: BeliefChange[] = [];
  readonly #byCause: (Int32Array | null)[] = REFUSAL_CAUSES.map(() => null);

  constructor(setting: Setting) {
    this.#edges = setting.edges ?? [];
    const labels = labelsOf(setting);
    const windowCount = Math.ceil(setting.durationS) + 1;
    const coarseS = Math.max(1, Math.ceil(setting.durationS / 240));
    const coarseCount = Math.ceil(setting.durationS / coarseS);
    const columns = (count: number): Int32Array[] =>
      Array.from({ length: count }, () => new Int32Array(windowCount));
    const kinds = 4 * labels.phases.length;
    this.recording = {
      labels,
      windowUs: SECOND,
      windowCount,
      durationUs: setting.durationS * SECOND,
      warmupUs: (setting.warmupS ?? 0) * SECOND,
      events: 0,
      ttft: new HistogramPool(kinds * 2),
      e2e: new HistogramPool(kinds * 2),
      ttftOverTime: new HistogramPool(2 * coarseCount),
      e2eOverTime: new HistogramPool(2 * coarseCount),
      coarseUs: coarseS * SECOND,
      coarseCount,
      offered: new Float64Array(kinds),
      refused: new Float64Array(kinds * REFUSAL_CAUSES.length),
      homeRegion: Int32Array.of(0, 0, 1, 1),
      offeredByOrigin: columns(2),
      servedByOrigin: columns(2),
      servedWarmingUp: 0,
      refusedByOrigin: columns(2),
      refusedByCause: this.#byCause,
      clientAttempts: new Int32Array(windowCount),
      callsByHome: columns(4),
      sentToRegion: columns(2),
      capacityFailures: columns(2),
      queuePeak: columns(2),
      busy: [0, 1].map(() => new BusyMeter(SECOND, windowCount)),
      calls: new Float64Array(2),
      completed: new Float64Array(2),
      wasted: new Float64Array(2),
      waitUs: new Float64Array(2),
      started: new Float64Array(2),
      endpointPeakQueue: new Int32Array(2),
      tokensIn: new Float64Array(2),
      tokensCached: new Float64Array(2),
      tokensOut: new Float64Array(2),
      replicas: [null, null],
      capacities: [{ timeUs: 0, perS: Float64Array.from(labels.endpoints, (e) => e.capacityPerS) }],
      crashes: [],
      hedges: 0,
      hedgesWon: 0,
      sdkRetries: 0,
      budgetDenied: 0,
      heldBack: 0,
      limitsHit: new Float64Array(2 * REFUSAL_CAUSES.length),
      failedAttempts: new Float64Array(REFUSAL_CAUSES.length),
      clientRetries: 0,
      gatewayRetries: 0,
      clientTimeouts: 0,
      firstImpactUs: new Float64Array(labels.faults.length).fill(-1),
      misdirected: labels.faults.map(() => ({ requests: 0, lastRequestUs: -1, calls: 0, lastCallUs: -1 })),
      beliefs: this.#beliefs,
      stores: [],
      versions: null,
      standbys: [],
      operations: null,
      ledger: [],
    };
  }

  #count(column: Int32Array, atS: number): void {
    const window = Math.min(column.length - 1, Math.floor(atS));
    column[window] = column[window]! + 1;
  }

  #phase(atS: number): number {
    return this.#edges.reduce((phase, edge) => (edge.startS <= atS ? edge.phase : phase), 0);
  }

  offered(site: number, classIndex: number, atS: number): void {
    const cell = (site * 2 + classIndex) * this.recording.labels.phases.length + this.#phase(atS);
    this.recording.offered[cell] = this.recording.offered[cell]! + 1;
    this.#count(this.recording.offeredByOrigin[site]!, atS);
  }

  served(site: number, classIndex: number, endpoint: number, atS: number, tookMs: number): void {
    const { recording } = this;
    const endS = atS + tookMs / 1000;
    const cell = ((site * 2 + classIndex) * 2 + endpoint) * recording.labels.phases.length + this.#phase(atS);
    const point =
      site * recording.coarseCount +
      Math.min(recording.coarseCount - 1, Math.floor((endS * SECOND) / recording.coarseUs));
    for (const [pool, at] of [
      [recording.ttft, cell],
      [recording.ttftOverTime, point],
    ] as const)
      pool.record(at, tookMs * 500);
    for (const [pool, at] of [
      [recording.e2e, cell],
      [recording.e2eOverTime, point],
    ] as const)
      pool.record(at, tookMs * 1000);
    this.#count(recording.servedByOrigin[site]!, endS);
  }

  refused(site: number, classIndex: number, cause: RefusalCause, atS: number, endS: number): void {
    const { recording } = this;
    const code = causeCode(cause);
    const cell = (site * 2 + classIndex) * recording.labels.phases.length + this.#phase(atS);
    const at = cell * REFUSAL_CAUSES.length + code;
    recording.refused[at] = recording.refused[at]! + 1;
    this.#count(recording.refusedByOrigin[site]!, endS);
    const column = this.#byCause[code] ?? new Int32Array(recording.windowCount);
    this.#byCause[code] = column;
    this.#count(column, endS);
  }

  attempt(region: number, atS: number): void {
    this.#count(this.recording.clientAttempts, atS);
    this.#count(this.recording.sentToRegion[region]!, atS);
  }

  call(endpoint: number, site: number, atS: number): void {
    this.recording.calls[endpoint] = this.recording.calls[endpoint]! + 1;
    this.#count(this.recording.callsByHome[endpoint * 2 + site]!, atS);
  }

  capacityFailure(region: number, atS: number): void {
    this.#count(this.recording.capacityFailures[region]!, atS);
  }

  waiting(region: number, length: number, atS: number): void {
    const column = this.recording.queuePeak[region]!;
    column[Math.floor(atS)] = Math.max(column[Math.floor(atS)]!, length);
  }

  belief(
    atS: number,
    observer: string,
    targetKind: BeliefChange["targetKind"],
    target: number,
    up: boolean,
  ): void {
    this.#beliefs.push({ timeUs: atS * SECOND, observer, targetKind, target, up });
  }
}

/** One request from offer to answer. */
export function serve(
  notes: Notes,
  site: number,
  atS: number,
  tookMs: number,
  endpoint: number = site,
  classIndex = 0,
): void {
  notes.offered(site, classIndex, atS);
  notes.attempt(endpoint, atS);
  notes.call(endpoint, site, atS);
  notes.served(site, classIndex, endpoint, atS, tookMs);
}

export function refuse(notes: Notes, site: number, atS: number, cause: RefusalCause, classIndex = 0): void {
  notes.offered(site, classIndex, atS);
  notes.attempt(site, atS);
  notes.refused(site, classIndex, cause, atS, atS);
}

export function resultOf(
  recording: Recording,
  objectives: readonly ObjectiveQuery[] = [],
  residency: RunFacts["residency"] = { checked: 0, violations: 0, rows: [] },
  facts: Partial<RunFacts> = {},
): Result {
  const scenario = {
    name: "",
    question: "",
    sha256: "",
    durationS: recording.durationUs / SECOND,
    warmupS: recording.warmupUs / SECOND,
    startUtc: "00:00",
  };
  return buildResult(recording, {
    version: "0",
    scenario,
    seed: "s",
    digest: "",
    trail: { stride: 1, states: [] },
    residency,
    objectives,
    cascade: {
      retries: { client: 1, gateway: 0, library: 0 },
      recovery: { retries: 1, timeoutS: 10, lineLimit: 1000, obstacle: null },
    },
    clock: { entry: null, gateways: null },
    presets: [],
    warnings: [],
    ...facts,
  });
}
