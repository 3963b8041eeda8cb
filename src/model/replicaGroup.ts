/**
 * One endpoint that is a group of replicas behind a front end. The front end deals every call, after
 * `overheadUs`, to the serving replica with the fewest calls (the earlier one among equals), where it stands in the
 * replica's own line until it is admitted. A call that would have to stand in line longer than to the next step
 * needs a place: `queueLimit` bounds the calls that wait, over the whole group. While no replica serves, calls wait
 * at the front end, and later ones behind them until those have gone on; they go on as replicas have room.
 *
 * Each replica has one record, whose event is its next boundary; calls have none while a replica holds them.
 */
import type { ReplicaCounts } from "../metrics/index.js";
import { causeCode, expired } from "../policy/index.js";
import type { Endpoint } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { GroupMemory } from "./groupMemory.js";
import { GroupMeter } from "./groupMeter.js";
import type { Recorder } from "./recorder.js";
import { fitsAlone, type ReplicaSink } from "./replica/index.js";
import { DRAINING, ReplicaFleet, type ReplicaServing, SERVING } from "./replicaFleet.js";
import { WaitingLine } from "./waitingLine.js";

const COLD_START: number = causeCode("cold_start");
const CONCURRENCY_FULL: number = causeCode("concurrency_full");
const QUEUE_FULL: number = causeCode("queue_full");
const DEADLINE_IN_QUEUE: number = causeCode("deadline_in_queue");
const POLICY_ERROR: number = causeCode("policy_error");

/** `I_JOB` of a call at the front end: new, or taken from a replica that went. */
const AT_FRONT = -1;
const MOVED = -2;
/** No replica. */
const NO_REPLICA = -1;

/** Whom a group tells. */
export interface GroupHost {
  /** The work is done. */
  done(slot: number, e: number): void;
  /** A waiting call that nobody wants any more was passed over. */
  passOver(slot: number, e: number): void;
  /** A call is turned away. */
  refuse(slot: number, e: number, cause: number): void;
  /** The group can do more or less than before. */
  capacityChanged(): void;
}

/** What a group needs of the world. */
export interface GroupParts {
  readonly core: Core;
  readonly recorder: Recorder;
  readonly memory: GroupMemory;
  readonly host: GroupHost;
  /** Whether calls say when their users stop waiting. */
  readonly propagatesDeadlines: boolean;
}

export class ReplicaGroup implements ReplicaSink {
  readonly fleet: ReplicaFleet;
  /** Calls that wait while no replica has room for them. */
  readonly line: WaitingLine;
  /** Calls of each replica, waiting ones included. */
  readonly #calls: number[] = [];
  /** Blocks that the prompts in each replica's line will need. */
  readonly #pending: number[] = [];
  /** When each replica's event is due. */
  readonly #dueUs: number[] = [];
  readonly #meter: GroupMeter;
  readonly #engine: Core;
  readonly #recorder: Recorder;
  readonly #memory: GroupMemory;
  readonly #host: GroupHost;
  readonly #e: number;
  readonly #endpoint: Endpoint;
  readonly #serving: ReplicaServing;
  readonly #out: ReplicaCounts;
  /** What the boundary under way has finished and passed over; told when it is over. */
  readonly #finished: number[] = [];
  readonly #passedOver: number[] = [];
  readonly #dropsExpired: boolean;
  /** The replica whose boundary is under way. */
  #at = 0;

