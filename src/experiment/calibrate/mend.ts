/**
 * Coefficients of step times from compared requests, under limits that are taken as known.
 *
 * The start is a straight least squares on the work rebuilt from the log. It is biased, because tokens do not come as
 * evenly as it assumes, so it is mended by simulation: replay the arrivals, ask the same least squares what the
 * differences say, go there as long as the replay gets better. The steps are bounded and nothing is drawn, so the same
 * log gives the same bits.
 */
import type { Solution } from "./leastSquares.js";
import { type Replayed, type ReplaySetting, replay } from "./replay.js";
import { Gathering, KV, type Residuals, type Scales } from "./residuals.js";

/** What keeps a replica from working on more at once. */
export interface Limits {
  readonly kvTokens: number;
  readonly maxSequences: number;
}

/** What a mender takes as known. */
export interface Known {
  /** Null to fit it. */
  readonly kvUsPerToken: number | null;
  readonly kvBlockTokens: number;
  readonly maxBatchedTokens: number;
}

/** Before anything was replayed, first tokens are taken to be so much less certain than the rest. */
const START_SCALES: Scales = { first: 0.5, rest: 0.1 };
const MAX_ROUNDS = 15;
const MAX_HALVINGS = 5;
/** A round that gains less than this share has found the bottom. */
const LEAST_GAIN = 1e-4;
const PS_PER_US = 1_000_000;

interface Point {
  readonly theta: Float64Array;
  readonly modelled: Replayed;
  readonly cost: number;
}

/** Coefficients, in the order of `COEFFICIENTS`, to what a replay needs: whole ps and µs. */
export function settingOf(theta: Float64Array, known: Known, limits: Limits): ReplaySetting {
  const picoseconds = (us: number): number => Math.round(us * PS_PER_US) / PS_PER_US;
  const stepTime = {
    // A step of no length would never end.
    baseUs: Math.max(1, picoseconds(theta[0]!)),
    prefillUsPerToken: picoseconds(theta[1]!),
    decodeUsPerSequence: picoseconds(theta[2]!),
    kvUsPerToken: picoseconds(theta[KV]!),
  };
  const { maxBatchedTokens, kvBlockTokens } = known;
  return { stepTime, overheadUs: Math.round(theta[4]!), maxBatchedTokens, kvBlockTokens, ...limits };
}

/** Fits the compared requests of `residuals`. */
export class Mender {
  readonly #residuals: Residuals;
  readonly #known: Known;
  readonly #fitted: readonly number[];

  constructor(residuals: Residuals, known: Known) {
    this.#residuals = residuals;
    this.#known = known;
    this.#fitted = known.kvUsPerToken === null ? [0, 1, 2, KV, 4] : [0, 1, 2, 4];
  }

  /** Coefficients from the log alone, in the order of `COEFFICIENTS`. */
  start(): Float64Array {
    const theta = Float64Array.of(0, 0, 0, this.#known.kvUsPerToken ?? 0, 0);
    const { maxBatchedTokens } = this.#known;
    const gathering = new Gathering(theta, this.#fitted, { isStart: true, maxBatchedTokens });
    this.#residuals.gather(this.#residuals.log, START_SCALES, gathering);
    return this.#moved(theta, gathering.equations.solve());
  }

  /** Goes downhill until a round gains nothing; the costs of a round are all by the spread at its beginning. */
  mend(start: Float64Array, limits: Limits): Float64Array {
    let theta = start;
    let modelled = this.replay(theta, limits);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const scales = this.#residuals.scales(modelled);
      const here = { theta, modelled, cost: this.#residuals.cost(modelled, scales) };
      const better = this.#downhill(here, scales, limits);
      if (better === null) break;
      theta = better.theta;
      modelled = better.modelled;
      if (better.cost > here.cost * (1 - LEAST_GAIN)) break;
    }
    return theta;
  }

  /** Standard errors in the order of `COEFFICIENTS`, null for what was given; and `Solution.leastPivot`. */
  certainty(
    theta: Float64Array,
    limits: Limits,
  ): { readonly errors: readonly (number | null)[]; readonly leastPivot: number } {
    const modelled = this.replay(theta, limits);
    const solution = this.#solve(theta, modelled, this.#residuals.scales(modelled));
    const errors: (number | null)[] = [null, null, null, null, null];
    for (const [place, index] of this.#fitted.entries()) errors[index] = solution.errors[place]!;
    return { errors, leastPivot: solution.leastPivot };
  }

  /** The fitted part, replayed. */
  replay(theta: Float64Array, limits: Limits): Replayed {
    return replay(this.#residuals.log, this.#residuals.count, settingOf(theta, this.#known, limits));
  }

  /** The best of ever shorter ways towards what the least squares proposes; null when none is better. */
  #downhill(here: Point, scales: Scales, limits: Limits): Point | null {
    const proposal = this.#moved(here.theta, this.#solve(here.theta, here.modelled, scales));
    let best: Point | null = null;
    for (let halving = 0; halving <= MAX_HALVINGS; halving += 1) {
      const share = 1 / (1 << halving);
      const theta = here.theta.map((value, i) => value + share * (proposal[i]! - value));
      const modelled = this.replay(theta, limits);
      const cost = this.#residuals.cost(modelled, scales);
      if (cost < (best ?? here).cost) best = { theta, modelled, cost };
      else if (best !== null) break;
    }
    return best;
  }

  /** What least squares make of a replay: `theta` is what it ran with. */
  #solve(theta: Float64Array, modelled: Replayed, scales: Scales): Solution {
    const { maxBatchedTokens } = this.#known;
    const gathering = new Gathering(theta, this.#fitted, { isStart: false, maxBatchedTokens });
    this.#residuals.gather(modelled, scales, gathering);
    return gathering.equations.solve();
  }

  #moved(theta: Float64Array, { values }: Solution): Float64Array {
    const next = theta.slice();
    for (const [place, index] of this.#fitted.entries()) next[index] = values[place]!;
    return next;
  }
}
