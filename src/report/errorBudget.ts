/** Sentences about error budgets, shared by page and terminal. None where no objective is about availability. */
import type { BurnAlert } from "../result/burnRates.js";
import { burnRateOf } from "../result/burnRates.js";
import type { ErrorBudget } from "../result/errorBudget.js";
import { errorBudgets } from "../result/errorBudget.js";
import type { Result } from "../result/result.js";
import { clock, decimal, duration, list, percent, short } from "./format.js";

const NAME_CHARACTERS = 20;

/** One sentence or two per objective: what the run spends of its budget, and which alerts would have fired when. */
export function errorBudgetSentences(result: Result): readonly string[] {
  return errorBudgets(result).map((budget) => `${spentSentence(budget)} ${alertSentence(budget)}`);
}

function spentSentence({ slo, origin, budgetMinutes, spentMinutes, spent }: ErrorBudget): string {
  const whose = origin === null ? "" : ` for ${short(origin, NAME_CHARACTERS)} users`;
  const target = `Error budget at ${exactPercent(slo)}${whose}`;
  if (spent === null) return `${target}: none; this run's failures come to ${minutes(spentMinutes)}.`;
  return `${target}: if all of this happened once in 30 days and nothing else failed, its ${minutes(spentMinutes)} of failures would spend ${percent(spent)} of the ${minutes(budgetMinutes)} allowed.`;
}

function alertSentence({ alerts }: ErrorBudget): string {
  const fired = alerts.flatMap(({ alert, firedS }) => (firedS === null ? [] : [{ alert, firedS }]));
  if (fired.length === 0) return "No burn-rate alert would have fired.";
  const words = [...fired]
    .sort((a, b) => a.firedS - b.firedS)
    .map(({ alert, firedS }) => `a ${alert.severity} at ${clock(firedS)} (${windows(alert)})`);
  return `Had all been well before it, it would have raised ${list(words)}.`;
}

function windows(alert: BurnAlert): string {
  return `${duration(alert.longS)} / ${duration(alert.shortS)}, ${decimal(burnRateOf(alert), 1)}×`;
}

function minutes(value: number): string {
  return `${decimal(value, value === 0 ? 0 : value < 10 ? 2 : 1)}\u00a0min`;
}

/** A target as it was meant: 99.95 and 99.995 are not the same. */
function exactPercent(ratio: number): string {
  return `${decimal(ratio * 100, 6).replace(/\.?0+$/, "")}\u00a0%`;
}
