/**
 * Your routers, seen from the user: bounded concurrency and a bounded line in front of production's
 * policy (see {@link Upstream}). A gateway lives and dies with its region.
 */
import { CAUSE_LOAD_SHED, CAUSE_NONE, causeCode, LinePolicy } from "../policy/index.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import { DOWN_REFUSING, type Environment, UP } from "./environment.js";
import type { Ledger } from "./ledger.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import type { Network } from "./network.js";
import type { Recorder } from "./recorder.js";
import { Upstream } from "./upstream.js";
import type { UpstreamParts } from "./upstreamParts.js";
import { WaitingLine } from "./waitingLine.js";

const CONNECTION_REFUSED: number = causeCode("connection_refused");
const CONCURRENCY_FULL: number = causeCode("concurrency_full");
const QUEUE_FULL: number = causeCode("queue_full");

/** States in which an endpoint, or the way to or from it, holds the attempt. */
const WORKS_ELSEWHERE: readonly number[] = [
  core.TO_ENDPOINT,
  core.REPLICA_OVERHEAD,
  core.IN_ENDPOINT_QUEUE,
  core.IN_SERVICE,
  core.TO_GATEWAY_BACK,
];

export class Gateways {
  readonly upstream: Upstream;
  /** Attempts each gateway is busy with. */
  readonly inFlight: Int32Array;
  readonly lines: readonly WaitingLine[];
  readonly #linePolicies: readonly LinePolicy[];
  readonly #priorities: Int32Array;
  readonly #knowsDeadlines: boolean;
  readonly #core: Core;
  readonly #environment: Environment;
  readonly #network: Network;
  readonly #recorder: Recorder;
  readonly #ledger: Ledger;
  readonly #luck: Luck;
  readonly #parts: UpstreamParts;
  readonly #region: Int32Array;
  readonly #concurrency: Float64Array;
  readonly #queueLimit: Float64Array;
  readonly #overheadUs: Float64Array;
  readonly #admitting: Uint8Array;

  constructor(parts: UpstreamParts) {
    const { gateways } = parts.scenario.deployment;
    this.#parts = parts;
    this.#core = parts.core;
    this.#environment = parts.environment;
    this.#network = parts.network;
    this.#recorder = parts.recorder;
    this.#ledger = parts.ledger;
    this.#luck = parts.luck;
    this.upstream = new Upstream(parts, this);
    this.inFlight = new Int32Array(gateways.length);
    this.lines = gateways.map(() => new WaitingLine(parts.core.attempts, false));
    this.#linePolicies = gateways.map((gateway) => new LinePolicy(gateway.queue));
    this.#priorities = Int32Array.from(parts.scenario.workload.classes, (c) => c.priority);
    this.#knowsDeadlines = parts.scenario.deployment.routing.propagatesDeadlines;
    this.#region = Int32Array.from(gateways, (gateway) => gateway.regionIndex);
    this.#concurrency = Float64Array.from(gateways, (gateway) => gateway.concurrency);
    this.#queueLimit = Float64Array.from(gateways, (gateway) => gateway.queueLimit);
    this.#overheadUs = Float64Array.from(gateways, (gateway) => gateway.overheadUs);
    this.#admitting = new Uint8Array(gateways.length);
  }

  /** An attempt has crossed the network to its gateway. */
  arrive(slot: number): void {
    const engine = this.#core;
    if (engine.attempts.has(slot, at.ORPHAN)) return this.drop(slot);
    const { u8, u16 } = engine.attempts;
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const region = this.#region[g]!;
    const down = this.#environment.regionDown[region]!;
    if (down !== UP || this.#network.accessBlocked(site, region)) {
      this.#recorder.impact(region);
      if (down !== UP) this.#recorder.requestToDead(slot, region);
      return down === DOWN_REFUSING ? this.#respond(slot, g, CONNECTION_REFUSED) : this.lose(slot);
    }
    this.#ledger.atGateway(site, u8[slot * at.U8 + at.B_CLASS]!, g);
    const isShed = !this.#linePolicies[g]!.plain && this.#sheds(slot, g);
    if (!isShed && this.inFlight[g]! < this.#concurrency[g]!) return this.#admit(slot, g);
    if (!isShed && this.lines[g]!.length < this.#queueLimit[g]!) return this.#wait(slot, g);
    this.#recorder.capacityFailure(region);
    this.#respond(
      slot,
      g,
      isShed ? CAUSE_LOAD_SHED : this.#queueLimit[g]! > 0 ? QUEUE_FULL : CONCURRENCY_FULL,
    );
  }

  #sheds(slot: number, g: number): boolean {
    const priority = this.#priorities[this.#core.attempts.u8[slot * at.U8 + at.B_CLASS]!]!;
    const taken = this.inFlight[g]! + this.lines[g]!.length;
    return this.#linePolicies[g]!.sheds(priority, taken, this.#concurrency[g]! + this.#queueLimit[g]!);
  }

