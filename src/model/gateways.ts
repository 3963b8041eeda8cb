/**
 * Your routers: bounded concurrency and queue in front, production's policy in the middle, its own
 * retries behind. Each gateway has beliefs of its own; none of them can see the truth.
 */
import {
  NO_TARGET, RESULT_ABANDONED, RESULT_ERROR, RESULT_OK, RESULT_THROTTLED, RESULT_TIMEOUT, ROUTE,
  RetryBudget, backoffMs, causeCode, compilePolicy, createDecision, createState, decide, onProbe, onResult, reserve,
} from "../policy/index.js";
import type { Policy, PolicyState, RoutingRequest } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import * as core from "./core.js";
import type { Core } from "./core.js";
import type { Endpoints } from "./endpoints.js";
import type { Environment } from "./environment.js";
import { DOWN_REFUSING, UP } from "./environment.js";
import type { Ledger } from "./ledger.js";
import { DRAW_BACKBONE_IN, DRAW_BACKBONE_OUT, DRAW_GATEWAY_BACKOFF, DRAW_HOP_OUT, DRAW_ROUTE_U, DRAW_ROUTE_V } from "./luck.js";
import type { Luck } from "./luck.js";
import type { Network } from "./network.js";
import { endpointPolicyConfig, rttRowMs } from "./policies.js";
import type { Recorder } from "./recorder.js";
import { WaitingLine } from "./waitingLine.js";

const CONNECTION_REFUSED = causeCode("connection_refused");
const CONCURRENCY_FULL = causeCode("concurrency_full");
const QUEUE_FULL = causeCode("queue_full");
const RATE_RPM = causeCode("rate_limit_rpm");
const RATE_TPM = causeCode("rate_limit_tpm");
const UPSTREAM_TIMEOUT = causeCode("deadline_in_service");
const RETRY_BUDGET = causeCode("retry_budget_exhausted");

/** States in which an endpoint, or the way to or from it, holds the attempt. */
const WORKS_ELSEWHERE: readonly number[] = [core.TO_ENDPOINT, core.IN_ENDPOINT_QUEUE, core.IN_SERVICE, core.TO_GATEWAY_BACK];

export interface GatewayParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly network: Network;
  readonly endpoints: Endpoints;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly luck: Luck;
}

