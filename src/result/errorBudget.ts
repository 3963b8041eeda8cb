/** What a run took of the error budgets that its objectives on availability imply. */
import type { BurnAlert, Outcomes } from "./burnRates.js";
import { BURN_ALERTS, budgetMinutes, firedS } from "./burnRates.js";
import type { ObjectiveResult, Result } from "./result.js";

/** Availability by the three budgeting methods of OpenSLO; 1 where nothing finished. */
export interface BudgetingMethods {
  /** Good of all. */
  readonly occurrences: number;
  /** Slices of time with at least the target good, of all slices in which anything finished. */
  readonly timeslices: number;
  /** Mean of the good share of those slices. */
  readonly ratioTimeslices: number;
}

/** An error budget and what this run alone spends of it. */
export interface ErrorBudget {
  /** The objective as it was written. */
  readonly objective: string;
  /** Users it is about; null for all. */
  readonly origin: string | null;
  readonly slo: number;
  /** Minutes that may fail entirely in 30 days. */
  readonly budgetMinutes: number;
  /** Minutes of total failure, at the run's mean traffic, that its failures amount to. */
  readonly spentMinutes: number;
  /** Of the budget, were the rest of the 30 days without failure; null where there is none to spend. */
  readonly spent: number | null;
  /** Slices of one minute, good from 99 % on. */
  readonly methods: BudgetingMethods;
  /** Which alerts would have fired when, seconds since the start of the run. */
  readonly alerts: readonly { readonly alert: BurnAlert; readonly firedS: number | null }[];
}

const SLICE_S = 60;
const GOOD_SHARE = 0.99;
/** `availability` of everybody, or of the users of one origin. */
const AVAILABILITY = /^\s*availability\s*(?:\{\s*(?:origin|from)\s*=\s*([^,{}]+?)\s*\})?\s*>/;

/**
 * One for each objective that availability be above a target, of all users or of one origin: what happened to others is not
 * kept over time. The warm-up is left off.
 */
export function errorBudgets(result: Result): readonly ErrorBudget[] {
  return result.objectives.flatMap((objective) => {
    const of = subject(objective, result);
    return of === null ? [] : [budgetOf(objective, of.origin, result)];
  });
}

function subject({ name, target }: ObjectiveResult, result: Result): { origin: string | null } | null {
  const found = AVAILABILITY.exec(name);
  if (found === null || typeof target !== "number" || target > 1) return null;
  const origin = found[1] ?? null;
  return origin === null || Object.hasOwn(result.series.byOrigin, origin) ? { origin } : null;
}

function budgetOf({ name, target }: ObjectiveResult, origin: string | null, result: Result): ErrorBudget {
  const slo = target as number;
  const outcomes = outcomesOf(result, origin);
  const minutes = budgetMinutes(slo);
  const [bad, all] = [total(outcomes.bad), total(outcomes.bad) + total(outcomes.good)];
  const lengthS = outcomes.edgesS.length < 2 ? 0 : outcomes.edgesS.at(-1)! - outcomes.edgesS[0]!;
  const spentMinutes = all === 0 ? 0 : (bad / all) * (lengthS / 60);
  return {
    objective: name,
    origin,
    slo,
    budgetMinutes: minutes,
    spentMinutes,
    spent: minutes === 0 ? null : spentMinutes / minutes,
    methods: budgetingMethods(outcomes, SLICE_S, GOOD_SHARE),
    alerts: BURN_ALERTS.map((alert) => ({ alert, firedS: firedS(outcomes, slo, alert) })),
  };
}

/** What finished in each window after the warm-up, for all users or those of one origin; counted where it finished. */
export function outcomesOf({ series, scenario }: Result, origin: string | null): Outcomes {
  const columns = Object.entries(series.byOrigin)
    .filter(([name]) => origin === null || name === origin)
    .map(([, column]) => column);
  const from = series.startS.filter((startS) => startS < scenario.warmupS).length;
  const startS = series.startS.slice(from);
  const column = (kind: "served" | "refused"): readonly number[] =>
    startS.map((_, i) => total(columns.map((of) => of[kind][from + i]!)));
  return { edgesS: [...startS, scenario.durationS], good: column("served"), bad: column("refused") };
}

/** Slices begin at the first edge and are whole windows, as near to `sliceS` as they go. */
export function budgetingMethods(outcomes: Outcomes, sliceS: number, goodShare: number): BudgetingMethods {
  const { edgesS, good, bad } = outcomes;
  const shares: number[] = [];
  for (let from = 0; from < good.length; ) {
    let to = from + 1;
    while (to < good.length && edgesS[to]! - edgesS[from]! < sliceS) to += 1;
    const served = total(good.slice(from, to));
    const finished = served + total(bad.slice(from, to));
    if (finished > 0) shares.push(served / finished);
    from = to;
  }
  const all = total(good) + total(bad);
  if (all === 0) return { occurrences: 1, timeslices: 1, ratioTimeslices: 1 };
  return {
    occurrences: total(good) / all,
    timeslices: shares.filter((share) => share >= goodShare).length / shares.length,
    ratioTimeslices: total(shares) / shares.length,
  };
}

/** Availability of what needs all of these at once, each failing on its own: the product. */
export function seriesAvailability(parts: readonly number[]): number {
  return parts.reduce((product, part) => product * part, 1);
}

function total(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
