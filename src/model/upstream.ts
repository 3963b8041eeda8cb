/**
 * A gateway's side of its calls: production's policy chooses the endpoint, the call crosses the
 * network, its answer is learned from, and a failed one may be tried elsewhere.
 */
import {
  backoffMs,
  causeCode,
  compilePolicy,
  createDecision,
  createState,
  decide,
  NO_TARGET,
  onProbe,
  onResult,
  type Policy,
  type PolicyState,
  RESULT_ABANDONED,
  RESULT_OK,
  RESULT_TIMEOUT,
  RetryBudget,
  ROUTE,
  type RoutingRequest,
  reserve,
  STRATEGIES,
} from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { budgetRatio, isFinal, resultOf } from "./answers.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Endpoints } from "./endpoints.js";
import { type Environment, UP } from "./environment.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import type { Network } from "./network.js";
import { endpointPolicyConfig, rttRowMs } from "./policies.js";
import type { Recorder } from "./recorder.js";
import type { GatewayFront, UpstreamParts } from "./upstreamParts.js";

const UPSTREAM_TIMEOUT: number = causeCode("deadline_in_service");
const RETRY_BUDGET: number = causeCode("retry_budget_exhausted");
export class Upstream {
  /** One per gateway: beliefs, cooldowns, calls in flight and limits as that gateway sees them. */
  readonly states: readonly PolicyState[];
  readonly #policy: Policy;
  readonly #scenario: Scenario;
  readonly #core: Core;
  readonly #environment: Environment;
  readonly #network: Network;
  readonly #endpoints: Endpoints;
  readonly #recorder: Recorder;
  readonly #luck: Luck;
  readonly #front: GatewayFront;
  readonly #decision = createDecision();
  readonly #requests: readonly RoutingRequest[];
  readonly #originOfSite: Int32Array;
  readonly #modelOfClass: Int32Array;
  readonly #maxOutputTokens: Float64Array;
  readonly #regionOfGateway: Int32Array;
  readonly #regionOfEndpoint: Int32Array;
  readonly #budgets: readonly RetryBudget[];
  readonly #upstreamTimeoutUs: number;
  readonly #usesLuck: boolean;