  #wait(slot: number, g: number): void {
    const { attempts, nowUs } = this.#core;
    this.#core.park(slot, core.IN_GATEWAY_QUEUE);
    attempts.f64[slot * at.F64 + at.F_MARK_US] = nowUs;
    const line = this.lines[g]!;
    const policy = this.#linePolicies[g]!;
    if (!policy.plain) policy.joins(line.length, nowUs / 1000);
    line.push(slot, this.#level(slot, g));
  }

  #level(slot: number, g: number): number {
    const priority = this.#priorities[this.#core.attempts.u8[slot * at.U8 + at.B_CLASS]!]!;
    return this.#linePolicies[g]!.levelOf(priority);
  }

  /** The one whose turn it is, those who are dropped when theirs comes passed over; −1 when nobody is left. */
  #next(g: number): number {
    const { attempts, nowUs } = this.#core;
    const line = this.lines[g]!;
    const policy = this.#linePolicies[g]!;
    if (policy.plain) return line.shift();
    const nowMs = nowUs / 1000;
    while (line.length > 0) {
      const slot = policy.takesNewest(nowMs) ? line.takeNewest() : line.shift();
      const waitMs = (nowUs - attempts.f64[slot * at.F64 + at.F_MARK_US]!) / 1000;
      const deadlineUs = attempts.f64[slot * at.F64 + at.F_DEADLINE_US]!;
      const deadlineMs = this.#knowsDeadlines ? deadlineUs / 1000 : Number.POSITIVE_INFINITY;
      const cause = policy.dropCause(waitMs, deadlineMs, line.length, nowMs);
      if (cause === CAUSE_NONE) return slot;
      if (cause === CAUSE_LOAD_SHED) this.#recorder.capacityFailure(this.#region[g]!);
      this.#respond(slot, g, cause);
    }
    return -1;
  }

  #admit(slot: number, g: number): void {
    const engine = this.#core;
    this.inFlight[g] = this.inFlight[g]! + 1;
    engine.attempts.set(slot, at.HOLDS_GATEWAY);
    this.upstream.begins(slot);
    const overheadUs = this.#overheadUs[g]!;
    if (overheadUs > 0) engine.schedule(slot, engine.nowUs + overheadUs, core.PHASE_SEIZE, core.GATEWAY_WORK);
    else this.upstream.route(slot);
  }

  /** An endpoint has answered: the answer starts on its way back. */
  answered(slot: number): void {
    this.upstream.answered(slot);
  }

  /** A call is over: its place goes to the next in line, its answer to the user. */
  finish(slot: number, g: number, cause: number, waitUs = 0): void {
    this.#release(slot, g);
    this.#respond(slot, g, cause, waitUs);
  }

  #release(slot: number, g: number): void {
    const { attempts } = this.#core;
    if (!attempts.has(slot, at.HOLDS_GATEWAY)) return;
    attempts.clear(slot, at.HOLDS_GATEWAY);
    this.inFlight[g] = this.inFlight[g]! - 1;
    const line = this.lines[g]!;
    if (line.length === 0 || this.#admitting[g] === 1) return;
    // A waiting attempt may be refused on the spot and release again: the loop, not the stack, takes the next.
    this.#admitting[g] = 1;
    while (line.length > 0 && this.inFlight[g]! < this.#concurrency[g]!) {
      const next = this.#next(g);
      if (next >= 0) this.#admit(next, g);
    }
    this.#admitting[g] = 0;
  }

  #respond(slot: number, g: number, cause: number, waitUs = 0): void {
    const engine = this.#core;
    const { attempts } = engine;
    if (attempts.has(slot, at.ORPHAN)) return attempts.free(slot);
    const { u8, u16, f64 } = attempts;
    u8[slot * at.U8 + at.B_CAUSE] = cause;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const u = this.#luck.draw(
      site,
      request,
      u8[slot * at.U8 + at.B_ATTEMPT]!,
      u8[slot * at.U8 + at.B_HOP]!,
      draw.HOP_OUT,
    );
    const delayUs = this.#network.accessUs(site, this.#region[g]!, u);
    f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = f64[slot * at.F64 + at.F_FIRST_TOKEN_US]! + delayUs;
    engine.schedule(slot, engine.nowUs + waitUs + delayUs, core.PHASE_RELEASE, core.TO_USER);
  }

  /** Nothing will ever come back: only the user's or the gateway's own patience ends it. */
  lose(slot: number): void {
    if (this.#core.attempts.has(slot, at.ORPHAN)) this.drop(slot);
    else this.#core.park(slot, core.LOST);
  }

  /** Ends an attempt nobody waits for, wherever the gateway stood with it. */
  drop(slot: number): void {
    const { attempts } = this.#core;
    if (attempts.has(slot, at.HOLDS_GATEWAY)) {
      this.upstream.forget(slot);
      this.#release(slot, attempts.u8[slot * at.U8 + at.B_GATEWAY]!);
    }
    attempts.free(slot);
  }

  /** The user of an attempt has gone; `slot` is an orphan from now on. */
  abandon(slot: number): void {
    const { attempts } = this.#core;
    this.upstream.abandoned(slot);
    switch (attempts.u8[slot * at.U8 + at.B_STATE]) {
      case core.LOST:
      case core.GATEWAY_BACKOFF:
      case core.HELD:
      case core.SDK_BACKOFF:
      case core.WAITS_FOR_PEER:
      case core.TO_USER:
        return this.drop(slot);
      case core.IN_GATEWAY_QUEUE:
        this.#leaveLine(slot, attempts.u8[slot * at.U8 + at.B_GATEWAY]!);
        return attempts.free(slot);
      case core.TO_ENDPOINT:
      case core.REPLICA_OVERHEAD:
      case core.IN_ENDPOINT_QUEUE:
      case core.IN_SERVICE:
        return this.#parts.endpoints.abandon(slot);
      default:
        return; // On its way to or from a place that will notice.
    }
  }

  #leaveLine(slot: number, g: number): void {
    this.lines[g]!.remove(slot, this.#level(slot, g));
  }

  /** A region's gateways die: whoever they held is refused or lost, and nothing is in flight when it returns; beliefs stay. */
  kill(region: number): void {
    const { attempts } = this.#core;
    for (let slot = 0, end = attempts.count; slot < end; slot++) {
      const state = attempts.u8[slot * at.U8 + at.B_STATE]!;
      const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
      const holds = attempts.has(slot, at.HOLDS_GATEWAY);
      if (state === 0 || !(holds || state === core.IN_GATEWAY_QUEUE) || this.#region[g] !== region) continue;
      this.#evict(slot, g, state);
    }
  }

  #evict(slot: number, g: number, state: number): void {
    const { attempts } = this.#core;
    if (state === core.IN_GATEWAY_QUEUE) this.#leaveLine(slot, g);
    else this.upstream.forget(slot);
    const own = WORKS_ELSEWHERE.includes(state) ? this.upstream.detach(slot) : slot;
    if (attempts.has(own, at.HOLDS_GATEWAY)) this.inFlight[g] = this.inFlight[g]! - 1;
    attempts.clear(own, at.HOLDS_GATEWAY);
    if (attempts.has(own, at.ORPHAN)) attempts.free(own);
    else if (this.#environment.regionDown[this.#region[g]!] === DOWN_REFUSING)
      this.#respond(own, g, CONNECTION_REFUSED);
    else this.#core.park(own, core.LOST);
  }
}
