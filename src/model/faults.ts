/** Makes the scenario's faults happen: the truth changes first, then whatever it kills or frees. */
import type { Fault, Scenario } from "../scenario/scenario.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Endpoints } from "./endpoints.js";
import type { Entry } from "./entry.js";
import type { Environment } from "./environment.js";
import { UP } from "./environment.js";
import type { Gateways } from "./gateways.js";
import type { Stores } from "./stores.js";

/** The parts of the world that a fault may strike. */
export interface FaultParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly entry: Entry;
  readonly gateways: Gateways;
  readonly endpoints: Endpoints;
  readonly stores: Stores | null;
}

export class Faults {
  readonly #parts: FaultParts;
  readonly #edgesUs: readonly number[];
  #nextEdge = 0;

  constructor(parts: FaultParts) {
    this.#parts = parts;
    const edges = new Set<number>();
    for (const fault of parts.scenario.faults) edges.add(fault.startUs).add(fault.endUs);
    this.#edgesUs = [...edges].filter((us) => us <= parts.scenario.durationUs).sort((a, b) => a - b);
  }

  begin(): void {
    if (this.#edgesUs.length === 0) return;
    const { core: engine } = this.#parts;
    engine.schedule(engine.attempts.alloc(), this.#edgesUs[0]!, core.PHASE_FAULT, core.FAULT_EDGE);
  }

  /** Some fault begins or ends now. */
  edge(slot: number): void {
    const { core: engine, environment, scenario, entry, endpoints } = this.#parts;
    const regionWas = environment.regionDown.slice();
    const endpointWas = environment.endpointDown.slice();
    const wasFrozen = environment.entryFrozen;
    this.#parts.stores?.beforeEdge();
    environment.recompute(activeAt(scenario.faults, engine.nowUs));
    this.#parts.stores?.afterEdge();
    scenario.deployment.endpoints.forEach((_, e) => {
      if (environment.endpointDown[e] !== UP && environment.endpointDown[e] !== endpointWas[e])
        endpoints.kill(e);
    });
    scenario.deployment.regions.forEach((_, r) => {
      if (environment.regionDown[r] !== UP && environment.regionDown[r] !== regionWas[r])
        this.#parts.gateways.kill(r);
    });
    scenario.deployment.endpoints.forEach((_, e) => {
      endpoints.environmentChanged(e);
    });
    endpoints.capacityChanged();
    if (wasFrozen && !environment.entryFrozen) entry.thaw();
    this.#nextEdge += 1;
    if (this.#nextEdge < this.#edgesUs.length)
      engine.schedule(slot, this.#edgesUs[this.#nextEdge]!, core.PHASE_FAULT, core.FAULT_EDGE);
    else engine.attempts.free(slot);
  }
}

/** Faults in force at an instant: from their start, up to and not including their end. */
export function activeAt(faults: readonly Fault[], timeUs: number): Fault[] {
  return faults.filter((fault) => fault.startUs <= timeUs && timeUs < fault.endUs);
}
