/**
 * What drifts while nobody looks, and what operators do about it: model versions, standbys, drills, evacuations. Every
 * reference is an index into the lists of the deployment.
 */

/** A new version of a model, put on endpoints one after another. */
export interface Rollout {
  readonly version: string;
  readonly startUs: number;
  /** In the order in which they get it. */
  readonly endpointIndices: readonly number[];
  /** From one endpoint to the next. */
  readonly gapUs: number;
  /** The share of an endpoint's calls that get the new version grows evenly over this time; 0 for all at once. */
  readonly rampUs: number;
}

/** Conversations stay with the version that answered them last. */
export interface Pinning {
  /** When no lawful, usable endpoint has that version any more. */
  readonly onLost: "move" | "refuse";
}

/**
 * The chance that a standby untested for so many days fails its promotion. No measured curve is known: whatever is
 * written here is an assumption of the scenario.
 */
export type Rot =
  | { readonly kind: "none" }
  /** 1 − 2^(−days / halfLifeDays). */
  | { readonly kind: "exponential"; readonly halfLifeDays: number }
  /** 1 − e^(−(days / scaleDays)^shape): with a shape above 1 it gets worse the older it is. */
  | { readonly kind: "weibull"; readonly scaleDays: number; readonly shape: number }
  /** perDay × days, at most 1. */
  | { readonly kind: "linear"; readonly perDay: number };

/** What an operation does in one step. */
export interface Stage {
  readonly name: string;
  readonly takesUs: number;
}

/** An endpoint that takes no traffic until it is promoted. */
export interface Standby {
  readonly endpointIndex: number;
  /** It is needed when all of these are believed down, or evacuated. */
  readonly activeIndices: readonly number[];
  /** `belief`: more than `quorum` of the gateways that are up believe so, for `holdUs`; `manual`: at `atUs`, whatever they believe. */
  readonly trigger:
    | { readonly kind: "belief"; readonly holdUs: number; readonly quorum: number }
    | { readonly kind: "manual"; readonly atUs: number };
  /** Of a promotion, one after another. */
  readonly stages: readonly Stage[];
  /** Share of its places that are there when it is promoted, and how long the others take to come. */
  readonly warmShare: number;
  readonly fillUs: number;
  /** Since when it has neither served nor been drilled, at time 0; or drilled every so many days, and when last is drawn. */
  readonly untested:
    | { readonly kind: "fixed"; readonly days: number }
    | { readonly kind: "drilled"; readonly everyDays: number };
  readonly rot: Rot;
  /** What is wrong when it fails, with shares that add up to 1. */
  readonly failures: readonly { readonly cause: string; readonly share: number }[];
  readonly repairUs: number;
  /** Traffic goes back when the actives have been believed up for `holdUs`, over `rampUs`; null for never. */
  readonly failback: { readonly holdUs: number; readonly rampUs: number } | null;
  /** `file:line` of what is said about tests of it; left out where nobody knows. */
  readonly source?: string;
}

/** A failover on purpose. */
export interface Drill {
  readonly id: string;
  /** Endpoints that are drained so that others must serve. */
  readonly endpointIndices: readonly number[];
  /** Positions in {@link Drift.standbys} of those that are promoted for it. */
  readonly standbyIndices: readonly number[];
  readonly firstUs: number;
  /** Infinity for one drill. */
  readonly everyUs: number;
  /** Out, and again back. */
  readonly rampUs: number;
  /** From fully drained to the way back. */
  readonly holdUs: number;
  /** Step of each class in the ramp, from 0; the ramp is divided among the steps. */
  readonly stepOfClass: readonly number[];
  /** `promote-first`: nothing is drained before the standby says it is ready; `drain-first`: as a real loss would be. */
  readonly order: "promote-first" | "drain-first";
}

/** What happens in a stage of an evacuation: `wait` for people, promote standbys, take gateways out of entry, drain endpoints. */
export type EvacuationAct = "wait" | "promote" | "drain-entry" | "drain-endpoints";

/** One stage of an evacuation. */
export interface EvacuationStage extends Stage {
  readonly does: EvacuationAct;
}

/** Everything leaves a region, in stages. */
export interface Evacuation {
  readonly id: string;
  readonly regionIndex: number;
  readonly startUs: number;
  readonly stages: readonly EvacuationStage[];
  readonly stepOfClass: readonly number[];
  /** When traffic begins to come back; Infinity for never. */
  readonly returnUs: number;
  readonly returnRampUs: number;
}

/** All of it. */
export interface Drift {
  readonly rollouts: readonly Rollout[];
  readonly pinning: Pinning | null;
  readonly standbys: readonly Standby[];
  readonly drills: readonly Drill[];
  readonly evacuations: readonly Evacuation[];
  /** `file:line` by which conversations see several versions: of `pin` where it is written, else of the first rollout. */
  readonly versionsSource?: string;
}