  constructor(parts: UpstreamParts, front: GatewayFront) {
    const { scenario } = parts;
    const { gateways, endpoints, caller, routing } = scenario.deployment;
    const config = endpointPolicyConfig(scenario);
    this.#scenario = scenario;
    this.#core = parts.core;
    this.#environment = parts.environment;
    this.#network = parts.network;
    this.#endpoints = parts.endpoints;
    this.#recorder = parts.recorder;
    this.#luck = parts.luck;
    this.#front = front;
    this.#policy = compilePolicy(config);
    this.states = gateways.map(() => createState(this.#policy));
    this.#requests = gateways.map((gateway) => emptyRequest(rttRowMs(scenario, gateway.regionIndex)));
    this.#originOfSite = Int32Array.from(scenario.workload.sites, (site) =>
      config.origins.indexOf(site.country),
    );
    this.#modelOfClass = Int32Array.from(scenario.workload.classes, (c) => config.models.indexOf(c.model));
    this.#maxOutputTokens = Float64Array.from(scenario.workload.classes, (c) => c.maxOutputTokens);
    this.#regionOfGateway = Int32Array.from(gateways, (gateway) => gateway.regionIndex);
    this.#regionOfEndpoint = Int32Array.from(endpoints, (endpoint) => endpoint.regionIndex);
    this.#budgets = gateways.map(() => new RetryBudget(budgetRatio(caller.retry)));
    this.#usesLuck = STRATEGIES[routing.strategy].usesLuck;
    this.#upstreamTimeoutUs = routing.upstreamTimeoutUs;
  }

  /** Asks the policy where to, and sends the call there. */
  route(slot: number): void {
    const engine = this.#core;
    if (engine.attempts.has(slot, at.ORPHAN)) return this.#front.drop(slot);
    const { u8, u16, i32, f64 } = engine.attempts;
    const g = u8[slot * at.U8 + at.B_GATEWAY]!;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const classIndex = u8[slot * at.U8 + at.B_CLASS]!;
    const state = this.states[g]!;
    const ask = this.#ask(slot, g, site, classIndex);
    const decision = decide(this.#policy, state, ask, this.#decision);
    if (u8[slot * at.U8 + at.B_HOP] === 0) this.#budgets[g]!.onFirstTry();
    const e = decision.target;
    if (decision.kind !== ROUTE || e === NO_TARGET) {
      const retryAtMs = decision.retryAtMs;
      f64[slot * at.F64 + at.F_RETRY_AT_US] =
        retryAtMs > 0 && retryAtMs !== Number.POSITIVE_INFINITY ? Math.floor(retryAtMs * 1000 + 0.5) : 0;
      return this.#front.finish(slot, g, decision.cause);
    }
    reserve(this.#policy, state, e, ask.tokens, ask.nowMs);
    u8[slot * at.U8 + at.B_ENDPOINT] = e;
    i32[slot * at.I32 + at.I_TRIED] = ask.tried | (1 << e);
    if (this.#upstreamTimeoutUs !== Number.POSITIVE_INFINITY) {
      engine.setTimer(slot, core.UPSTREAM_TIMER, engine.nowUs + this.#upstreamTimeoutUs, core.PHASE_TIMEOUT);
    }
    this.#recorder.call(slot);
    const delayUs = this.#hopUs(slot, g, e, draw.BACKBONE_IN);
    if (delayUs > 0) engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_SEIZE, core.TO_ENDPOINT);
    else this.#endpoints.arrive(slot);
  }

  #ask(slot: number, g: number, site: number, classIndex: number): RoutingRequest {
    const { u8, i32, f64 } = this.#core.attempts;
    const ask = this.#requests[g]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const hop = u8[slot * at.U8 + at.B_HOP]!;
    ask.origin = this.#originOfSite[site]!;
    ask.dataClass = classIndex;
    ask.model = this.#modelOfClass[classIndex]!;
    ask.tokens = this.#reservation(slot);
    ask.tried = i32[slot * at.I32 + at.I_TRIED]!;
    ask.nowMs = this.#core.nowUs / 1000;
    if (this.#usesLuck) {
      ask.u = this.#luck.draw(site, request, attempt, hop, draw.ROUTE_U);
      ask.v = this.#luck.draw(site, request, attempt, hop, draw.ROUTE_V);
    }
    return ask;
  }

  #hopUs(slot: number, g: number, e: number, purpose: number): number {
    const from = this.#regionOfGateway[g]!;
    const to = this.#regionOfEndpoint[e]!;
    if (this.#network.backboneIsFree(from, to)) return 0;
    const { u8, u16, f64 } = this.#core.attempts;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const u = this.#luck.draw(
      u16[slot * at.U16 + at.H_SITE]!,
      request,
      u8[slot * at.U8 + at.B_ATTEMPT]!,
      u8[slot * at.U8 + at.B_HOP]!,
      purpose,
    );
    return this.#network.backboneUs(from, to, u);
  }

  /** An endpoint has answered (well or badly, in `B_CAUSE`): the answer starts on its way back. */
  answered(slot: number): void {
    const engine = this.#core;
    const { u8, f64 } = engine.attempts;
    const delayUs = this.#hopUs(
      slot,
      u8[slot * at.U8 + at.B_GATEWAY]!,
      u8[slot * at.U8 + at.B_ENDPOINT]!,
      draw.BACKBONE_OUT,
    );
    if (delayUs === 0) return this.answer(slot);
    f64[slot * at.F64 + at.F_FIRST_TOKEN_US] = f64[slot * at.F64 + at.F_FIRST_TOKEN_US]! + delayUs;
    engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_RELEASE, core.TO_GATEWAY_BACK);
  }

  /** The endpoint's answer has reached the gateway. */
  answer(slot: number): void {
    const { attempts } = this.#core;
    const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
    const e = attempts.u8[slot * at.U8 + at.B_ENDPOINT]!;
    const cause = attempts.u8[slot * at.U8 + at.B_CAUSE]!;
    const region = this.#regionOfGateway[g]!;
    if (attempts.has(slot, at.DETACHED)) return this.#endpoints.discard(slot);
    if (
      this.#environment.regionDown[region] !== UP ||
      this.#network.backboneBlocked(this.#regionOfEndpoint[e]!, region)
    ) {
      return this.#front.lose(slot);
    }
    if (this.#upstreamTimeoutUs !== Number.POSITIVE_INFINITY)
      this.#core.cancelTimer(slot, core.UPSTREAM_TIMER);
    this.#learn(slot, g, e, resultOf(cause));
    if (cause !== at.NO_CAUSE && this.#mayRetry(slot, g, cause)) return this.#retry(slot);
    this.#front.finish(slot, g, attempts.u8[slot * at.U8 + at.B_CAUSE]!);
  }

  /** The gateway's patience with an endpoint has run out; the call is left to its fate. */
  timeout(slot: number): void {
    const { attempts } = this.#core;
    const g = attempts.u8[slot * at.U8 + at.B_GATEWAY]!;
    this.#learn(slot, g, attempts.u8[slot * at.U8 + at.B_ENDPOINT]!, RESULT_TIMEOUT);
    const own = this.detach(slot);
    attempts.u8[own * at.U8 + at.B_CAUSE] = UPSTREAM_TIMEOUT;
    if (this.#mayRetry(own, g, UPSTREAM_TIMEOUT)) return this.#retry(own);
    this.#front.finish(own, g, attempts.u8[own * at.U8 + at.B_CAUSE]!);
  }

  /** Separates the user's side of an attempt from work an endpoint still holds; returns the user's side. */
  detach(slot: number): number {
    const engine = this.#core;
    const { attempts } = engine;
    if (attempts.u8[slot * at.U8 + at.B_STATE] === core.LOST) return slot;
    const own = attempts.fork(slot);
    const kept = attempts.u8[slot * at.U8 + at.B_FLAGS]! & (at.HOLDS_GATEWAY | at.ORPHAN);
    attempts.set(own, kept);
    attempts.clear(slot, at.HOLDS_GATEWAY);
    attempts.set(slot, at.DETACHED | at.ORPHAN);
    engine.endPatience(slot);
    const deadlineUs = attempts.f64[own * at.F64 + at.F_DEADLINE_US]!;
    if (!attempts.has(own, at.ORPHAN) && deadlineUs !== Number.POSITIVE_INFINITY) {
      engine.setPatience(own, deadlineUs);
    }
    this.#endpoints.abandon(slot);
    return own;
  }

  /** The gateway no longer waits for the call an attempt has outstanding, if it has one. */
  forget(slot: number): void {
    const { u8 } = this.#core.attempts;
    const e = u8[slot * at.U8 + at.B_ENDPOINT]!;
    this.#core.cancelTimer(slot, core.UPSTREAM_TIMER);
    if (e !== at.NO_ENDPOINT) this.#learn(slot, u8[slot * at.U8 + at.B_GATEWAY]!, e, RESULT_ABANDONED);
  }

  #mayRetry(slot: number, g: number, cause: number): boolean {
    const { attempts } = this.#core;
    const used = attempts.u8[slot * at.U8 + at.B_HOP]!;
    if (
      attempts.has(slot, at.ORPHAN) ||
      used >= this.#scenario.deployment.caller.retry.retries ||
      isFinal(cause)
    )
      return false;
    if (this.#budgets[g]!.tryRetry()) return true;
    attempts.u8[slot * at.U8 + at.B_CAUSE] = RETRY_BUDGET;
    return false;
  }

  #retry(slot: number): void {
    const engine = this.#core;
    const { u8, u16, f64 } = engine.attempts;
    const hop = u8[slot * at.U8 + at.B_HOP]! + 1;
    u8[slot * at.U8 + at.B_HOP] = hop;
    u8[slot * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    u8[slot * at.U8 + at.B_ENDPOINT] = at.NO_ENDPOINT;
    f64[slot * at.F64 + at.F_RETRY_AT_US] = 0;
    this.#recorder.gatewayRetry();
    const { kind, baseMs, capMs } = this.#scenario.deployment.caller.retry.backoff;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const u = this.#luck.draw(
      u16[slot * at.U16 + at.H_SITE]!,
      request,
      u8[slot * at.U8 + at.B_ATTEMPT]!,
      hop,
      draw.GATEWAY_BACKOFF,
    );
    const waitUs = Math.floor(backoffMs(kind, baseMs, capMs, hop, baseMs, u) * 1000 + 0.5);
    engine.schedule(slot, engine.nowUs + waitUs, core.PHASE_SEIZE, core.GATEWAY_BACKOFF);
  }

  #learn(slot: number, g: number, e: number, result: number): void {
    const { i32, f64 } = this.#core.attempts;
    const reserved = this.#reservation(slot);
    let used = 0;
    if (result === RESULT_OK)
      used = i32[slot * at.I32 + at.I_TOKENS_IN]! + i32[slot * at.I32 + at.I_TOKENS_OUT]!;
    else if (result === RESULT_TIMEOUT) used = reserved;
    const retryAtMs = f64[slot * at.F64 + at.F_RETRY_AT_US]! / 1000;
    onResult(this.#policy, this.states[g]!, e, result, reserved, used, this.#core.nowUs / 1000, retryAtMs);
  }

  /** What a limit sets aside before the answer's length is known. */
  #reservation(slot: number): number {
    const { i32, u8 } = this.#core.attempts;
    return i32[slot * at.I32 + at.I_TOKENS_IN]! + this.#maxOutputTokens[u8[slot * at.U8 + at.B_CLASS]!]!;
  }

  /** A prober's verdict on an endpoint. */
  report(g: number, e: number, ok: boolean): void {
    if (!onProbe(this.#policy, this.states[g]!, e, ok)) return;
    const observer = this.#scenario.deployment.gateways[g]!.id;
    this.#recorder.belief({ timeUs: this.#core.nowUs, observer, targetKind: "endpoint", target: e, up: ok });
  }
}

function emptyRequest(rttMs: Float64Array): RoutingRequest {
  return { origin: 0, dataClass: 0, model: 0, tokens: 0, tried: 0, narrow: -1, nowMs: 0, u: 0, v: 0, rttMs };
}
