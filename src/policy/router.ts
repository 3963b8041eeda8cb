/** The policy for a gateway's own code: names in, names out. */
import { PAID_NOTHING, PAID_RETRY, PAID_THROTTLED_RETRY } from "./caller/budgets/budget.js";
import { Caller } from "./caller/caller.js";
import { type CallerConfig, PLAIN_CALLER } from "./callerTypes.js";
import { CAUSE_LOCAL_THROTTLE, CAUSE_NO_HEALTHY, CAUSE_RETRY_BUDGET, REFUSAL_CAUSES } from "./causes.js";
import { compileWith, type Policy, reachable } from "./compile.js";
import { decide } from "./decide.js";
import { type Explanation, explain, targetNames } from "./explain.js";
import { tenantsOf } from "./links.js";
import { COMMON_PARTS, type Parts, partOf } from "./parts.js";
import {
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_THROTTLED_TOKENS,
  RESULT_TIMEOUT,
} from "./results.js";
import { checkAsk, checkNow, checkSettlement } from "./routerChecks.js";
import type {
  Answer,
  Ask,
  BeliefMasks,
  Outcome,
  RetryAnswer,
  RetryGrant,
  RetryQuestion,
  Router,
  Settlement,
} from "./routerTypes.js";
import {
  adoptBelief,
  createState,
  onProbe,
  onResult,
  type PolicyState,
  reserve,
  setDrained,
} from "./state.js";
import {
  type Belief,
  createDecision,
  type Decision,
  HOLD,
  type PolicyConfig,
  PolicyError,
  ROUTE,
  type RoutingRequest,
} from "./types.js";

const RESULTS: Readonly<Record<Outcome, number>> = {
  ok: RESULT_OK,
  error: RESULT_ERROR,
  throttled: RESULT_THROTTLED,
  timeout: RESULT_TIMEOUT,
  abandoned: RESULT_ABANDONED,
};

/**
 * A router over one configuration, with its own beliefs and its own guards; throws a `PolicyError` when the
 * configuration is wrong. Names it does not know are refused as origins, data classes and models, and
 * are errors as targets, except in `tried` and `only`, where an unknown id has no effect.
 *
 * Without a caller's configuration it tries once and guards nothing. The parts are the kinds of strategies and guards
 * that the two configurations may name: those that fit in a small bundle, unless others are handed over, as
 * `ALL_PARTS` are by whoever runs any deployment.
 */
export function createRouter(
  config: PolicyConfig,
  caller: CallerConfig = PLAIN_CALLER,
  parts: Parts = COMMON_PARTS,
): Router {
  return new NamedRouter(config, caller, parts);
}

class NamedRouter implements Router {
  readonly #policy: Policy;
  readonly #state: PolicyState;
  readonly #caller: Caller;
  readonly #decision: Decision = createDecision();
  readonly #index: ReadonlyMap<string, number>;
  readonly #needsGuardLuck: boolean;

  constructor(config: PolicyConfig, caller: CallerConfig, parts: Parts) {
    const { strategy } = config;
    partOf(parts.strategies, "strategy", typeof strategy === "string" ? strategy : strategy.kind);
    this.#policy = compileWith(config, parts.strategies);
    this.#state = createState(this.#policy);
    this.#caller = new Caller(caller, config.targets.length, parts);
    this.#index = new Map(config.targets.map((target, t) => [target.id, t]));
    this.#needsGuardLuck = caller.throttle.kind !== "none" || caller.returning !== null;
  }

