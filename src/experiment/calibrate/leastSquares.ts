/**
 * Least squares for a handful of coefficients that cannot be negative, from sums that are gathered row by row.
 * With at most five of them every choice of which are zero can be tried, so the answer is the best one, always.
 */

/** Sums of weighted products of the factors and of what they should add up to. */
export class NormalEquations {
  readonly size: number;
  readonly #products: Float64Array;
  readonly #targets: Float64Array;
  #squares = 0;
  #rows = 0;

  constructor(size: number) {
    this.size = size;
    this.#products = new Float64Array(size * size);
    this.#targets = new Float64Array(size);
  }

  /** Adds the row: Σ factor × coefficient should be `target`. */
  add(factors: ArrayLike<number>, target: number, weight: number): void {
    const { size } = this;
    for (let i = 0; i < size; i += 1) {
      const weighted = weight * factors[i]!;
      for (let j = 0; j < size; j += 1) this.#products[i * size + j]! += weighted * factors[j]!;
      this.#targets[i]! += weighted * target;
    }
    this.#squares += weight * target * target;
    this.#rows += 1;
  }

  /** The best coefficients ≥ 0. Ties go to the choice with more coefficients free. */
  solve(): Solution {
    let best: Candidate | null = null;
    for (let free = (1 << this.size) - 1; free >= 0; free -= 1) {
      const tried = this.#solveFor(free);
      if (tried.values.some((value) => value < 0)) continue;
      if (best === null || tried.squares < best.squares) best = tried;
    }
    // With nothing free all are zero, and zero is not below zero.
    return this.#withErrors(best!);
  }

  #solveFor(free: number): Candidate {
    const chosen = [...Array(this.size).keys()].filter((i) => (free & (1 << i)) !== 0);
    const values = new Float64Array(this.size);
    const factor = this.#factorise(chosen);
    const solved = factor.solve(chosen.map((i) => this.#targets[i]!));
    let squares = this.#squares;
    for (const [place, i] of chosen.entries()) {
      values[i] = solved[place]!;
      squares -= solved[place]! * this.#targets[i]!;
    }
    return { values, squares, chosen, factor };
  }

  #factorise(chosen: readonly number[]): Factor {
    return new Factor(chosen.map((i) => chosen.map((j) => this.#products[i * this.size + j]!)));
  }

  #withErrors({ values, squares, chosen, factor }: Candidate): Solution {
    const spare = Math.max(1, this.#rows - chosen.length);
    // Weights are relative, so the unit of variance is what the residuals say it is.
    const variance = Math.max(0, squares) / spare;
    const errors = new Float64Array(this.size);
    for (const [place, i] of chosen.entries()) {
      const unit = chosen.map((_, k) => (k === place ? 1 : 0));
      errors[i] = Math.sqrt(variance * Math.max(0, factor.solve(unit)[place]!));
    }
    const all = this.#factorise([...Array(this.size).keys()]);
    return { values, errors, leastPivot: all.leastPivot };
  }
}

interface Candidate {
  readonly values: Float64Array;
  readonly squares: number;
  readonly chosen: readonly number[];
  readonly factor: Factor;
}

/** Coefficients and how well the rows determine them. */
export interface Solution {
  readonly values: Float64Array;
  /** Standard errors; 0 for a coefficient that was held at zero. */
  readonly errors: Float64Array;
  /**
   * Between 0 and 1: the share of a factor's variation that the others do not explain, for the one best explained.
   * Near 0 the rows cannot tell two coefficients apart.
   */
  readonly leastPivot: number;
}

/** Cholesky's decomposition of a matrix scaled to ones on its diagonal. */
class Factor {
  readonly #lower: number[][];
  readonly #scale: readonly number[];
  readonly leastPivot: number;

  constructor(matrix: readonly (readonly number[])[]) {
    this.#scale = matrix.map((row, i) => (row[i]! > 0 ? 1 / Math.sqrt(row[i]!) : 0));
    this.#lower = matrix.map((row) => row.map(() => 0));
    let least = 1;
    for (let i = 0; i < matrix.length; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        let sum = matrix[i]![j]! * this.#scale[i]! * this.#scale[j]!;
        for (let k = 0; k < j; k += 1) sum -= this.#lower[i]![k]! * this.#lower[j]![k]!;
        if (i === j) {
          least = Math.min(least, sum);
          this.#lower[i]![i] = Math.sqrt(Math.max(sum, TINY_PIVOT));
        } else this.#lower[i]![j] = sum / this.#lower[j]![j]!;
      }
    }
    this.leastPivot = Math.max(0, least);
  }

  solve(target: readonly number[]): readonly number[] {
    const count = target.length;
    const x = target.map((value, i) => value * this.#scale[i]!);
    for (let i = 0; i < count; i += 1) {
      for (let k = 0; k < i; k += 1) x[i]! -= this.#lower[i]![k]! * x[k]!;
      x[i]! /= this.#lower[i]![i]!;
    }
    for (let i = count - 1; i >= 0; i -= 1) {
      for (let k = i + 1; k < count; k += 1) x[i]! -= this.#lower[k]![i]! * x[k]!;
      x[i]! /= this.#lower[i]![i]!;
    }
    return x.map((value, i) => value * this.#scale[i]!);
  }
}

/** A factor that is a sum of the others is given no more than this, so that numbers stay finite. */
const TINY_PIVOT = 1e-10;
