/**
 * What the simulated gateways decide, as the steps of decision logs: a router that is fed with them decides the same. It
 * only watches; a run with a tape is the same run.
 */
import {
  type Answer,
  type Ask,
  beginStep,
  CAUSE_RATE_TOKENS,
  CAUSE_RETRY_BUDGET,
  type Decision,
  HOLD,
  type Outcome,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
  type Policy,
  type PolicyState,
  REFUSAL_CAUSES,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  type RetryGrant,
  ROUTE,
  type RoutingRequest,
  reachable,
  reservedTokens,
  routeStep,
  type Step,
  targetNames,
  usedTokens,
} from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import { distanceRowKm, rttRowMs } from "./policies.js";
import { policySha256 } from "./policySha256.js";

/** Takes the steps of a gateway, in their order; gateways come as they act. */
export type TakeStep = (gateway: number, step: Step) => void;

/** What a tape is made of, and reads. */
export interface TapeParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly luck: Luck;
  readonly policy: Policy;
  readonly states: readonly PolicyState[];
  readonly take: TakeStep;
}

/** What the policy was asked and said, and what it is refused for where that is not what it said. */
export interface Decided {
  readonly asked: RoutingRequest;
  readonly decision: Decision;
  readonly refusal: { readonly cause: number; readonly retryAtMs: number } | null;
}

/** What a failed try was asked, and whether there is another. */
export interface AskedRetry {
  /** Of the try: one of RESULT_*. */
  readonly result: number;
  readonly luck: number;
  readonly retryAfterMs: number;
  /** Before it is rounded to whole µs. */
  readonly waitMs: number;
  readonly isPaid: boolean;
}

const NO_WISH = -1;
/** More than a user's program ever makes. */
const ATTEMPTS = 256;
/** By RESULT_*. */
const OUTCOMES: readonly Outcome[] = ["ok", "error", "throttled", "timeout", "abandoned"];

export class Tape {
  readonly #parts: TapeParts;
  readonly #needsGuardLuck: boolean;
  readonly #ids: readonly string[];
  readonly #maxOutputTokens: readonly number[];
  /** Names of what can ever be reached, by origin, class, tenant and model. */
  readonly #lawful = new Map<number, readonly string[]>();

  /** Begins every gateway's log. The scenario has no `untapedPart`. */
  constructor(parts: TapeParts) {
    const { scenario, policy, take } = parts;
    const { caller, gateways } = scenario.deployment;
    this.#parts = parts;
    this.#needsGuardLuck = caller.throttle.kind !== "none" || caller.returning !== null;
    this.#ids = policy.config.targets.map(({ id }) => id);
    this.#maxOutputTokens = scenario.workload.classes.map((c) => c.maxOutputTokens);
    const sha256 = policySha256(policy.config, caller);
    gateways.forEach(({ id, regionIndex }, g) => {
      const rttMs = this.#row(rttRowMs(scenario, regionIndex));
      const distanceKm = this.#row(distanceRowKm(scenario, regionIndex));
      take(g, beginStep({ gateway: id, policySha256: sha256, rttMs, distanceKm }));
    });
  }

  /** A decision has been made, and nothing has come of it yet. */
  routed(slot: number, g: number, { asked, decision, refusal }: Decided): void {
    const { up, drained, cooling, guarded, crowded } = this.#parts.states[g]!;
    const { reason } = decision;
    const answer: Answer =
      refusal === null
        ? this.#answer(decision)
        : { kind: "refuse", cause: REFUSAL_CAUSES[refusal.cause]!, retryAtMs: refusal.retryAtMs, reason };
    const ask = this.#ask(slot, asked, decision.kind === HOLD && refusal !== null);
    const masks = [up, drained, cooling, guarded, crowded] as const;
    this.#parts.take(g, routeStep({ ask, lawful: this.#lawfulFor(asked), masks, answer }));
  }

