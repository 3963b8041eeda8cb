/**
 * The users' programs: how a try sets out, how long it is waited for, when it is tried again, and what keeps a
 * program from making an overload worse.
 */
import { Sampler } from "../kernel/index.js";
import {
  Caller,
  causeCode,
  PAID_NOTHING,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
  RESULT_ABANDONED,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
} from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { isFinal, resultOf } from "./answers.js";
import { Arrivals } from "./arrivals.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Entry } from "./entry.js";
import type { Gateways } from "./gateways.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import type { Network } from "./network.js";
import type { Recorder } from "./recorder.js";

/** First turns are numbered below this; later turns of a conversation differ in the multiples of it. */
const FIRST_TURNS = 4_294_967_296;
const BLACK_HOLE: number = causeCode("region_blackhole");
const DEADLINE_IN_QUEUE: number = causeCode("deadline_in_queue");
const DEADLINE_IN_SERVICE: number = causeCode("deadline_in_service");
const LOCAL_THROTTLE: number = causeCode("local_throttle");
const CIRCUIT_OPEN: number = causeCode("circuit_open");
const CONCURRENCY_FULL: number = causeCode("concurrency_full");

/** What users meet, and where their luck comes from. */
export interface ClientParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly network: Network;
  readonly entry: Entry;
  readonly gateways: Gateways;
  readonly recorder: Recorder;
  readonly luck: Luck;
  readonly replication: number;
}

