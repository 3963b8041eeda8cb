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
import { causeCode } from "../policy/index.js";
import type { Endpoint } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import { Boundary, promptTokensOf } from "./boundary.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import { DealtCalls, NO_REPLICA } from "./dealtCalls.js";
import type { GroupMemory } from "./groupMemory.js";
import { GroupMeter } from "./groupMeter.js";
import type { GroupHost, GroupParts } from "./groupParts.js";
import { callsOnTheWay } from "./groupParts.js";
import type { Recorder } from "./recorder.js";
import { fitsAlone } from "./replica/index.js";
import { DRAINING, ReplicaFleet, type ReplicaServing, SERVING } from "./replicaFleet.js";
import { StepEvents } from "./stepEvents.js";
import { WaitingLine } from "./waitingLine.js";

const COLD_START: number = causeCode("cold_start");
const CONCURRENCY_FULL: number = causeCode("concurrency_full");
const QUEUE_FULL: number = causeCode("queue_full");
const DEADLINE_IN_QUEUE: number = causeCode("deadline_in_queue");
const POLICY_ERROR: number = causeCode("policy_error");

/** `I_JOB` of a call at the front end: new, or taken from a replica that went. */
const AT_FRONT = -1;
const MOVED = -2;

export class ReplicaGroup {
  readonly fleet: ReplicaFleet;
  /** Calls that wait while no replica has room for them. */
  readonly line: WaitingLine;
  readonly #steps: StepEvents;
  readonly #dealt: DealtCalls;
  readonly #meter: GroupMeter;
  readonly #engine: Core;
  readonly #recorder: Recorder;
  readonly #memory: GroupMemory;
  readonly #host: GroupHost;
  readonly #e: number;
  readonly #serving: ReplicaServing;
  readonly #out: ReplicaCounts;
  readonly #boundary: Boundary;

