/** What a comparison is made of, and how. */
import type { Scenario } from "../../scenario/scenario.js";
import type { ScenarioCode } from "../sampleRunner.js";

/** One of the scenarios to compare; the first is what the others are compared with. */
export interface ComparedScenario {
  /** What tables call it. */
  readonly label: string;
  /** As given on the command line when that was relative, else the bare name. */
  readonly path: string;
  readonly scenario: Scenario;
  /** Where the code of its policy lies, if it has any. */
  readonly code?: ScenarioCode;
}

/** How many replications, and what counts as a change. */
export interface CompareOptions {
  /** Of every variant; at least 2. */
  readonly replications: number;
  /** Stops earlier, once the paired differences are known well enough. Left out: all replications are run. */
  readonly until?: UntilNarrow;
  /** Of the intervals, and the level at which all verdicts hold together; 0.95. */
  readonly confidence: number;
  /** A relative change below this is called `small`; 0 tells of every change that holds. */
  readonly atLeast: number;
  /** Every variant runs with it; the first one's own when left out. */
  readonly seed?: string;
  /** Told the samples taken and, where that is known, how many there will be. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** When paired differences are known well enough. */
export interface UntilNarrow {
  /** Largest half-width of the difference, relative to the first variant's mean. */
  readonly width: number;
  /** Fewest replications. */
  readonly least: number;
  /** Measures it is asked of; those the objectives are about when empty, `e2e.mean` when they name no number. */
  readonly of: readonly string[];
}