  constructor(parts: GroupParts, e: number, endpoint: Endpoint, serving: ReplicaServing) {
    this.#engine = parts.core;
    this.#recorder = parts.recorder;
    this.#memory = parts.memory;
    this.#host = parts.host;
    this.#e = e;
    this.#endpoint = endpoint;
    this.#serving = serving;
    this.#out = parts.recorder.replicaCounts(e);
    this.line = new WaitingLine(parts.core.attempts, false);
    this.fleet = new ReplicaFleet(serving, parts.core, e, this.#out);
    this.#dropsExpired = parts.propagatesDeadlines && endpoint.queue.dropExpired;
    this.#meter = new GroupMeter(serving, this.fleet, this.#out, parts.recorder.busy(e));
    this.fleet.connect(this);
    this.fleet.records.forEach((_, r) => {
      this.#track(r);
    });
  }

  /** Calls that wait, at the front end and at replicas, preempted ones included. */
  get waiting(): number {
    return this.line.length + this.#meter.waiting;
  }

  /** Sequences that replicas work on. */
  get running(): number {
    return this.#meter.running;
  }

  /** Calls that wait or are worked on. */
  get calls(): number {
    return this.line.length + this.#calls.reduce((sum, n) => sum + n, 0);
  }

  /** Blocks that sequences own, as of the last event of each replica. */
  get kvBlocks(): number {
    return this.fleet.replicas.reduce((sum, replica) => sum + replica.kvBlocksUsed, 0);
  }

  /** A call has been let in. */
  arrive(slot: number): void {
    const engine = this.#engine;
    engine.attempts.i32[slot * at.I32 + at.I_JOB] = AT_FRONT;
    const { overheadUs } = this.#serving;
    if (overheadUs > 0)
      engine.schedule(slot, engine.nowUs + overheadUs, core.PHASE_SEIZE, core.REPLICA_OVERHEAD);
    else this.reach(slot);
  }

  /** The front end has done its work: the call goes to a replica, waits, or is turned away. */
  reach(slot: number): void {
    const { i32, f64 } = this.#engine.attempts;
    const { queueLimit } = this.#serving;
    const prompt = Math.max(1, i32[slot * at.I32 + at.I_TOKENS_IN]!);
    // No replica will ever be able to hold it: the same answer wherever it is tried.
    if (!fitsAlone(this.#serving, prompt, Math.max(1, i32[slot * at.I32 + at.I_TOKENS_OUT]!)))
      return this.#host.refuse(slot, this.#e, POLICY_ERROR);
    f64[slot * at.F64 + at.F_MARK_US] = this.#engine.nowUs;
    const r = this.line.length > 0 ? NO_REPLICA : this.#leastBusy();
    if (r >= 0 && this.#hasRoom(r, prompt)) return this.#give(slot, r);
    if (this.waiting >= queueLimit) return this.#turnAway(slot, r);
    if (r >= 0) {
      this.#give(slot, r);
      this.#meter.crowd(r);
    } else {
      this.#stand(slot, false);
      this.#deal();
    }
    this.#recorder.queued(this.#e, this.waiting);
    this.#measure();
  }

  #turnAway(slot: number, r: number): void {
    const isCold = r < 0 && this.fleet.counts[SERVING] === 0 && this.fleet.isShort;
    const isFull = this.#serving.queueLimit > 0 ? QUEUE_FULL : CONCURRENCY_FULL;
    this.#host.refuse(slot, this.#e, isCold ? COLD_START : isFull);
  }

  /** The serving replica with the fewest calls, the earlier among equals; −1 when none serves. */
  #leastBusy(): number {
    const { states } = this.fleet;
    const calls = this.#calls;
    let best = NO_REPLICA;
    let fewest = Number.POSITIVE_INFINITY;
    for (let r = 0; r < calls.length; r++) {
      if (calls[r]! >= fewest || states[r] !== SERVING) continue;
      best = r;
      fewest = calls[r]!;
    }
    return best;
  }

  /** Whether a replica takes a prompt into its batch at its next boundary, as far as can be told before. */
  #hasRoom(r: number, promptTokens: number): boolean {
    const replica = this.fleet.replicas[r]!;
    return (
      this.#calls[r]! < this.#serving.maxSequences &&
      replica.kvBlocksUsed + this.#pending[r]! + this.#blocks(promptTokens) <= replica.kvBlocksTotal
    );
  }

  #blocks(tokens: number): number {
    return Math.ceil(tokens / this.#serving.kvBlockTokens);
  }

  /** A call waits at the front end. */
  #stand(slot: number, isMoved: boolean): void {
    this.#engine.park(slot, core.IN_ENDPOINT_QUEUE);
    this.#engine.attempts.i32[slot * at.I32 + at.I_JOB] = isMoved ? MOVED : AT_FRONT;
    if (isMoved) this.line.pushFront(slot, 0);
    else this.line.push(slot, 0);
  }

