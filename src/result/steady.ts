/** What one long run without faults says of itself: when it had settled, and how well it knows its means. */
import type { Interval } from "./estimates.js";

/** A mean over the run, by batches of its windows. */
export interface SteadyMeasure {
  readonly key: "ttft.mean" | "e2e.mean";
  /** Mean over windows after `cutS`, each counting alike; ms. */
  readonly mean: number;
  /** Null where there are too few windows for batches. */
  readonly interval: Interval | null;
  readonly batches: number;
  /** Correlation of neighbouring batches, and whether they pass as independent; where not, the interval is too narrow. */
  readonly lag1: number;
  readonly independent: boolean;
  /** What MSER-5 would leave off at the beginning, seconds after the warm-up of the scenario. */
  readonly cutS: number;
  /** False where it found no such point: the run may never have settled. */
  readonly settled: boolean;
  /** Times its length that the run would have to be for the width asked; null where that cannot be told. */
  readonly lengthNeeded: number | null;
}

/** The run as a whole. */
export interface SteadyRun {
  /** Relative half-width asked for. */
  readonly width: number;
  readonly windowS: number;
  /** Windows with served requests. */
  readonly windows: number;
  /** Users ask at another rate at one time than at another, so there may be no one mean to speak of. */
  readonly demandVaries: boolean;
  readonly measures: readonly SteadyMeasure[];
}