export class Gateways {
  readonly policy: Policy;
  readonly states: readonly PolicyState[];
  readonly inFlight: Int32Array;
  readonly lines: readonly WaitingLine[];
  readonly #parts: GatewayParts;
  readonly #decision = createDecision();
  readonly #requests: readonly RoutingRequest[];
  readonly #originOfSite: Int32Array;
  readonly #modelOfClass: Int32Array;
  readonly #budgets: readonly RetryBudget[];
  readonly #admitting: Uint8Array;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    const { scenario } = parts;
    const config = endpointPolicyConfig(scenario);
    const gateways = scenario.deployment.gateways;
    this.policy = compilePolicy(config);
    this.states = gateways.map(() => createState(this.policy));
    this.inFlight = new Int32Array(gateways.length);
    this.#admitting = new Uint8Array(gateways.length);
    this.lines = gateways.map(() => new WaitingLine(parts.core.attempts, false));
    this.#requests = gateways.map((gateway) => ({
      origin: 0, dataClass: 0, model: 0, tokens: 0, tried: 0, narrow: -1, nowMs: 0, u: 0, v: 0,
      rttMs: rttRowMs(scenario, gateway.regionIndex),
    }));
    this.#originOfSite = Int32Array.from(scenario.workload.sites, (site) => config.origins.indexOf(site.country));
    this.#modelOfClass = Int32Array.from(scenario.workload.classes, (c) => config.models.indexOf(c.model));
    this.#budgets = gateways.map(() => new RetryBudget(scenario.deployment.retry.budgetRatio));
  }

  /** An attempt has crossed the network to its gateway. */
  arrive(slot: number): void {
    const { scenario, environment, network, core: engine } = this.#parts;
    const { u8, u16 } = engine.attempts;
    if (engine.attempts.has(slot, at.ORPHAN)) return this.drop(slot);
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    const gateway = scenario.deployment.gateways[g]!;
    const down = environment.regionDown[gateway.regionIndex]!;
    if (down !== UP || network.accessBlocked(u16[slot * at.U16 + at.H_SITE]!, gateway.regionIndex)) {
      this.#parts.recorder.impact(gateway.regionIndex, engine.nowUs);
      if (down === DOWN_REFUSING) this.#respond(slot, g, CONNECTION_REFUSED);
      else this.#lose(slot);
      return;
    }
    this.#parts.ledger.atGateway(u16[slot * at.U16 + at.H_SITE]!, u8[slot * at.U8 + at.B_CLASS]!, g);
    if (this.inFlight[g]! < gateway.concurrency) this.#admit(slot, g);
    else if (this.lines[g]!.length < gateway.queueLimit) {
      engine.park(slot, core.IN_GATEWAY_QUEUE);
      this.lines[g]!.push(slot, 0);
    } else {
      this.#parts.recorder.capacityFailure(gateway.regionIndex, engine.nowUs);
      this.#respond(slot, g, gateway.queueLimit > 0 ? QUEUE_FULL : CONCURRENCY_FULL);
    }
  }

  #admit(slot: number, g: number): void {
    const { core: engine, scenario } = this.#parts;
    this.inFlight[g] = this.inFlight[g]! + 1;
    engine.attempts.set(slot, at.HOLDS_GATEWAY);
    const overheadUs = scenario.deployment.gateways[g]!.overheadUs;
    if (overheadUs > 0) engine.schedule(slot, engine.nowUs + overheadUs, core.PHASE_SEIZE, core.GATEWAY_WORK);
    else this.route(slot);
  }

  /** Asks the policy where to, and sends the call there. */
  route(slot: number): void {
    const { core: engine, luck, recorder, scenario } = this.#parts;
    const { u8, u16, i32, f64 } = engine.attempts;
    if (engine.attempts.has(slot, at.ORPHAN)) return this.drop(slot);
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const hop = u8[slot * at.U8 + at.B_HOP]!;
    const classIndex = u8[slot * at.U8 + at.B_CLASS]!;
    const ask = this.#requests[g]!;
    ask.origin = this.#originOfSite[site]!;
    ask.dataClass = classIndex;
    ask.model = this.#modelOfClass[classIndex]!;
    ask.tokens = this.#reservation(slot, classIndex);
    ask.tried = i32[slot * at.I32 + at.I_TRIED]!;
    ask.nowMs = engine.nowUs / 1000;
    ask.u = luck.draw(site, request, attempt, hop, DRAW_ROUTE_U);
    ask.v = luck.draw(site, request, attempt, hop, DRAW_ROUTE_V);
    const decision = decide(this.policy, this.states[g]!, ask, this.#decision);
    if (hop === 0) this.#budgets[g]!.onFirstTry();
    if (decision.kind !== ROUTE || decision.target === NO_TARGET) {
      f64[slot * at.F64 + at.F_RETRY_AT_US] = decision.retryAtMs > 0 ? Math.floor(decision.retryAtMs * 1000 + 0.5) : 0;
      this.#release(slot, g);
      this.#respond(slot, g, decision.cause);
      return;
    }
    const e = decision.target;
    reserve(this.policy, this.states[g]!, e, ask.tokens, ask.nowMs);
    u8[slot * at.U8 + at.B_ENDPOINT] = e;
    i32[slot * at.I32 + at.I_TRIED] = ask.tried | (1 << e);
    const upstreamUs = scenario.deployment.routing.upstreamTimeoutUs;
    if (upstreamUs !== Number.POSITIVE_INFINITY) engine.setTimer(slot, core.UPSTREAM_TIMER, engine.nowUs + upstreamUs, core.PHASE_TIMEOUT);
    recorder.call(e, scenario.deployment.endpoints[e]!.regionIndex, site, classIndex, engine.nowUs);
    this.#travel(slot, g, e, DRAW_BACKBONE_IN);
  }

  #travel(slot: number, g: number, e: number, purpose: number): void {
    const { core: engine, network, luck, scenario, endpoints } = this.#parts;
    const { u8, u16, f64 } = engine.attempts;
    const from = scenario.deployment.gateways[g]!.regionIndex;
    const to = scenario.deployment.endpoints[e]!.regionIndex;
    const u = luck.draw(u16[slot * at.U16 + at.H_SITE]!, f64[slot * at.F64 + at.F_REQUEST]!, u8[slot * at.U8 + at.B_ATTEMPT]!, u8[slot * at.U8 + at.B_HOP]!, purpose);
    const delayUs = network.backboneUs(from, to, u);
    if (purpose === DRAW_BACKBONE_IN) {
      if (delayUs > 0) engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_SEIZE, core.TO_ENDPOINT);
      else endpoints.arrive(slot);
      return;
    }
    f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = f64[slot * at.F64 + at.F_FIRST_TOKEN_US]! + delayUs;
    if (delayUs > 0) engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_RELEASE, core.TO_GATEWAY_BACK);
    else this.answer(slot);
  }

  /** An endpoint has answered (well or badly, in `B_CAUSE`): the answer starts on its way back. */
  answered(slot: number): void {
    const { u8 } = this.#parts.core.attempts;
    this.#travel(slot, u8[slot * at.U8 + at.B_GATEWAY]!, u8[slot * at.U8 + at.B_ENDPOINT]!, DRAW_BACKBONE_OUT);
  }

  /** The endpoint's answer has reached the gateway. */
  answer(slot: number): void {
    const { core: engine, scenario, environment, network, endpoints } = this.#parts;
    const attempts = engine.attempts;
    const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
    const e = attempts.u8[slot * at.U8 + at.B_ENDPOINT]!;
    const cause = attempts.u8[slot * at.U8 + at.B_CAUSE]!;
    const region = scenario.deployment.gateways[g]!.regionIndex;
    if (attempts.has(slot, at.DETACHED)) return endpoints.discard(slot);
    if (environment.regionDown[region] !== UP || network.backboneBlocked(scenario.deployment.endpoints[e]!.regionIndex, region)) return this.#lose(slot);
    engine.cancelTimer(slot, core.UPSTREAM_TIMER);
    this.#learn(slot, g, e, resultOf(cause));
    if (cause !== at.NO_CAUSE && this.#mayRetry(slot, g)) return this.#retry(slot);
    this.#release(slot, g);
    this.#respond(slot, g, attempts.u8[slot * at.U8 + at.B_CAUSE]!);
  }

  /** The gateway's patience with an endpoint has run out; the call is left to its fate. */
  upstreamTimeout(slot: number): void {
    const { core: engine } = this.#parts;
    const attempts = engine.attempts;
    const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
    this.#learn(slot, g, attempts.u8[slot * at.U8 + at.B_ENDPOINT]!, RESULT_TIMEOUT);
    const own = this.#detach(slot);
    attempts.u8[own * at.U8 + at.B_CAUSE] = UPSTREAM_TIMEOUT;
    if (this.#mayRetry(own, g)) return this.#retry(own);
    this.#release(own, g);
    this.#respond(own, g, attempts.u8[own * at.U8 + at.B_CAUSE]!);
  }

  /** Separates the user's side of an attempt from work that an endpoint still holds. */
  #detach(slot: number): number {
    const { core: engine, endpoints } = this.#parts;
    const attempts = engine.attempts;
    if (attempts.u8[slot * at.U8 + at.B_STATE] === core.LOST) return slot;
    const own = attempts.fork(slot);
    if (attempts.has(slot, at.HOLDS_GATEWAY)) attempts.set(own, at.HOLDS_GATEWAY);
    if (attempts.has(slot, at.ORPHAN)) attempts.set(own, at.ORPHAN);
    attempts.clear(slot, at.HOLDS_GATEWAY);
    attempts.set(slot, at.DETACHED | at.ORPHAN);
    engine.cancelTimer(slot, core.CLIENT_TIMER);
    const deadlineUs = attempts.f64[own * at.F64 + at.F_DEADLINE_US]!;
    if (!attempts.has(own, at.ORPHAN) && deadlineUs !== Number.POSITIVE_INFINITY) engine.setTimer(own, core.CLIENT_TIMER, deadlineUs, core.PHASE_TIMEOUT);
    endpoints.abandon(slot);
    return own;
  }

  #mayRetry(slot: number, g: number): boolean {
    const { core: engine, scenario } = this.#parts;
    const { u8 } = engine.attempts;
    if (engine.attempts.has(slot, at.ORPHAN) || u8[slot * at.U8 + at.B_HOP]! >= scenario.deployment.retry.retries) return false;
    if (this.#budgets[g]!.tryRetry()) return true;
    u8[slot * at.U8 + at.B_CAUSE] = RETRY_BUDGET;
    return false;
  }

  #retry(slot: number): void {
    const { core: engine, scenario, luck, recorder } = this.#parts;
    const { u8, u16, f64 } = engine.attempts;
    const hop = u8[slot * at.U8 + at.B_HOP]! + 1;
    u8[slot * at.U8 + at.B_HOP] = hop;
    u8[slot * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    u8[slot * at.U8 + at.B_ENDPOINT] = at.NO_ENDPOINT;
    recorder.gatewayRetry();
    const { kind, baseUs, capUs } = scenario.deployment.retry.backoff;
    const u = luck.draw(u16[slot * at.U16 + at.H_SITE]!, f64[slot * at.F64 + at.F_REQUEST]!, u8[slot * at.U8 + at.B_ATTEMPT]!, hop, DRAW_GATEWAY_BACKOFF);
    const waitUs = Math.floor(backoffMs(kind, baseUs / 1000, capUs / 1000, hop, baseUs / 1000, u) * 1000 + 0.5);
    engine.schedule(slot, engine.nowUs + waitUs, core.PHASE_SEIZE, core.GATEWAY_BACKOFF);
  }

  #learn(slot: number, g: number, e: number, result: number): void {
    const { core: engine } = this.#parts;
    const { u8, i32, f64 } = engine.attempts;
    const reserved = this.#reservation(slot, u8[slot * at.U8 + at.B_CLASS]!);
    const used = result === RESULT_OK ? i32[slot * at.I32 + at.I_TOKENS_IN]! + i32[slot * at.I32 + at.I_TOKENS_OUT]! : result === RESULT_TIMEOUT ? reserved : 0;
    onResult(this.policy, this.states[g]!, e, result, reserved, used, engine.nowUs / 1000, f64[slot * at.F64 + at.F_RETRY_AT_US]! / 1000);
  }

  /** What a limit sets aside before the answer's length is known. */
  #reservation(slot: number, classIndex: number): number {
    const { core: engine, scenario } = this.#parts;
    return engine.attempts.i32[slot * at.I32 + at.I_TOKENS_IN]! + scenario.workload.classes[classIndex]!.maxOutputTokens;
  }

  /** Gives back the gateway's slot and lets the next in line in. */
  #release(slot: number, g: number): void {
    const attempts = this.#parts.core.attempts;
    if (!attempts.has(slot, at.HOLDS_GATEWAY)) return;
    attempts.clear(slot, at.HOLDS_GATEWAY);
    this.inFlight[g] = this.inFlight[g]! - 1;
    if (this.#admitting[g] === 1) return;
    // A waiting attempt may be refused on the spot and release again: the loop, not the stack, takes the next.
    this.#admitting[g] = 1;
    while (this.lines[g]!.length > 0 && this.inFlight[g]! < this.#parts.scenario.deployment.gateways[g]!.concurrency) {
      this.#admit(this.lines[g]!.shift(), g);
    }
    this.#admitting[g] = 0;
  }

  #respond(slot: number, g: number, cause: number): void {
    const { core: engine, scenario, network, luck } = this.#parts;
    const attempts = engine.attempts;
    if (attempts.has(slot, at.ORPHAN)) return attempts.free(slot);
    const { u8, u16, f64 } = attempts;
    u8[slot * at.U8 + at.B_CAUSE] = cause;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const u = luck.draw(site, f64[slot * at.F64 + at.F_REQUEST]!, u8[slot * at.U8 + at.B_ATTEMPT]!, u8[slot * at.U8 + at.B_HOP]!, DRAW_HOP_OUT);
    const delayUs = network.accessUs(site, scenario.deployment.gateways[g]!.regionIndex, u);
    f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = f64[slot * at.F64 + at.F_FIRST_TOKEN_US]! + delayUs;
    engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_RELEASE, core.TO_USER);
  }

  /** Nothing will ever come back: the gateway's slot is freed only when the user gives up. */
  #lose(slot: number): void {
    const { core: engine } = this.#parts;
    if (engine.attempts.has(slot, at.ORPHAN)) this.drop(slot);
    else engine.park(slot, core.LOST);
  }

  /** The user of an attempt has gone; `slot` is an orphan from now on. */
  abandon(slot: number): void {
    const { core: engine, endpoints } = this.#parts;
    const { u8 } = engine.attempts;
    switch (u8[slot * at.U8 + at.B_STATE]) {
      case core.LOST:
      case core.GATEWAY_BACKOFF:
      case core.TO_USER:
        return this.drop(slot);
      case core.IN_GATEWAY_QUEUE:
        this.lines[u8[slot * at.U8 + at.B_GATEWAY]!]!.remove(slot, 0);
        return engine.attempts.free(slot);
      case core.TO_ENDPOINT:
      case core.IN_ENDPOINT_QUEUE:
      case core.IN_SERVICE:
        return endpoints.abandon(slot);
      default:
        return; // On its way to or from a place that will notice.
    }
  }

  /** A region's gateways die: whoever they held is refused or lost, and they start empty when it returns. */
  kill(region: number): void {
    const { core: engine, scenario, environment } = this.#parts;
    const attempts = engine.attempts;
    for (let slot = 0; slot < attempts.count; slot++) {
      const state = attempts.u8[slot * at.U8 + at.B_STATE]!;
      const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
      const holds = attempts.has(slot, at.HOLDS_GATEWAY);
      if (state === 0 || !(holds || state === core.IN_GATEWAY_QUEUE) || scenario.deployment.gateways[g]!.regionIndex !== region) continue;
      if (state === core.IN_GATEWAY_QUEUE) this.lines[g]!.remove(slot, 0);
      engine.cancelTimer(slot, core.UPSTREAM_TIMER);
      const e = attempts.u8[slot * at.U8 + at.B_ENDPOINT]!;
      if (holds && e !== at.NO_ENDPOINT) this.#learn(slot, g, e, RESULT_ABANDONED);
      const own = WORKS_ELSEWHERE.includes(state) ? this.#detach(slot) : slot;
      if (attempts.has(own, at.HOLDS_GATEWAY)) this.inFlight[g] = this.inFlight[g]! - 1;
      attempts.clear(own, at.HOLDS_GATEWAY);
      if (attempts.has(own, at.ORPHAN)) attempts.free(own);
      else if (environment.regionDown[region] === DOWN_REFUSING) this.#respond(own, g, CONNECTION_REFUSED);
      else engine.park(own, core.LOST);
    }
  }

  /** Ends an attempt nobody waits for, wherever the gateway stood with it. */
  drop(slot: number): void {
    const { core: engine } = this.#parts;
    const { u8 } = engine.attempts;
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    engine.cancelTimer(slot, core.UPSTREAM_TIMER);
    if (engine.attempts.has(slot, at.HOLDS_GATEWAY)) {
      const e = u8[slot * at.U8 + at.B_ENDPOINT]!;
      if (e !== at.NO_ENDPOINT) this.#learn(slot, g, e, RESULT_ABANDONED);
      this.#release(slot, g);
    }
    engine.attempts.free(slot);
  }

  /** A prober's verdict on an endpoint. */
  report(g: number, e: number, ok: boolean): void {
    if (!onProbe(this.policy, this.states[g]!, e, ok)) return;
    const { recorder, scenario, core: engine } = this.#parts;
    recorder.belief({ timeUs: engine.nowUs, observer: scenario.deployment.gateways[g]!.id, targetKind: "endpoint", target: e, up: ok });
  }
}

function resultOf(cause: number): number {
  if (cause === at.NO_CAUSE) return RESULT_OK;
  return cause === RATE_RPM || cause === RATE_TPM ? RESULT_THROTTLED : RESULT_ERROR;
}
