/**
 * The gateway's own places and the line before them, as the simulated gateway has them: a request holds its place from
 * its admission until its answer has been passed on, waits for retries and holds included.
 */
import {
  CAUSE_NONE,
  LinePolicy,
  type QueueConfig,
  REFUSAL_CAUSES,
  type RefusalCause,
} from "../../policy/index.js";
import type { Gone } from "../gone.js";
import { Line, type Waiter } from "./line.js";

/** How much a gateway takes at once. */
export interface AdmissionLimits {
  readonly concurrency: number;
  readonly queueLimit: number;
  readonly queue: QueueConfig;
}

/** A request that waits: told null when it is admitted. */
interface Waiting extends Waiter {
  readonly settle: (cause: RefusalCause | null) => void;
}

export class Admission {
  #inFlight = 0;
  #limits: AdmissionLimits;
  #policy: LinePolicy;
  readonly #line = new Line<Waiting>();
  readonly #nowMs: () => number;

  constructor(limits: AdmissionLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#policy = new LinePolicy(limits.queue);
    this.#nowMs = nowMs;
  }

  /** Requests that hold a place. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Other limits from now on. Who waits already goes on waiting at its level. */
  setLimits(limits: AdmissionLimits): void {
    const isSame = JSON.stringify(limits.queue) === JSON.stringify(this.#limits.queue);
    this.#limits = limits;
    if (!isSame) this.#policy = new LinePolicy(limits.queue);
    this.#admitNext();
  }

  /**
   * A place for a request of this priority, now or when its turn comes: null when it has one, which {@link leave} gives
   * back, or why it has none. Who goes away while it waits is told `client_abandoned`.
   */
  enter(priority: number, gone: Gone): RefusalCause | null | Promise<RefusalCause | null> {
    const { concurrency, queueLimit } = this.#limits;
    const taken = this.#inFlight + this.#line.length;
    if (!this.#policy.plain && this.#policy.sheds(priority, taken, concurrency + queueLimit))
      return "load_shed";
    if (this.#inFlight < concurrency) {
      this.#inFlight += 1;
      return null;
    }
    if (this.#line.length < queueLimit) return this.#wait(priority, gone);
    return queueLimit > 0 ? "queue_full" : "concurrency_full";
  }

  /** Gives a place back; it goes to the next in line. */
  leave(): void {
    if (this.#inFlight <= 0) throw new RangeError("bug: more places were given back than taken");
    this.#inFlight -= 1;
    this.#admitNext();
  }

  #wait(priority: number, gone: Gone): Promise<RefusalCause | null> {
    if (gone.aborted) return Promise.resolve("client_abandoned");
    return new Promise((resolve) => {
      const nowMs = this.#nowMs();
      const waiting: Waiting = {
        level: this.#policy.levelOf(priority),
        joinedMs: nowMs,
        prev: null,
        next: null,
        settle: (cause) => {
          gone.removeEventListener("abort", leaveLine);
          resolve(cause);
        },
      };
      const leaveLine = (): void => {
        this.#line.remove(waiting);
        resolve("client_abandoned");
      };
      gone.addEventListener("abort", leaveLine, { once: true });
      if (!this.#policy.plain) this.#policy.joins(this.#line.length, nowMs);
      this.#line.push(waiting);
    });
  }

  #admitNext(): void {
    while (this.#inFlight < this.#limits.concurrency) {
      const next = this.#next();
      if (next === null) break;
      this.#inFlight += 1;
      next.settle(null);
    }
  }

  /** The one whose turn it is, those who are dropped when theirs comes passed over. */
  #next(): Waiting | null {
    const policy = this.#policy;
    const nowMs = this.#nowMs();
    for (;;) {
      const waiting = this.#line.take(!policy.plain && policy.takesNewest(nowMs));
      if (waiting === null || policy.plain) return waiting;
      const waitedMs = nowMs - waiting.joinedMs;
      const cause = policy.dropCause(waitedMs, Number.POSITIVE_INFINITY, this.#line.length, nowMs);
      if (cause === CAUSE_NONE) return waiting;
      waiting.settle(REFUSAL_CAUSES[cause] ?? "load_shed");
    }
  }
}
