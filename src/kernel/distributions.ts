/** A random quantity. Values are in the unit of the field that holds it (µs for times). */
export type Distribution =
  | { readonly kind: "deterministic"; readonly value: number }
  | { readonly kind: "exponential"; readonly mean: number }
  /** exp(mu + sigma·Z). */
  | { readonly kind: "lognormal"; readonly mu: number; readonly sigma: number }
  /** Mean shape·scale. */
  | { readonly kind: "gamma"; readonly shape: number; readonly scale: number }
  /** P(X > x) = (minimum/x)^shape, cut at `maximum` (Infinity for none). */
  | { readonly kind: "pareto"; readonly minimum: number; readonly shape: number; readonly maximum: number }
  /** Log-linear (linear where a value is 0) between the given quantiles, constant beyond them. */
  | {
      readonly kind: "quantiles";
      readonly probabilities: readonly number[];
      readonly values: readonly number[];
    };
