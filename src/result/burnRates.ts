/** Burn rates: how fast an error budget goes, and when the usual alerts on it would have fired. */

/** Outcomes of requests in stretches of time that follow each other: edge i to edge i + 1 holds entry i. */
export interface Outcomes {
  /** Seconds, ascending; one more than entries. */
  readonly edgesS: readonly number[];
  readonly good: readonly number[];
  readonly bad: readonly number[];
}

/** An alert with two windows: the long one says that it matters, the short one that it is still going on. */
export interface BurnAlert {
  readonly severity: "page" | "ticket";
  readonly longS: number;
  readonly shortS: number;
  /** Share of the budget of 30 days gone within the long window when it fires. */
  readonly budgetShare: number;
}

const HOUR_S = 3600;
/** Days that an error budget is for. */
export const BUDGET_DAYS: number = 30;

/** The four alerts of the Site Reliability Workbook (chapter 5), as sloth ships them for 30 days. */
export const BURN_ALERTS: readonly BurnAlert[] = [
  { severity: "page", longS: HOUR_S, shortS: 300, budgetShare: 0.02 },
  { severity: "page", longS: 6 * HOUR_S, shortS: 1800, budgetShare: 0.05 },
  { severity: "ticket", longS: 24 * HOUR_S, shortS: 2 * HOUR_S, budgetShare: 0.1 },
  { severity: "ticket", longS: 72 * HOUR_S, shortS: 6 * HOUR_S, budgetShare: 0.1 },
];

/** How many times faster than evenly over 30 days the budget goes when the alert fires: 14.4, 6, 3, 1. */
export function burnRateOf({ budgetShare, longS }: BurnAlert): number {
  return budgetShare * ((BUDGET_DAYS * 24 * HOUR_S) / longS);
}

/** Minutes that may fail entirely in `days` days at a target `slo`: 43.2 for 0.999 in 30. */
export function budgetMinutes(slo: number, days: number = BUDGET_DAYS): number {
  return (1 - slo) * days * 24 * 60;
}

/** Below the threshold by rounding alone is at it. */
const ROUNDING = 1e-9;

/**
 * When an alert on the target `slo` would first have fired, seconds; null where never. As if all had been well before the
 * first edge, at the mean rate of what is given. It is looked at every edge, and traced back to where it began since the
 * edge before; requests come evenly within a stretch.
 */
export function firedS(outcomes: Outcomes, slo: number, alert: BurnAlert): number | null {
  const { edgesS } = outcomes;
  const burning = burningAt(outcomes, burnRateOf(alert) * (1 - slo));
  const fires = (atS: number): boolean => burning(atS, alert.longS) && burning(atS, alert.shortS);
  for (let edge = 1; edge < edgesS.length; edge += 1) {
    if (!fires(edgesS[edge]!)) continue;
    let [low, high] = [edgesS[edge - 1]!, edgesS[edge]!];
    while (high - low > 1e-3) {
      const middle = (low + high) / 2;
      if (fires(middle)) high = middle;
      else low = middle;
    }
    return high;
  }
  return null;
}

/** Whether at least `share` of what finished in the `lengthS` before a moment was bad. */
function burningAt(
  { edgesS, good, bad }: Outcomes,
  share: number,
): (atS: number, lengthS: number) => boolean {
  const firstS = edgesS[0]!;
  const allUntil = sums(good.map((value, i) => value + bad[i]!));
  const badUntil = sums(bad);
  const perS = allUntil[allUntil.length - 1]! / (edgesS[edgesS.length - 1]! - firstS);
  return (atS, lengthS) => {
    const fromS = atS - lengthS;
    const before = Math.max(0, firstS - fromS) * perS;
    const failed = valueAt(edgesS, badUntil, atS) - valueAt(edgesS, badUntil, fromS);
    const all = before + valueAt(edgesS, allUntil, atS) - valueAt(edgesS, allUntil, fromS);
    return failed > 0 && failed >= share * all * (1 - ROUNDING);
  };
}

function sums(values: readonly number[]): readonly number[] {
  let sum = 0;
  return [0, ...values.map((value) => (sum += value))];
}

/** Linear between edges, constant beyond them. */
function valueAt(edgesS: readonly number[], values: readonly number[], atS: number): number {
  let [low, high] = [0, edgesS.length - 1];
  if (atS <= edgesS[low]!) return values[low]!;
  if (atS >= edgesS[high]!) return values[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edgesS[middle]! <= atS) low = middle;
    else high = middle;
  }
  const share = (atS - edgesS[low]!) / (edgesS[high]! - edgesS[low]!);
  return values[low]! + share * (values[high]! - values[low]!);
}
