/** The result document of several replications. */
import type { Replicated } from "../../result/estimates.js";
import type { ObjectiveResult, Result } from "../../result/result.js";
import { LONE_SEED_WARNING } from "../run.js";
import type { Sample } from "../sample.js";
import { measureColumns } from "./estimate.js";

/**
 * `first`, the document of replication 0, with what all `samples` (in order of replication) say: objectives are judged
 * over them, everything else stays that of replication 0, which is what timelines can show.
 */
export function overReplications(first: Result, replicated: Replicated, samples: readonly Sample[]): Result {
  const { warnings, ...rest } = first;
  return {
    ...rest,
    replications: replicated.replications,
    objectives: first.objectives.map((objective, i) => judged(objective, i, replicated, samples)),
    warnings: warnings.filter((warning) => warning !== LONE_SEED_WARNING),
    replicated,
    replicationValues: Object.fromEntries(measureColumns(samples)),
  };
}

/** The mean, or where there is none the word of the first replication that fails. */
function judged(
  objective: ObjectiveResult,
  index: number,
  replicated: Replicated,
  samples: readonly Sample[],
): ObjectiveResult {
  const { verdict, mean } = replicated.objectives[index]!;
  const failing = samples.find(({ objectives }) => objectives[index]?.pass === false);
  const word = (failing ?? samples[0]!).objectives[index]!.value;
  return { ...objective, pass: verdict === "pass", value: mean ?? word };
}
