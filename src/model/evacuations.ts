/** Regions that operators leave, stage by stage, and where it is planned come back to. */
import type { OperationRecord } from "../metrics/index.js";
import type { Evacuation, Scenario } from "../scenario/scenario.js";
import type { Agenda } from "./agenda.js";
import type { Core } from "./core.js";
import { type Drains, type Pace, stepUsOf } from "./drains.js";
import { AWAY_STAGE, type OperationMeters, RETURN_STAGE } from "./operationMeters.js";
import type { Standbys } from "./standbys.js";

/** What evacuations move. */
export interface EvacuationParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly agenda: Agenda;
  readonly drains: Drains;
  readonly meters: OperationMeters;
  readonly standbys: Standbys;
  /** Takes a gateway out of what users are told, or puts it back. */
  readonly drainEntry: (gateway: number, drained: boolean) => void;
  /** What is evacuated has changed. */
  readonly changed: () => void;
}

export class Evacuations {
  readonly #parts: EvacuationParts;
  readonly #list: readonly Evacuation[];
  readonly #paces: (Pace | null)[];
  readonly #away: (OperationRecord | null)[];
  /** By evacuation: standbys that it counts on, once for each stage that promotes them. */
  readonly #hired: (readonly number[])[];

  constructor(parts: EvacuationParts) {
    this.#parts = parts;
    this.#list = parts.scenario.deployment.drift!.evacuations;
    this.#paces = this.#list.map(() => null);
    this.#away = this.#list.map(() => null);
    this.#hired = this.#list.map(() => []);
  }

  /** Plans the first stage of each, and the way back. */
  begin(): void {
    this.#list.forEach(({ startUs, returnUs }, v) => {
      this.#parts.agenda.at(startUs, () => this.#stage(v, 0));
      this.#parts.agenda.at(returnUs, () => this.#return(v));
    });
  }

  #stage(v: number, position: number): void {
    const { agenda, core, meters } = this.#parts;
    const { id, stages } = this.#list[v]!;
    const stage = stages[position];
    if (stage === undefined) {
      this.#away[v] = meters.begin({ kind: "evacuation", id, stage: AWAY_STAGE });
      return;
    }
    const record = meters.begin({ kind: "evacuation", id, stage: stage.name });
    if (stage.does === "promote") this.#promote(v);
    if (stage.does === "drain-entry") this.#setEntry(v, true);
    if (stage.does === "drain-endpoints") this.#drain(v, stage.takesUs);
    agenda.at(core.nowUs + stage.takesUs, () => {
      meters.end(record, "done");
      this.#stage(v, position + 1);
    });
  }

  /** Mask of the region's endpoints. */
  #endpointsOf(v: number): number {
    const { regionIndex } = this.#list[v]!;
    const { endpoints } = this.#parts.scenario.deployment;
    return endpoints.reduce(
      (mask, endpoint, e) => (endpoint.regionIndex === regionIndex ? mask | (1 << e) : mask),
      0,
    );
  }

  /** Everything that stands in for something of the region, and stands elsewhere. */
  #promote(v: number): void {
    const { scenario, standbys } = this.#parts;
    const leaving = this.#endpointsOf(v);
    const wanted = scenario.deployment.drift!.standbys.flatMap(({ activeIndices, endpointIndex }, s) => {
      const isElsewhere = (leaving & (1 << endpointIndex)) === 0;
      return isElsewhere && activeIndices.some((e) => (leaving & (1 << e)) !== 0) ? [s] : [];
    });
    this.#hired[v] = [...this.#hired[v]!, ...wanted];
    for (const s of wanted) standbys.hire(s);
  }

  #setEntry(v: number, drained: boolean): void {
    const { agenda, core, scenario, drainEntry } = this.#parts;
    const { regionIndex } = this.#list[v]!;
    const { entry, gateways } = scenario.deployment;
    // A route that is withdrawn takes its time; names change at once, and their caches have a life of their own.
    const movesUs = entry.kind === "anycast" ? entry.convergenceUs : 0;
    agenda.at(core.nowUs + movesUs, () => {
      gateways.forEach((gateway, g) => {
        if (gateway.regionIndex === regionIndex) drainEntry(g, drained);
      });
    });
  }

  #drain(v: number, rampUs: number): void {
    const { core, drains, changed } = this.#parts;
    const { stepOfClass } = this.#list[v]!;
    const left = this.#endpointsOf(v);
    drains.evacuated |= left;
    this.#setPace(v, {
      left,
      ahead: 0,
      isFirm: true,
      startUs: core.nowUs,
      stepUs: stepUsOf(rampUs, stepOfClass),
      stepOfClass,
      isBack: false,
    });
    changed();
  }

  #setPace(v: number, pace: Pace | null): void {
    const { paces } = this.#parts.drains;
    const before = this.#paces[v]!;
    if (before !== null) paces.delete(before);
    this.#paces[v] = pace;
    if (pace !== null) paces.add(pace);
  }

  #return(v: number): void {
    const { agenda, core, drains, meters, standbys, changed } = this.#parts;
    const { id, returnRampUs, stepOfClass } = this.#list[v]!;
    const away = this.#away[v]!;
    if (away !== null) meters.end(away, "done");
    const record = meters.begin({ kind: "evacuation", id, stage: RETURN_STAGE });
    this.#setEntry(v, false);
    const pace = this.#paces[v]!;
    const stepUs = stepUsOf(returnRampUs, stepOfClass);
    if (pace !== null) this.#setPace(v, { ...pace, startUs: core.nowUs, stepUs, isBack: true });
    drains.evacuated &= ~this.#endpointsOf(v);
    for (const s of this.#hired[v]!) standbys.release(s);
    changed();
    agenda.at(core.nowUs + returnRampUs, () => {
      this.#setPace(v, null);
      meters.end(record, "done");
    });
  }
}
