/** The policy for a gateway's own code: names in, names out. */
import type { RefusalCause } from "./causes.js";
import { REFUSAL_CAUSES } from "./causes.js";
import { compilePolicy, type Policy, reachable } from "./compile.js";
import { decide } from "./decide.js";
import { type Explanation, explain, targetNames } from "./explain.js";
import {
  createState,
  onProbe,
  onResult,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  reserve,
  setDrained,
} from "./state.js";
import { createDecision, type PolicyConfig, PolicyError, ROUTE, type RoutingRequest } from "./types.js";

/** A routing question with names. */
export interface Ask {
  /** ISO 3166-1 alpha-2. A country that is not configured is refused. */
  readonly origin: string;
  readonly dataClass: string;
  readonly model: string;
  /** Estimate of input and output tokens. */
  readonly tokens: number;
  readonly nowMs: number;
  /** Two fresh uniform numbers in [0, 1). The router has no luck of its own. */
  readonly luck: readonly [number, number];
  /** Expected round trip to each target by id; a target left out counts as the farthest. */
  readonly rttMs?: Readonly<Record<string, number>>;
  /** Ids of targets this request has tried. */
  readonly tried?: readonly string[];
  /** Ids the client asks to stay within; it can only narrow. */
  readonly only?: readonly string[];
}

/** A routing answer with names. */
export type Answer =
  | { readonly kind: "route"; readonly target: string }
  | {
      readonly kind: "refuse";
      readonly cause: RefusalCause;
      /** 0 when not known, Infinity when never. */
      readonly retryAtMs: number;
    };

/** How an attempt ended. */
export type Outcome = "ok" | "error" | "throttled" | "timeout" | "abandoned";

const RESULTS: Readonly<Record<Outcome, number>> = {
  ok: RESULT_OK,
  error: RESULT_ERROR,
  throttled: RESULT_THROTTLED,
  timeout: RESULT_TIMEOUT,
  abandoned: RESULT_ABANDONED,
};

/** What is known when an attempt has ended. */
export interface Settlement {
  readonly target: string;
  readonly outcome: Outcome;
  /** The `tokens` of the question. */
  readonly tokensReserved: number;
  readonly tokensUsed: number;
  readonly nowMs: number;
  /** From Retry-After, with `throttled`. */
  readonly retryAtMs?: number;
}

/** One gateway's router. */
export interface Router {
  /** Routes, and counts the attempt as in flight until `settle`; or refuses. */
  route(ask: Ask): Answer;
  /** Ends an attempt. Call it once for every route. */
  settle(settlement: Settlement): void;
  /** Takes a probe result; true when the belief about the target changed. */
  probe(target: string, ok: boolean): boolean;
  /** Takes a target out of use, or puts it back. */
  drain(target: string, drained: boolean): void;
  /** What `route` would answer now and why, target by target. Changes nothing. */
  explain(ask: Ask): Explanation;
  /** Everything that can ever be chosen for such a request. */
  reachable(origin: string, dataClass: string, model: string): readonly string[];
}

/**
 * A router over one configuration, with its own beliefs; throws a `PolicyError` when the
 * configuration is wrong. Names it does not know are refused as origins, data classes and models, and
 * are errors as targets, except in `tried` and `only`, where an unknown id has no effect.
 */
export function createRouter(config: PolicyConfig): Router {
  const policy = compilePolicy(config);
  const state = createState(policy);
  const decision = createDecision();
  const index = new Map(config.targets.map((target, t) => [target.id, t]));
  const indexOf = (id: string): number => {
    const t = index.get(id);
    if (t === undefined) throw new PolicyError([`target is unknown: "${id}"`]);
    return t;
  };
  return {
    route(ask: Ask): Answer {
      decide(policy, state, toRequest(policy, index, ask), decision);
      if (decision.kind === ROUTE) {
        reserve(policy, state, decision.target, ask.tokens, ask.nowMs);
        return { kind: "route", target: config.targets[decision.target]!.id };
      }
      return { kind: "refuse", cause: REFUSAL_CAUSES[decision.cause]!, retryAtMs: decision.retryAtMs };
    },
    settle(end: Settlement): void {
      onResult(
        policy,
        state,
        indexOf(end.target),
        RESULTS[end.outcome],
        end.tokensReserved,
        end.tokensUsed,
        end.nowMs,
        end.retryAtMs ?? end.nowMs,
      );
    },
    probe: (target: string, ok: boolean): boolean => onProbe(policy, state, indexOf(target), ok),
    drain(target: string, drained: boolean): void {
      setDrained(state, indexOf(target), drained);
    },
    explain: (ask: Ask): Explanation => explain(policy, state, toRequest(policy, index, ask)),
    reachable(origin: string, dataClass: string, model: string): readonly string[] {
      const { origins, dataClasses, models } = config;
      return targetNames(
        policy,
        reachable(policy, origins.indexOf(origin), dataClasses.indexOf(dataClass), models.indexOf(model)),
      );
    },
  };
}

function toRequest(policy: Policy, index: ReadonlyMap<string, number>, ask: Ask): RoutingRequest {
  const { config } = policy;
  checkAsk(ask);
  return {
    origin: config.origins.indexOf(ask.origin),
    dataClass: config.dataClasses.indexOf(ask.dataClass),
    model: config.models.indexOf(ask.model),
    tokens: ask.tokens,
    tried: maskOf(index, ask.tried ?? []),
    narrow: ask.only === undefined ? -1 : maskOf(index, ask.only),
    nowMs: ask.nowMs,
    u: ask.luck[0],
    v: ask.luck[1],
    rttMs: config.targets.map((target) => ask.rttMs?.[target.id] ?? Number.POSITIVE_INFINITY),
  };
}

function maskOf(index: ReadonlyMap<string, number>, ids: readonly string[]): number {
  return ids.reduce((mask, id) => {
    const t = index.get(id);
    return t === undefined ? mask : mask | (1 << t);
  }, 0);
}

/** A number that is not one would make a limit neither hold nor fail, and luck of 1 points past the last target. */
function checkAsk(ask: Ask): void {
  const problems: string[] = [];
  if (!(ask.tokens >= 0 && ask.tokens < Number.POSITIVE_INFINITY)) {
    problems.push(`tokens must be a finite number >= 0, got ${ask.tokens}`);
  }
  if (!Number.isFinite(ask.nowMs)) problems.push(`nowMs must be a finite number, got ${ask.nowMs}`);
  ask.luck.forEach((draw, i) => {
    if (!(draw >= 0 && draw < 1)) problems.push(`luck[${i}] must be in [0, 1), got ${draw}`);
  });
  if (problems.length > 0) throw new PolicyError(problems);
}
