/** Keeps each replica's one event at its next boundary. */
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { ReplicaFleet } from "./replicaFleet.js";

export class StepEvents {
  readonly #dueUs: number[] = [];
  readonly #engine: Core;
  readonly #fleet: ReplicaFleet;

  constructor(engine: Core, fleet: ReplicaFleet) {
    this.#engine = engine;
    this.#fleet = fleet;
  }

  /** Columns reach as far as there are replicas. */
  track(r: number): void {
    while (this.#dueUs.length <= r) this.#dueUs.push(Number.POSITIVE_INFINITY);
  }

  /** A replica's event has come, or is not to come: whoever parks or schedules its record next starts afresh. */
  forget(r: number): void {
    this.#dueUs[r] = Number.POSITIVE_INFINITY;
  }

  /** A replica's next boundary may have moved. */
  follow(r: number): void {
    const engine = this.#engine;
    const dueUs = this.#fleet.replicas[r]!.nextUs();
    if (dueUs === this.#dueUs[r]) return;
    this.#dueUs[r] = dueUs;
    const record = this.#fleet.records[r]!;
    if (dueUs === Number.POSITIVE_INFINITY) return engine.park(record, core.REPLICA_STEP);
    // An idle replica begins with all that come at this instant, not with the first of them.
    const phase = dueUs > engine.nowUs ? core.PHASE_RELEASE : core.PHASE_TIMEOUT;
    engine.schedule(record, dueUs, phase, core.REPLICA_STEP);
  }
}
