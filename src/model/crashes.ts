/**
 * Endpoints that overload brings down. An endpoint crashes when the calls in its service and in its line have been at
 * or above its limit without a break for as long as it can stand; it then refuses whatever comes until it has
 * restarted. A crash and the faults of the scenario hold independently: it is up when neither keeps it down.
 */
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";

/** The endpoints. */
export interface CrashHost {
  /** Calls in service and in line. */
  load(e: number): number;
  crash(e: number, restartUs: number): void;
  restart(e: number): void;
}

const NEVER: number = Number.POSITIVE_INFINITY;
const NO_RECORD = -1;

export class Crashes {
  readonly #core: Core;
  readonly #host: CrashHost;
  readonly #atCalls: Float64Array;
  readonly #afterUs: Float64Array;
  readonly #restartUs: Float64Array;
  /** The record of each endpoint that can crash: when it may be time, or when it has restarted. */
  readonly #records: Int32Array;
  /** Since when the load has been too high; {@link NEVER} while it is not. */
  readonly #sinceUs: Float64Array;
  readonly #isWatched: Uint8Array;
  readonly #isDown: Uint8Array;

  constructor(scenario: Scenario, engine: Core, host: CrashHost) {
    const { endpoints } = scenario.deployment;
    this.#core = engine;
    this.#host = host;
    this.#atCalls = Float64Array.from(endpoints, ({ crash }) => crash?.atCalls ?? NEVER);
    this.#afterUs = Float64Array.from(endpoints, ({ crash }) => crash?.afterUs ?? NEVER);
    this.#restartUs = Float64Array.from(endpoints, ({ crash }) => crash?.restartUs ?? NEVER);
    this.#records = Int32Array.from(endpoints, ({ crash }, e) =>
      crash === null ? NO_RECORD : core.endpointRecord(engine, e, core.RESTART),
    );
    this.#sinceUs = new Float64Array(endpoints.length).fill(NEVER);
    this.#isWatched = new Uint8Array(endpoints.length);
    this.#isDown = new Uint8Array(endpoints.length);
  }

  /** The load of an endpoint has changed. */
  look(e: number): void {
    const record = this.#records[e]!;
    if (record === NO_RECORD || this.#isDown[e] === 1) return;
    if (this.#host.load(e) < this.#atCalls[e]!) {
      this.#sinceUs[e] = NEVER;
    } else if (this.#sinceUs[e] === NEVER) {
      this.#sinceUs[e] = this.#core.nowUs;
      this.#watch(record, e);
    }
  }

  /** One event is pending at a time; when it comes too early, because the load had been lower, it waits again. */
  #watch(record: number, e: number): void {
    if (this.#isWatched[e] === 1) return;
    this.#isWatched[e] = 1;
    // What ends or comes at the same instant still counts.
    this.#core.schedule(record, this.#sinceUs[e]! + this.#afterUs[e]!, core.PHASE_TIMEOUT, core.RESTART);
  }

  /** An endpoint has restarted, or may have had too much for too long. */
  due(record: number): void {
    const engine = this.#core;
    const e = engine.attempts.u8[record * at.U8 + at.B_ENDPOINT]!;
    engine.park(record, core.RESTART);
    this.#isWatched[e] = 0;
    if (this.#isDown[e] === 1) {
      this.#isDown[e] = 0;
      return this.#host.restart(e);
    }
    if (this.#sinceUs[e] === NEVER) return;
    if (this.#sinceUs[e]! + this.#afterUs[e]! > engine.nowUs) return this.#watch(record, e);
    this.#sinceUs[e] = NEVER;
    this.#isDown[e] = 1;
    engine.schedule(record, engine.nowUs + this.#restartUs[e]!, core.PHASE_FAULT, core.RESTART);
    this.#host.crash(e, this.#restartUs[e]!);
  }
}
