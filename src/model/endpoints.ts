/**
 * Where model calls are answered: is it up, may this call in, is there a slot or a place in line. The
 * work itself is done by {@link Servers}, where provider endpoints and abstract servers differ, or by
 * {@link ReplicaGroups}.
 */
import { CAUSE_LOAD_SHED, CAUSE_POLICY_ERROR, causeCode } from "../policy/index.js";
import type { Endpoint } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import { Capacities } from "./capacity.js";
import * as core from "./core.js";
import { Crashes } from "./crashes.js";
import { EndpointLimits, WITHIN_LIMITS } from "./endpointLimits.js";
import { DOWN_REFUSING, UP } from "./environment.js";
import { FOR_REQUEST, FOR_SHADOW, type Ledger } from "./ledger.js";
import * as draw from "./luck.js";
import type { Network } from "./network.js";
import { SERVING } from "./replicaFleet.js";
import { ReplicaGroups } from "./replicaGroups.js";
import { type ServerParts, Servers } from "./servers.js";

const CONNECTION_REFUSED: number = causeCode("connection_refused");
const CONCURRENCY_FULL: number = causeCode("concurrency_full");
const QUEUE_FULL: number = causeCode("queue_full");
const SERVER_ERROR: number = causeCode("server_error");

/** Whom an endpoint tells. */
export interface CallSink {
  /** The answer, good or bad (`B_CAUSE`), leaves the endpoint. */
  answered(slot: number): void;
  /** The attempt ends here and nobody is to be told. */
  drop(slot: number): void;
}

/** What an endpoint needs besides what serving does. */
export interface EndpointParts extends ServerParts {
  readonly network: Network;
  readonly ledger: Ledger;
}

