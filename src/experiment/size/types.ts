/**
 * What the search for a size is written against. It knows numbers that may be changed, losses, and objectives that hold or
 * do not; a simulation is one way to observe them, a test's noisy function another.
 */
import type { ObjectiveQuery } from "../../result/objectiveQuery.js";

/** What an objective came to in one replication. */
export interface Observed {
  readonly pass: boolean;
  readonly value: number | string;
}

/** One replication under one loss: in the order of {@link SizeModel.targets}. */
export type Replica = readonly Observed[];

/** An objective as the test needs it; `text` names it. */
export type Target = Pick<ObjectiveQuery, "text" | "metric" | "selectors" | "operator" | "target" | "unit">;

/** Replications of a loss, `from` … `to − 1`. */
export interface Request {
  readonly loss: number;
  readonly from: number;
  readonly to: number;
}

/** What is sized. */
export interface SizeModel {
  /** Names of the losses; the first is the normal state. */
  readonly losses: readonly string[];
  readonly targets: readonly Target[];
  /** Whether the objective is asked of the loss at all: nothing fails over in normal operation. */
  isAsked(target: number, loss: number): boolean;
  /**
   * Replications at a size, one list a request. Replication i has the same luck at every size and under every loss. A
   * size that cannot be is a sentence that says why.
   */
  observe(
    values: readonly number[],
    requests: readonly Request[],
  ): Promise<readonly (readonly Replica[])[] | string>;
}

/** When a size is known to do. */
export interface TestRule {
  /** Replications after which it is looked at, ascending; the last is the most. */
  readonly rounds: readonly number[];
  readonly confidence: number;
}

/** Looks at 2 replications, then at twice as many each time, and at `most`. */
export function roundsUpTo(most: number): readonly number[] {
  const rounds: number[] = [];
  for (let n = 2; n < most; n *= 2) rounds.push(n);
  return [...rounds, most];
}

/** Of each look, so that the chance of a wrong decision in any of them is that of the rule. */
export function confidenceOfLook({ rounds, confidence }: TestRule): number {
  return 1 - (1 - confidence) / rounds.length;
}

/** A number that is searched. All are whole multiples of `step`. */
export interface SearchKnob {
  readonly from: number;
  readonly step: number;
  readonly most: number;
  /** Of one unit, in whatever all knobs' costs are counted. */
  readonly unitCost: number;
}
