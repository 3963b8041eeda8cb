/**
 * The slots of every endpoint and the line before them. A slot works on one call until it is done,
 * stopped or frozen; with processor sharing all calls are in service at once and share the slots.
 */
import type { Discipline, Endpoint, Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Environment } from "./environment.js";
import { callsInService, freezeWork, unfreezeWork } from "./frozenWork.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import type { Recorder } from "./recorder.js";
import { Service } from "./service.js";
import { SharedServer } from "./sharedServer.js";
import { WaitingLine } from "./waitingLine.js";

/** Whom a server tells. */
export interface ServerHost {
  /** The work is done. */
  done(slot: number, e: number): void;
  /** A waiting call that nobody wants any more was passed over. */
  discard(slot: number): void;
}

/** What serving needs of the world. */
export interface ServerParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly recorder: Recorder;
  readonly luck: Luck;
}

export class Servers {
  /** Calls in service, frozen ones included, and how many of them are frozen. */
  readonly busy: Int32Array;
  readonly frozen: Int32Array;
  /** Slots that work now. */
  readonly slots: Int32Array;
  readonly lines: readonly WaitingLine[];
  /** Null for replicas, which time themselves. */
  readonly services: readonly (Service | null)[];
  readonly #shared: readonly (SharedServer | null)[];
  readonly #sharedSlot: Int32Array;
  readonly #parts: ServerParts;
  readonly #list: readonly Endpoint[];
  readonly #host: ServerHost;

