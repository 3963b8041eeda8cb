/** The options of every strategy: the closed list of their names is made from it. */

/** A strategy that has nothing to set. */
interface Plain<Name extends string> {
  readonly kind: Name;
}

/** The options of `waterfall`. */
interface WaterfallOptions {
  readonly kind: "waterfall";
  /** Share of its capacity to which a target is filled before the next one is. */
  readonly fill: number;
  /** Share of its capacity beyond which no target is pushed by what belongs elsewhere; Infinity for no cap. */
  readonly spillCap: number;
  /** With the request's home gone and every other target at the cap: to the best of them all the same, or to nobody. */
  readonly onCapped: "stay" | "refuse";
}

/** The options of `latency-buffer`. */
interface LatencyBufferOptions {
  readonly kind: "latency-buffer";
  /** How much slower than the fastest one may be: its latency × (1 + ratio) + ms. */
  readonly bufferRatio: number;
  readonly bufferMs: number;
  readonly spread: "uniform" | "weighted";
  /** `calls`: what attempts took; `round-trip`: the network alone, and nothing is learned. */
  readonly measure: "calls" | "round-trip";
  /** A mean over so many calls; with 0, one that fades with the time constant `tauMs`. */
  readonly samples: number;
  readonly tauMs: number;
  /** What nobody has measured counts as its round trip, or goes first. */
  readonly unmeasured: "round-trip" | "first";
  readonly timeoutCountsMs: number;
  /** What was measured is forgotten after this long without another call. */
  readonly expiryMs: number;
}

/** The options of `peak-ewma`. */
interface PeakEwmaOptions {
  readonly kind: "peak-ewma";
  readonly tauMs: number;
  /** Cost of a target that has calls under way and never answered one. */
  readonly penaltyMs: number;
}

/** The options of `inverse-square-price`. */
interface InverseSquarePriceOptions {
  readonly kind: "inverse-square-price";
  /** So many errors or timeouts in a row are an outage. */
  readonly outageFailures: number;
  /** For how long after its last such failure a target comes last. */
  readonly outageMs: number;
}

/** The options of `maglev`. */
interface MaglevOptions {
  readonly kind: "maglev";
  /** Slots; a prime. */
  readonly tableSize: number;
}

/** A strategy and its options. */
export type StrategyConfig =
  | Plain<"nearest">
  | Plain<"weighted">
  | Plain<"priority">
  | Plain<"least-loaded">
  | Plain<"power-of-two">
  | WaterfallOptions
  | Plain<"geoproximity">
  | LatencyBufferOptions
  | PeakEwmaOptions
  | Plain<"smooth-weighted">
  | InverseSquarePriceOptions
  | MaglevOptions
  | Plain<"round-robin">
  | Plain<"cheapest">;

/** A strategy's name as written in a scenario. */
export type StrategyName = StrategyConfig["kind"];

/** The options of one strategy. */
export type OptionsOf<Name extends StrategyName> = Extract<StrategyConfig, { readonly kind: Name }>;
