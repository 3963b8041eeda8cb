/**
 * Coefficients of step times, and the size of the memory, from the fitted part of a log.
 *
 * The start is a straight least squares on the work rebuilt from the log. It is biased, because tokens do not come as
 * evenly as it assumes, so it is mended by simulation: replay the arrivals, ask the same least squares what the
 * differences say, go there as long as the replay gets better. The steps are bounded and nothing is drawn, so the same
 * log gives the same bits.
 */

import type { Solution } from "./leastSquares.js";
import { LoadCurves } from "./loadCurves.js";
import { type Replayed, type ReplaySetting, replay, rowsByReplica } from "./replay.js";
import type { RequestLog } from "./requestLog.js";
import { Gathering, KV, quantile, Residuals, type Scales } from "./residuals.js";

/** What is known beforehand. */
export interface FitOptions {
  /** Null to fit it. */
  readonly kvUsPerToken: number | null;
  /** Null to look for it in the log. */
  readonly kvTokens: number | null;
  readonly kvBlockTokens: number;
  readonly maxSequences: number;
  readonly maxBatchedTokens: number;
}

/** What was found. */
export interface Fit {
  /** What the held-out part is replayed with; its memory is endless where only a lower bound is known. */
  readonly setting: ReplaySetting;
  readonly kvTokens: number;
  readonly kvTokensSource: "given" | "identified" | "lower-bound";
  /** Standard errors in the order of `COEFFICIENTS`; null for what was given. */
  readonly errors: readonly (number | null)[];
  /** See `Solution.leastPivot`. */
  readonly leastPivot: number;
  /** Requests compared. */
  readonly rows: readonly number[];
  readonly peakSequences: number;
}

/** Before anything was replayed, first tokens are taken to be so much less certain than the rest. */
const START_SCALES: Scales = { first: 0.5, rest: 0.1 };
const MAX_ROUNDS = 15;
const MAX_HALVINGS = 5;
/** A round that gains less than this share has found the bottom. */
const LEAST_GAIN = 1e-4;
/** Memory as shares of the most context seen. Preempted requests hold none but look as if they did, hence below 1. */
const MEMORY_GRID = [0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.35, 1.5];
const MEMORY_FINE = [0.94, 0.96, 0.98, 1, 1.02, 1.04, 1.06];
/** A finite memory must explain the log so much better than an endless one before it is believed. */
const MEMORY_GAIN = 0.8;
/** The replicas start empty and the log may not have: this share of the fitted time is not compared. */
const WARMUP_SHARE = 0.05;
const PS_PER_US = 1_000_000;

/** Fits the requests that arrived before `splitUs`, which are the first `count`. */
export function fit(log: RequestLog, count: number, splitUs: number, options: FitOptions): Fit {
  return new Search(log, count, splitUs, options).run();
}

interface Point {
  readonly theta: Float64Array;
  readonly modelled: Replayed;
  readonly cost: number;
}

class Search {
  readonly #residuals: Residuals;
  readonly #options: FitOptions;
  readonly #fitted: readonly number[];
  readonly #endlessTokens: number;
  readonly #largestTokens: number;
  readonly #peakSequences: number;
  readonly #peakTokens: number;
  #memoryTokens: number;

  constructor(log: RequestLog, count: number, splitUs: number, options: FitOptions) {
    this.#residuals = new Residuals(log, count, comparedRows(log, count, splitUs));
    this.#options = options;
    this.#fitted = options.kvUsPerToken === null ? [0, 1, 2, KV, 4] : [0, 1, 2, 4];
    const sizes = log.inputTokens.map((input, row) => input + log.outputTokens[row]!);
    this.#largestTokens = sizes.reduce((most, size) => Math.max(most, size), 0) + options.kvBlockTokens;
    this.#endlessTokens = this.#largestTokens * options.maxSequences;
    const curves = rowsByReplica(log, count).map((rows) => new LoadCurves(log, rows));
    this.#peakSequences = curves.reduce((most, { peakSequences }) => Math.max(most, peakSequences), 1);
    this.#peakTokens = curves.reduce((most, { peakContextTokens }) => Math.max(most, peakContextTokens), 1);
    this.#memoryTokens = options.kvTokens ?? this.#endlessTokens;
  }

  run(): Fit {
    let theta = this.#start();
    const looksForMemory = this.#options.kvTokens === null;
    if (looksForMemory) this.#findMemory(theta, MEMORY_GRID, this.#peakTokens);
    theta = this.#mend(theta);
    if (looksForMemory && this.#memoryTokens < this.#endlessTokens) {
      this.#findMemory(theta, MEMORY_FINE, this.#memoryTokens);
      theta = this.#mend(theta);
    }
    return this.#result(theta, looksForMemory);
  }

  #start(): Float64Array {
    const theta = Float64Array.of(0, 0, 0, this.#options.kvUsPerToken ?? 0, 0);
    return this.#solve(theta, this.#residuals.log, START_SCALES, true).theta;
  }

