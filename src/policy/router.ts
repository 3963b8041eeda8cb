/** The policy for a gateway's own code: names in, names out. */
import { PAID_NOTHING, PAID_RETRY, PAID_THROTTLED_RETRY } from "./caller/budgets/budget.js";
import { Caller } from "./caller/caller.js";
import { type CallerConfig, PLAIN_CALLER } from "./callerTypes.js";
import { CAUSE_LOCAL_THROTTLE, CAUSE_RETRY_BUDGET, REFUSAL_CAUSES } from "./causes.js";
import { compilePolicy, type Policy, reachable } from "./compile.js";
import { decide } from "./decide.js";
import { type Explanation, explain, targetNames } from "./explain.js";
import { tenantsOf } from "./links.js";
import { RESULT_ABANDONED, RESULT_ERROR, RESULT_OK, RESULT_THROTTLED, RESULT_TIMEOUT } from "./results.js";
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
 * Without a caller's configuration it tries once and guards nothing.
 */
export function createRouter(config: PolicyConfig, caller: CallerConfig = PLAIN_CALLER): Router {
  return new NamedRouter(config, caller);
}

class NamedRouter implements Router {
  readonly #policy: Policy;
  readonly #state: PolicyState;
  readonly #caller: Caller;
  readonly #decision: Decision = createDecision();
  readonly #index: ReadonlyMap<string, number>;
  readonly #needsGuardLuck: boolean;

  constructor(config: PolicyConfig, caller: CallerConfig) {
    this.#policy = compilePolicy(config);
    this.#state = createState(this.#policy);
    this.#caller = new Caller(caller, config.targets.length);
    this.#index = new Map(config.targets.map((target, t) => [target.id, t]));
    this.#needsGuardLuck = caller.throttle.kind !== "none" || caller.returning !== null;
  }

  route(ask: Ask): Answer {
    const request = this.#request(ask);
    const isHedge = ask.hedge === true;
    const decision = decide(this.#policy, this.#state, request, this.#decision);
    const { kind, target, cause, retryAtMs } = decision;
    // A question that is asked again is not a try yet.
    const { reason } = decision;
    if (kind === HOLD && !isHedge) return { kind: "hold", cause: REFUSAL_CAUSES[cause]!, retryAtMs, reason };
    if (ask.grant === undefined && !isHedge) this.#caller.firstTry(ask.tokens, ask.nowMs);
    if (kind !== ROUTE) return this.#refuse(ask, cause, retryAtMs);
    // Only what would be sent is asked of the throttle: a law's refusal says nothing about the targets' load.
    if (this.#caller.throttles(ask.nowMs, ask.guardLuck?.[1] ?? 0))
      return this.#refuse(ask, CAUSE_LOCAL_THROTTLE, 0);
    if (isHedge && !this.#caller.tryHedge()) return this.#refuse(ask, CAUSE_RETRY_BUDGET, 0);
    const { candidates, model } = decision;
    reserve(this.#policy, this.#state, { target, tokens: ask.tokens, candidates, nowMs: ask.nowMs });
    this.#caller.started(target, ask.nowMs);
    const { targets, models } = this.#policy.config;
    return { kind: "route", target: targets[target]!.id, model: models[model]!, reason };
  }

  /** A try that was refused here is over. It says nothing about any target. */
  #refuse({ grant, hedge, nowMs }: Ask, cause: number, retryAtMs: number): Answer {
    if (hedge !== true) this.#caller.settled(RESULT_ABANDONED, grant?.paid ?? PAID_NOTHING, nowMs);
    return { kind: "refuse", cause: REFUSAL_CAUSES[cause]!, retryAtMs, reason: this.#decision.reason };
  }

  settle(end: Settlement): void {
    const { nowMs, startedMs, tokensReserved, tokensUsed } = end;
    checkNumbers(end);
    if (this.#caller.guards && !(startedMs !== undefined && startedMs <= nowMs)) {
      throw new PolicyError([`startedMs must be a time up to nowMs where a caller guards, got ${startedMs}`]);
    }
    const target = this.#target(end.target);
    const result = RESULTS[end.outcome];
    const retryAtMs = end.retryAtMs ?? nowMs;
    const rttMs = startedMs === undefined ? -1 : nowMs - startedMs;
    onResult(this.#policy, this.#state, {
      target,
      result,
      tokensReserved,
      tokensUsed,
      nowMs,
      retryAtMs,
      rttMs,
    });
    this.#caller.finished(target, result, nowMs - (startedMs ?? nowMs), nowMs);
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

  forgo(grant: RetryGrant, nowMs: number): void {
    this.#caller.settled(RESULT_ABANDONED, grant.paid, nowMs);
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

/** A number that is not one would make a limit neither hold nor fail, and luck of 1 points past the last target. */
function checkAsk(ask: Ask, needsGuardLuck: boolean): void {
  const problems: string[] = [];
  checkTokens(problems, "tokens", ask.tokens);
  checkTime(problems, "nowMs", ask.nowMs);
  checkDraws(problems, "luck", ask.luck);
  if (needsGuardLuck) checkDraws(problems, "guardLuck", ask.guardLuck ?? []);
  if (problems.length > 0) throw new PolicyError(problems);
}

/** The same at the end of a call, where it would make a limit admit nothing ever again. */
function checkNumbers({ tokensReserved, tokensUsed, nowMs, retryAtMs }: Settlement): void {
  const problems: string[] = [];
  checkTokens(problems, "tokensReserved", tokensReserved);
  checkTokens(problems, "tokensUsed", tokensUsed);
  checkTime(problems, "nowMs", nowMs);
  if (retryAtMs !== undefined) checkTime(problems, "retryAtMs", retryAtMs);
  if (problems.length > 0) throw new PolicyError(problems);
}

function checkTokens(problems: string[], name: string, tokens: number): void {
  if (!(tokens >= 0 && tokens < Number.POSITIVE_INFINITY)) {
    problems.push(`${name} must be a finite number >= 0, got ${tokens}`);
  }
}

function checkTime(problems: string[], name: string, timeMs: number): void {
  if (!Number.isFinite(timeMs)) problems.push(`${name} must be a finite number, got ${timeMs}`);
}

function checkDraws(problems: string[], name: string, draws: readonly number[]): void {
  for (const i of [0, 1]) {
    const draw = draws[i] ?? Number.NaN;
    if (!(draw >= 0 && draw < 1)) problems.push(`${name}[${i}] must be in [0, 1), got ${draws[i]}`);
  }
}
