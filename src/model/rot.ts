/**
 * How likely a standby that nobody has tested fails when it is needed. No measured curve is known to us: each of these
 * is an assumption that a scenario makes, not a fact.
 */
import { exp, pow } from "../math/index.js";
import type { Rot } from "../scenario/scenario.js";

/** The chance, 0 … 1, after `days` without a test: 0 at 0 days, and never less with more days. */
export function rotChance(rot: Rot, days: number): number {
  if (days <= 0) return 0;
  switch (rot.kind) {
    case "none":
      return 0;
    case "exponential":
      return 1 - exp((-Math.LN2 * days) / rot.halfLifeDays);
    case "weibull":
      return 1 - exp(-pow(days / rot.scaleDays, rot.shape));
    case "linear":
      return Math.min(1, rot.perDay * days);
  }
}
