/** One pool of servers whose callers lose patience and try again: the system that stays down when it should not. */

import type { Result } from "../../src/result/index.js";
import type { AbandonedMode, Discipline, Fault, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  exponential,
  fixed,
  retrying,
  SECOND,
  server,
  site,
} from "./buildScenario.js";
import { during } from "./lawsScenario.js";

/** A pool, per second and in seconds. */
export interface StormParts {
  readonly perSecond: number;
  readonly capacityPerS: number;
  /** Infinity for ever. */
  readonly patienceS: number;
  readonly retries: number;
  readonly lengthS: number;
  readonly faults: readonly Fault[];
  /** Demand and service by chance instead of evenly. */
  readonly random?: boolean;
  /** Calls that may wait; any number when absent. */
  readonly places?: number;
  readonly discipline?: Discipline;
  readonly abandoned?: AbandonedMode;
  readonly seed?: string;
  /** Of capacity / servers each; one when absent. Times are whole µs, so 1/300 s is not, and three times that is. */
  readonly servers?: number;
}

/** Everything, and nothing killed, is held back from `atS` for `forS`. */
export function outage(atS: number, forS: number): Fault {
  return during(atS, atS + forS, {
    kind: "capacity-loss",
    target: { kind: "all" },
    fraction: 1,
    preempt: false,
  });
}

/** Only the share `left` of the capacity remains from `atS` for `forS`. */
export function brownout(atS: number, forS: number, left: number): Fault {
  return during(atS, atS + forS, { kind: "slow", target: { kind: "all" }, factor: 1 / left });
}

/** Demand × factor from `atS` for `forS`; of random demand only. */
export function surge(atS: number, forS: number, factor: number): Fault {
  return during(atS, atS + forS, { kind: "demand-surge", target: { kind: "all" }, factor }, "surge");
}

/** Work is done whether or not anybody waits for it, unless told otherwise. */
export function storm(parts: StormParts): Scenario {
  const { perSecond, capacityPerS, patienceS, lengthS } = parts;
  const servers = parts.servers ?? 1;
  const meanUs = (servers * SECOND) / capacityPerS;
  const serving = server(
    parts.random === true ? exponential(meanUs) : fixed(meanUs),
    servers,
    parts.places ?? Number.MAX_SAFE_INTEGER,
    parts.discipline ?? "fifo",
  );
  const scenario = buildScenario({
    seed: parts.seed ?? "storm",
    durationS: lengthS,
    endpoints: [endpoint("e", 0, serving, { abandoned: parts.abandoned ?? "execute" })],
    sites: [site("s", "US", perSecond)],
    client: { timeout: fixed(patienceS * SECOND), caller: retrying(parts.retries) },
    faults: parts.faults,
  });
  return parts.random === true ? scenario : evenly(scenario, perSecond);
}

/** Replaces demand by requests that come at equal distances, `perSecond` from site 0. */
export function evenly(scenario: Scenario, perSecond: number): Scenario {
  const count = Math.floor((perSecond * scenario.durationUs) / SECOND);
  return asTrace(
    scenario,
    Float64Array.from({ length: count }, (_, i) => Math.floor((i * SECOND) / perSecond)),
    new Int32Array(count),
  );
}

/** Replaces demand by requests at these times from these sites, of ten tokens in and out. */
export function asTrace(scenario: Scenario, arrivalUs: Float64Array, siteIndex: Int32Array): Scenario {
  const count = arrivalUs.length;
  const trace = {
    file: "",
    arrivalUs,
    inputTokens: new Int32Array(count).fill(10),
    outputTokens: new Int32Array(count).fill(10),
    siteIndex,
    classIndex: new Int32Array(count),
    session: null,
  };
  return { ...scenario, workload: { ...scenario.workload, trace } };
}

/** Requests offered and served per second of the stretch, every origin. */
export function rates(
  result: Result,
  fromS: number,
  toS: number,
): { readonly offered: number; readonly served: number } {
  const { startS, byOrigin } = result.series;
  let [offered, served] = [0, 0];
  for (const columns of Object.values(byOrigin))
    startS.forEach((at, i) => {
      if (at < fromS || at >= toS) return;
      offered += columns.offered[i]!;
      served += columns.served[i]!;
    });
  return { offered: offered / (toS - fromS), served: served / (toS - fromS) };
}

/** Share of the offered that is served over the last `lastS` seconds. */
export function lateShare(result: Result, lastS: number): number {
  const { durationS } = result.scenario;
  const { offered, served } = rates(result, durationS - lastS, durationS);
  return served / offered;
}
