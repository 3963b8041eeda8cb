/** What became worse: the reasons for which a pipeline refuses a change. */
import type { Change, Comparison } from "./comparison.js";
import type { ObjectiveEstimate, Replicated } from "./estimates.js";
import { metricOf } from "./measures.js";

/** One reason. */
export type Regression =
  /** It holds jointly with all others that the measure is worse. */
  | { readonly kind: "measure"; readonly variant: number; readonly change: Change }
  /** It held for the first variant and does not hold for this one. */
  | { readonly kind: "objective"; readonly variant: number; readonly objective: ObjectiveEstimate }
  /** A time that the first variant has in every replication never came: traffic never shifted, service never returned. */
  | { readonly kind: "never"; readonly variant: number; readonly key: string };

/** Everything that is worse in some variant than in the first, by variant; measures in the order of measures.ts. */
export function regressionsOf({ variants, pairs }: Comparison): readonly Regression[] {
  return pairs.flatMap(({ variant, changes, onlyFirst }): readonly Regression[] => [
    ...lostObjectives(variants[0]!.replicated, variants[variant]!.replicated).map(
      (objective): Regression => ({ kind: "objective", variant, objective }),
    ),
    ...onlyFirst
      .filter((key) => neverCame(key, variants[0]!.replicated, variants[variant]!.replicated))
      .map((key): Regression => ({ kind: "never", variant, key })),
    ...changes
      .filter(({ verdict }) => verdict === "worse")
      .map((change): Regression => ({ kind: "measure", variant, change })),
  ]);
}

/** Objectives of both, by name, that passed and no longer do. An undecided one counts: it is not known to hold. */
function lostObjectives(first: Replicated, other: Replicated): readonly ObjectiveEstimate[] {
  const held = new Set(first.objectives.filter(({ verdict }) => verdict === "pass").map(({ name }) => name));
  return other.objectives.filter(({ name, verdict }) => held.has(name) && verdict !== "pass");
}

const MOMENTS: readonly string[] = ["detection", "failover", "restoration"];

/** Whether `key` is a time that always came for `first` and never for `other`, in which it was waited for. */
export function neverCame(key: string, first: Replicated, other: Replicated): boolean {
  const absent = (of: Replicated): number => of.missing[key] ?? 0;
  return MOMENTS.includes(metricOf(key)) && absent(first) === 0 && absent(other) === other.replications;
}