  constructor(parts: GroupParts, e: number, endpoint: Endpoint, serving: ReplicaServing) {
    this.#engine = parts.core;
    this.#recorder = parts.recorder;
    this.#memory = parts.memory;
    this.#host = parts.host;
    this.#e = e;
    this.#serving = serving;
    this.#out = parts.recorder.replicaCounts(e);
    this.line = new WaitingLine(parts.core.attempts, false);
    this.fleet = new ReplicaFleet(serving, parts.core, e, this.#out);
    this.#dealt = new DealtCalls(this.fleet, serving);
    this.#steps = new StepEvents(parts.core, this.fleet);
    this.#boundary = new Boundary(parts, e, endpoint, this.#dealt);
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
    return this.line.length + this.#dealt.counts.reduce((sum, n) => sum + n, 0);
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
    const prompt = promptTokensOf(this.#engine.attempts.i32, slot);
    // No replica will ever be able to hold it: the same answer wherever it is tried.
    if (!fitsAlone(this.#serving, prompt, Math.max(1, i32[slot * at.I32 + at.I_TOKENS_OUT]!)))
      return this.#host.refuse(slot, this.#e, POLICY_ERROR);
    f64[slot * at.F64 + at.F_MARK_US] = this.#engine.nowUs;
    const r = this.line.length > 0 ? NO_REPLICA : this.#dealt.leastBusy();
    if (r >= 0 && this.#dealt.hasRoom(r, prompt)) return this.#give(slot, r);
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

  /** A call waits at the front end. */
  #stand(slot: number, isMoved: boolean): void {
    this.#engine.park(slot, core.IN_ENDPOINT_QUEUE);
    this.#engine.attempts.i32[slot * at.I32 + at.I_JOB] = isMoved ? MOVED : AT_FRONT;
    if (isMoved) this.line.pushFront(slot, 0);
    else this.line.push(slot, 0);
  }

  /** Those who wait at the front end go on while replicas have room. */
  #deal(): void {
    while (this.line.length > 0) {
      const r = this.#dealt.leastBusy();
      if (r < 0) return;
      const slot = this.line.shift();
      if (!this.#dealt.hasRoom(r, promptTokensOf(this.#engine.attempts.i32, slot)))
        return this.line.pushFront(slot, 0);
      this.#give(slot, r);
    }
  }

  #give(slot: number, r: number): void {
    const engine = this.#engine;
    const { i32, f64 } = engine.attempts;
    const isMoved = i32[slot * at.I32 + at.I_JOB] === MOVED;
    const prompt = promptTokensOf(this.#engine.attempts.i32, slot);
    const output = Math.max(1, i32[slot * at.I32 + at.I_TOKENS_OUT]!);
    const cached = this.#memory.find(slot, this.#e);
    const first = slot * at.F64 + at.F_FIRST_TOKEN_US;
    if (!isMoved) this.#meter.came(prompt, cached, output, this.#memory.failoverTokens);
    if (!isMoved) f64[first] = Number.NEGATIVE_INFINITY;
    // Its first token is out, so all of its prompt had been computed.
    else if (f64[first]! >= 0) this.#out.recomputedTokens += prompt - cached;
    engine.park(slot, core.IN_ENDPOINT_QUEUE);
    i32[slot * at.I32 + at.I_REPLICA] = r;
    i32[slot * at.I32 + at.I_JOB] = this.fleet.replicas[r]!.add(slot, prompt, cached, output, engine.nowUs);
    this.#dealt.joined(r, prompt);
    this.#meter.look(r);
    this.#steps.follow(r);
  }

  /** The next boundary of a replica is due. */
  step(r: number): void {
    this.#boundary.begin(r);
    this.#steps.forget(r);
    this.fleet.replicas[r]!.advance(this.#engine.nowUs, this.#boundary);
    this.#meter.passed(r, this.#engine.nowUs);
    this.#tell(r);
    this.#goOn(r);
    this.#deal();
    this.#measure();
  }

  /** Waits for the replica's next boundary, unless it was only to finish what it had. */
  #goOn(r: number): void {
    if (this.fleet.states[r] !== DRAINING || this.#dealt.counts[r]! > 0) return this.#steps.follow(r);
    this.#steps.forget(r);
    this.fleet.drained(r);
    this.#meter.passed(r, this.#engine.nowUs);
  }

  /** What a boundary has brought goes out when the replica is done with it. */
  #tell(r: number): void {
    const { finishedCalls, finishedCount, passedOver, passedOverCount } = this.#boundary;
    this.#dealt.ended(r, passedOverCount + finishedCount);
    for (let i = 0; i < passedOverCount; i++) {
      const slot = passedOver[i]!;
      if (this.#engine.attempts.has(slot, at.ORPHAN)) this.#host.passOver(slot, this.#e);
      else this.#host.refuse(slot, this.#e, DEADLINE_IN_QUEUE);
    }
    for (let i = 0; i < finishedCount; i++) {
      const slot = finishedCalls[i]!;
      this.#memory.keep(slot, this.#e);
      this.#host.done(slot, this.#e);
    }
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
      this.#dealt.leftLine(r, promptTokensOf(this.#engine.attempts.i32, slot));
    this.#dealt.ended(r, 1);
    this.fleet.replicas[r]!.remove(job, this.#engine.nowUs);
    this.#meter.look(r);
    this.#goOn(r);
    this.#measure();
  }

  /** The endpoint dies: all its calls, replica by replica, then those at the front end. O(records). */
  evict(): number[] {
    const evicted: number[] = [];
    for (let r = 0; r < this.fleet.replicas.length; r++) this.#takeAll(r, evicted);
    for (let slot = this.line.shift(); slot >= 0; slot = this.line.shift()) evicted.push(slot);
    for (const slot of callsOnTheWay(this.#engine.attempts, this.#e)) evicted.push(slot);
    this.fleet.die();
    this.#memory.forget(this.#e);
    this.#measure();
    return evicted;
  }

  #takeAll(r: number, into: number[]): void {
    for (const slot of this.fleet.replicas[r]!.clear(this.#engine.nowUs)) into.push(slot);
    this.#dealt.emptied(r);
    this.#steps.forget(r);
    this.#meter.passed(r, this.#engine.nowUs);
  }

  /** Its calls begin anew elsewhere, before those that wait. */
  loses(r: number): void {
    const taken: number[] = [];
    this.#takeAll(r, taken);
    for (const slot of taken.reverse()) this.#stand(slot, true);
  }

  isIdle(r: number): boolean {
    return this.#dealt.counts[r] === 0;
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
      this.#steps.follow(r);
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
    this.#dealt.track(r);
    this.#steps.track(r);
  }
}
