/**
 * The slots of every endpoint and the line before them. A slot works on one call until it is done,
 * stopped or frozen; with processor sharing all calls are in service at once and share the slots.
 */
import { CAUSE_NONE } from "../policy/index.js";
import type { Endpoint, Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import { disciplineOf, EndpointLines } from "./endpointLines.js";
import type { Environment } from "./environment.js";
import { callsInService, freezeWork, leastUrgent, unfreezeWork } from "./frozenWork.js";
import type { Luck } from "./luck.js";
import type { Recorder } from "./recorder.js";
import { RejectWork } from "./rejectWork.js";
import type { Service } from "./service.js";
import { ServiceDraws } from "./serviceDraws.js";
import { SharedServer } from "./sharedServer.js";
import type { WaitingLine } from "./waitingLine.js";

/** Whom a server tells. */
export interface ServerHost {
  /** The work is done. */
  done(slot: number, e: number): void;
  /** A waiting call that nobody wants any more was passed over. */
  passOver(slot: number, e: number): void;
  /** A waiting call is turned away when its turn comes. */
  refuse(slot: number, e: number, cause: number): void;
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
  /** Who goes next at each. */
  readonly order: EndpointLines;
  /** Null when turning calls away costs nothing anywhere. */
  readonly #rejectWork: RejectWork | null;
  readonly #draws: ServiceDraws;
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
    this.order = new EndpointLines(parts.scenario, parts.core);
    this.lines = this.order.list;
    this.#rejectWork = list.some(({ rejectCostUs }) => rejectCostUs > 0) ? new RejectWork(list) : null;
    this.#draws = new ServiceDraws(parts);
    this.services = this.#draws.list;
    this.#shared = list.map((endpoint) =>
      disciplineOf(endpoint) === "processor-sharing" ? new SharedServer(endpoint.serving.concurrency) : null,
    );
    this.#sharedSlot = Int32Array.from(this.#shared, (shared, e) =>
      shared === null ? -1 : core.endpointRecord(parts.core, e, core.SHARED_SERVICE),
    );
  }

  /** Whether a call that comes now begins at once; a more urgent one may interrupt. */
  hasRoom(slot: number, e: number): boolean {
    const shared = this.#shared[e]!;
    if (shared !== null) return shared.count < this.slots[e]! + this.#list[e]!.serving.queueLimit;
    // A slot is free while somebody waits only until the line has moved up.
    if (this.#running(e) < this.slots[e]!) return this.lines[e]!.length === 0;
    return disciplineOf(this.#list[e]!) === "preemptive-priority" && this.#interrupt(slot, e);
  }

  /** Whether a call that found no room may wait; who shares an endpoint is in service at once or not at all. */
  hasPlace(e: number): boolean {
    return this.#shared[e] === null && this.lines[e]!.length < this.#list[e]!.serving.queueLimit;
  }

  /** Turning a call away costs work. */
  rejected(e: number): void {
    const { core: engine, environment } = this.#parts;
    this.#rejectWork?.add(e, environment.slowFactor[e]!, engine.nowUs);
  }

  /** Calls that use a slot which works: frozen ones sit in the slots that were lost. */
  #running(e: number): number {
    return this.busy[e]! - this.frozen[e]!;
  }

  wait(slot: number, e: number): void {
    const { core: engine, recorder } = this.#parts;
    engine.park(slot, core.IN_ENDPOINT_QUEUE);
    this.order.join(slot, e);
    recorder.queued(e, this.lines[e]!.length);
  }

  /** Draws the work of a call and begins it. */
  start(slot: number, e: number): void {
    const { core: engine } = this.#parts;
    const { f64 } = engine.attempts;
    const service = this.#draws.draw(slot, e, this.busy[e]! + 1, this.slots[e]!);
    const owedUs = this.#rejectWork?.take(e, engine.nowUs) ?? 0;
    f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = engine.nowUs + owedUs + service.firstTokenUs;
    const shared = this.#shared[e]!;
    if (shared === null) return this.#work(slot, e, owedUs + service.totalUs);
    engine.park(slot, core.IN_SERVICE);
    shared.add(slot, owedUs + service.totalUs, engine.nowUs);
    this.#recountShared(e);
  }

  #work(slot: number, e: number, leftUs: number): void {
    const { core: engine } = this.#parts;
    const endUs = engine.nowUs + leftUs;
    this.#changeBusy(e, 1);
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
    // Whoever is let in while the line moves up may not interrupt what is done.
    if (this.lines[e]!.length > 0) this.#parts.core.park(slot, core.TO_GATEWAY_BACK);
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

  #changeBusy(e: number, by: number): void {
    this.busy[e] = this.busy[e]! + by;
    this.#parts.recorder.busy(e).change(by, this.#parts.core.nowUs);
    this.#noteIdle(e);
  }

  #noteIdle(e: number): void {
    this.#rejectWork?.idleIs(e, this.slots[e]! - this.#running(e), this.#parts.core.nowUs);
  }

  #vacate(e: number): void {
    this.#changeBusy(e, -1);
    if (this.lines[e]!.length > 0) this.fill(e);
  }

  /** Starts waiting calls while slots are free. */
  fill(e: number): void {
    const { core: engine } = this.#parts;
    const line = this.lines[e]!;
    const passesOver = this.#list[e]!.abandoned === "drop-at-dequeue";
    while (line.length > 0 && this.#running(e) < this.slots[e]!) {
      const next = this.order.next(e);
      if (passesOver && engine.attempts.has(next, at.ORPHAN)) this.#host.passOver(next, e);
      else if (engine.attempts.has(next, at.FROZEN)) this.#resume(next, e);
      else this.#call(next, e);
    }
  }

  /** The turn of a call that waited has come: it begins, or is dropped. */
  #call(slot: number, e: number): void {
    const { core: engine, recorder } = this.#parts;
    const cause = this.order.dropCause(slot, e);
    if (cause !== CAUSE_NONE) return this.#host.refuse(slot, e, cause);
    recorder.started(e, engine.nowUs - engine.attempts.f64[slot * at.F64 + at.F_MARK_US]!);
    this.start(slot, e);
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
    this.#noteIdle(e);
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
    this.#rejectWork?.forget(e);
    this.#noteIdle(e);
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
    this.#changeBusy(e, -1);
  }

  #resume(slot: number, e: number): void {
    this.#work(slot, e, unfreezeWork(this.#parts.core, slot));
  }

  /** Puts the least urgent running call back at the head of its level, if it is less urgent than `slot`. */
  #interrupt(slot: number, e: number): boolean {
    // Work in a slot that is about to go may finish, but not hand the slot on.
    if (this.#running(e) > this.slots[e]!) return false;
    const victim = leastUrgent(this.#parts.core.attempts, e, slot, this.order);
    if (victim < 0) return false;
    this.#freeze(victim, e);
    this.#takeOut(e);
    this.#parts.core.park(victim, core.IN_ENDPOINT_QUEUE);
    this.lines[e]!.pushFront(victim, this.order.levelOf(victim, e));
    return true;
  }

  #recountShared(e: number): void {
    const { core: engine, recorder } = this.#parts;
    const shared = this.#shared[e]!;
    const working = Math.min(shared.count, this.slots[e]!);
    recorder.busy(e).change(working - recorder.busy(e).level, engine.nowUs);
    this.busy[e] = shared.count;
    this.#noteIdle(e);
    const nextUs = shared.nextUs(engine.nowUs);
    if (nextUs === Number.POSITIVE_INFINITY) engine.park(this.#sharedSlot[e]!, core.SHARED_SERVICE);
    else engine.schedule(this.#sharedSlot[e]!, nextUs, core.PHASE_RELEASE, core.SHARED_SERVICE);
  }
}
