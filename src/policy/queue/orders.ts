/** Who of a line goes next. The closed list of orders: one entry here for each word of the scenario. */
import type { QueueConfig } from "../callerTypes.js";

/** The words of {@link QueueConfig}'s `order`. */
export type QueueOrder = QueueConfig["order"];

/**
 * How a line is ordered: it has levels, the lowest goes first, and within a level the oldest or the newest.
 * Those who joined at the same moment stand in the order in which they joined, whichever end is taken from.
 */
export interface LineOrder {
  /** Whether the more urgent stand at a lower level; otherwise all stand at level 0. */
  readonly byPriority: boolean;
  /** Whether the newest goes next, in a line that has not been empty for `busyMs`. */
  newestFirst(busyMs: number, intervalMs: number): boolean;
}

const oldest = (): boolean => false;

/**
 * Every order by its word; leaving one out does not compile.
 *
 * `adaptive-lifo` takes the oldest first as long as the line empties now and then, and the newest once it has
 * not been empty for an interval (at the interval itself already): by then those at the head have waited so
 * long that their users are about to leave, and only the newest can still be answered in time.
 */
export const QUEUE_ORDERS: Readonly<Record<QueueOrder, LineOrder>> = {
  fifo: { byPriority: false, newestFirst: oldest },
  lifo: { byPriority: false, newestFirst: (): boolean => true },
  "adaptive-lifo": {
    byPriority: false,
    newestFirst: (busyMs: number, intervalMs: number): boolean => busyMs >= intervalMs,
  },
  priority: { byPriority: true, newestFirst: oldest },
};

/** Interval of `adaptive-lifo` where no CoDel gives one: the 100 ms published with the idea. */
export const ADAPTIVE_LIFO_INTERVAL_MS = 100;

/** Whether the newest goes next, in a line that has not been empty for `busyMs`. */
export function takesNewest(order: QueueOrder, busyMs: number, intervalMs: number): boolean {
  return QUEUE_ORDERS[order].newestFirst(busyMs, intervalMs);
}