  /** Those who wait at the front end go on while replicas have room. */
  #deal(): void {
    const { attempts } = this.#engine;
    while (this.line.length > 0) {
      const r = this.#leastBusy();
      if (r < 0) return;
      const slot = this.line.shift();
      if (!this.#hasRoom(r, Math.max(1, attempts.i32[slot * at.I32 + at.I_TOKENS_IN]!)))
        return this.line.pushFront(slot, 0);
      this.#give(slot, r);
    }
  }

  #give(slot: number, r: number): void {
    const engine = this.#engine;
    const { i32, f64 } = engine.attempts;
    const isMoved = i32[slot * at.I32 + at.I_JOB] === MOVED;
    const prompt = Math.max(1, i32[slot * at.I32 + at.I_TOKENS_IN]!);
    const output = Math.max(1, i32[slot * at.I32 + at.I_TOKENS_OUT]!);
    const cached = this.#memory.find(slot, this.#e);
    if (isMoved) this.#out.recomputedTokens += prompt - cached;
    else this.#meter.came(prompt, cached, output, this.#memory.failoverTokens);
    if (!isMoved) f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = Number.NEGATIVE_INFINITY;
    engine.park(slot, core.IN_ENDPOINT_QUEUE);
    i32[slot * at.I32 + at.I_REPLICA] = r;
    i32[slot * at.I32 + at.I_JOB] = this.fleet.replicas[r]!.add(slot, prompt, cached, output, engine.nowUs);
    this.#calls[r] = this.#calls[r]! + 1;
    this.#pending[r] = this.#pending[r]! + this.#blocks(prompt);
    this.#meter.look(r);
    this.#schedule(r);
  }

  /** The next boundary of a replica is due. */
  step(r: number): void {
    this.#at = r;
    this.#dueUs[r] = Number.POSITIVE_INFINITY;
    this.fleet.replicas[r]!.advance(this.#engine.nowUs, this);
    this.#meter.passed(r, this.#engine.nowUs);
    this.#tell(r);
    this.#goOn(r);
    this.#deal();
    this.#measure();
  }

  /** Waits for the replica's next boundary, unless it was only to finish what it had. */
  #goOn(r: number): void {
    if (this.fleet.states[r] !== DRAINING || this.#calls[r]! > 0) return this.#schedule(r);
    this.#dueUs[r] = Number.POSITIVE_INFINITY;
    this.fleet.drained(r);
    this.#meter.passed(r, this.#engine.nowUs);
  }

  #schedule(r: number): void {
    const engine = this.#engine;
    const dueUs = this.fleet.replicas[r]!.nextUs();
    if (dueUs === this.#dueUs[r]) return;
    this.#dueUs[r] = dueUs;
    const record = this.fleet.records[r]!;
    if (dueUs === Number.POSITIVE_INFINITY) return engine.park(record, core.REPLICA_STEP);
    // An idle replica begins with all that come at this instant, not with the first of them.
    const phase = dueUs > engine.nowUs ? core.PHASE_RELEASE : core.PHASE_TIMEOUT;
    engine.schedule(record, dueUs, phase, core.REPLICA_STEP);
  }

  /** What a boundary has brought goes out when the replica is done with it. */
  #tell(r: number): void {
    this.#calls[r] = this.#calls[r]! - this.#finished.length - this.#passedOver.length;
    for (const slot of this.#passedOver) {
      if (this.#engine.attempts.has(slot, at.ORPHAN)) this.#host.passOver(slot, this.#e);
      else this.#host.refuse(slot, this.#e, DEADLINE_IN_QUEUE);
    }
    this.#passedOver.length = 0;
    for (const slot of this.#finished) {
      this.#memory.keep(slot, this.#e);
      this.#host.done(slot, this.#e);
    }
    this.#finished.length = 0;
  }

  /** A call's turn has come. */
  admits(slot: number, atUs: number): boolean {
    const { u8, i32, f64 } = this.#engine.attempts;
    const r = this.#at;
    this.#pending[r] = this.#pending[r]! - this.#blocks(Math.max(1, i32[slot * at.I32 + at.I_TOKENS_IN]!));
    if (this.#isUnwanted(slot, atUs)) {
      this.#passedOver.push(slot);
      return false;
    }
    u8[slot * at.U8 + at.B_STATE] = core.IN_SERVICE;
    this.#recorder.started(this.#e, atUs - f64[slot * at.F64 + at.F_MARK_US]!);
    return true;
  }

  #isUnwanted(slot: number, atUs: number): boolean {
    const { attempts } = this.#engine;
    if (attempts.has(slot, at.ORPHAN)) return this.#endpoint.abandoned === "drop-at-dequeue";
    return this.#dropsExpired && expired(attempts.f64[slot * at.F64 + at.F_DEADLINE_US]!, atUs);
  }

  firstToken(slot: number, atUs: number): void {
    const { f64 } = this.#engine.attempts;
    // After a move the user has seen it already.
    if (f64[slot * at.F64 + at.F_FIRST_TOKEN_US]! < 0) f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = atUs;
    this.#memory.keepShared(slot, this.#e);
  }

  finished(slot: number): void {
    this.#finished.push(slot);
  }

  /** Takes a call out that waits, or is worked on. */
  leave(slot: number): void {
    const { i32, u8 } = this.#engine.attempts;
    const job = i32[slot * at.I32 + at.I_JOB]!;
    if (job < 0) {
      this.line.remove(slot, 0);
      return this.#measure();
    }
    const r = i32[slot * at.I32 + at.I_REPLICA]!;
    if (u8[slot * at.U8 + at.B_STATE] === core.IN_ENDPOINT_QUEUE)
      this.#pending[r] = this.#pending[r]! - this.#blocks(Math.max(1, i32[slot * at.I32 + at.I_TOKENS_IN]!));
    this.#calls[r] = this.#calls[r]! - 1;
    this.fleet.replicas[r]!.remove(job, this.#engine.nowUs);
    this.#meter.look(r);
    this.#goOn(r);
    this.#measure();
  }

  /** The endpoint dies: all its calls, replica by replica, then those at the front end. O(records). */
  evict(): number[] {
    const evicted: number[] = [];
    for (let r = 0; r < this.#calls.length; r++) this.#takeAll(r, evicted);
    for (let slot = this.line.shift(); slot >= 0; slot = this.line.shift()) evicted.push(slot);
    const { u8, count } = this.#engine.attempts;
    for (let slot = 0; slot < count; slot++) {
      if (u8[slot * at.U8 + at.B_STATE] !== core.REPLICA_OVERHEAD) continue;
      if (u8[slot * at.U8 + at.B_ENDPOINT] === this.#e) evicted.push(slot);
    }
    this.fleet.die();
    this.#memory.forget(this.#e);
    this.#measure();
    return evicted;
  }

  #takeAll(r: number, into: number[]): void {
    for (const slot of this.fleet.replicas[r]!.clear(this.#engine.nowUs)) into.push(slot);
    this.#calls[r] = 0;
    this.#pending[r] = 0;
    this.#dueUs[r] = Number.POSITIVE_INFINITY;
    this.#meter.passed(r, this.#engine.nowUs);
  }

  /** Its calls begin anew elsewhere, before those that wait. */
  loses(r: number): void {
    const taken: number[] = [];
    this.#takeAll(r, taken);
    for (const slot of taken.reverse()) this.#stand(slot, true);
  }

  isIdle(r: number): boolean {
    return this.#calls[r] === 0;
  }

  changed(r: number): void {
    this.#track(r);
    this.#meter.look(r);
    this.#host.capacityChanged();
  }

  /** Replicas have come, gone or changed their speed: whoever waits may go on. */
  settle(): void {
    this.fleet.replicas.forEach((_, r) => {
      this.#track(r);
      this.#schedule(r);
    });
    this.#deal();
    this.#measure();
  }

  /** Closes the books. */
  finish(endUs: number): void {
    this.fleet.settle(endUs);
    this.fleet.replicas.forEach((replica, r) => {
      replica.settle(endUs);
      this.#meter.passed(r, endUs);
      this.#out.preemptions += replica.preemptions;
      this.#out.recomputedTokens += replica.recomputedTokens;
    });
  }

  #measure(): void {
    this.#meter.measure(this.line.length > 0, this.#engine.nowUs);
  }

  /** Columns reach as far as there are replicas. */
  #track(r: number): void {
    while (this.#calls.length <= r) {
      this.#calls.push(0);
      this.#pending.push(0);
      this.#dueUs.push(Number.POSITIVE_INFINITY);
    }
  }
}
