/**
 * The replicas of one group: which serve, which start, which stand by, and what brings more or fewer.
 *
 * At time 0 the replicas serve and the warm pool stands by. Of `target` replicas wanted a capacity loss leaves
 * the share rounded down, the later ones going first. What is missing is made good in this order: a replica that
 * is still draining stays, a warm one serves at once, another is started. A start takes `coldStartUs`, and
 * `provisionUs` more when it is one machine more than the group has had; starts keep to {@link StartLimit}. While
 * the control plane is down none of this happens, but a start under way is finished. An endpoint that goes down
 * loses every replica and the pool with them, since both stand in its region; when it is back, all start cold,
 * those that serve before those that stand by.
 */
import type { ReplicaCounts } from "../metrics/index.js";
import type { Serving } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import { Replica } from "./replica/index.js";
import { StartLimit } from "./startLimit.js";

/** How an endpoint that is a group of replicas serves. */
export type ReplicaServing = Extract<Serving, { readonly kind: "replicas" }>;

/** What a replica is doing. */
export const GONE = 0;
export const STARTING = 1;
export const WARM = 2;
export const SERVING = 3;
/** It finishes what it has and takes nothing new. */
export const DRAINING = 4;

/** `I_JOB` of the record by which a start that had to wait is tried again. */
export const START_CLOCK = -2;
/** Rounding noise of a share of replicas. */
const NOISE = 1e-9;

/** Whose calls the replicas work on. */
export interface FleetHost {
  /** The set of replicas that serve has changed by this one. */
  changed(replica: number): void;
  /** A replica is about to go: its calls must be taken out of it. */
  loses(replica: number): void;
  /** Whether a replica has no calls. */
  isIdle(replica: number): boolean;
}

export class ReplicaFleet {
  readonly replicas: Replica[] = [];
  /** GONE, STARTING, WARM, SERVING or DRAINING. */
  readonly states: number[] = [];
  /** The record of each: its next boundary, or the end of its start. */
  readonly records: number[] = [];
  /** How many there are in each state. */
  readonly counts: Int32Array = new Int32Array(5);
  /** How many should serve, as the scenario or the autoscaler says. */
  target: number;
  readonly #serving: ReplicaServing;
  readonly #engine: Core;
  readonly #e: number;
  #host: FleetHost | null = null;
  readonly #out: ReplicaCounts;
  readonly #limit: StartLimit;
  readonly #startClock: number;
  /** Machines the group has had at once: a start beyond them needs another. */
  #machines: number;
  #isDead = false;
  #isFrozen = false;
  #share = 1;
  /** Whether what is too many goes at once instead of draining. */
  #isAbrupt = false;
  #factor = 1;
  #countedUs = 0;

  constructor(serving: ReplicaServing, engine: Core, e: number, out: ReplicaCounts) {
    this.#serving = serving;
    this.#engine = engine;
    this.#e = e;
    this.#out = out;
    this.#limit = new StartLimit(serving.startsPerMin);
    this.#startClock = this.#record(START_CLOCK);
    this.target = serving.replicas;
    this.#machines = serving.replicas + serving.warmPool;
    for (let r = 0; r < serving.replicas; r++) this.#become(this.#place(), SERVING);
    for (let r = 0; r < serving.warmPool; r++) this.#become(this.#place(), WARM);
  }

  /** Set once, before the first event. */
  connect(host: FleetHost): void {
    this.#host = host;
  }

  /** Replicas that exist, whatever they do. */
  get paid(): number {
    return this.replicas.length - this.counts[GONE]!;
  }

  /** Whether replicas are on their way, or would be if they were allowed to. */
  get isShort(): boolean {
    return this.counts[STARTING]! > 0 || !this.isSettled;
  }

  /** Whether all that should serve do: a start that only fills the pool again is not waited for, one that may not begin yet is. */
  get isSettled(): boolean {
    return this.counts[SERVING]! >= this.#wanted();
  }

  /** The endpoint is down: nothing is left of it. The calls have been taken out before. */
  die(): void {
    this.#isDead = true;
    this.#engine.park(this.#startClock, core.GROUP_CLOCK);
    this.states.forEach((state, r) => {
      if (state !== GONE) this.#end(r);
    });
  }

