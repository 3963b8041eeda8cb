/** What requests are served by: a plan at work. A request keeps the one it began with, whatever is reloaded meanwhile. */
import type { Router } from "../../policy/index.js";
import type { ApiDialect } from "../../scenario/serve.js";
import type { StartCall } from "../exchange.js";
import type { Observer } from "../observe.js";
import type { ClassPlan, GatewayPlan, TargetPlan } from "../plan.js";
import { Rulings } from "./rulings.js";

/** Expected round trips and distances by target id: one object for all questions, so that a journal knows them again. */
export interface Rows {
  readonly rttMs: Readonly<Record<string, number>>;
  readonly distanceKm: Readonly<Record<string, number>>;
}

/** What a runtime is made of. */
export interface RuntimeParts {
  readonly plan: GatewayPlan;
  readonly rows: Rows;
  readonly router: Router;
  readonly start: StartCall;
  readonly observer: Observer;
  /** Uniform in [0, 1), fresh each time. */
  readonly luck: () => number;
  /** Monotonic, from the gateway's start on. */
  readonly nowMs: () => number;
}

/** A target with its place in the policy's list. */
export interface IndexedTarget {
  readonly index: number;
  readonly plan: TargetPlan;
}

/** A plan at work, with what can be known of it beforehand. */
export interface Runtime extends RuntimeParts {
  readonly targets: ReadonlyMap<string, IndexedTarget>;
  readonly classes: ReadonlyMap<string, ClassPlan>;
  /** What the plan's rules say of kinds of requests. */
  readonly rulings: Rulings;
  /** Targets that speak a dialect; undefined where all do, so that nothing is narrowed. */
  readonly speaking: Readonly<Record<ApiDialect, readonly string[] | undefined>>;
  /** Smallest weight of an output token at any target: a guess too low is put right by the target's refusal. */
  readonly burndown: number;
  /** By target id; null where all weigh it the same. */
  readonly burndowns: readonly (readonly [id: string, burndown: number])[] | null;
  /** Calls sent and not settled, by target index. */
  readonly callsUnderWay: Int32Array;
}

/** The rows of a plan. A target that none is said of counts as the farthest. */
export function rowsOf({ targets, rttMs, distanceKm }: GatewayPlan): Rows {
  const byId = (row: readonly number[]): Record<string, number> =>
    Object.fromEntries(targets.map(({ id }, t) => [id, row[t] ?? Number.POSITIVE_INFINITY]));
  return { rttMs: byId(rttMs), distanceKm: byId(distanceKm) };
}

/** A plan at work. */
export function createRuntime(parts: RuntimeParts): Runtime {
  const { targets } = parts.plan;
  const burndown = Math.min(...targets.map(({ outputBurndown }) => outputBurndown));
  const isEven = targets.every(({ outputBurndown }) => outputBurndown === burndown);
  return {
    ...parts,
    targets: new Map(targets.map((plan, index) => [plan.id, { index, plan }])),
    classes: new Map(parts.plan.classes.map((one) => [one.id, one])),
    rulings: new Rulings(parts.plan),
    speaking: { openai: speaking(targets, "openai"), anthropic: speaking(targets, "anthropic") },
    burndown,
    burndowns: isEven ? null : targets.map(({ id, outputBurndown }) => [id, outputBurndown] as const),
    callsUnderWay: new Int32Array(targets.length),
  };
}

function speaking(targets: readonly TargetPlan[], dialect: ApiDialect): readonly string[] | undefined {
  const ids = targets.filter(({ api }) => api === dialect).map(({ id }) => id);
  return ids.length === targets.length ? undefined : ids;
}
