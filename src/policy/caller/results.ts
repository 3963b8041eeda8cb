/** How the results of a call are read by everything that learns from them. */
import { RESULT_ABANDONED, RESULT_OK } from "../results.js";

/** Two times closer than this are the same: a start computed as end − round trip is off by rounding. */
export const SAME_TIME_MS: number = 1e-6;

/** Whether a result speaks against the target. A call that its own caller gave up speaks neither for nor against. */
export function isFailure(result: number): boolean {
  return result !== RESULT_OK && result !== RESULT_ABANDONED;
}
