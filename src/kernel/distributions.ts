import { exp, log, pow } from "../math/index.js";
import { gammaQuantile, logGamma } from "./gamma.js";
import { normalQuantile } from "./normalQuantile.js";

/** A random quantity. Values are in the unit of the field that holds it (µs for times). */
export type Distribution =
  | { readonly kind: "deterministic"; readonly value: number }
  | { readonly kind: "exponential"; readonly mean: number }
  /** exp(mu + sigma·Z). */
  | { readonly kind: "lognormal"; readonly mu: number; readonly sigma: number }
  /** Mean shape·scale. */
  | { readonly kind: "gamma"; readonly shape: number; readonly scale: number }
  /** P(X > x) = (minimum/x)^shape, conditioned on X <= `maximum` (Infinity for no condition). */
  | { readonly kind: "pareto"; readonly minimum: number; readonly shape: number; readonly maximum: number }
  /** Log-linear (linear where a value is 0) between the given quantiles, constant beyond them. */
  | {
      readonly kind: "quantiles";
      readonly probabilities: readonly number[];
      readonly values: readonly number[];
    };

const DETERMINISTIC = 0;
const EXPONENTIAL = 1;
const LOGNORMAL = 2;
const GAMMA = 3;
const PARETO = 4;
const QUANTILES = 5;

const NO_COLUMN = new Float64Array(0);

/**
 * Turns uniform numbers into values of one {@link Distribution} by inversion.
 *
 * One uniform number makes one value, and a larger number never makes a smaller value beyond rounding: streams stay
 * aligned between runs, and common random numbers stay common. Parameters are trusted; the scenario loader checks them.
 */
export class Sampler {
  /** Expected value, in the unit of the values; Infinity for a Pareto tail too heavy to have one. */
  readonly mean: number;
  private readonly kind: number;
  /** Two or three parameters, whose meaning each case of `sample` gives. */
  private readonly p: number;
  private readonly q: number;
  private readonly r: number;
  private readonly maximum: number;
  private readonly probabilities: Float64Array;
  private readonly values: Float64Array;
  /** ln of the ratio of each given quantile to the one before it; of no use where that is 0. */
  private readonly logSteps: Float64Array;

  constructor(distribution: Distribution) {
    const d = distribution;
    this.mean = meanOf(d);
    this.maximum = d.kind === "pareto" ? d.maximum : Infinity;
    this.probabilities = d.kind === "quantiles" ? Float64Array.from(d.probabilities) : NO_COLUMN;
    this.values = d.kind === "quantiles" ? Float64Array.from(d.values) : NO_COLUMN;
    this.logSteps = this.values.map((value, i, values) =>
      i + 1 < values.length ? log(values[i + 1]! / value) : 0,
    );
    let parameters: readonly [kind: number, p: number, q: number, r: number];
    switch (d.kind) {
      case "deterministic":
        parameters = [DETERMINISTIC, d.value, 0, 0];
        break;
      case "exponential":
        parameters = [EXPONENTIAL, d.mean, 0, 0];
        break;
      case "lognormal":
        parameters = [LOGNORMAL, d.mu, d.sigma, 0];
        break;
      case "gamma":
        parameters = [GAMMA, d.shape, d.scale, logGamma(d.shape)];
        break;
      case "pareto":
        // Share of the uncut distribution below the cut, which the uniform number is squeezed into.
        parameters = [PARETO, d.minimum, -1 / d.shape, 1 - pow(d.minimum / d.maximum, d.shape)];
        break;
      case "quantiles":
        parameters = [QUANTILES, 0, 0, 0];
        break;
    }
    [this.kind, this.p, this.q, this.r] = parameters;
  }

  /** Whether every sample is the mean, so that no luck is needed. */
  get isFixed(): boolean {
    return this.kind === DETERMINISTIC;
  }

  /** The value with a share `u` of the distribution at or below it, for u strictly inside (0, 1). */
  sample(u: number): number {
    switch (this.kind) {
      case EXPONENTIAL:
        return -this.p * log(1 - u);
      case LOGNORMAL:
        return exp(this.p + this.q * normalQuantile(u));
      case GAMMA:
        return this.q * gammaQuantile(this.p, u, this.r);
      case PARETO:
        return Math.min(this.p * pow(1 - u * this.r, this.q), this.maximum);
      case QUANTILES:
        return this.between(u);
      default:
        return this.p;
    }
  }

  /** Interpolates between the two given quantiles around u; beyond the outer ones their values hold. */
  private between(u: number): number {
    const { probabilities, values } = this;
    const last = probabilities.length - 1;
    if (u <= probabilities[0]!) return values[0]!;
    if (u >= probabilities[last]!) return values[last]!;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (probabilities[middle]! <= u) low = middle;
      else high = middle;
    }
    const from = values[low]!;
    const to = values[high]!;
    const share = (u - probabilities[low]!) / (probabilities[high]! - probabilities[low]!);
    if (!(from > 0)) return from + (to - from) * share;
    // Rounding must not step over the next quantile, or the values would not increase there.
    return Math.min(from * exp(share * this.logSteps[low]!), to);
  }
}

function meanOf(d: Distribution): number {
  switch (d.kind) {
    case "deterministic":
      return d.value;
    case "exponential":
      return d.mean;
    case "lognormal":
      return exp(d.mu + 0.5 * d.sigma * d.sigma);
    case "gamma":
      return d.shape * d.scale;
    case "pareto":
      return paretoMean(d.minimum, d.shape, d.maximum);
    case "quantiles":
      return quantilesMean(d.probabilities, d.values);
  }
}

function paretoMean(minimum: number, shape: number, maximum: number): number {
  if (maximum === minimum) return minimum;
  if (maximum === Infinity) return shape > 1 ? (minimum * shape) / (shape - 1) : Infinity;
  const ratio = minimum / maximum;
  const covered = 1 - pow(ratio, shape);
  if (shape === 1) return (minimum * log(1 / ratio)) / covered;
  return (((minimum * shape) / (shape - 1)) * (1 - pow(ratio, shape - 1))) / covered;
}

/** Flat ends, and between two quantiles the mean of their interpolation: logarithmic, or arithmetic from 0. */
function quantilesMean(probabilities: readonly number[], values: readonly number[]): number {
  const last = values.length - 1;
  let mean = probabilities[0]! * values[0]! + (1 - probabilities[last]!) * values[last]!;
  for (let i = 0; i < last; i += 1) {
    const from = values[i]!;
    const to = values[i + 1]!;
    const isLinear = from === 0 || to - from < 1e-6 * from;
    const segmentMean = isLinear ? (from + to) * 0.5 : (to - from) / log(to / from);
    mean += (probabilities[i + 1]! - probabilities[i]!) * segmentMean;
  }
  return mean;
}