export class Clients {
  readonly #parts: ClientParts;
  readonly arrivals: Arrivals;
  readonly #patience: Sampler;
  /** Site · instances + instance: the programs that users of a site share. */
  readonly #callers: readonly Caller[];
  readonly #instances: number;
  readonly #maxOutputTokens: Float64Array;
  readonly #regionOfGateway: Int32Array;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    const { scenario } = parts;
    const { sites, client } = scenario.workload;
    this.arrivals = new Arrivals(parts, this);
    this.#patience = new Sampler(client.timeout);
    this.#regionOfGateway = Int32Array.from(scenario.deployment.gateways, (gateway) => gateway.regionIndex);
    this.#instances = client.instances;
    const { gateways } = scenario.deployment;
    this.#callers = Array.from(
      { length: sites.length * client.instances },
      () => new Caller(client.caller, gateways.length),
    );
    this.#maxOutputTokens = Float64Array.from(scenario.workload.classes, (c) => c.maxOutputTokens);
  }

  /** A request is made. */
  ask(slot: number, site: number): void {
    const { core: engine, recorder, scenario } = this.#parts;
    const { f64, u8 } = engine.attempts;
    u8[slot * at.U8 + at.B_ATTEMPT] = 0;
    u8[slot * at.U8 + at.B_PAID] = PAID_NOTHING;
    f64[slot * at.F64 + at.F_WAIT_US] = 0;
    u8[slot * at.U8 + at.B_PHASE] = recorder.phase;
    if (engine.nowUs >= scenario.warmupUs) recorder.offered(slot);
    this.#callerOf(slot, site).firstTry(this.#tokens(slot), engine.nowUs / 1000);
    this.send(slot);
  }

  /** The program that makes this request: a site's requests, or its closed users, go to its programs in turn. */
  #callerOf(slot: number, site: number): Caller {
    if (this.#instances === 1) return this.#callers[site]!;
    const first = this.#parts.core.attempts.f64[slot * at.F64 + at.F_REQUEST]! % FIRST_TURNS;
    return this.#callers[site * this.#instances + (first % this.#instances)]!;
  }

  /** What a request may weigh at most: nobody knows its answer yet. */
  #tokens(slot: number): number {
    const { i32, u8 } = this.#parts.core.attempts;
    return i32[slot * at.I32 + at.I_TOKENS_IN]! + this.#maxOutputTokens[u8[slot * at.U8 + at.B_CLASS]!]!;
  }

  /** One try: find a gateway, and set out for it. */
  send(slot: number): void {
    const { core: engine, entry, network, luck, recorder, scenario } = this.#parts;
    const { f64, i32, u8, u16 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const gateway = entry.pick(site, request, attempt);
    f64[slot * at.F64 + at.F_ATTEMPT_US] = engine.nowUs;
    f64[slot * at.F64 + at.F_RETRY_AT_US] = 0;
    f64[slot * at.F64 + at.F_DEADLINE_US] = Number.POSITIVE_INFINITY;
    i32[slot * at.I32 + at.I_TRIED] = 0;
    u8[slot * at.U8 + at.B_HOP] = 0;
    u8[slot * at.U8 + at.B_ENDPOINT] = at.NO_ENDPOINT;
    u8[slot * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    if (gateway < 0)
      return this.#stay(slot, entry.causeFor(site, u8[slot * at.U8 + at.B_CLASS]!, -1 - gateway));
    const caller = this.#callerOf(slot, site);
    if (caller.guards) {
      const held = this.#heldBack(caller, gateway, luck.draw(site, request, attempt, 0, draw.THROTTLE));
      if (held >= 0) return this.#stay(slot, held);
      caller.started(gateway, engine.nowUs / 1000);
    }
    u8[slot * at.U8 + at.B_GATEWAY] = gateway;
    const region = this.#regionOfGateway[gateway]!;
    recorder.clientAttempt(region);
    const { connectionReuse, handshakeRoundTrips } = scenario.workload.client;
    let delayUs = network.accessUs(site, region, luck.draw(site, request, attempt, 0, draw.HOP_IN));
    const isNew =
      attempt > 0 ||
      connectionReuse === 0 ||
      (connectionReuse < 1 && luck.draw(site, request, 0, 0, draw.CONNECTION) >= connectionReuse);
    if (isNew) delayUs += Math.floor(handshakeRoundTrips * network.accessRoundTripUs(site, region) + 0.5);
    this.#startPatience(slot, site, request, attempt);
    engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_SEIZE, core.TO_GATEWAY);
  }

  /** Why the user's own program does not let a try out, or −1. One draw decides for throttle and ramp: a try meets one of them. */
  #heldBack(caller: Caller, gateway: number, u: number): number {
    const nowMs = this.#parts.core.nowUs / 1000;
    if (caller.throttles(nowMs, u)) return LOCAL_THROTTLE;
    if (((caller.openMask(nowMs, u) >> gateway) & 1) === 0) return CIRCUIT_OPEN;
    return ((caller.roomMask() >> gateway) & 1) === 0 ? CONCURRENCY_FULL : -1;
  }

  /** A try ends before it has left the user. */
  #stay(slot: number, cause: number): void {
    const { core: engine, recorder } = this.#parts;
    const { u8, u16 } = engine.attempts;
    recorder.clientAttempt(-1);
    const caller = this.#callerOf(slot, u16[slot * at.U16 + at.H_SITE]!);
    caller.settled(RESULT_ABANDONED, u8[slot * at.U8 + at.B_PAID]!, engine.nowUs / 1000);
    this.#fail(slot, cause);
  }

  /** A try that was sent has come back, or will not be waited for any longer. */
  #back(slot: number, result: number): void {
    const { core: engine } = this.#parts;
    const { f64, u8, u16 } = engine.attempts;
    const caller = this.#callerOf(slot, u16[slot * at.U16 + at.H_SITE]!);
    const nowMs = engine.nowUs / 1000;
    if (caller.guards) {
      const rttMs = nowMs - f64[slot * at.F64 + at.F_ATTEMPT_US]! / 1000;
      caller.finished(u8[slot * at.U8 + at.B_GATEWAY]!, result, rttMs, nowMs);
    }
    caller.settled(result, u8[slot * at.U8 + at.B_PAID]!, nowMs);
  }

  #startPatience(slot: number, site: number, request: number, attempt: number): void {
    const { core: engine, luck } = this.#parts;
    const patienceUs = this.#patience.isFixed
      ? this.#patience.mean
      : this.#patience.sample(luck.draw(site, request, attempt, 0, draw.PATIENCE));
    if (patienceUs === Number.POSITIVE_INFINITY) return;
    const deadlineUs = engine.nowUs + Math.floor(patienceUs + 0.5);
    engine.attempts.f64[slot * at.F64 + at.F_DEADLINE_US] = deadlineUs;
    engine.setPatience(slot, deadlineUs);
  }

  /** The answer, good or bad, has reached the user. */
  receive(slot: number): void {
    const { core: engine, recorder, network, scenario } = this.#parts;
    const { f64, u8, u16 } = engine.attempts;
    const cause = u8[slot * at.U8 + at.B_CAUSE]!;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const region = this.#regionOfGateway[u8[slot * at.U8 + at.B_GATEWAY]!]!;
    if (network.accessBlocked(site, region)) return engine.park(slot, core.LOST);
    engine.endPatience(slot);
    this.#back(slot, resultOf(cause));
    if (cause !== at.NO_CAUSE) return this.#fail(slot, cause);
    const startUs = f64[slot * at.F64 + at.F_START_US]!;
    if (startUs >= scenario.warmupUs) recorder.served(slot);
    else recorder.servedWarmingUp();
    this.arrivals.leave(slot, true);
  }

  /** The user's patience with this try has run out; whatever works on it goes on without them. */
  timeout(slot: number): void {
    const { core: engine, gateways, recorder } = this.#parts;
    const attempts = engine.attempts;
    const state = attempts.u8[slot * at.U8 + at.B_STATE]!;
    const cause =
      state === core.LOST
        ? BLACK_HOLE
        : state === core.IN_ENDPOINT_QUEUE || state === core.IN_GATEWAY_QUEUE
          ? DEADLINE_IN_QUEUE
          : DEADLINE_IN_SERVICE;
    recorder.clientTimeout();
    const own = attempts.fork(slot);
    attempts.f64[own * at.F64 + at.F_RETRY_AT_US] = 0;
    this.#back(own, RESULT_TIMEOUT);
    this.#fail(own, cause);
    attempts.set(slot, at.ORPHAN);
    gateways.abandon(slot);
  }

  /** A try has failed and the user knows: try again, or give up with the cause of this last try. */
  #fail(slot: number, cause: number): void {
    const { core: engine, recorder, scenario } = this.#parts;
    const { f64, u8, u16 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    recorder.failedAttempt(cause);
    if (attempt < scenario.workload.client.caller.retry.retries && !isFinal(cause)) {
      const throttled = resultOf(cause) === RESULT_THROTTLED;
      const caller = this.#callerOf(slot, site);
      if (caller.tryRetry(attempt + 1, this.#tokens(slot), throttled, engine.nowUs / 1000)) {
        u8[slot * at.U8 + at.B_PAID] = throttled ? PAID_THROTTLED_RETRY : PAID_RETRY;
        return this.#backOff(slot, site, attempt);
      }
      recorder.budgetDenied();
    }
    if (f64[slot * at.F64 + at.F_START_US]! >= scenario.warmupUs) recorder.refused(slot, cause);
    this.arrivals.leave(slot, false);
  }

  #backOff(slot: number, site: number, attempt: number): void {
    const { core: engine, luck, recorder } = this.#parts;
    const { f64, u8 } = engine.attempts;
    const u = luck.draw(site, f64[slot * at.F64 + at.F_REQUEST]!, attempt, 0, draw.BACKOFF);
    const retryAfterMs = Math.max(0, f64[slot * at.F64 + at.F_RETRY_AT_US]! - engine.nowUs) / 1000;
    const previousMs = f64[slot * at.F64 + at.F_WAIT_US]! / 1000;
    const waitMs = this.#callerOf(slot, site).retryWaitMs(attempt + 1, previousMs, retryAfterMs, u);
    const waitUs = Math.floor(waitMs * 1000 + 0.5);
    f64[slot * at.F64 + at.F_WAIT_US] = waitUs;
    recorder.clientRetry();
    // The try counter keys the luck; past 255 tries the luck repeats, the retries go on.
    u8[slot * at.U8 + at.B_ATTEMPT] = Math.min(255, attempt + 1);
    engine.schedule(slot, engine.nowUs + waitUs, core.PHASE_SEIZE, core.BACKOFF);
  }
}
