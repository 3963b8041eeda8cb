/**
 * Failovers on purpose: a standby is promoted and what it stands in for is drained at a pace, so that what is rotten is
 * found when somebody is watching. A drill that finds something sends traffic back at once, and has the standby mended.
 */
import type { OperationRecord } from "../metrics/index.js";
import type { Drill, Scenario } from "../scenario/scenario.js";
import type { Agenda } from "./agenda.js";
import type { Core } from "./core.js";
import { type Drains, type Pace, stepUsOf } from "./drains.js";
import type { OperationMeters } from "./operationMeters.js";
import type { Standbys } from "./standbys.js";

/** What drills move. */
export interface DrillParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly agenda: Agenda;
  readonly drains: Drains;
  readonly meters: OperationMeters;
  readonly standbys: Standbys;
}

/** One drill while it is held. */
interface Held {
  readonly record: OperationRecord;
  pace: Pace | null;
  /** Standbys that have not answered yet. */
  pending: number;
  /** Traffic is on its way back, or soon will be. */
  returns: boolean;
}

/** Beliefs of more gateways than this share abort a drill. */
const QUORUM = 0.5;

export class Drills {
  readonly #parts: DrillParts;
  readonly #list: readonly Drill[];
  readonly #held: (Held | null)[];

  constructor(parts: DrillParts) {
    this.#parts = parts;
    this.#list = parts.scenario.deployment.drift!.drills;
    this.#held = this.#list.map(() => null);
  }

  /** Plans the first of each. */
  begin(): void {
    this.#list.forEach(({ firstUs }, d) => {
      this.#parts.agenda.at(firstUs, () => this.#start(d));
    });
  }

  #start(d: number): void {
    const { agenda, core, meters, standbys } = this.#parts;
    const drill = this.#list[d]!;
    agenda.at(core.nowUs + drill.everyUs, () => this.#start(d));
    const record = meters.begin({ kind: "drill", id: drill.id, stage: "" });
    const why = this.#whyNot(d);
    if (why !== null) return meters.end(record, `skipped: ${why}`);
    const held: Held = { record, pace: null, pending: drill.standbyIndices.length, returns: false };
    this.#held[d] = held;
    if (drill.order === "drain-first" || held.pending === 0) this.#drain(d, held);
    if (held.pending === 0) return this.#planReturn(d, held);
    for (const s of drill.standbyIndices)
      standbys.promote(s, "drill", (failure) => this.#answered(d, held, failure));
  }

  /** Nobody drills into an outage. */
  #whyNot(d: number): string | null {
    const { standbys } = this.#parts;
    const { standbyIndices, endpointIndices } = this.#list[d]!;
    if (this.#held[d] !== null) return "the last one goes on";
    if (endpointIndices.some((e) => standbys.isLost(e, QUORUM))) return "something was down already";
    if (standbyIndices.some((s) => !standbys.isIdle(s))) return "the standby was not standing by";
    return this.#isAnyStandbyLost(d) ? "the standby was down" : null;
  }

  #isAnyStandbyLost(d: number): boolean {
    const { scenario, standbys } = this.#parts;
    const list = scenario.deployment.drift!.standbys;
    return this.#list[d]!.standbyIndices.some((s) => standbys.isLost(list[s]!.endpointIndex, QUORUM));
  }

  /** A standby is ready, or is not. */
  #answered(d: number, held: Held, failure: string | null): void {
    if (this.#held[d] !== held) return;
    if (failure !== null) return this.#finish(d, held, `found ${failure}`);
    held.pending -= 1;
    if (held.pending > 0) return;
    if (held.pace === null) this.#drain(d, held);
    this.#planReturn(d, held);
  }

  #drain(d: number, held: Held): void {
    const { core, scenario } = this.#parts;
    const { endpointIndices, standbyIndices, rampUs, stepOfClass } = this.#list[d]!;
    const list = scenario.deployment.drift!.standbys;
    this.#setPace(held, {
      left: endpointIndices.reduce((mask, e) => mask | (1 << e), 0),
      ahead: standbyIndices.reduce((mask, s) => mask | (1 << list[s]!.endpointIndex), 0),
      isFirm: true,
      startUs: core.nowUs,
      stepUs: stepUsOf(rampUs, stepOfClass),
      stepOfClass,
      isBack: false,
    });
  }

  #setPace(held: Held, pace: Pace | null): void {
    const { paces } = this.#parts.drains;
    if (held.pace !== null) paces.delete(held.pace);
    held.pace = pace;
    if (pace !== null) paces.add(pace);
  }

  /** All that is to serve does: traffic stays there for a while once it has all come. */
  #planReturn(d: number, held: Held): void {
    const { agenda, core } = this.#parts;
    const { rampUs, holdUs } = this.#list[d]!;
    const drainedUs = Math.max(core.nowUs, held.pace!.startUs + rampUs);
    agenda.at(drainedUs + holdUs, () => {
      if (this.#held[d] === held) this.#return(d, held);
    });
  }

  #return(d: number, held: Held): void {
    const { agenda, core } = this.#parts;
    held.returns = true;
    this.#setPace(held, { ...held.pace!, startUs: core.nowUs, isBack: true });
    agenda.at(core.nowUs + this.#list[d]!.rampUs, () => {
      if (this.#held[d] === held) this.#finish(d, held, "passed");
    });
  }

  /** Beliefs have changed: a drill that turns into an outage is over. */
  look(): void {
    this.#held.forEach((held, d) => {
      if (held !== null) this.#lookAt(d, held);
    });
  }

  #lookAt(d: number, held: Held): void {
    const { standbys } = this.#parts;
    const { endpointIndices, standbyIndices } = this.#list[d]!;
    if (this.#isAnyStandbyLost(d)) return this.#finish(d, held, "aborted: the standby was lost");
    if (endpointIndices.length === 0 || !endpointIndices.every((e) => standbys.isLost(e, QUORUM))) return;
    for (const s of standbyIndices) if (standbys.servesDrill(s)) standbys.keep(s);
    this.#finish(d, held, "aborted: what it drained was lost in earnest");
  }

  #finish(d: number, held: Held, outcome: string): void {
    const { meters, standbys } = this.#parts;
    this.#held[d] = null;
    this.#setPace(held, null);
    for (const s of this.#list[d]!.standbyIndices) if (standbys.servesDrill(s)) standbys.standDown(s);
    meters.end(held.record, outcome);
  }
}
