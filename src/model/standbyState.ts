/** Where a standby is in its life. */
import type { OperationRecord, PromotionReason } from "../metrics/index.js";
import type { Pace } from "./drains.js";

/** The states: from standing by to serving, and back. */
export const STANDBY_STATES = {
  STANDING: 0,
  /** What it stands in for seems lost, not yet for long enough. */
  HOLDING: 1,
  PROMOTING: 2,
  ACTIVE: 3,
  /** What it stands in for seems back, not yet for long enough. */
  RETURN_HOLD: 4,
  RETURNING: 5,
  REPAIRING: 6,
} as const;

export class StandbyState {
  state: number = STANDBY_STATES.STANDING;
  /** Changes with the state: what was planned for an earlier one knows that it has passed. */
  stamp = 0;
  why: PromotionReason = "loss";
  /** When it last served, was drilled or repaired; before time 0 for one that has not since. */
  testedUs: number;
  startUs = 0;
  done: ((failure: string | null) => void) | null = null;
  /** Since it is needed and does not serve. */
  wait: OperationRecord | null = null;
  /** While traffic goes back. */
  back: OperationRecord | null = null;
  pace: Pace | null = null;
  /** Evacuations that count on it, from when they promote it until traffic comes back. */
  leavers = 0;

  constructor(testedUs: number) {
    this.testedUs = testedUs;
  }

  /** Enters a state; returns the new stamp. */
  enter(state: number): number {
    this.state = state;
    this.stamp += 1;
    return this.stamp;
  }
}
