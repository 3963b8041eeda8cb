/**
 * What a fit looks at: for each request of the fitted part how long its first token took, and how long the rest, as
 * shares of a yardstick, so that a short wait counts as much as a long one.
 */

import { NormalEquations } from "./leastSquares.js";
import { LoadCurves, type Work } from "./loadCurves.js";
import { type Replayed, rowsByReplica } from "./replay.js";
import type { RequestLog } from "./requestLog.js";

/** Order of the coefficients everywhere in a fit: base, prefill, decode, kv, overhead; all µs. */
export const COEFFICIENTS = [
  "baseUs",
  "prefillUsPerToken",
  "decodeUsPerSequence",
  "kvUsPerToken",
  "overheadUs",
] as const;
/** Place of the kv coefficient. */
export const KV = 3;

/** Few tokens average out less of what varies from step to step: the variance of so many steps is added. */
const STEP_NOISE = 10;
/** Residuals beyond this many scales weigh less: one stalled request must not bend the fit. Huber's constant. */
const HUBER = 1.345;
/** Of a normal law, the standard deviation over the median absolute deviation. */
const MAD_TO_SIGMA = 1.4826;
/** Requests summed up together. */
const NEIGHBOURS = 25;
const LEAST_SCALE = 1e-4;

/** Spread of the residuals of each kind, as shares of their yardsticks. */
export interface Scales {
  readonly first: number;
  readonly rest: number;
}

/** The fitted part of a log, ready to be compared with replays of it. */
export class Residuals {
  readonly log: RequestLog;
  /** Rows that are replayed: those that arrived in the fitted part. */
  readonly count: number;
  /** Rows that are compared: of those, the ones that also ended in it. */
  readonly rows: readonly number[];
  readonly #firstYardUs: Float64Array;
  readonly #restYardUs: Float64Array;

  /**
   * Yardsticks are the measured times or, once there is a good one, a replay's: noise in a yardstick makes long times
   * count less than short ones, and the fit too fast by the square of the noise.
   */
  constructor(log: RequestLog, count: number, rows: readonly number[], yardsticks: Replayed = log) {
    this.log = log;
    this.count = count;
    this.rows = rows;
    const waits = rows.map((row) => log.firstUs[row]! - log.arrivalUs[row]!);
    const leastUs = Math.max(1, quantile(waits, 0.5));
    this.#firstYardUs = new Float64Array(count);
    this.#restYardUs = new Float64Array(count);
    for (let row = 0; row < count; row += 1) {
      const [arrivalUs, firstUs] = [log.arrivalUs[row]!, log.firstUs[row]!];
      const further = log.outputTokens[row]! - 1;
      const restUs = within(yardsticks.lastUs[row]! - yardsticks.firstUs[row]!, log.lastUs[row]! - firstUs);
      this.#firstYardUs[row] = Math.max(
        leastUs,
        within(yardsticks.firstUs[row]! - arrivalUs, firstUs - arrivalUs),
      );
      this.#restYardUs[row] = further < 1 ? 0 : Math.max(1, restUs) * Math.sqrt(1 + STEP_NOISE / further);
    }
  }

  /** How far a replay is from the log, measured − modelled over yardstick: the middle size of each kind. */
  scales(modelled: Replayed): Scales {
    const first: number[] = [];
    const rest: number[] = [];
    for (const row of this.rows) {
      first.push(Math.abs(this.first(row, modelled)));
      if (this.#restYardUs[row]! > 0) rest.push(Math.abs(this.rest(row, modelled)));
    }
    const scale = (sizes: number[]): number => Math.max(LEAST_SCALE, quantile(sizes, 0.5) * MAD_TO_SIGMA);
    return { first: scale(first), rest: scale(rest) };
  }

  /** Residual of the time to first token, as a share of its yardstick. */
  first(row: number, modelled: Replayed): number {
    return (this.log.firstUs[row]! - modelled.firstUs[row]!) / this.#firstYardUs[row]!;
  }

  /** Residual of the time from first to last token; 0 for one token, which has none. */
  rest(row: number, modelled: Replayed): number {
    const yardUs = this.#restYardUs[row]!;
    if (yardUs === 0) return 0;
    const { firstUs, lastUs } = this.log;
    const measuredUs = lastUs[row]! - firstUs[row]!;
    return (measuredUs - (modelled.lastUs[row]! - modelled.firstUs[row]!)) / yardUs;
  }

  /** Huber's loss of a replay, per compared request. */
  cost(modelled: Replayed, scales: Scales): number {
    let sum = 0;
    for (const row of this.rows) {
      sum += huber(this.first(row, modelled) / scales.first) + huber(this.rest(row, modelled) / scales.rest);
    }
    return sum / this.rows.length;
  }

  /**
   * How far a replay is from the log in the sums over neighbours by arrival, between 0 and 2. At a limit chance decides
   * who waits, so single requests say little of how near a replay is; how long all of them waited says it.
   */
  distance(modelled: Replayed): number {
    const { log, rows } = this;
    let sum = 0;
    let groups = 0;
    for (let start = 0; start < rows.length; start += NEIGHBOURS) {
      const sums = { first: 0, firstModelled: 0, rest: 0, restModelled: 0 };
      for (let place = start; place < Math.min(start + NEIGHBOURS, rows.length); place += 1) {
        const row = rows[place]!;
        sums.first += log.firstUs[row]! - log.arrivalUs[row]!;
        sums.firstModelled += modelled.firstUs[row]! - log.arrivalUs[row]!;
        sums.rest += log.lastUs[row]! - log.firstUs[row]!;
        sums.restModelled += modelled.lastUs[row]! - modelled.firstUs[row]!;
      }
      sum += apart(sums.first, sums.firstModelled) + apart(sums.rest, sums.restModelled);
      groups += 1;
    }
    return sum / groups;
  }

  /**
   * Adds what the log says about the coefficients to `gathering`: the work done in `modelled`, a replay or the log
   * itself, is how much each coefficient counts.
   */
  gather(modelled: Replayed, scales: Scales, gathering: Gathering): void {
    const { log } = this;
    const served = { ...log, ...modelled };
    const curves = rowsByReplica(log, this.count).map((rows) => new LoadCurves(served, rows));
    const work: Work = { steps: 0, prefillTokens: 0, decodedTokens: 0, contextTokens: 0 };
    for (const row of this.rows) {
      const curve = curves[log.replica[row]!]!;
      const arrivalUs = log.arrivalUs[row]!;
      const firstUs = modelled.firstUs[row]!;
      if (this.#restYardUs[row]! > 0) {
        const lastUs = modelled.lastUs[row]!;
        curve.between(firstUs, lastUs, work);
        work.steps = log.outputTokens[row]! - 1;
        const measuredUs = log.lastUs[row]! - log.firstUs[row]!;
        const yardUs = this.#restYardUs[row]!;
        gathering.add(work, 0, { measuredUs, modelledUs: lastUs - firstUs, yardUs, scale: scales.rest });
      }
      curve.between(arrivalUs, firstUs, work);
      const computed = log.inputTokens[row]! - log.cachedTokens[row]!;
      work.steps = Math.max(1, Math.ceil(computed / gathering.maxBatchedTokens), work.steps);
      const measuredUs = log.firstUs[row]! - arrivalUs;
      const yardUs = this.#firstYardUs[row]!;
      gathering.add(work, 1, { measuredUs, modelledUs: firstUs - arrivalUs, yardUs, scale: scales.first });
    }
  }
}

