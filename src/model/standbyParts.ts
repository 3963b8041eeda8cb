/** What standbys are made of. */
import type { PolicyState } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import type { Agenda } from "./agenda.js";
import type { Core } from "./core.js";
import type { Drains } from "./drains.js";
import type { Environment } from "./environment.js";
import type { OperationMeters } from "./operationMeters.js";

/** What standbys see and move. */
export interface StandbyParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly replication: number;
  readonly agenda: Agenda;
  readonly drains: Drains;
  readonly meters: OperationMeters;
  /** What each gateway believes. */
  readonly states: readonly PolicyState[];
  /** An endpoint has other places than before. */
  readonly resized: (e: number) => void;
}
