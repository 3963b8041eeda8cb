/** Recordings made by hand: two regions, two endpoints, users in the EU and in the US, two classes. */
import type { FaultLabel, Recording, RecordingLabels } from "../../src/metrics/index.js";
import { type PhaseEdge, Recorder } from "../../src/model/recorder.js";
import type { RefusalCause } from "../../src/policy/index.js";
import { causeCode, REFUSAL_CAUSES } from "../../src/policy/index.js";
import type { ObjectiveQuery, Residency, Result } from "../../src/result/index.js";
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

export interface Setting {
  readonly durationS: number;
  readonly warmupS?: number;
  readonly faults?: readonly FaultLabel[];
  readonly phases?: readonly string[];
  readonly edges?: readonly PhaseEdge[];
  readonly capacityPerS?: number;
  readonly slots?: number;
}

/** Sites, endpoints and regions share their indices: 0 in the EU, 1 in the US. */
export function recorderOf(setting: Setting): Recorder {
  const labels: RecordingLabels = {
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
    })),
    sites: [
      { id: "berlin", origin: EU, country: "DE" },
      { id: "boston", origin: US, country: "US" },
    ],
    origins: ["EU", "US"],
    classes: ["chat", "code"],
    causes: REFUSAL_CAUSES,
    phases: setting.phases ?? ["before"],
    faults: setting.faults ?? [],
  };
  return new Recorder(
    labels,
    setting.durationS * SECOND,
    (setting.warmupS ?? 0) * SECOND,
    Int32Array.of(0, 0, 1, 1),
    setting.edges ?? [],
  );
}

/** One request from offer to answer. */
export function serve(
  recorder: Recorder,
  site: number,
  atS: number,
  tookMs: number,
  endpoint: number = site,
  classIndex = 0,
): void {
  const startUs = atS * SECOND;
  recorder.offered(site, classIndex, startUs);
  recorder.clientAttempt(endpoint, startUs);
  recorder.call(endpoint, site, classIndex, startUs);
  recorder.served(site, classIndex, endpoint, startUs, startUs + tookMs * 500, startUs + tookMs * 1000);
}

export function refuse(
  recorder: Recorder,
  site: number,
  atS: number,
  cause: RefusalCause,
  classIndex = 0,
): void {
  recorder.offered(site, classIndex, atS * SECOND);
  recorder.clientAttempt(site, atS * SECOND);
  recorder.refused(site, classIndex, causeCode(cause), atS * SECOND, atS * SECOND);
}

export function closed(recorder: Recorder, setting: Setting): Recording {
  return recorder.finish(0, [], setting.durationS * SECOND);
}

export function resultOf(
  recording: Recording,
  objectives: readonly ObjectiveQuery[] = [],
  residency: Residency = { checked: 0, violations: 0, rows: [] },
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
    clientRetries: 1,
    warnings: [],
  });
}
