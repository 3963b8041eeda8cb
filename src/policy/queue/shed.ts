/** Turning the less urgent away while there is still room, so that the more urgent find some. */
import type { QueueConfig } from "../callerTypes.js";

type Shed = NonNullable<QueueConfig["shed"]>;

/** Shares closer than this are equal: 1 − 0.7 is a little more than 0.3 in binary. */
const SHARE_TOLERANCE = 1e-9;

/**
 * The share of places taken from which on a priority is turned away: 1 for the most urgent (0), `step` less
 * for each less urgent one, never below `floor`; 1 for all where nothing is shed.
 */
export function shedThreshold(shed: Shed | null, priority: number): number {
  if (shed === null) return 1;
  return Math.min(1, Math.max(shed.floor, 1 - shed.step * priority));
}

/**
 * Whether a call of this priority is turned away when this share of the places, slots and line together, is
 * taken. A share equal to the threshold has reached it. Nobody is turned away while nothing is taken, and
 * nobody of threshold 1 is shed at all: what is full refuses under a name of its own.
 */
export function sheds(shed: Shed | null, priority: number, takenShare: number): boolean {
  const threshold = shedThreshold(shed, priority);
  return threshold < 1 && takenShare > 0 && takenShare >= threshold - SHARE_TOLERANCE;
}
