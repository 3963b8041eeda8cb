/**
 * A sweep plan, read and checked: which points, how many replications, with what luck. What a point is depends on the
 * plan alone, never on who runs it.
 */

/** Settings of one point: path → value as `--set` writes it, in the order of the plan. */
export type PointSettings = readonly { readonly path: string; readonly value: string }[];

/** How the numbers of one dimension are spread. */
export interface SampledDimension {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly scale: "linear" | "log";
  /** Rounded to whole numbers. */
  readonly integer: boolean;
  /** Put after each number: `ms`, `rps`, empty. */
  readonly suffix: string;
}

/** A way to choose points. */
export type Design =
  | {
      readonly kind: "grid";
      readonly over: readonly { readonly path: string; readonly values: readonly string[] }[];
    }
  | { readonly kind: "list"; readonly points: readonly PointSettings[] }
  | {
      readonly kind: "latin-hypercube" | "sobol";
      readonly points: number;
      readonly over: readonly SampledDimension[];
    };

/** The plan. */
export interface SweepPlan {
  readonly name: string;
  /** What a reader wants to know from it; empty when nobody said. */
  readonly question: string;
  /** Path of the scenario, relative to the plan's folder. */
  readonly scenario: string;
  readonly seed: string;
  readonly replications: number;
  /** `common`: a replication has the same luck at every point. `independent`: each point its own. */
  readonly luck: "common" | "independent";
  /** Points of all designs one after another; a point that comes twice is run once. */
  readonly designs: readonly Design[];
  /** Whether time series are kept beside the measures. */
  readonly keepSeries: boolean;
}
