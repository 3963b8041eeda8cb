/**
 * What several replications of one scenario say together: every measure with its uncertainty. All intervals here are
 * over replications, which are independent of each other; requests within a run are not.
 */

/** Between which values the truth lies, at `confidence` (0.95), and how that was found. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  /** `t`: mean of replications. `wilson`: share of replications. `order-statistic`: a quantile of them, free of any distribution. `batch-means`: mean of one long run. */
  readonly method: "t" | "wilson" | "order-statistic" | "batch-means";
}

/** One measure over all replications in which it has a value. */
export interface Estimate {
  /** As in measures.ts. */
  readonly key: string;
  /** Replications in which it has a value; the others are not counted below. */
  readonly n: number;
  /** Of those n, how many are far from most, as the worst is; only in comparisons, and where few make the mean. */
  readonly apart?: number;
  readonly mean: number;
  /** Standard deviation of one replication; 0 for n < 2. */
  readonly sd: number;
  /** Of the mean; of the share for flags. Null for n < 2. */
  readonly interval: Interval | null;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** Of the median, where n is large enough for one (6 at 95 %). */
  readonly medianInterval: Interval | null;
}

/** Quantiles of all served requests of all replications, from exactly merged histograms; ms. */
export interface PooledLatency {
  /** `ttft` or `e2e`, with the origin when of one: `ttft{origin=EU}`. */
  readonly key: string;
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** An objective over replications. */
export interface ObjectiveEstimate {
  readonly name: string;
  /**
   * `pass`: the whole interval of the mean is on the right side of the target. `fail`: the whole interval is on the
   * wrong side. `undecided`: the target lies inside. Words and exact targets (`==`, `!=`) pass where every replication does.
   */
  readonly verdict: "pass" | "fail" | "undecided";
  /** Null for words. */
  readonly mean: number | null;
  readonly interval: Interval | null;
  /** Replications that pass on their own, of all. */
  readonly passes: number;
  readonly of: number;
  /** Of the share of replications that pass. */
  readonly passInterval: Interval;
}

/** Why it ended with as many replications as it did. */
export interface Stopping {
  /** `fixed`: as many as asked. `reached`: the width asked was reached. `capped`: it was not, at the most allowed. */
  readonly reason: "fixed" | "reached" | "capped";
  /** Relative half-width asked for, and the measures it was asked of; null for `fixed`. */
  readonly width: number | null;
  readonly of: readonly string[];
  /** Largest relative half-width of them at the end; null for `fixed`, and where a mean is 0 and its values are not. */
  readonly reached: number | null;
  readonly least: number;
  readonly most: number;
}

/** The replications of one scenario. The result document beside it is that of replication 0. */
export interface Replicated {
  readonly replications: number;
  readonly confidence: number;
  readonly stopping: Stopping;
  /** Over the digests of all replications in order: two sets agree when it does. */
  readonly digest: string;
  readonly estimates: readonly Estimate[];
  readonly pooled: readonly PooledLatency[];
  readonly objectives: readonly ObjectiveEstimate[];
  /** Measures that some replications have no value of: key → how many have none. */
  readonly missing: Readonly<Record<string, number>>;
}