  #solve(
    theta: Float64Array,
    modelled: Replayed,
    scales: Scales,
    isStart: boolean,
  ): { readonly theta: Float64Array; readonly solution: Solution } {
    const { maxBatchedTokens } = this.#options;
    const gathering = new Gathering(theta, this.#fitted, { isStart, maxBatchedTokens });
    this.#residuals.gather(modelled, scales, gathering);
    const solution = gathering.equations.solve();
    const next = theta.slice();
    for (const [place, index] of this.#fitted.entries()) next[index] = solution.values[place]!;
    return { theta: next, solution };
  }

  #setting(theta: Float64Array, kvTokens: number = this.#memoryTokens): ReplaySetting {
    const { maxSequences, maxBatchedTokens, kvBlockTokens } = this.#options;
    const picoseconds = (us: number): number => Math.round(us * PS_PER_US) / PS_PER_US;
    const stepTime = {
      // A step of no length would never end.
      baseUs: Math.max(1, picoseconds(theta[0]!)),
      prefillUsPerToken: picoseconds(theta[1]!),
      decodeUsPerSequence: picoseconds(theta[2]!),
      kvUsPerToken: picoseconds(theta[KV]!),
    };
    const overheadUs = Math.round(theta[4]!);
    return { stepTime, overheadUs, maxSequences, maxBatchedTokens, kvTokens, kvBlockTokens };
  }

  #replay(theta: Float64Array, kvTokens?: number): Replayed {
    return replay(this.#residuals.log, this.#residuals.count, this.#setting(theta, kvTokens));
  }

  /** Goes downhill until a round gains nothing; the costs of a round are all by the spread at its beginning. */
  #mend(start: Float64Array): Float64Array {
    let theta = start;
    let modelled = this.#replay(theta);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const scales = this.#residuals.scales(modelled);
      const here = { theta, modelled, cost: this.#residuals.cost(modelled, scales) };
      const better = this.#downhill(here, scales);
      if (better === null) break;
      theta = better.theta;
      modelled = better.modelled;
      if (better.cost > here.cost * (1 - LEAST_GAIN)) break;
    }
    return theta;
  }

  /** The best of ever shorter ways towards what the least squares proposes; null when none is better. */
  #downhill(here: Point, scales: Scales): Point | null {
    const proposal = this.#solve(here.theta, here.modelled, scales, false).theta;
    let best: Point | null = null;
    for (let halving = 0; halving <= MAX_HALVINGS; halving += 1) {
      const share = 1 / (1 << halving);
      const theta = here.theta.map((value, i) => value + share * (proposal[i]! - value));
      const modelled = this.#replay(theta);
      const cost = this.#residuals.cost(modelled, scales);
      if (cost < (best ?? here).cost) best = { theta, modelled, cost };
      else if (best !== null) break;
    }
    return best;
  }

  /** Sets the memory to the one on the grid that explains the log best, if it does so much better than endless. */
  #findMemory(theta: Float64Array, grid: readonly number[], aroundTokens: number): void {
    const sizes = grid
      .map((share) => Math.max(this.#largestTokens, Math.round(share * aroundTokens)))
      .filter((size, index, all) => size < this.#endlessTokens && all.indexOf(size) === index);
    const tried = [this.#endlessTokens, ...sizes].map((kvTokens) => {
      const modelled = this.#replay(theta, kvTokens);
      return { kvTokens, modelled, scales: this.#residuals.scales(modelled) };
    });
    const closest = tried.reduce((a, b) => (b.scales.first < a.scales.first ? b : a));
    const costs = tried.map(({ modelled }) => this.#residuals.cost(modelled, closest.scales));
    const least = costs.reduce((best, cost, index) => (cost < costs[best]! ? index : best), 0);
    if (costs[least]! < MEMORY_GAIN * costs[0]!) this.#memoryTokens = tried[least]!.kvTokens;
  }

  #result(theta: Float64Array, looksForMemory: boolean): Fit {
    const modelled = this.#replay(theta);
    const { solution } = this.#solve(theta, modelled, this.#residuals.scales(modelled), false);
    const errors: (number | null)[] = [null, null, null, null, null];
    for (const [place, index] of this.#fitted.entries()) errors[index] = solution.errors[place]!;
    const isEndless = looksForMemory && this.#memoryTokens >= this.#endlessTokens;
    const seenTokens = Math.max(this.#largestTokens, Math.floor(this.#peakTokens));
    return {
      setting: this.#setting(theta),
      kvTokens: isEndless ? seenTokens : this.#memoryTokens,
      kvTokensSource: !looksForMemory ? "given" : isEndless ? "lower-bound" : "identified",
      errors,
      leastPivot: solution.leastPivot,
      rows: this.#residuals.rows,
      peakSequences: this.#peakSequences,
    };
  }
}

/**
 * Requests that lie wholly in the fitted part, after its warm-up: those still running at the split met others that
 * are not replayed. All of the part when that leaves too few.
 */
function comparedRows(log: RequestLog, count: number, splitUs: number): readonly number[] {
  const lengths = Array.from({ length: count }, (_, row) => log.lastUs[row]! - log.arrivalUs[row]!);
  const warmupUs = Math.min(quantile(lengths, 0.5), WARMUP_SHARE * splitUs);
  const all = [...lengths.keys()];
  const inside = all.filter((row) => log.arrivalUs[row]! >= warmupUs && log.lastUs[row]! < splitUs);
  return inside.length * 2 < count ? all : inside;
}