/** An interval as measured and as modelled; `yardUs` makes shares of both, `scale` is their usual difference. */
interface Interval {
  readonly measuredUs: number;
  readonly modelledUs: number;
  readonly yardUs: number;
  readonly scale: number;
}

/** Gathers intervals into equations for the coefficients that are fitted. */
export class Gathering {
  readonly equations: NormalEquations;
  readonly maxBatchedTokens: number;
  readonly #theta: ArrayLike<number>;
  readonly #fitted: readonly number[];
  readonly #isStart: boolean;
  readonly #row: Float64Array;

  /**
   * `theta` is what the replay ran with. At the start there was none: of it only the coefficients that are not
   * `fitted` count, and the log explains all the rest.
   */
  constructor(
    theta: ArrayLike<number>,
    fitted: readonly number[],
    { isStart, maxBatchedTokens }: { readonly isStart: boolean; readonly maxBatchedTokens: number },
  ) {
    this.equations = new NormalEquations(fitted.length);
    this.maxBatchedTokens = maxBatchedTokens;
    this.#theta = theta;
    this.#fitted = fitted;
    this.#isStart = isStart;
    this.#row = new Float64Array(fitted.length);
  }

  /** Adds one interval; `overheads` is how often it contains the overhead. */
  add(work: Work, overheads: number, { measuredUs, modelledUs, yardUs, scale }: Interval): void {
    const factors = [work.steps, work.prefillTokens, work.decodedTokens, work.contextTokens, overheads];
    let explainedUs = 0;
    for (const [place, index] of this.#fitted.entries()) {
      explainedUs += factors[index]! * this.#theta[index]!;
      this.#row[place] = factors[index]! / yardUs;
    }
    const missing = (measuredUs - modelledUs) / yardUs;
    if (this.#isStart) {
      const givenUs = this.#fitted.includes(KV) ? 0 : work.contextTokens * this.#theta[KV]!;
      this.equations.add(this.#row, (measuredUs - givenUs) / yardUs, 1 / (scale * scale));
      return;
    }
    const size = Math.abs(missing) / scale;
    const weight = (size <= HUBER ? 1 : HUBER / size) / (scale * scale);
    this.equations.add(this.#row, missing + explainedUs / yardUs, weight);
  }
}

/** A replay that is far off is no yardstick: at most a factor of two from what was measured. */
function within(us: number, measuredUs: number): number {
  return Math.min(2 * measuredUs, Math.max(measuredUs / 2, us));
}

/** 0 for equal, 1 for infinitely different. */
function apart(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / (a + b);
}

function huber(scaled: number): number {
  const size = Math.abs(scaled);
  return size <= HUBER ? (size * size) / 2 : HUBER * (size - HUBER / 2);
}

/** The value below which a share of the values lies, between neighbours in proportion; 0 of none. Sorts a copy. */
export function quantile(values: readonly number[] | Float64Array, share: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}
