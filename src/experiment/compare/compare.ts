/**
 * Deployments side by side: the same users at the same moments with the same luck, so that what differs is what was
 * changed. Request by request luck is counted, not drawn in turn, and stays the same however a deployment treats it.
 */
import type { Comparison, Variant } from "../../result/comparison.js";
import type { Replicated } from "../../result/estimates.js";
import { measureOf } from "../../result/measures.js";
import { countApart, isSplit } from "../../result/splits.js";
import { summariseSamples } from "../replicate/estimate.js";
import type { Sample } from "../sample.js";
import type { SampleRunner, SampleTask } from "../sampleRunner.js";
import { changesOf } from "./changes.js";
import { latencyCurves } from "./latencyCurve.js";
import { paretoOf } from "./pareto.js";
import { sameness } from "./sameness.js";
import { type Rounds, takeRounds } from "./stopping.js";
import type { ComparedScenario, CompareOptions } from "./types.js";

/** Compares every variant with the first. Same scenarios and options, same document, whoever takes the samples. */
export async function compareScenarios(
  runner: SampleRunner,
  variants: readonly ComparedScenario[],
  options: CompareOptions,
): Promise<Comparison> {
  const seed = options.seed ?? variants[0]!.scenario.seed;
  const seeded = variants.map(({ scenario }) => ({ ...scenario, seed }));
  const known = seeded.map((scenario, v) => runner.add(scenario, variants[v]!.code));
  let done = 0;
  const { rounds, stopping } = await takeRounds((from, to) => {
    const tasks = tasksOf(known, from, to);
    const total = tasks.length + done;
    return taken(runner, tasks, known.length, () => {
      done += 1;
      options.onProgress?.(done, total);
    });
  }, options);
  const { confidence, atLeast } = options;
  const described = rounds.map((samples, v): Variant => {
    const { label, path } = variants[v]!;
    const replicated = withSplits(summariseSamples(samples, stopping, confidence), samples);
    return { label, path, replicated, first: samples[0]!.result!, curves: latencyCurves(samples) };
  });
  const { pairs, tests } = changesOf(rounds, { confidence, atLeast });
  const { sameUsers, sameFaults, warnings } = sameness(variants);
  const costed = described.map(({ replicated }, v) => ({
    samples: rounds[v]!,
    replicated,
    durationS: seeded[v]!.durationUs / 1e6,
  }));
  return {
    schema: "regionsim.comparison/1",
    tool: described[0]!.first.tool,
    seed,
    replications: rounds[0]!.length,
    confidence,
    // 1 − 0.95 has a tail of rounding that nobody wants to read.
    guard: { method: "holm", tests, level: Math.round((1 - confidence) * 1e9) / 1e9 },
    atLeast,
    sameUsers,
    sameFaults,
    variants: described,
    pairs,
    pareto: paretoOf(costed, { confidence, atLeast, level: (1 - confidence) / Math.max(1, tests) }),
    warnings: [...warnings, ...ownWarnings(variants)],
  };
}

/** Where a mean is what no replication has, how many are the other story. */
function withSplits(replicated: Replicated, samples: readonly Sample[]): Replicated {
  const estimates = replicated.estimates.map((estimate) => {
    if (!isSplit(estimate)) return estimate;
    const values = samples.map(({ measures }) => measureOf(measures, estimate.key));
    return {
      ...estimate,
      apart: countApart(
        estimate,
        values.filter((value) => value !== null),
      ),
    };
  });
  return { ...replicated, estimates };
}

/** Replication by replication, so that variants advance together: an interrupted look at either is as far as the other. */
function tasksOf(known: readonly number[], from: number, to: number): readonly SampleTask[] {
  const tasks: SampleTask[] = [];
  for (let replication = from; replication < to; replication++)
    for (const scenario of known) tasks.push({ scenario, replication, keepResult: replication === 0 });
  return tasks;
}

async function taken(
  runner: SampleRunner,
  tasks: readonly SampleTask[],
  variants: number,
  onSample: () => void,
): Promise<Rounds> {
  const samples = await runner.take(tasks, onSample);
  return Array.from({ length: variants }, (_, v): readonly Sample[] =>
    samples.filter((_, i) => i % variants === v),
  );
}

/** What the scenarios themselves warn of; what all of them say is said once. */
function ownWarnings(variants: readonly ComparedScenario[]): readonly string[] {
  const all = variants.flatMap(({ label, scenario }) =>
    scenario.warnings.map((warning) => ({ label, warning })),
  );
  const said = new Map<string, string[]>();
  for (const { label, warning } of all) said.set(warning, [...(said.get(warning) ?? []), label]);
  return [...said].map(([warning, labels]) =>
    labels.length === variants.length ? warning : `${labels.join(", ")}: ${warning}`,
  );
}
