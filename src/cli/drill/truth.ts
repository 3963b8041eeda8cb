/** What is really so at each moment of a drill: the scenario's faults, struck by the clock instead of by events. */
import { Environment, UP } from "../../model/environment.js";
import { activeAt } from "../../model/faults.js";
import { Network } from "../../model/network.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { DrillClock } from "./clock.js";

/** Places that died at an edge: what they held ends with them. */
export interface Deaths {
  readonly regions: readonly number[];
  readonly endpoints: readonly number[];
}

/** Whom the truth tells that it has changed; endpoints are told before regions, as in the simulator. */
export type TruthListener = (deaths: Deaths) => void;

export class Truth {
  readonly environment: Environment;
  readonly network: Network;
  readonly #scenario: Scenario;
  readonly #listeners: TruthListener[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.environment = new Environment(scenario);
    this.network = new Network(scenario, this.environment);
  }

  /** Strikes every fault at its time. */
  begin(clock: DrillClock): void {
    const { faults, durationUs } = this.#scenario;
    const edges = new Set(faults.flatMap(({ startUs, endUs }) => [startUs, endUs]));
    for (const edgeUs of edges) if (edgeUs <= durationUs) clock.at(edgeUs, () => this.turn(edgeUs));
  }

  onChange(listener: TruthListener): void {
    this.#listeners.push(listener);
  }

  /** The faults of an instant are in force from now on. */
  turn(timeUs: number): void {
    const { environment } = this;
    const regionWas = environment.regionDown.slice();
    const endpointWas = environment.endpointDown.slice();
    environment.recompute(activeAt(this.#scenario.faults, timeUs));
    const deaths = {
      regions: newlyDown(environment.regionDown, regionWas),
      endpoints: newlyDown(environment.endpointDown, endpointWas),
    };
    for (const tell of this.#listeners) tell(deaths);
  }
}

function newlyDown(now: Uint8Array, was: Uint8Array): readonly number[] {
  return [...now.keys()].filter((i) => now[i] !== UP && now[i] !== was[i]);
}
