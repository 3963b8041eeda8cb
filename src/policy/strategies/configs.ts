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

/** What all of Envoy's strategies go by: tiers are its priorities, and each target one of its hosts. */
interface EnvoyOptions {
  /** A tier is as good as whole while its healthy share × this, percent, is at least 100. */
  readonly overprovisioningPercent: number;
  /** Health is ignored in a tier with a smaller share of usable members than this, percent; 0 for never. */
  readonly panicPercent: number;
  /** Where health would be ignored: refuse instead. */
  readonly failOnPanic: boolean;
  /** Among the members of a tier (and of a locality). */
  readonly within: "round-robin" | "random" | "least-request";
  /** `previous-priorities`: a tier in which the request has been tried is left out while there is another. */
  readonly retryPriority: "same" | "previous-priorities";
}

/** The options of `envoy-priority`. */
interface EnvoyPriorityOptions extends EnvoyOptions {
  readonly kind: "envoy-priority";
}

/** The options of `envoy-locality-weighted`. */
interface EnvoyLocalityOptions extends EnvoyOptions {
  readonly kind: "envoy-locality-weighted";
  /** Weights by `region/zone`, or by region; a locality that is not named weighs 1. */
  readonly localities: Readonly<Record<string, number>>;
}

/** The options of `envoy-zone-aware`. */
interface EnvoyZoneOptions extends EnvoyOptions {
  readonly kind: "envoy-zone-aware";
  /** Gateways by `region/zone`, or by region; with none named, one in every locality. */
  readonly callers: Readonly<Record<string, number>>;
  /** With fewer healthy members in the first tier localities are ignored. */
  readonly minClusterSize: number;
  /** Share of requests that go by locality, percent. */
  readonly routingPercent: number;
}

/** The options of `envoy-load-aware`. */
interface EnvoyLoadOptions extends EnvoyOptions {
  readonly kind: "envoy-load-aware";
  /** All goes to the nearest locality while it is no busier than the others' mean and this. */
  readonly utilisationVariance: number;
  /** Share that goes to other localities all the same, so that something is known of them. */
  readonly probeShare: number;
  /** Share of the newest figure in the smoothed one, and how often a figure is taken. */
  readonly newestShare: number;
  readonly updateMs: number;
}

/** The options of `least-request`. */
interface LeastRequestOptions {
  readonly kind: "least-request";
  readonly choices: "two" | "all";
  /** Weights count as weight ÷ (requests under way + 1)^bias. */
  readonly bias: number;
}

/** The options of `client-weighted`. */
interface ClientWeightedOptions {
  readonly kind: "client-weighted";
  /** How much of a target's share of failures counts as its utilisation. */
  readonly errorPenalty: number;
  /** What is measured counts after this long, */
  readonly blackoutMs: number;
  /** is forgotten when it is so old, */
  readonly expiryMs: number;
  /** and is brought up to date so often. */
  readonly updateMs: number;
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
  | Plain<"cheapest">
  | EnvoyPriorityOptions
  | EnvoyLocalityOptions
  | EnvoyZoneOptions
  | EnvoyLoadOptions
  | LeastRequestOptions
  | ClientWeightedOptions;

/** A strategy's name as written in a scenario. */
export type StrategyName = StrategyConfig["kind"];

/** The options of one strategy. */
export type OptionsOf<Name extends StrategyName> = Extract<StrategyConfig, { readonly kind: Name }>;