export class Endpoints {
  readonly servers: Servers;
  readonly groups: ReplicaGroups;
  readonly capacities: Capacities;
  /** Null when overload brings nothing down. */
  readonly crashes: Crashes | null;
  readonly #limits: EndpointLimits;
  readonly #parts: EndpointParts;
  readonly #list: readonly Endpoint[];
  #sink: CallSink | null = null;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
    this.#list = parts.scenario.deployment.endpoints;
    this.#limits = new EndpointLimits(parts.scenario, parts.core);
    this.servers = new Servers(parts, this);
    this.groups = new ReplicaGroups(parts, this);
    this.capacities = new Capacities(parts.scenario, parts.environment, parts.recorder, this);
    this.capacities.note(0);
    this.crashes = this.#list.some(({ crash }) => crash !== null)
      ? new Crashes(parts.scenario, parts.core, this)
      : null;
  }

  /** Set once, before the first event. */
  connect(sink: CallSink): void {
    this.#sink = sink;
  }

  /** A call has crossed the network to its endpoint. */
  arrive(slot: number): void {
    const { core: engine, environment, network, scenario, ledger, recorder } = this.#parts;
    const { u8, u16, i32 } = engine.attempts;
    const e = u8[slot * at.U8 + at.B_ENDPOINT]!;
    const endpoint = this.#list[e]!;
    i32[slot * at.I32 + at.I_CACHED] = 0;
    const from = scenario.deployment.gateways[u8[slot * at.U8 + at.B_GATEWAY]!]!.regionIndex;
    const down = environment.endpointDown[e]!;
    if (down !== UP) recorder.callToDead(slot, e);
    if (down === DOWN_REFUSING) return this.#reject(slot, e, CONNECTION_REFUSED);
    if (down !== UP || network.backboneBlocked(from, endpoint.regionIndex)) return this.lose(slot, e);
    const purpose = engine.attempts.has(slot, at.SHADOW) ? FOR_SHADOW : FOR_REQUEST;
    ledger.atEndpoint(u16[slot * at.U16 + at.H_SITE]!, u8[slot * at.U8 + at.B_CLASS]!, e, purpose);
    if (environment.errorProbability[e]! > 0 && this.#errs(slot, e))
      return this.#reject(slot, e, SERVER_ERROR);
    if (endpoint.abandoned === "drop-at-dequeue" && engine.attempts.has(slot, at.ORPHAN))
      return this.discard(slot);
    const short = this.#limits.admit(slot, e);
    if (short === WITHIN_LIMITS) return this.#admitted(slot, e);
    recorder.limitHit(e, short);
    this.#turnAway(slot, e, short);
  }

  joined(e: number): void {
    this.crashes?.look(e);
  }

  /** A call within all limits: it begins, waits, or finds no room. */
  #admitted(slot: number, e: number): void {
    const group = this.groups.list[e]!;
    if (this.#sheds(slot, e)) return this.refuse(slot, e, CAUSE_LOAD_SHED);
    if (group !== null) group.arrive(slot);
    else if (this.servers.hasRoom(slot, e)) {
      this.#parts.recorder.startedAtOnce(e);
      this.servers.start(slot, e);
    } else if (this.servers.hasPlace(e)) this.servers.wait(slot, e);
    else return this.refuse(slot, e, this.#list[e]!.serving.queueLimit > 0 ? QUEUE_FULL : CONCURRENCY_FULL);
    this.crashes?.look(e);
  }

  /** Whether a call is turned away so that more urgent ones find room: work that is frozen takes none. */
  #sheds(slot: number, e: number): boolean {
    const { order, slots, frozen } = this.servers;
    if (!order.canShed(e)) return false;
    const { serving } = this.#list[e]!;
    const group = this.groups.list[e]!;
    const working =
      serving.kind === "replicas" ? group!.fleet.counts[SERVING]! * serving.maxSequences : slots[e]!;
    return order.sheds(slot, e, this.load(e) - frozen[e]!, working + serving.queueLimit);
  }

  /** A call that was let in finds no room, is shed, waited too long, or fits nowhere: its limits are given back. */
  refuse(slot: number, e: number, cause: number): void {
    this.#limits.giveBack(slot, e);
    if (cause === CAUSE_POLICY_ERROR) this.#reject(slot, e, cause);
    else this.#turnAway(slot, e, cause);
    this.crashes?.look(e);
  }

  /** For want of room or of limits. */
  #turnAway(slot: number, e: number, cause: number): void {
    this.#parts.recorder.capacityFailure(this.#list[e]!.regionIndex);
    this.servers.rejected(e);
    this.#reject(slot, e, cause);
  }

  #errs(slot: number, e: number): boolean {
    const { core: engine, environment, luck } = this.#parts;
    const { u8, u16, f64 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const u = luck.draw(site, request, attempt, u8[slot * at.U8 + at.B_HOP]!, draw.ERROR);
    return u < environment.errorProbability[e]!;
  }

  /** Calls in service and in line. */
  load(e: number): number {
    const group = this.groups.list[e]!;
    const { busy, lines } = this.servers;
    return group === null ? busy[e]! + lines[e]!.length : group.running + group.waiting;
  }

  /** Overload brings the endpoint down. */
  crash(e: number, restartUs: number): void {
    const { environment, recorder, core: engine } = this.#parts;
    environment.setCrashed(e, true);
    recorder.crash(e, engine.nowUs, engine.nowUs + restartUs);
    this.kill(e);
    this.capacityChanged();
  }

  /** It is back; what faults have done meanwhile holds. */
  restart(e: number): void {
    this.#parts.environment.setCrashed(e, false);
    this.environmentChanged(e);
    this.capacityChanged();
  }

  /** The work is done and its answer leaves. */
  done(slot: number, e: number): void {
    const { core: engine, recorder } = this.#parts;
    const orphan = engine.attempts.has(slot, at.ORPHAN);
    recorder.completed(e, orphan);
    recorder.tokens(slot, e);
    this.#limits.settle(slot, e);
    this.crashes?.look(e);
    if (orphan) engine.cancelTimer(slot, core.CANCEL_TIMER);
    engine.attempts.u8[slot * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    this.#sink!.answered(slot);
  }

  /** The user or the gateway has gone; `slot` is an orphan from now on. */
  abandon(slot: number): void {
    const { core: engine, network, scenario } = this.#parts;
    const { u8, u16 } = engine.attempts;
    const e = u8[slot * at.U8 + at.B_ENDPOINT]!;
    if (e === at.NO_ENDPOINT || this.#list[e]!.abandoned !== "cancel") return;
    const gateway = scenario.deployment.gateways[u8[slot * at.U8 + at.B_GATEWAY]!]!.regionIndex;
    // Word on its way already, from the user, is not held up by the gateway's.
    if (engine.hasTimer(slot, core.CANCEL_TIMER)) return;
    const byGateway = engine.attempts.has(slot, at.DETACHED);
    const delayUs =
      (byGateway ? 0 : network.accessUs(u16[slot * at.U16 + at.H_SITE]!, gateway, 0.5)) +
      network.backboneUs(gateway, this.#list[e]!.regionIndex, 0.5);
    if (delayUs > 0) engine.setTimer(slot, core.CANCEL_TIMER, engine.nowUs + delayUs, core.PHASE_RELEASE);
    else this.cancelled(slot);
  }

  /** Word that nobody waits any more has reached the endpoint. */
  cancelled(slot: number): void {
    const { u8 } = this.#parts.core.attempts;
    const e = u8[slot * at.U8 + at.B_ENDPOINT]!;
    const state = u8[slot * at.U8 + at.B_STATE]!;
    const isHere = state === core.IN_ENDPOINT_QUEUE || state === core.IN_SERVICE;
    if (isHere || state === core.REPLICA_OVERHEAD) this.#limits.giveBack(slot, e);
    if (this.groups.list[e] !== null) {
      if (isHere) this.groups.list[e]!.leave(slot);
    } else if (state === core.IN_ENDPOINT_QUEUE) this.servers.order.leave(slot, e);
    else if (state === core.IN_SERVICE) this.servers.stop(slot, e);
    this.crashes?.look(e);
    this.discard(slot);
  }

  /** A waiting call that nobody wants any more was passed over. */
  passOver(slot: number, e: number): void {
    this.#limits.giveBack(slot, e);
    this.discard(slot);
    this.crashes?.look(e);
  }

  /** Ends an orphan. */
  discard(slot: number): void {
    const { core: engine } = this.#parts;
    engine.cancelTimer(slot, core.CANCEL_TIMER);
    if (engine.attempts.has(slot, at.DETACHED)) engine.attempts.free(slot);
    else this.#sink!.drop(slot);
  }

  /** Nothing will come back from this call. */
  lose(slot: number, e: number): void {
    const { core: engine, recorder } = this.#parts;
    recorder.impact(this.#list[e]!.regionIndex);
    if (engine.attempts.has(slot, at.ORPHAN)) this.discard(slot);
    else engine.park(slot, core.LOST);
  }

  /** The endpoint dies: what it held is refused or lost, in the manner of its death. */
  kill(e: number): void {
    const evicted = this.groups.list[e]?.evict() ?? this.servers.evict(e);
    this.crashes?.look(e);
    for (const slot of evicted) {
      this.#limits.giveBack(slot, e);
      if (this.#parts.environment.endpointDown[e] === DOWN_REFUSING)
        this.#reject(slot, e, CONNECTION_REFUSED);
      else this.lose(slot, e);
    }
  }

  /** Takes over what faults have done to slots and limits. */
  environmentChanged(e: number): void {
    const { environment } = this.#parts;
    this.#limits.setScale(e, environment.quotaScale[e]!);
    if (this.groups.list[e] !== null) return this.groups.environmentChanged(e, this.isUp(e));
    const slots = Math.floor(this.#list[e]!.serving.concurrency * environment.capacityShare[e]! + 1e-9);
    if (slots !== this.servers.slots[e]) this.servers.resize(e, slots, environment.freezes[e] === 1);
  }

  isUp(e: number): boolean {
    return this.#parts.environment.endpointDown[e] === UP;
  }

  /** Whether a health check finds somebody to answer: of a group, a replica that serves. */
  isReady(e: number): boolean {
    const group = this.groups.list[e]!;
    return group === null || group.fleet.counts[SERVING]! > 0;
  }

  /** Slots that work, or replicas that serve. */
  working(e: number): number {
    return this.groups.list[e]?.fleet.counts[SERVING] ?? this.servers.slots[e]!;
  }

  /** Tokens set aside for calls that have not ended, by meter: the endpoints' own, then those of each quota. */
  get tokensSetAside(): number[] {
    return this.#limits.setAside;
  }

  /** Calls in line. */
  waiting(e: number): number {
    return this.groups.list[e]?.waiting ?? this.servers.lines[e]!.length;
  }

  /** An endpoint can do more or less than before. */
  capacityChanged(): void {
    this.capacities.note(this.#parts.core.nowUs);
  }

  /** Closes the books at the end of a run. */
  finish(endUs: number): void {
    this.groups.finish(endUs);
  }

  #reject(slot: number, e: number, cause: number): void {
    const { core: engine, recorder } = this.#parts;
    engine.attempts.u8[slot * at.U8 + at.B_CAUSE] = cause;
    if (cause === CONNECTION_REFUSED || cause === SERVER_ERROR) recorder.impact(this.#list[e]!.regionIndex);
    if (engine.attempts.has(slot, at.ORPHAN)) this.discard(slot);
    else this.#sink!.answered(slot);
  }
}