  /** A call has ended (one of RESULT_*), and nobody has learned of it yet. */
  settled(slot: number, g: number, result: number, endsTry: boolean): void {
    const { attempts, nowUs } = this.#parts.core;
    const { u8, f64 } = attempts;
    const e = u8[slot * at.U8 + at.B_ENDPOINT]!;
    const tokensReserved = this.#reserved(slot, e);
    const throttled = {
      retryAtMs: f64[slot * at.F64 + at.F_RETRY_AT_US]! / 1000,
      ...(u8[slot * at.U8 + at.B_CAUSE] === CAUSE_RATE_TOKENS ? { shortOfTokens: true } : {}),
    };
    this.#parts.take(g, {
      step: "settle",
      end: {
        request: this.#request(slot),
        target: this.#ids[e]!,
        outcome: OUTCOMES[result]!,
        tokensReserved,
        tokensUsed:
          result === RESULT_OK ? this.#used(slot, e) : result === RESULT_TIMEOUT ? tokensReserved : 0,
        nowMs: nowUs / 1000,
        ...(result === RESULT_THROTTLED ? throttled : {}),
        rttMs: (nowUs - f64[slot * at.F64 + at.F_CALL_US]!) / 1000,
        ...this.#granted(slot),
        ...(attempts.has(slot, at.HEDGE) ? { hedge: true } : {}),
        endsTry,
      },
    });
  }

  /** A failed try is about to be followed by another, or is not since nothing pays for it. */
  retried(slot: number, g: number, asked: AskedRetry): void {
    const { attempts, nowUs } = this.#parts.core;
    const { result, luck, retryAfterMs, waitMs, isPaid } = asked;
    const retryNumber = attempts.u8[slot * at.U8 + at.B_GATEWAY_TRY]! + 1;
    const paid = result === RESULT_THROTTLED ? PAID_THROTTLED_RETRY : PAID_RETRY;
    this.#parts.take(g, {
      step: "retry",
      question: {
        request: this.#request(slot),
        ...this.#granted(slot),
        outcome: OUTCOMES[result]!,
        tokens: this.#weight(slot),
        nowMs: nowUs / 1000,
        luck,
        retryAfterMs,
      },
      answer: isPaid
        ? { kind: "retry", waitMs, grant: { retryNumber, waitMs, paid } }
        : { kind: "give-up", cause: REFUSAL_CAUSES[CAUSE_RETRY_BUDGET]! },
    });
  }

  /** A try has ended without a call that could end it. */
  forgone(slot: number, g: number): void {
    const nowMs = this.#parts.core.nowUs / 1000;
    this.#parts.take(g, { step: "forgo", request: this.#request(slot), ...this.#granted(slot), nowMs });
  }

  /** A prober's verdict on an endpoint. */
  probed(g: number, e: number, ok: boolean, changed: boolean): void {
    const nowMs = this.#parts.core.nowUs / 1000;
    this.#parts.take(g, { step: "probe", target: this.#ids[e]!, ok, nowMs, changed });
  }

  #answer({ kind, target, model, cause, retryAtMs, reason }: Decision): Answer {
    const { models } = this.#parts.policy.config;
    if (kind === ROUTE) return { kind: "route", target: this.#ids[target]!, model: models[model]!, reason };
    const why = { cause: REFUSAL_CAUSES[cause]!, retryAtMs, reason };
    return kind === HOLD ? { kind: "hold", ...why } : { kind: "refuse", ...why };
  }

  #ask(slot: number, asked: RoutingRequest, isNotHeld: boolean): Ask {
    const { config } = this.#parts.policy;
    const { attempts } = this.#parts.core;
    const { tokens, nowMs, stickyKey, tried, narrow } = asked;
    const isHedge = attempts.has(slot, at.HEDGE);
    const weight = this.#weight(slot);
    return {
      request: this.#request(slot),
      origin: config.origins[asked.origin]!,
      dataClass: config.dataClasses[asked.dataClass]!,
      tenant: config.tenants![asked.tenant]!,
      model: config.models[asked.model]!,
      tokens,
      ...this.#tokensAt(slot, tokens),
      ...(weight === tokens ? {} : { weight }),
      nowMs,
      // A strategy that takes no luck is not given any by the simulator, but another one might be asked instead.
      luck: [this.#draw(slot, draw.ROUTE_U), this.#draw(slot, draw.ROUTE_V)],
      ...(this.#needsGuardLuck
        ? { guardLuck: [this.#draw(slot, draw.RAMP), this.#draw(slot, draw.GATEWAY_THROTTLE)] as const }
        : {}),
      ...(stickyKey < 0 ? {} : { stickyKey }),
      ...(tried === 0 ? {} : { tried: this.#names(tried) }),
      ...(narrow === NO_WISH ? {} : { only: this.#names(narrow) }),
      ...(isHedge ? { hedge: true } : this.#granted(slot)),
      ...(isNotHeld && !isHedge ? { mayHold: false } : {}),
    };
  }

  /** What endpoints count that count an answer's tokens otherwise than the cheapest of them. */
  #tokensAt(slot: number, tokens: number): { readonly tokensAt?: Readonly<Record<string, number>> } {
    let tokensAt: Record<string, number> | null = null;
    for (let e = 0; e < this.#ids.length; e++) {
      const reserved = this.#reserved(slot, e);
      if (reserved === tokens) continue;
      tokensAt ??= {};
      tokensAt[this.#ids[e]!] = reserved;
    }
    return tokensAt === null ? {} : { tokensAt };
  }

  #reserved(slot: number, e: number): number {
    const { limits } = this.#parts.scenario.deployment.endpoints[e]!;
    return reservedTokens(limits, this.#tokensIn(slot), this.#maxOutput(slot));
  }

  #used(slot: number, e: number): number {
    const { limits } = this.#parts.scenario.deployment.endpoints[e]!;
    const { i32 } = this.#parts.core.attempts;
    const cached = i32[slot * at.I32 + at.I_CACHED]!;
    return usedTokens(limits, this.#tokensIn(slot), cached, i32[slot * at.I32 + at.I_TOKENS_OUT]!);
  }

  #weight(slot: number): number {
    return this.#tokensIn(slot) + this.#maxOutput(slot);
  }

  #tokensIn(slot: number): number {
    return this.#parts.core.attempts.i32[slot * at.I32 + at.I_TOKENS_IN]!;
  }

  #maxOutput(slot: number): number {
    return this.#maxOutputTokens[this.#parts.core.attempts.u8[slot * at.U8 + at.B_CLASS]!]!;
  }

  /** The grant of a retry, as far as the try is one. The wait is the one that was waited, in whole µs. */
  #granted(slot: number): { readonly grant?: RetryGrant } {
    const { u8, f64 } = this.#parts.core.attempts;
    const retryNumber = u8[slot * at.U8 + at.B_GATEWAY_TRY]!;
    if (retryNumber === 0) return {};
    const waitMs = f64[slot * at.F64 + at.F_GATEWAY_WAIT_US]! / 1000;
    return { grant: { retryNumber, waitMs, paid: u8[slot * at.U8 + at.B_GATEWAY_PAID]! } };
  }

  /** One number for each attempt of a user's program. */
  #request(slot: number): number {
    const { u8, u16, f64 } = this.#parts.core.attempts;
    const sites = this.#parts.scenario.workload.sites.length;
    const request = f64[slot * at.F64 + at.F_REQUEST]! * sites + u16[slot * at.U16 + at.H_SITE]!;
    return request * ATTEMPTS + u8[slot * at.U8 + at.B_ATTEMPT]!;
  }

  #draw(slot: number, purpose: number): number {
    const { u8, u16, f64 } = this.#parts.core.attempts;
    return this.#parts.luck.draw(
      u16[slot * at.U16 + at.H_SITE]!,
      f64[slot * at.F64 + at.F_REQUEST]!,
      u8[slot * at.U8 + at.B_ATTEMPT]!,
      u8[slot * at.U8 + at.B_HOP]!,
      purpose,
    );
  }

  #lawfulFor(asked: RoutingRequest): readonly string[] {
    const { originCount, dataClassCount, tenantCount } = this.#parts.policy;
    const row = (asked.model * originCount + asked.origin) * dataClassCount + asked.dataClass;
    const key = row * tenantCount + asked.tenant;
    const known = this.#lawful.get(key);
    if (known !== undefined) return known;
    const names = this.#names(reachable(this.#parts.policy, asked));
    this.#lawful.set(key, names);
    return names;
  }

  #names(mask: number): readonly string[] {
    return targetNames(this.#parts.policy, mask);
  }

  #row(values: ArrayLike<number>): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#ids.map((id, e) => [id, values[e]!]));
  }
}
