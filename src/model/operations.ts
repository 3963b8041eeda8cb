/** Everything that operators do in a run, and what tells them to: standbys, drills and evacuations on one agenda. */
import type { OperationCounts, StandbyCounts } from "../metrics/index.js";
import type { PolicyState } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { Agenda } from "./agenda.js";
import type { Core } from "./core.js";
import type { Drains } from "./drains.js";
import { Drills } from "./drills.js";
import type { Environment } from "./environment.js";
import { Evacuations } from "./evacuations.js";
import { OperationMeters } from "./operationMeters.js";
import { Standbys } from "./standbys.js";

/** What operations see and move. */
export interface OperationParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly replication: number;
  readonly drains: Drains;
  readonly states: readonly PolicyState[];
  readonly resized: (e: number) => void;
  readonly drainEntry: (gateway: number, drained: boolean) => void;
}

export class Operations {
  readonly meters: OperationMeters;
  readonly #agenda: Agenda;
  readonly #standbys: Standbys;
  readonly #drills: Drills;
  readonly #evacuations: Evacuations;

  constructor(parts: OperationParts) {
    const { scenario, core } = parts;
    const agenda = new Agenda(core);
    const meters = new OperationMeters(scenario, core);
    const shared = { ...parts, agenda, meters };
    const standbys = new Standbys(shared);
    this.#agenda = agenda;
    this.meters = meters;
    this.#standbys = standbys;
    this.#drills = new Drills({ ...shared, standbys });
    this.#evacuations = new Evacuations({ ...shared, standbys, changed: () => this.look() });
  }

  get counts(): OperationCounts {
    return this.meters.counts;
  }

  get standbys(): readonly StandbyCounts[] {
    return this.#standbys.counts;
  }

  /** Plans what is known beforehand. */
  begin(): void {
    this.#standbys.begin();
    this.#drills.begin();
    this.#evacuations.begin();
  }

  /** Something that was planned is due. */
  edge(): void {
    this.#agenda.edge();
  }

  /** Beliefs have changed, or what is evacuated. A drill that turns into an outage ends before standbys are looked at. */
  look(): void {
    this.#drills.look();
    this.#standbys.look();
  }
}
