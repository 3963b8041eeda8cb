/**
 * Who asks what and when, fixed before anything is sent: the very requests that the simulator makes of the same scenario
 * and replication, so that both worlds are asked the same.
 */
import { Arrivals } from "../../model/arrivals.js";
import * as at from "../../model/attempts.js";
import * as core from "../../model/core.js";
import { Core } from "../../model/core.js";
import { Luck } from "../../model/luck.js";
import type { Scenario } from "../../scenario/scenario.js";

/** One request. */
export interface Planned {
  /** Its place in the schedule. */
  readonly id: number;
  readonly site: number;
  readonly classIndex: number;
  /** Its number at its site, to which its luck belongs. */
  readonly request: number;
  readonly atUs: number;
  readonly tokensIn: number;
  /** The endpoint knows; whoever asks only knows its bound. */
  readonly tokensOut: number;
}

/** All requests of a replication, in the order in which they are made. Conversations must have been left out before. */
export function plannedRequests(scenario: Scenario, replication: number): readonly Planned[] {
  const engine = new Core();
  const planned: Planned[] = [];
  const luck = new Luck(scenario, replication);
  const parts = { scenario, core: engine, luck, stores: null, drift: null, replication };
  const arrivals = new Arrivals(parts, {
    ask(slot) {
      planned.push(readRequest(engine, slot, planned.length));
      engine.attempts.free(slot);
    },
  });
  arrivals.begin();
  while (engine.events.nextTimeUs() <= scenario.durationUs) step(engine, arrivals);
  return planned;
}

function step(engine: Core, arrivals: Arrivals): void {
  const slot = engine.events.nextId();
  const order = engine.events.nextOrder();
  engine.nowUs = engine.events.nextTimeUs();
  const state = engine.attempts.u8[slot * at.U8 + at.B_STATE];
  engine.begin(slot, order);
  if (state === core.SITE_ARRIVAL) arrivals.siteArrival(slot);
  else if (state === core.TRACE_ARRIVAL) arrivals.traceArrival(slot);
  else throw new Error(`bug: state ${state} in a schedule of lone requests`);
  engine.end();
}

function readRequest({ attempts, nowUs }: Core, slot: number, id: number): Planned {
  return {
    id,
    site: attempts.u16[slot * at.U16 + at.H_SITE]!,
    classIndex: attempts.u8[slot * at.U8 + at.B_CLASS]!,
    request: attempts.f64[slot * at.F64 + at.F_REQUEST]!,
    atUs: nowUs,
    tokensIn: attempts.i32[slot * at.I32 + at.I_TOKENS_IN]!,
    tokensOut: attempts.i32[slot * at.I32 + at.I_TOKENS_OUT]!,
  };
}
