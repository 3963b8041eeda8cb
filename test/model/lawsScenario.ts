/** Scenarios whose requests come at stated instants, and readings of what became of them. */

import type { Recording } from "../../src/metrics/index.js";
import { Histogram } from "../../src/metrics/index.js";
import type { Held } from "../../src/model/index.js";
import { World } from "../../src/model/index.js";
import type { Fault, FaultTarget, Scenario } from "../../src/scenario/scenario.js";
import { SECOND } from "./buildScenario.js";

/** Replaces demand by single requests: at a second, at a site, of a class; ten tokens in and out. */
export function asking(
  scenario: Scenario,
  requests: readonly {
    readonly atS: number;
    readonly site?: number;
    readonly of?: number;
    readonly out?: number;
  }[],
): Scenario {
  const trace = {
    file: "",
    arrivalUs: Float64Array.from(requests, ({ atS }) => atS * SECOND),
    inputTokens: Int32Array.from(requests, () => 10),
    outputTokens: Int32Array.from(requests, ({ out }) => out ?? 10),
    siteIndex: Int32Array.from(requests, ({ site }) => site ?? 0),
    classIndex: Int32Array.from(requests, ({ of }) => of ?? 0),
    session: null,
  };
  return { ...scenario, workload: { ...scenario.workload, trace } };
}

export const region0: FaultTarget = { kind: "region", index: 0 };
export const region1: FaultTarget = { kind: "region", index: 1 };

/** Gives a fault its span, in seconds. */
export function during(fromS: number, toS: number, what: object, id = "fault"): Fault {
  return { id, startUs: fromS * SECOND, endUs: toS * SECOND, ...what } as Fault;
}

export interface Ending {
  readonly recording: Recording;
  readonly held: Held;
  readonly served: number;
  readonly refused: Readonly<Record<string, number>>;
}

/** Runs to the end of the scenario, or `untilS` when that is later. */
export function endOf(scenario: Scenario, untilS = 0): Ending {
  const world = new World(scenario);
  world.runUntil(Math.max(scenario.durationUs, untilS * SECOND));
  const { held } = world;
  const { recording } = world.finish();
  const refused: Record<string, number> = {};
  recording.refused.forEach((n, cell) => {
    const cause = recording.labels.causes[cell % recording.labels.causes.length]!;
    if (n > 0) refused[cause] = (refused[cause] ?? 0) + n;
  });
  return { recording, held, served: latencies(recording).count, refused };
}

/** End-to-end times of every class, or of one. */
export function latencies(recording: Recording, classIndex = -1): Histogram {
  const merged = new Histogram();
  const { classes, endpoints, phases } = recording.labels;
  const perClass = endpoints.length * phases.length;
  for (let cell = 0; cell < recording.e2e.cellCount; cell++) {
    if (classIndex < 0 || Math.floor(cell / perClass) % classes.length === classIndex)
      recording.e2e.addTo(cell, merged);
  }
  return merged;
}

/** Seconds of slots in use over the whole run, by endpoint. */
export function busyS(recording: Recording, endpoint = 0): number {
  return recording.busy[endpoint]!.integralUs.reduce((sum, us) => sum + us, 0) / SECOND;
}
