import { RESULT_ABANDONED, RESULT_OK } from "../results.js";
import type { OptionsOf } from "./configs.js";
import { SmoothTurns } from "./smoothTurns.js";
import type { Draw, Ended, Fleet, Picker, Strategy, StrategyTarget } from "./strategy.js";

type Options = OptionsOf<"client-weighted">;

/** A weight of Envoy's is a whole number of 32 bits. */
const MAX_WEIGHT = 4_294_967_295;

/** What a target did in a while, per second, and how much of its capacity was in use, 0 … 1. */
export interface LoadReport {
  readonly answersPerS: number;
  readonly failuresPerS: number;
  readonly utilisation: number;
}

/** answers ÷ (utilisation + penalty · failures ÷ answers); −1 when that says nothing, for want of either. */
export function reportedWeight(report: LoadReport, errorPenalty: number): number {
  const { answersPerS, failuresPerS, utilisation } = report;
  if (!(answersPerS > 0)) return -1;
  const use = utilisation + (errorPenalty * failuresPerS) / answersPerS;
  return use > 0 ? Math.min(MAX_WEIGHT, answersPerS / use) : -1;
}

class ClientWeighted implements Picker {
  readonly turns: SmoothTurns;
  /** What each target counts for now. */
  readonly weight: Float64Array;
  /** Its own weight, and the time of the first and last answers that it is of; −1 for never. */
  readonly own: Float64Array;
  readonly sinceMs: Float64Array;
  readonly lastMs: Float64Array;
  /** When a request there ended last. */
  readonly endedMs: Float64Array;
  /** Of the time since the last update: ends, failures, and requests under way × ms. */
  readonly ends: Float64Array;
  readonly failures: Float64Array;
  readonly busyMs: Float64Array;
  readonly underWay: Float64Array;
  readonly countedMs: Float64Array;
  updatedMs = 0;
  readonly #options: Options;
  readonly #capacity: Float64Array;
  readonly #sorted: Float64Array;

  constructor(options: Options, targets: readonly StrategyTarget[]) {
    const column = (value: number): Float64Array => new Float64Array(targets.length).fill(value);
    this.#options = options;
    this.#capacity = Float64Array.from(targets, ({ capacity }) => capacity ?? 1);
    this.#sorted = column(0);
    this.turns = new SmoothTurns(targets.length);
    this.weight = column(1);
    this.own = column(-1);
    this.sinceMs = column(-1);
    this.lastMs = column(-1);
    this.endedMs = column(0);
    this.ends = column(0);
    this.failures = column(0);
    this.busyMs = column(0);
    this.underWay = column(0);
    this.countedMs = column(0);
  }

  pick(_fleet: Fleet, candidates: number, _draw: Draw): number {
    return this.turns.next(candidates, this.weight);
  }

  sent(target: number, candidates: number, nowMs: number): void {
    this.turns.taken(target, candidates, this.weight);
    this.#count(target, 1, nowMs);
    this.#update(nowMs);
  }

  ended({ target, result, nowMs }: Ended): void {
    this.#count(target, -1, nowMs);
    if (result !== RESULT_ABANDONED) {
      this.ends[target]! += 1;
      this.endedMs[target] = nowMs;
      if (result !== RESULT_OK) this.failures[target]! += 1;
    }
    this.#update(nowMs);
  }

  #count(target: number, change: number, nowMs: number): void {
    this.busyMs[target]! += this.underWay[target]! * (nowMs - this.countedMs[target]!);
    this.countedMs[target] = nowMs;
    this.underWay[target]! += change;
  }

  #update(nowMs: number): void {
    const spanMs = nowMs - this.updatedMs;
    if (spanMs < this.#options.updateMs) return;
    for (let t = 0; t < this.own.length; t++) this.#report(t, spanMs, nowMs);
    this.updatedMs = nowMs;
    const median = this.#median(nowMs);
    for (let t = 0; t < this.own.length; t++)
      this.weight[t] = this.#isValid(t, nowMs) ? this.own[t]! : median;
  }

  #report(t: number, spanMs: number, nowMs: number): void {
    this.#count(t, 0, nowMs);
    const perS = 1000 / spanMs;
    const weight = reportedWeight(
      {
        answersPerS: this.ends[t]! * perS,
        failuresPerS: this.failures[t]! * perS,
        utilisation: this.busyMs[t]! / spanMs / this.#capacity[t]!,
      },
      this.#options.errorPenalty,
    );
    this.ends[t] = 0;
    this.failures[t] = 0;
    this.busyMs[t] = 0;
    if (weight >= 0) {
      this.own[t] = weight;
      this.lastMs[t] = this.endedMs[t]!;
      if (this.sinceMs[t]! < 0) this.sinceMs[t] = this.endedMs[t]!;
    } else if (nowMs - this.lastMs[t]! > this.#options.expiryMs) this.sinceMs[t] = -1;
  }

  #isValid(t: number, nowMs: number): boolean {
    const { blackoutMs, expiryMs } = this.#options;
    const sinceMs = this.sinceMs[t]!;
    return sinceMs >= 0 && nowMs - sinceMs >= blackoutMs && nowMs - this.lastMs[t]! <= expiryMs;
  }

  /** Of the weights that count; 1 when none does. */
  #median(nowMs: number): number {
    const sorted = this.#sorted;
    let count = 0;
    for (let t = 0; t < this.own.length; t++) {
      if (!this.#isValid(t, nowMs)) continue;
      let at = count++;
      for (; at > 0 && sorted[at - 1]! > this.own[t]!; at--) sorted[at] = sorted[at - 1]!;
      sorted[at] = this.own[t]!;
    }
    if (count === 0) return 1;
    const middle = count >> 1;
    return count % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }
}

/**
 * In turn by weights that each gateway works out for itself: answers per second ÷ (utilisation + failures per answer),
 * brought up to date every second. A weight counts once it is 10 s old and is forgotten when nothing was answered for
 * 180 s; a target without one has the median of the others. Utilisation is the requests of this gateway under way
 * against the target's `capacity` (1 where none is known), where Envoy is told by the hosts; weights keep their
 * fractions. Turns are smooth; of equal ones the earlier. Uses no luck.
 *
 * Envoy's documentation says average where its code takes the median: this is the code. Source: envoyproxy/envoy,
 * orca_weight_manager.cc at 3aab63a.
 */
export const clientWeighted: Strategy<Options> = {
  name: "client-weighted",
  usesLuck: false,
  reach: "tier",
  defaults: {
    kind: "client-weighted",
    errorPenalty: 1,
    blackoutMs: 10_000,
    expiryMs: 180_000,
    updateMs: 1000,
  },
  create: (options, targets) => new ClientWeighted(options, targets),
};
