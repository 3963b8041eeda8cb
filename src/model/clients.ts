/**
 * The users: who asks when and for what, how long they wait, when they try again. Every attribute of a
 * request is drawn here, once, before anything about the deployment can matter.
 */
import { Sampler, Stream, streamKey } from "../kernel/index.js";
import { backoffMs, causeCode, RetryBudget } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { budgetRatio, isFinal } from "./answers.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import { Demand } from "./demand.js";
import type { Entry } from "./entry.js";
import type { Gateways } from "./gateways.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import type { Network } from "./network.js";
import { Questions } from "./questions.js";
import type { Recorder } from "./recorder.js";

const BLACK_HOLE: number = causeCode("region_blackhole");
const DEADLINE_IN_QUEUE: number = causeCode("deadline_in_queue");
const DEADLINE_IN_SERVICE: number = causeCode("deadline_in_service");
const RETRY_BUDGET: number = causeCode("retry_budget_exhausted");

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
  readonly #questions: Questions;
  readonly #demand: readonly Demand[];
  readonly #streams: readonly Stream[];
  readonly #patience: Sampler;
  readonly #budgets: readonly RetryBudget[];
  readonly #regionOfGateway: Int32Array;
  #traceAt = 0;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    const { scenario, replication } = parts;
    const { sites, client } = scenario.workload;
    this.#questions = new Questions(scenario, parts.core, parts.luck);
    this.#demand = sites.map((site, s) => new Demand(site, s, scenario.faults, scenario.durationUs));
    this.#streams = sites.map(
      (site) => new Stream(streamKey(scenario.seed, replication, "arrivals", site.id)),
    );
    this.#patience = new Sampler(client.timeout);
    this.#regionOfGateway = Int32Array.from(scenario.deployment.gateways, (gateway) => gateway.regionIndex);
    this.#budgets = sites.map(() => new RetryBudget(budgetRatio(client.caller.retry)));
  }

  /** Puts the first arrival of every source in the queue, and every user of a closed site. */
  begin(): void {
    const { core: engine, scenario } = this.#parts;
    const { trace, sites } = scenario.workload;
    if (trace !== null) {
      if (trace.arrivalUs.length === 0) return;
      engine.schedule(engine.attempts.alloc(), trace.arrivalUs[0]!, core.PHASE_SEIZE, core.TRACE_ARRIVAL);
      return;
    }
    sites.forEach((site, s) => {
      if (site.closed !== null) this.#settle(s, site.closed.users);
      else this.#open(s);
    });
  }

  #settle(site: number, users: number): void {
    for (let user = 0; user < users; user++) {
      const slot = this.#parts.core.attempts.alloc();
      this.#questions.settleIn(slot, site, user);
      this.#think(slot);
    }
  }

  /** A site whose users come and go: one record waits for the next of them. */
  #open(site: number): void {
    const { attempts } = this.#parts.core;
    const source = attempts.alloc();
    attempts.u16[source * at.U16 + at.H_SITE] = site;
    this.#scheduleNext(source, site);
  }

  #scheduleNext(source: number, site: number): void {
    const { core: engine, scenario } = this.#parts;
    const nextUs = this.#demand[site]!.nextUs(engine.nowUs, this.#streams[site]!.next());
    if (nextUs <= scenario.durationUs) engine.schedule(source, nextUs, core.PHASE_SEIZE, core.SITE_ARRIVAL);
    else engine.attempts.free(source);
  }

  /** A user of a site asks; the site's source record is rescheduled for the next. */
  siteArrival(source: number): void {
    const { attempts } = this.#parts.core;
    const site = attempts.u16[source * at.U16 + at.H_SITE]!;
    const slot = attempts.alloc();
    this.#questions.first(slot, site);
    this.#ask(slot, site);
    this.#scheduleNext(source, site);
  }

  /** All requests of the trace that come at this instant. */
  traceArrival(source: number): void {
    const { core: engine, scenario } = this.#parts;
    const trace = scenario.workload.trace!;
    while (this.#traceAt < trace.arrivalUs.length && trace.arrivalUs[this.#traceAt]! <= engine.nowUs) {
      const slot = engine.attempts.alloc();
      this.#questions.fromTrace(slot, this.#traceAt);
      this.#ask(slot, trace.siteIndex[this.#traceAt]!);
      this.#traceAt += 1;
    }
    if (this.#traceAt < trace.arrivalUs.length)
      engine.schedule(source, trace.arrivalUs[this.#traceAt]!, core.PHASE_SEIZE, core.TRACE_ARRIVAL);
    else engine.attempts.free(source);
  }

  /** A user has thought about the last answer and asks the next turn. */
  nextTurn(slot: number): void {
    this.#questions.next(slot);
    this.#ask(slot, this.#parts.core.attempts.u16[slot * at.U16 + at.H_SITE]!);
  }

  #ask(slot: number, site: number): void {
    const { core: engine, recorder, scenario } = this.#parts;
    const { u8 } = engine.attempts;
    u8[slot * at.U8 + at.B_ATTEMPT] = 0;
    u8[slot * at.U8 + at.B_PHASE] = recorder.phase;
    if (engine.nowUs >= scenario.warmupUs) recorder.offered(slot);
    this.#budgets[site]!.onFirstTry();
    this.send(slot);
  }

  /** The request is over: the user thinks about the next turn, or goes. */
  #leave(slot: number): void {
    if (this.#questions.hasMore(slot)) this.#think(slot);
    else this.#parts.core.attempts.free(slot);
  }

  #think(slot: number): void {
    const { core: engine, scenario } = this.#parts;
    const nextUs = engine.nowUs + this.#questions.thinkUs(slot);
    engine.attempts.u8[slot * at.U8 + at.B_FLAGS] = 0;
    if (nextUs <= scenario.durationUs) engine.schedule(slot, nextUs, core.PHASE_SEIZE, core.THINKING);
    else engine.attempts.free(slot);
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
    if (gateway < 0) {
      recorder.clientAttempt(-1);
      return this.#fail(slot, entry.causeFor(site, u8[slot * at.U8 + at.B_CLASS]!, -1 - gateway));
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
    if (cause !== at.NO_CAUSE) return this.#fail(slot, cause);
    const startUs = f64[slot * at.F64 + at.F_START_US]!;
    if (startUs >= scenario.warmupUs) {
      recorder.served(slot);
    }
    this.#questions.remember(slot);
    this.#leave(slot);
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
    this.#fail(own, cause);
    attempts.set(slot, at.ORPHAN);
    gateways.abandon(slot);
  }

  /** A try has failed and the user knows: try again, or give up. */
  #fail(slot: number, cause: number): void {
    const { core: engine, recorder, scenario } = this.#parts;
    const { f64, u8, u16 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const { retry } = scenario.workload.client.caller;
    recorder.failedAttempt(cause);
    const wants = attempt < retry.retries && !isFinal(cause);
    if (wants && this.#budgets[site]!.tryRetry()) return this.#backOff(slot, site, attempt);
    const startUs = f64[slot * at.F64 + at.F_START_US]!;
    if (startUs >= scenario.warmupUs) recorder.refused(slot, wants ? RETRY_BUDGET : cause);
    this.#leave(slot);
  }

  #backOff(slot: number, site: number, attempt: number): void {
    const { core: engine, luck, recorder, scenario } = this.#parts;
    const { f64, u8 } = engine.attempts;
    const { kind, baseMs, capMs } = scenario.workload.client.caller.retry.backoff;
    const u = luck.draw(site, f64[slot * at.F64 + at.F_REQUEST]!, attempt, 0, draw.BACKOFF);
    const waitUs = Math.floor(backoffMs(kind, baseMs, capMs, attempt + 1, baseMs, u) * 1000 + 0.5);
    recorder.clientRetry();
    // The try counter keys the luck; past 255 tries the luck repeats, the retries go on.
    u8[slot * at.U8 + at.B_ATTEMPT] = Math.min(255, attempt + 1);
    const whenUs = Math.max(engine.nowUs + waitUs, f64[slot * at.F64 + at.F_RETRY_AT_US]!);
    engine.schedule(slot, whenUs, core.PHASE_SEIZE, core.BACKOFF);
  }
}
