/** Small scenarios in which versions drift, standbys rot and operators act: an active in one region, another endpoint in a second. */
import type { Recording } from "../../src/metrics/index.js";
import { World } from "../../src/model/index.js";
import type {
  Drift,
  Drill,
  Endpoint,
  Evacuation,
  Fault,
  Scenario,
  Standby,
} from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  gateway,
  type Parts,
  region,
  SECOND,
  server,
  site,
} from "./buildScenario.js";

export const NO_DRIFT: Drift = { rollouts: [], pinning: null, standbys: [], drills: [], evacuations: [] };
export const NEVER: number = Number.POSITIVE_INFINITY;

/** An endpoint that answers in a tenth of a second and is never full. */
export function roomy(id: string, regionIndex: number, over: Partial<Endpoint> = {}): Endpoint {
  return endpoint(id, regionIndex, server(fixed(0.1 * SECOND), 10_000), over);
}

/** The second endpoint stands in for the first: believed after 2 s, promoted in 3 s, mended in 20 s, sound for ever. */
export function standby(over: Partial<Standby> = {}): Standby {
  return {
    endpointIndex: 1,
    activeIndices: [0],
    trigger: { kind: "belief", holdUs: 2 * SECOND, quorum: 0.5 },
    stages: [{ name: "promotion", takesUs: 3 * SECOND }],
    warmShare: 1,
    fillUs: 0,
    untested: { kind: "fixed", days: 0 },
    rot: { kind: "none" },
    failures: [{ cause: "expired-key", share: 1 }],
    repairUs: 20 * SECOND,
    failback: { holdUs: 5 * SECOND, rampUs: 10 * SECOND },
    ...over,
  };
}

export function drill(over: Partial<Drill> = {}): Drill {
  return {
    id: "drill",
    endpointIndices: [0],
    standbyIndices: [0],
    firstUs: 10 * SECOND,
    everyUs: NEVER,
    rampUs: 10 * SECOND,
    holdUs: 10 * SECOND,
    stepOfClass: [0],
    order: "promote-first",
    ...over,
  };
}

export function evacuation(over: Partial<Evacuation> = {}): Evacuation {
  return {
    id: "leave",
    regionIndex: 0,
    startUs: 10 * SECOND,
    stages: [
      { name: "decide", takesUs: 5 * SECOND, does: "wait" },
      { name: "drain", takesUs: 20 * SECOND, does: "drain-endpoints" },
    ],
    stepOfClass: [0],
    returnUs: NEVER,
    returnRampUs: 10 * SECOND,
    ...over,
  };
}

/** Users of one site, a gateway beside them, and two endpoints, of which the first is in region 0 and the second in region 1. */
export function drifting(drift: Partial<Drift>, over: Partial<Parts> = {}): Scenario {
  const scenario = buildScenario({
    durationS: 60,
    regions: [region("a", "DE"), region("b", "IE")],
    gateways: [gateway("gw", 0)],
    endpoints: [roomy("main", 0), roomy("other", 1, { tier: 1 })],
    sites: [site("s", "DE", 20)],
    ...over,
  });
  const health = { ...check(1, 1, 2, 2), firstUs: 0 };
  const { deployment } = scenario;
  return {
    ...scenario,
    deployment: {
      ...deployment,
      drift: { ...NO_DRIFT, ...drift },
      routing: { ...deployment.routing, health },
    },
  };
}

/** The first endpoint is down and refuses. */
export function mainDown(fromS: number, toS: number): Fault {
  return {
    id: "down",
    kind: "endpoint-down",
    startUs: fromS * SECOND,
    endUs: toS * SECOND,
    target: { kind: "endpoint", index: 0 },
    manner: "refuse",
  };
}

/** What a run leaves, with its refusals by name. */
export interface DriftEnd {
  readonly recording: Recording;
  readonly digest: string;
  readonly refused: Readonly<Record<string, number>>;
  readonly calls: readonly number[];
}

export function run(scenario: Scenario, replication = 0): DriftEnd {
  const world = new World(scenario, replication);
  world.runUntil(scenario.durationUs);
  const { recording, digest } = world.finish();
  const refused: Record<string, number> = {};
  recording.refused.forEach((n, cell) => {
    const cause = recording.labels.causes[cell % recording.labels.causes.length]!;
    if (n > 0) refused[cause] = (refused[cause] ?? 0) + n;
  });
  return { recording, digest, refused, calls: [...recording.calls] };
}

export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}