  constructor(parts: ServerParts, host: ServerHost) {
    this.#parts = parts;
    this.#host = host;
    const list = parts.scenario.deployment.endpoints;
    this.#list = list;
    this.busy = new Int32Array(list.length);
    this.frozen = new Int32Array(list.length);
    this.slots = Int32Array.from(list, (endpoint) => endpoint.serving.concurrency);
    this.lines = list.map(
      (endpoint) => new WaitingLine(parts.core.attempts, disciplineOf(endpoint) === "lifo"),
    );
    this.services = list.map(({ serving }) =>
      serving.kind === "replicas" ? null : new Service(serving, parts.scenario.workload.classes),
    );
    this.#shared = list.map((endpoint) =>
      disciplineOf(endpoint) === "processor-sharing" ? new SharedServer(endpoint.serving.concurrency) : null,
    );
    this.#sharedSlot = Int32Array.from(this.#shared, (shared, e) =>
      shared === null ? -1 : this.#sharedRecord(e),
    );
  }

  /** Whether a call that comes now begins at once; a more urgent one may interrupt. */
  hasRoom(slot: number, e: number): boolean {
    const shared = this.#shared[e]!;
    if (shared !== null) return shared.count < this.slots[e]! + this.#list[e]!.serving.queueLimit;
    if (this.#running(e) < this.slots[e]!) return true;
    return disciplineOf(this.#list[e]!) === "preemptive-priority" && this.#interrupt(slot, e);
  }

  /** Whether a call that found no room may wait; who shares an endpoint is in service at once or not at all. */
  hasPlace(e: number): boolean {
    return this.#shared[e] === null && this.lines[e]!.length < this.#list[e]!.serving.queueLimit;
  }

  /** Calls that use a slot which works: frozen ones sit in the slots that were lost. */
  #running(e: number): number {
    return this.busy[e]! - this.frozen[e]!;
  }

  wait(slot: number, e: number): void {
    const { core: engine, recorder } = this.#parts;
    engine.park(slot, core.IN_ENDPOINT_QUEUE);
    engine.attempts.f64[slot * at.F64 + at.F_MARK_US] = engine.nowUs;
    this.lines[e]!.push(slot, this.#level(slot, e));
    recorder.queued(e, this.lines[e]!.length);
  }

  leaveLine(slot: number, e: number): void {
    this.lines[e]!.remove(slot, this.#level(slot, e));
  }

  /** Draws the work of a call and begins it. */
  start(slot: number, e: number): void {
    const { core: engine, environment, luck } = this.#parts;
    const { u8, u16, f64, i32 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const hop = u8[slot * at.U8 + at.B_HOP]!;
    const service = this.services[e]!;
    const u = luck.draw(site, request, attempt, hop, draw.SERVICE);
    const v = service.needsSecondDraw ? luck.draw(site, request, attempt, hop, draw.PER_TOKEN) : 0.5;
    const factor = environment.slowFactor[e]! * service.crowding(this.busy[e]! + 1, this.slots[e]!);
    service.draw(u, v, i32[slot * at.I32 + at.I_TOKENS_OUT]!, factor);
    f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = engine.nowUs + service.firstTokenUs;
    const shared = this.#shared[e]!;
    if (shared === null) return this.#work(slot, e, service.totalUs);
    engine.park(slot, core.IN_SERVICE);
    shared.add(slot, service.totalUs, engine.nowUs);
    this.#recountShared(e);
  }

  #work(slot: number, e: number, leftUs: number): void {
    const { core: engine, recorder } = this.#parts;
    const endUs = engine.nowUs + leftUs;
    this.busy[e] = this.busy[e]! + 1;
    recorder.busy(e).change(1, engine.nowUs);
    engine.attempts.f64[slot * at.F64 + at.F_MARK_US] = endUs;
    if (this.#list[e]!.abandoned === "cancel") {
      engine.park(slot, core.IN_SERVICE);
      engine.setTimer(slot, core.SERVICE_TIMER, endUs, core.PHASE_RELEASE);
    } else {
      engine.schedule(slot, endUs, core.PHASE_RELEASE, core.IN_SERVICE);
    }
  }

  /** Service is over: the slot goes to the next in line, then the answer leaves. */
  complete(slot: number): void {
    const e = this.#parts.core.attempts.u8[slot * at.U8 + at.B_ENDPOINT]!;
    this.#vacate(e);
    this.#host.done(slot, e);
  }

  /** The next finisher of a shared endpoint is due. */
  completeShared(e: number): void {
    const { core: engine } = this.#parts;
    const shared = this.#shared[e]!;
    const finished: number[] = [];
    for (let slot = shared.takeFinished(engine.nowUs); slot >= 0; slot = shared.takeFinished(engine.nowUs))
      finished.push(slot);
    this.#recountShared(e);
    for (const slot of finished) {
      const { f64 } = engine.attempts;
      if (this.#list[e]!.serving.kind === "server") f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = engine.nowUs;
      this.#host.done(slot, e);
    }
  }

  /** Takes a call out of service before it is done. */
  stop(slot: number, e: number): void {
    const { core: engine } = this.#parts;
    const shared = this.#shared[e]!;
    engine.cancelTimer(slot, core.SERVICE_TIMER);
    if (shared !== null) {
      shared.remove(slot, engine.nowUs);
      return this.#recountShared(e);
    }
    if (engine.attempts.has(slot, at.FROZEN)) this.frozen[e] = this.frozen[e]! - 1;
    this.#vacate(e);
  }

  #vacate(e: number): void {
    this.busy[e] = this.busy[e]! - 1;
    this.#parts.recorder.busy(e).change(-1, this.#parts.core.nowUs);
    if (this.lines[e]!.length > 0) this.fill(e);
  }

  /** Starts waiting calls while slots are free. */
  fill(e: number): void {
    const { core: engine, recorder } = this.#parts;
    const line = this.lines[e]!;
    const passesOver = this.#list[e]!.abandoned === "drop-at-dequeue";
    while (line.length > 0 && this.#running(e) < this.slots[e]!) {
      const next = line.shift();
      if (passesOver && engine.attempts.has(next, at.ORPHAN)) this.#host.discard(next);
      else if (engine.attempts.has(next, at.FROZEN)) this.#resume(next, e);
      else {
        recorder.started(e, engine.nowUs - engine.attempts.f64[next * at.F64 + at.F_MARK_US]!);
        this.start(next, e);
      }
    }
  }

  /** Applies a change in how many slots work; lost slots freeze the latest work when the fault says so. */
  resize(e: number, slots: number, freezes: boolean): void {
    const { core: engine } = this.#parts;
    this.slots[e] = slots;
    const shared = this.#shared[e]!;
    if (shared !== null) {
      shared.setSlots(slots, engine.nowUs);
      return this.#recountShared(e);
    }
    const running = callsInService(engine.attempts, e);
    for (const slot of running)
      if (this.#running(e) < slots && engine.attempts.has(slot, at.FROZEN)) this.#thaw(slot, e);
    for (const slot of running.reverse())
      if (freezes && this.#running(e) > slots && !engine.attempts.has(slot, at.FROZEN)) this.#freeze(slot, e);
    this.fill(e);
  }

  /** Everything in service and in line, which ends here; the caller decides what becomes of each. */
  evict(e: number): number[] {
    const { core: engine, recorder } = this.#parts;
    const evicted = callsInService(engine.attempts, e);
    const shared = this.#shared[e]!;
    for (const slot of evicted) {
      engine.cancelTimer(slot, core.SERVICE_TIMER);
      shared?.remove(slot, engine.nowUs);
    }
    if (shared !== null) this.#recountShared(e);
    else recorder.busy(e).change(-this.busy[e]!, engine.nowUs);
    this.busy[e] = 0;
    this.frozen[e] = 0;
    for (let next = this.lines[e]!.shift(); next >= 0; next = this.lines[e]!.shift()) evicted.push(next);
    for (const slot of evicted) engine.attempts.clear(slot, at.FROZEN);
    return evicted;
  }

  #freeze(slot: number, e: number): void {
    freezeWork(this.#parts.core, slot);
    this.frozen[e] = this.frozen[e]! + 1;
  }

  #thaw(slot: number, e: number): void {
    this.#takeOut(e);
    this.#resume(slot, e);
  }

  /** A frozen call leaves its slot. */
  #takeOut(e: number): void {
    this.frozen[e] = this.frozen[e]! - 1;
    this.busy[e] = this.busy[e]! - 1;
    this.#parts.recorder.busy(e).change(-1, this.#parts.core.nowUs);
  }

  #resume(slot: number, e: number): void {
    this.#work(slot, e, unfreezeWork(this.#parts.core, slot));
  }

  /** Puts the least urgent running call back at the head of its level, if it is less urgent than `slot`. */
  #interrupt(slot: number, e: number): boolean {
    // Work in a slot that is about to go may finish, but not hand the slot on.
    if (this.#running(e) > this.slots[e]!) return false;
    let victim = -1;
    let worst = this.#level(slot, e);
    for (const running of callsInService(this.#parts.core.attempts, e)) {
      if (this.#level(running, e) <= worst || this.#parts.core.attempts.has(running, at.FROZEN)) continue;
      victim = running;
      worst = this.#level(running, e);
    }
    if (victim < 0) return false;
    this.#freeze(victim, e);
    this.#takeOut(e);
    this.#parts.core.park(victim, core.IN_ENDPOINT_QUEUE);
    this.lines[e]!.pushFront(victim, this.#level(victim, e));
    return true;
  }

  #level(slot: number, e: number): number {
    const discipline = disciplineOf(this.#list[e]!);
    if (discipline !== "priority" && discipline !== "preemptive-priority") return 0;
    return this.#parts.scenario.workload.classes[this.#parts.core.attempts.u8[slot * at.U8 + at.B_CLASS]!]!
      .priority;
  }

  #recountShared(e: number): void {
    const { core: engine, recorder } = this.#parts;
    const shared = this.#shared[e]!;
    const working = Math.min(shared.count, this.slots[e]!);
    recorder.busy(e).change(working - recorder.busy(e).level, engine.nowUs);
    this.busy[e] = shared.count;
    const nextUs = shared.nextUs(engine.nowUs);
    if (nextUs === Number.POSITIVE_INFINITY) engine.park(this.#sharedSlot[e]!, core.SHARED_SERVICE);
    else engine.schedule(this.#sharedSlot[e]!, nextUs, core.PHASE_RELEASE, core.SHARED_SERVICE);
  }

  #sharedRecord(e: number): number {
    const { core: engine } = this.#parts;
    const slot = engine.attempts.alloc();
    engine.attempts.u8[slot * at.U8 + at.B_ENDPOINT] = e;
    engine.park(slot, core.SHARED_SERVICE);
    return slot;
  }
}

function disciplineOf(endpoint: Endpoint): Discipline {
  return endpoint.serving.kind === "server" ? endpoint.serving.discipline : "fifo";
}
