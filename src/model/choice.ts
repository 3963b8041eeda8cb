/**
 * A gateway's choice of an endpoint: production's policy, told beforehand what the gateway's own guards
 * (breaker, ejections, limits, slow returns) think of each.
 */
import {
  ALL_PARTS,
  CAUSE_NONE,
  Caller,
  compilePolicy,
  createDecision,
  createState,
  type Decision,
  decide,
  onProbe,
  type Policy,
  type PolicyState,
  type RoutingRequest,
  reservedTokens,
  usedTokens,
} from "../policy/index.js";
import type { Limits, RequestClass } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import { emptyRequest } from "./emptyRequest.js";
import { createForeign } from "./foreign/create.js";
import { ForeignChoice, type GuardLuck } from "./foreign/foreignChoice.js";
import type { ModuleReport } from "./foreign/moduleTypes.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import { classIndices, distanceRowKm, endpointPolicyConfig, rttRowMs } from "./policies.js";
import type { Recorder } from "./recorder.js";
import type { SteeredAsk, Steering } from "./steering.js";
import { Tape } from "./tape.js";
import type { UpstreamParts } from "./upstreamParts.js";

export class Choice {
  readonly policy: Policy;
  /** One per gateway: beliefs, cooldowns, calls in flight and limits as that gateway sees them. */
  readonly states: readonly PolicyState[];
  /** One per gateway, with its endpoints as targets. */
  readonly callers: readonly Caller[];
  /** Whether they guard anything; when they do not, they are asked about retries alone. */
  readonly guards: boolean;
  /** Whether anything but the count of tries pays for retries or hedges, and so has to be told of each try. */
  readonly budgets: boolean;
  /** Decides instead of the policy, where the scenario names another; null for our own. */
  readonly foreign: ForeignChoice | null;
  /** What is told about a module after the run. */
  readonly moduleReport: () => ModuleReport | null;
  /** Null when nobody wants to know what is decided. */
  readonly tape: Tape | null;
  readonly #core: Core;
  readonly #luck: Luck;
  readonly #recorder: Recorder;
  readonly #gatewayIds: readonly string[];
  readonly #decision = createDecision();
  readonly #requests: readonly RoutingRequest[];
  readonly #originOfSite: Int32Array;
  readonly #modelOfClass: Int32Array;
  readonly #tenantOfClass: Int32Array;
  /** Mask of the endpoints that clients of a class ask to stay within; −1 for no wish. */
  readonly #onlyOfClass: Int32Array;
  readonly #maxOutputTokens: Float64Array;
  readonly #limits: readonly Limits[];
  /** Smallest weight of an output token at any endpoint: a guess too low is put right by the endpoint's refusal. */
  readonly #burndown: number;
  readonly #usesLuck: boolean;
  readonly #throttles: boolean;
  readonly #ramps: boolean;
  /** Null where nothing is pinned and nothing drained. */
  readonly #steering: Steering | null;
  readonly #steered: readonly SteeredAsk[];