  /** The endpoint is up. */
  revive(): void {
    this.#isDead = false;
    this.reconcile();
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Faults leave this share of the replicas, at once or as they finish, and may forbid that anything starts. */
  limit(share: number, isAbrupt: boolean, isFrozen: boolean): void {
    this.#share = share;
    this.#isAbrupt = isAbrupt;
    this.#isFrozen = isFrozen;
    this.reconcile();
    this.#isAbrupt = false;
  }

  /** Steps last this many times as long. */
  setSpeed(factor: number): void {
    if (factor === this.#factor) return;
    this.#factor = factor;
    for (const replica of this.replicas) replica.setSpeed(factor, this.#engine.nowUs);
  }

  /** The autoscaler's decision. */
  scaleTo(target: number): void {
    if (target < this.target) this.#machines = Math.min(this.#machines, target + this.#serving.warmPool);
    this.target = target;
    this.reconcile();
  }

  /** A start is over. */
  ready(r: number): void {
    this.#become(r, this.counts[SERVING]! < this.#wanted() ? SERVING : WARM);
    this.reconcile();
  }

  /** A replica that drained has nothing left. */
  drained(r: number): void {
    this.#end(r);
  }

  /** Brings the number of replicas to what is wanted, as far as that may be done now. */
  reconcile(): void {
    if (this.#isDead) return;
    const wanted = this.#wanted();
    const all = wanted + this.#serving.warmPool;
    while (this.counts[SERVING]! > wanted) this.#retire(this.#last(SERVING));
    while (this.#alive() > all && this.counts[STARTING]! > 0) this.#end(this.#last(STARTING));
    while (this.#alive() > all && this.counts[WARM]! > 0) this.#end(this.#last(WARM));
    if (this.#isFrozen) return;
    while (this.counts[SERVING]! < wanted && this.counts[DRAINING]! > 0)
      this.#become(this.states.indexOf(DRAINING), SERVING);
    while (this.counts[SERVING]! < wanted && this.counts[WARM]! > 0)
      this.#become(this.states.indexOf(WARM), SERVING);
    while (this.#alive() < all && this.#begin());
  }

  /** Brings what is counted over time up to now. */
  settle(nowUs: number): void {
    this.#out.replicaUs += this.paid * (nowUs - this.#countedUs);
    this.#countedUs = nowUs;
  }

  #wanted(): number {
    return Math.floor(this.target * this.#share + NOISE);
  }

  /** Replicas that serve, will, or could. */
  #alive(): number {
    return this.counts[SERVING]! + this.counts[STARTING]! + this.counts[WARM]!;
  }

  /** Starts one more if that is allowed now; otherwise tries again when it will be, and answers false. */
  #begin(): boolean {
    const engine = this.#engine;
    const whenUs = this.#limit.nextUs(engine.nowUs);
    if (whenUs > engine.nowUs) {
      engine.schedule(this.#startClock, whenUs, core.PHASE_RELEASE, core.GROUP_CLOCK);
      return false;
    }
    this.#limit.note(engine.nowUs);
    const isNew = this.#alive() + this.counts[DRAINING]! >= this.#machines;
    if (isNew) this.#machines += 1;
    const provisionUs = isNew ? (this.#serving.autoscale?.provisionUs ?? 0) : 0;
    const r = this.#place();
    this.#become(r, STARTING);
    this.#out.starts += 1;
    const readyUs = engine.nowUs + provisionUs + this.#serving.coldStartUs;
    engine.schedule(this.records[r]!, readyUs, core.PHASE_RELEASE, core.GROUP_CLOCK);
    return true;
  }

  #retire(r: number): void {
    if (this.#isAbrupt) {
      this.#become(r, DRAINING);
      this.#host?.loses(r);
      this.#end(r);
    } else if (this.#host?.isIdle(r) === true) this.#end(r);
    else this.#become(r, DRAINING);
  }

  #last(state: number): number {
    return this.states.lastIndexOf(state);
  }

  #end(r: number): void {
    // A step that nobody waits for may still be under way.
    this.replicas[r]!.clear(this.#engine.nowUs);
    this.#engine.park(this.records[r]!, core.REPLICA_STEP);
    this.#become(r, GONE);
  }

  #become(r: number, state: number): void {
    this.settle(this.#engine.nowUs);
    const was = this.states[r]!;
    this.counts[was] = this.counts[was]! - 1;
    this.counts[state] = this.counts[state]! + 1;
    this.states[r] = state;
    if (this.paid > this.#out.peakReplicas) this.#out.peakReplicas = this.paid;
    if (state === SERVING || was === SERVING) this.#host?.changed(r);
  }

  /** A replica that is gone, or a new one, which is gone as yet. */
  #place(): number {
    const free = this.states.indexOf(GONE);
    if (free >= 0) return free;
    const r = this.replicas.length;
    const replica = new Replica(this.#serving);
    if (this.#factor !== 1) replica.setSpeed(this.#factor, this.#engine.nowUs);
    this.replicas.push(replica);
    this.states.push(GONE);
    this.counts[GONE] = this.counts[GONE]! + 1;
    this.records.push(this.#record(r));
    return r;
  }

  #record(job: number): number {
    const { attempts } = this.#engine;
    const slot = attempts.alloc();
    attempts.u8[slot * at.U8 + at.B_ENDPOINT] = this.#e;
    attempts.i32[slot * at.I32 + at.I_JOB] = job;
    this.#engine.park(slot, job === START_CLOCK ? core.GROUP_CLOCK : core.REPLICA_STEP);
    return slot;
  }
}
