/**
 * What every part of the world shares: the clock, the two event queues, the records and the order of
 * things. Events at one instant run by phase, then in the order they were scheduled.
 */
import { EventDigest, EventQueue, PHASE_UNIT, TimerHeap, TimerLine } from "../kernel/index.js";
import { Attempts, B_ENDPOINT, B_STATE, F_ORDER, F64, U8 } from "./attempts.js";

/** What changes in the world comes before what happens in it; releases before seizes. */
export const PHASE_FAULT = 0;
export const PHASE_RELEASE = 1;
export const PHASE_SEIZE = 2;
export const PHASE_TIMEOUT = 3;
export const PHASE_PROBE = 4;

/** States of a record; also what its pending event means. 0 is a free record. */
export const SITE_ARRIVAL = 1;
export const TRACE_ARRIVAL = 2;
export const TO_GATEWAY = 3;
export const IN_GATEWAY_QUEUE = 4;
export const GATEWAY_WORK = 5;
export const TO_ENDPOINT = 6;
export const IN_ENDPOINT_QUEUE = 7;
export const IN_SERVICE = 8;
export const TO_GATEWAY_BACK = 9;
export const TO_USER = 10;
export const BACKOFF = 11;
export const GATEWAY_BACKOFF = 12;
/** Swallowed by a dead region or a partition; only a timeout ends it. */
export const LOST = 13;
export const PROBE_SEND = 14;
export const PROBE_AT_TARGET = 15;
export const PROBE_RESULT = 16;
export const FAULT_EDGE = 17;
export const SHARED_SERVICE = 18;
export const ROUTE_CHANGE = 19;
/** The next boundary of a replica; the record is the replica's. */
export const REPLICA_STEP = 20;
/** A call on its way to a replica: work of the front end, which occupies none. */
export const REPLICA_OVERHEAD = 21;
/** Something of a replica group is due: a start, a look at its load, a crash or restart of an endpoint. */
export const GROUP_CLOCK = 22;
/** A user between two turns of a session. */
export const THINKING = 23;
/** The gateway's library waits before it tries the same endpoint again. */
export const SDK_BACKOFF = 24;
/** Its own call has failed while the other of its pair is still under way. */
export const WAITS_FOR_PEER = 25;
/** An endpoint comes back after it crashed; the record is the endpoint's. */
export const RESTART = 26;
/** Something that operators have planned is due. */
export const OPERATION_EDGE = 27;
/** Held back at its gateway, which asks the policy again when the event is due. */
export const HELD = 28;

/** Timers of a record: `slot · TIMERS + kind`. */
export const TIMERS = 6;
export const CLIENT_TIMER = 0;
export const UPSTREAM_TIMER = 1;
export const SERVICE_TIMER = 2;
export const CANCEL_TIMER = 3;
/** A gateway hedges a call, a user hedges a try. */
export const HEDGE_TIMER = 4;
export const CLIENT_HEDGE_TIMER = 5;
/** The line of client timeouts fires before any other timeout of the same instant. */
export const LINE_ORDER: number = PHASE_TIMEOUT * PHASE_UNIT;

/** A run of any length keeps a state at 512 to 1024 places: enough to find a difference, small in a result. */
const TRAIL_STATES = 1024;

export class Core {
  nowUs = 0;
  readonly attempts: Attempts = new Attempts();
  readonly events: EventQueue = new EventQueue();
  readonly timers: TimerHeap = new TimerHeap();
  /** Client timeouts that come in order, as equal ones do; others are among {@link timers}. */
  readonly patience: TimerLine = new TimerLine();
  readonly digest: EventDigest = new EventDigest(TRAIL_STATES);
  #sequence = 0;
  /** Record whose event is running, still at the head of the queue; −1 when it may not be reused. */
  #current = -1;
  #againUs = -1;
  #againOrder = 0;
  /** Order of the event that is running while it stands at the head of the queue; −1 otherwise. */
  #headOrder = -1;

  /** Gives a record its next event. Any event it already had becomes stale. */
  schedule(slot: number, timeUs: number, phase: number, state: number): void {
    // Also true for NaN: an event in the past would turn time back.
    if (!(timeUs >= this.nowUs))
      throw new Error(`bug: state ${state} at ${timeUs} µs is before ${this.nowUs} µs`);
    const order = phase * PHASE_UNIT + this.#sequence;
    this.#sequence += 1;
    this.attempts.u8[slot * U8 + B_STATE] = state;
    this.attempts.f64[slot * F64 + F_ORDER] = order;
    if (slot === this.#current) {
      this.#againUs = timeUs;
      this.#againOrder = order;
      this.#current = -1;
    } else {
      // Its phase may put an event of this very instant before the one that is running, and so at the head.
      if (timeUs <= this.nowUs && order < this.#headOrder) this.end();
      this.events.push(timeUs, order, slot);
    }
  }

  /** Puts a record in a state that has no event of its own; any event it had becomes stale. */
  park(slot: number, state: number): void {
    this.attempts.u8[slot * U8 + B_STATE] = state;
    this.attempts.f64[slot * F64 + F_ORDER] = -1;
  }

  setTimer(slot: number, kind: number, timeUs: number, phase: number): void {
    this.timers.set(slot * TIMERS + kind, timeUs, phase * PHASE_UNIT + this.#sequence);
    this.#sequence += 1;
  }

  /** Starts the user's patience with a try. */
  setPatience(slot: number, deadlineUs: number): void {
    if (this.patience.accepts(deadlineUs)) this.patience.append(slot, deadlineUs);
    else this.setTimer(slot, CLIENT_TIMER, deadlineUs, PHASE_TIMEOUT);
  }

  /** Ends it; nothing happens when it has run out. */
  endPatience(slot: number): void {
    if (!this.patience.cancel(slot)) this.timers.cancel(slot * TIMERS + CLIENT_TIMER);
  }

  hasTimer(slot: number, kind: number): boolean {
    return this.timers.has(slot * TIMERS + kind);
  }

  /** Gives a timer of one record to another, its time and order unchanged. */
  renameTimer(from: number, to: number, kind: number): void {
    this.timers.rename(from * TIMERS + kind, to * TIMERS + kind);
  }

  cancelTimer(slot: number, kind: number): void {
    this.timers.cancel(slot * TIMERS + kind);
  }

  /** Marks the head event, of this order, as running, so that rescheduling its record costs one sift instead of two. */
  begin(slot: number, order: number): void {
    this.#current = slot;
    this.#againUs = -1;
    this.#headOrder = order;
  }

  /**
   * Takes the head event off the queue, or puts its record's next event in its place. Does nothing when that has
   * been done since {@link begin}.
   */
  end(): void {
    if (this.#headOrder < 0) return;
    this.#headOrder = -1;
    this.#current = -1;
    if (this.#againUs >= 0) this.events.replaceTop(this.#againUs, this.#againOrder);
    else this.events.pop();
  }
}

/** A new record that is an endpoint's own, without an event as yet. */
export function endpointRecord(engine: Core, e: number, state: number): number {
  const slot = engine.attempts.alloc();
  engine.attempts.u8[slot * U8 + B_ENDPOINT] = e;
  engine.park(slot, state);
  return slot;
}