  constructor(parts: UpstreamParts) {
    const { scenario } = parts;
    const { gateways, endpoints, caller } = scenario.deployment;
    const config = endpointPolicyConfig(scenario);
    this.#core = parts.core;
    this.#luck = parts.luck;
    this.#recorder = parts.recorder;
    this.policy = compilePolicy(config);
    this.states = gateways.map(() => createState(this.policy));
    this.callers = gateways.map(() => new Caller(caller, endpoints.length, ALL_PARTS));
    this.guards = this.callers.some((one) => one.guards);
    this.budgets = caller.retry.budget.kind !== "none" || caller.hedge !== null;
    this.#gatewayIds = gateways.map((gateway) => gateway.id);
    this.#requests = gateways.map(({ regionIndex }) =>
      emptyRequest(rttRowMs(scenario, regionIndex), distanceRowKm(scenario, regionIndex)),
    );
    this.#originOfSite = Int32Array.from(scenario.workload.sites, (site) =>
      config.origins.indexOf(site.country),
    );
    const indices = classIndices(scenario, config);
    this.#modelOfClass = Int32Array.from(indices, ({ model }) => model);
    this.#tenantOfClass = Int32Array.from(indices, ({ tenant }) => tenant);
    this.#onlyOfClass = Int32Array.from(scenario.workload.classes, wishOf);
    this.#maxOutputTokens = Float64Array.from(scenario.workload.classes, (c) => c.maxOutputTokens);
    this.#limits = endpoints.map(({ limits }) => limits);
    this.#burndown = this.#limits.reduce(
      (least, limits) => Math.min(least, limits.outputBurndown),
      Number.POSITIVE_INFINITY,
    );
    const routers = createForeign(scenario, config, parts.modules ?? {});
    this.foreign = routers === null ? null : new ForeignChoice(parts.core, routers, this.#requests);
    this.moduleReport = () => routers?.report() ?? null;
    this.#usesLuck = this.policy.strategy.usesLuck || this.foreign !== null;
    this.#throttles = caller.throttle.kind !== "none";
    this.#steering = parts.drift?.steering ?? null;
    this.#steered = this.states.map((state, g) => ({
      policy: this.policy,
      state,
      ask: this.#requests[g]!,
      out: this.#decision,
    }));
    this.#ramps = caller.returning !== null && caller.returning.slowStartMs > 0;
    const { takeStep } = parts;
    this.tape =
      takeStep === undefined
        ? null
        : new Tape({ ...parts, policy: this.policy, states: this.states, take: takeStep });
  }

  /** Where to, as of now; the answer is overwritten by the next. */
  choose(slot: number, g: number): Decision {
    const state = this.states[g]!;
    const ask = this.#ask(slot, g);
    if (this.guards) {
      const caller = this.callers[g]!;
      const u = this.#ramps ? this.#draw(slot, draw.RAMP) : 0;
      state.guarded = ~caller.openMask(ask.nowMs, u);
      state.crowded = ~caller.roomMask();
    }
    if (this.foreign !== null) {
      this.foreign.choose(slot, g, state, ask, this.#guardLuck(slot), this.#decision);
      return this.#decision;
    }
    if (this.#steering === null) return decide(this.policy, state, ask, this.#decision);
    return this.#steering.decide(slot, this.#steered[g]!);
  }

  /**
   * The wait of a policy that is not ours before the next try, ms: −1 for no further try, NaN where the scenario's own
   * `retry` says. Asked once per failure.
   */
  foreignWaitMs(slot: number, g: number, cause: number, retryAfterMs: number): number {
    if (this.foreign === null) return Number.NaN;
    const failure = { cause, retryAfterMs };
    return this.foreign.retryWaitMs(slot, g, this.#ask(slot, g), this.#guardLuck(slot), failure);
  }

  #guardLuck(slot: number): GuardLuck {
    return { u: this.#draw(slot, draw.FOREIGN_U), v: this.#draw(slot, draw.FOREIGN_V) };
  }

  /** Tells the tape of the last choice: as it was made, or refused for a cause after all. */
  tell(slot: number, g: number, cause: number = CAUSE_NONE, retryAtMs = 0): void {
    if (this.tape === null) return;
    const refusal = cause === CAUSE_NONE ? null : { cause, retryAtMs };
    this.tape.routed(slot, g, { asked: this.#requests[g]!, decision: this.#decision, refusal });
  }

  /** What the last choice was made from. */
  get candidates(): number {
    return this.#decision.candidates;
  }

  /** Whether the gateway's throttle refuses this call before anything is sent. Counts it as attempted: ask once. */
  throttles(slot: number, g: number): boolean {
    if (!this.#throttles) return false;
    return this.callers[g]!.throttles(this.#core.nowUs / 1000, this.#draw(slot, draw.GATEWAY_THROTTLE));
  }

  #ask(slot: number, g: number): RoutingRequest {
    const { u8, u16, i32 } = this.#core.attempts;
    const ask = this.#requests[g]!;
    const classIndex = u8[slot * at.U8 + at.B_CLASS]!;
    ask.origin = this.#originOfSite[u16[slot * at.U16 + at.H_SITE]!]!;
    ask.dataClass = classIndex;
    ask.tenant = this.#tenantOfClass[classIndex]!;
    ask.model = this.#modelOfClass[classIndex]!;
    ask.stickyKey = i32[slot * at.I32 + at.I_SESSION]!;
    ask.tokens = i32[slot * at.I32 + at.I_TOKENS_IN]! + this.#maxOutputTokens[classIndex]! * this.#burndown;
    ask.tried = i32[slot * at.I32 + at.I_TRIED]!;
    ask.narrow = this.#onlyOfClass[classIndex]!;
    ask.nowMs = this.#core.nowUs / 1000;
    if (this.#usesLuck) {
      ask.u = this.#draw(slot, draw.ROUTE_U);
      ask.v = this.#draw(slot, draw.ROUTE_V);
    }
    return ask;
  }

  #draw(slot: number, purpose: number): number {
    const { u8, u16, f64 } = this.#core.attempts;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const hop = u8[slot * at.U8 + at.B_HOP]!;
    return this.#luck.draw(u16[slot * at.U16 + at.H_SITE]!, request, attempt, hop, purpose);
  }

  /** What a request weighs before its answer's length is known, tokens. */
  tokens(slot: number): number {
    const { i32, u8 } = this.#core.attempts;
    return i32[slot * at.I32 + at.I_TOKENS_IN]! + this.#maxOutputTokens[u8[slot * at.U8 + at.B_CLASS]!]!;
  }

  /** What an endpoint's limit sets aside for it; 0 where nothing is limited, and so nothing counted. */
  reserved(slot: number, e: number): number {
    if ((this.policy.limited & (1 << e)) === 0) return 0;
    const { i32, u8 } = this.#core.attempts;
    const maxOutput = this.#maxOutputTokens[u8[slot * at.U8 + at.B_CLASS]!]!;
    return reservedTokens(this.#limits[e]!, i32[slot * at.I32 + at.I_TOKENS_IN]!, maxOutput);
  }

  /** What the limit counts once the call is answered; 0 where nothing is. */
  used(slot: number, e: number): number {
    if ((this.policy.limited & (1 << e)) === 0) return 0;
    const { i32 } = this.#core.attempts;
    const cached = i32[slot * at.I32 + at.I_CACHED]!;
    const tokensIn = i32[slot * at.I32 + at.I_TOKENS_IN]!;
    return usedTokens(this.#limits[e]!, tokensIn, cached, i32[slot * at.I32 + at.I_TOKENS_OUT]!);
  }

  /** A prober's verdict on an endpoint. */
  report(g: number, e: number, ok: boolean): void {
    this.foreign?.probed(g, e, ok);
    const changed = onProbe(this.policy, this.states[g]!, e, ok);
    this.tape?.probed(g, e, ok, changed);
    if (!changed) return;
    const { nowUs } = this.#core;
    if (ok && this.guards) this.callers[g]!.believedUp(e, nowUs / 1000);
    this.#steering?.onBelief?.();
    const observer = this.#gatewayIds[g]!;
    this.#recorder.belief({ timeUs: nowUs, observer, targetKind: "endpoint", target: e, up: ok });
  }
}

/** The client's own wish to narrow, as a mask over endpoints. */
function wishOf({ onlyEndpoints }: RequestClass): number {
  return onlyEndpoints?.reduce((mask, e) => mask | (1 << e), 0) ?? -1;
}
