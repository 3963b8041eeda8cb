/** What the headroom table and curve are asked. */
import type { PolicyModules } from "../../model/index.js";
import type { HeadroomRow, Knob, Loss } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Sample } from "../sample.js";
import type { ScenarioCode } from "../sampleRunner.js";

/** A scenario, at the size the table is about. */
export interface HeadroomInput {
  /** Its faults are not looked at. */
  readonly scenario: Scenario;
  /** What is asked to be survived; losses without regions (faults from a file) count as normal here. */
  readonly losses: readonly Loss[];
  /** Code of the scenario's policy, where it has any. */
  readonly modules?: PolicyModules;
}

/** How much availability each factor of headroom buys. */
export interface CurveInput<L extends Loss = Loss> {
  /** As the table was made of. */
  readonly scenario: Scenario;
  /** The capacities to scale, all others stay as they are; `from` goes with `rows`. */
  readonly knobs: readonly Knob[];
  /** The table of the scenario at the knobs' `from`. */
  readonly rows: readonly HeadroomRow[];
  readonly losses: readonly L[];
  /** Capacity over usual peak, ascending; {@link HEADROOM_FACTORS} unless there is reason for others. */
  readonly factors: readonly number[];
  /** The scenario with these values (one a knob) under a loss, or why there can be none: then the point is left out. */
  readonly load: (values: readonly number[], loss: L) => Scenario | string;
  readonly code?: ScenarioCode;
  /** Of each point, under the loss that is worst in replication 0; of the others only that. At least 1. */
  readonly replications: number;
  readonly confidence: number;
  /** Whether the samples of a loss meet what is asked of it; left out: every objective passes in every one. */
  readonly meets?: (samples: readonly Sample[], loss: L) => boolean;
}

/** From no headroom at all to three times the usual peak. */
export const HEADROOM_FACTORS: readonly number[] = [1, 1.25, 1.5, 1.75, 2, 2.5, 3];