  route(ask: Ask): Answer {
    const request = this.#request(ask);
    const isHedge = ask.hedge === true;
    const decision = decide(this.#policy, this.#state, request, this.#decision);
    const { kind, target, cause, retryAtMs, reason } = decision;
    // A question that is asked again is not a try yet.
    if (kind === HOLD && !isHedge && ask.mayHold !== false)
      return { kind: "hold", cause: REFUSAL_CAUSES[cause]!, retryAtMs, reason };
    if (ask.grant === undefined && !isHedge) this.#caller.firstTry(ask.weight ?? ask.tokens, ask.nowMs);
    if (kind !== ROUTE) return this.#refuse(ask, cause, retryAtMs);
    // A second call to where the first is waiting would wait beside it.
    if (isHedge && (request.tried & (1 << target)) !== 0) return this.#refuse(ask, CAUSE_NO_HEALTHY, 0);
    // Only what would be sent is asked of the throttle: a law's refusal says nothing about the targets' load.
    if (this.#caller.throttles(ask.nowMs, ask.guardLuck?.[1] ?? 0))
      return this.#refuse(ask, CAUSE_LOCAL_THROTTLE, 0);
    if (isHedge && !this.#caller.tryHedge()) return this.#refuse(ask, CAUSE_RETRY_BUDGET, 0);
    const { candidates, model } = decision;
    const { id } = this.#policy.config.targets[target]!;
    const tokens = ask.tokensAt?.[id] ?? ask.tokens;
    reserve(this.#policy, this.#state, { target, tokens, candidates, nowMs: ask.nowMs });
    this.#caller.started(target, ask.nowMs);
    return { kind: "route", target: id, model: this.#policy.config.models[model]!, reason };
  }

  /** A try that was refused here is over. It says nothing about any target. */
  #refuse({ grant, hedge, nowMs }: Ask, cause: number, retryAtMs: number): Answer {
    if (hedge !== true) this.#caller.settled(RESULT_ABANDONED, grant?.paid ?? PAID_NOTHING, nowMs);
    return { kind: "refuse", cause: REFUSAL_CAUSES[cause]!, retryAtMs, reason: this.#decision.reason };
  }

  settle(end: Settlement): void {
    const { nowMs, startedMs, tokensReserved, tokensUsed, outcome } = end;
    checkSettlement(end, this.#caller.guards);
    const target = this.#target(end.target);
    const result = RESULTS[outcome];
    const rttMs = end.rttMs ?? (startedMs === undefined ? -1 : nowMs - startedMs);
    onResult(this.#policy, this.#state, {
      target,
      result: outcome === "throttled" && end.shortOfTokens === true ? RESULT_THROTTLED_TOKENS : result,
      tokensReserved,
      tokensUsed,
      nowMs,
      retryAtMs: end.retryAtMs ?? nowMs,
      rttMs,
    });
    this.#caller.finished(target, result, Math.max(0, rttMs), nowMs);
    if (end.endsTry ?? end.hedge !== true)
      this.#caller.settled(result, end.grant?.paid ?? PAID_NOTHING, nowMs);
  }

  retry({ grant, outcome, tokens, nowMs, luck, retryAfterMs }: RetryQuestion): RetryAnswer {
    if (!(luck >= 0 && luck < 1)) throw new PolicyError([`luck must be in [0, 1), got ${luck}`]);
    const retryNumber = (grant?.retryNumber ?? 0) + 1;
    const { retries } = this.#caller.config.retry;
    if (outcome === "ok" || outcome === "abandoned" || retryNumber > retries)
      return { kind: "give-up", cause: null };
    const throttled = outcome === "throttled";
    if (!this.#caller.tryRetry(retryNumber, tokens, throttled, nowMs)) {
      return { kind: "give-up", cause: REFUSAL_CAUSES[CAUSE_RETRY_BUDGET]! };
    }
    const waitMs = this.#caller.retryWaitMs(retryNumber, grant?.waitMs ?? 0, retryAfterMs ?? 0, luck);
    const paid = throttled ? PAID_THROTTLED_RETRY : PAID_RETRY;
    return { kind: "retry", waitMs, grant: { retryNumber, waitMs, paid } };
  }

  forgo(grant: RetryGrant | undefined, nowMs: number): void {
    this.#caller.settled(RESULT_ABANDONED, grant?.paid ?? PAID_NOTHING, nowMs);
  }

  hedgeAfterMs(callsSoFar: number): number {
    return this.#caller.hedgeAfterMs(callsSoFar);
  }

  probe(name: string, ok: boolean, nowMs?: number): boolean {
    if (this.#caller.returning !== null && !Number.isFinite(nowMs)) {
      throw new PolicyError([`nowMs must be a finite number where targets return slowly, got ${nowMs}`]);
    }
    const target = this.#target(name);
    const changed = onProbe(this.#policy, this.#state, target, ok);
    if (changed && ok) this.#caller.believedUp(target, nowMs ?? 0);
    return changed;
  }

  drain(target: string, drained: boolean): void {
    setDrained(this.#state, this.#target(target), drained);
  }

  limitsLeft(name: string, requests: number, tokens: number, nowMs: number): void {
    const target = this.#target(name);
    checkNow(nowMs);
    this.#state.requests.lower(target, requests, nowMs);
    this.#state.tokens.lower(target, tokens, nowMs);
  }

  belief(name: string): Belief {
    const target = this.#target(name);
    const { up, drained, cooldownUntilMs } = this.#state;
    const bit = 1 << target;
    return {
      up: (up & bit) !== 0,
      drained: (drained & bit) !== 0,
      cooldownUntilMs: cooldownUntilMs[target]!,
    };
  }

  adopt(name: string, belief: Belief): void {
    const { cooldownUntilMs } = belief;
    if (!(cooldownUntilMs < Number.POSITIVE_INFINITY)) {
      throw new PolicyError([`cooldownUntilMs must be a time or -Infinity, got ${cooldownUntilMs}`]);
    }
    adoptBelief(this.#state, this.#target(name), belief);
  }

  beliefs(): BeliefMasks {
    const { up, drained, cooling, guarded, crowded } = this.#state;
    return { up, drained, cooling, guarded, crowded };
  }

  explain(ask: Ask): Explanation {
    return explain(this.#policy, this.#state, this.#request(ask));
  }

  reachable(origin: string, dataClass: string, model: string, tenant?: string): readonly string[] {
    const { config } = this.#policy;
    const mask = reachable(this.#policy, {
      origin: config.origins.indexOf(origin),
      dataClass: config.dataClasses.indexOf(dataClass),
      tenant: tenantIndex(config, tenant),
      model: config.models.indexOf(model),
    });
    return targetNames(this.#policy, mask);
  }

  #target(id: string): number {
    const t = this.#index.get(id);
    if (t === undefined) throw new PolicyError([`target is unknown: "${id}"`]);
    return t;
  }

  /** The question in numbers, with the guards as they stand at its time. */
  #request(ask: Ask): RoutingRequest {
    checkAsk(ask, this.#needsGuardLuck);
    if (this.#caller.guards) {
      this.#state.guarded = ~this.#caller.openMask(ask.nowMs, ask.guardLuck?.[0] ?? 0);
      this.#state.crowded = ~this.#caller.roomMask();
    }
    return toRequest(this.#policy, this.#index, ask);
  }
}

function toRequest({ config }: Policy, index: ReadonlyMap<string, number>, ask: Ask): RoutingRequest {
  return {
    origin: config.origins.indexOf(ask.origin),
    dataClass: config.dataClasses.indexOf(ask.dataClass),
    tenant: tenantIndex(config, ask.tenant),
    model: config.models.indexOf(ask.model),
    tokens: ask.tokens,
    tried: maskOf(index, ask.tried ?? []),
    narrow: ask.only === undefined ? -1 : maskOf(index, ask.only),
    nowMs: ask.nowMs,
    u: ask.luck[0],
    v: ask.luck[1],
    stickyKey: ask.stickyKey ?? -1,
    rttMs: config.targets.map((target) => ask.rttMs?.[target.id] ?? Number.POSITIVE_INFINITY),
    distanceKm: config.targets.map((target) => ask.distanceKm?.[target.id] ?? Number.POSITIVE_INFINITY),
  };
}

/** Who names no tenant is the only one there is; where there are several, nobody. */
function tenantIndex(config: PolicyConfig, tenant: string | undefined): number {
  const tenants = tenantsOf(config);
  if (tenant === undefined) return tenants.length === 1 ? 0 : -1;
  return tenants.indexOf(tenant);
}

function maskOf(index: ReadonlyMap<string, number>, ids: readonly string[]): number {
  return ids.reduce((mask, id) => {
    const t = index.get(id);
    return t === undefined ? mask : mask | (1 << t);
  }, 0);
}
