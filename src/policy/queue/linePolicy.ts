/**
 * What one waiting line does besides waiting: who may join, who goes next, who is dropped when the turn
 * comes. The line itself, and the room in it, are the caller's. One instance for each line.
 */
import type { QueueConfig } from "../callerTypes.js";
import { CAUSE_DEADLINE_IN_QUEUE, CAUSE_LOAD_SHED, CAUSE_NONE } from "../causes.js";
import { CoDel } from "./codel.js";
import { ADAPTIVE_LIFO_INTERVAL_MS, type LineOrder, QUEUE_ORDERS } from "./orders.js";
import { sheds } from "./shed.js";

/** Whether nothing is left to do for a caller with this deadline: at the deadline itself it is so. */
export function expired(deadlineMs: number, nowMs: number): boolean {
  return nowMs >= deadlineMs;
}

/** The policy of one line, and what it remembers of it. */
export class LinePolicy {
  /** First come, first served, and nobody is turned away or dropped: the caller may ask nothing more. */
  readonly plain: boolean;
  readonly #config: QueueConfig;
  readonly #order: LineOrder;
  readonly #intervalMs: number;
  readonly #codel: CoDel | null;
  #emptyUntilMs: number = Number.NEGATIVE_INFINITY;

  constructor(config: QueueConfig) {
    const { codel, order } = config;
    this.#config = config;
    this.#order = QUEUE_ORDERS[order];
    this.#intervalMs = codel?.intervalMs ?? ADAPTIVE_LIFO_INTERVAL_MS;
    this.#codel = codel === null ? null : new CoDel(codel.targetMs, codel.intervalMs);
    this.plain = order === "fifo" && !config.dropExpired && codel === null && config.shed === null;
  }

  /** The level at which a call of this priority waits; lower levels go first. */
  levelOf(priority: number): number {
    return this.#order.byPriority ? priority : 0;
  }

  /**
   * Whether a call that comes is turned away (`load_shed`) though there is room: `taken` of `places`, slots
   * and line together. For calls that find a free slot as well as for those that would wait.
   */
  sheds(priority: number, taken: number, places: number): boolean {
    return this.#config.shed !== null && sheds(this.#config.shed, priority, taken / places);
  }

  /** A call joins a line in which `waiting` others stand. */
  joins(waiting: number, nowMs: number): void {
    if (waiting > 0) return;
    this.#emptyUntilMs = nowMs;
    this.#codel?.emptied();
  }

  /** Whether the newest of the lowest level goes next, not the oldest. */
  takesNewest(nowMs: number): boolean {
    return this.#order.newestFirst(nowMs - this.#emptyUntilMs, this.#intervalMs);
  }

  /**
   * Why the call whose turn has come is dropped instead of served, or {@link CAUSE_NONE}. After a drop take the
   * next and ask again. `leftBehind` counts those still in the line; a call without a deadline has Infinity.
   *
   * A deadline is looked at first, and who is dropped for it tells CoDel nothing. CoDel measures the one that
   * was taken: in a line that serves the newest first waits are short, and the old ones end by their deadlines.
   */
  dropCause(waitMs: number, deadlineMs: number, leftBehind: number, nowMs: number): number {
    if (this.#config.dropExpired && expired(deadlineMs, nowMs)) return CAUSE_DEADLINE_IN_QUEUE;
    const codel = this.#codel;
    return codel?.shouldDrop(waitMs, nowMs, leftBehind === 0) === true ? CAUSE_LOAD_SHED : CAUSE_NONE;
  }
}
