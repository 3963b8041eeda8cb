/**
 * What one replication leaves for statistics: some kilobytes of plain data, whatever the run's length, that can be sent
 * between processes, kept in a file and merged in any order.
 */
import { Histogram, type PackedHistogram, type Recording } from "../metrics/index.js";
import type { PolicyModules } from "../model/index.js";
import type { ObjectiveQuery } from "../result/index.js";
import type { LatencyCell } from "../result/latency.js";
import { mergeLatency } from "../result/latency.js";
import { type Measures, measuresOf } from "../result/measures.js";
import type { ObjectiveResult, Result } from "../result/result.js";
import type { Scenario } from "../scenario/scenario.js";
import { simulateScenario } from "./run.js";

/** An objective, and what one replication came to. */
export interface SampleObjective extends ObjectiveResult {
  /** What it is about, written as measures are: `ttft.p99{origin=EU}`. */
  readonly subject: string;
  readonly operator: ObjectiveQuery["operator"];
}

/** One replication. */
export interface Sample {
  readonly replication: number;
  readonly digest: string;
  readonly measures: Measures;
  /** In the scenario's order. */
  readonly objectives: readonly SampleObjective[];
  /** `ttft{origin=EU}` and the like → times of served requests, µs. */
  readonly histograms: ReadonlyMap<string, PackedHistogram>;
  /** The whole document, where it was asked for. */
  readonly result: Result | null;
}

/** What {@link takeSample} may be told. */
export interface SampleOptions {
  readonly modules?: PolicyModules;
  /** Keep the whole document. */
  readonly keepResult?: boolean;
  readonly onProgress?: (share: number) => void;
}

/** Runs a replication of a scenario. Same scenario and replication, same sample, wherever it is taken. */
export function takeSample(scenario: Scenario, replication: number, options: SampleOptions = {}): Sample {
  const { result, recording } = simulateScenario(scenario, {
    replication,
    ...(options.modules === undefined ? {} : { modules: options.modules }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  return {
    replication,
    digest: result.digest,
    measures: measuresOf(result),
    objectives: result.objectives.map((objective, i) => ({
      ...objective,
      subject: subjectOf(scenario.objectives[i]!),
      operator: scenario.objectives[i]!.operator,
    })),
    histograms: histogramsOf(recording),
    result: options.keepResult === true ? result : null,
  };
}

/** The measure that an objective is about, by the name it has or would have among the measures. */
function subjectOf({ metric, selectors }: ObjectiveQuery): string {
  const chosen = Object.entries(selectors).map(([name, value]) => `${name}=${value}`);
  return chosen.length === 0 ? metric : `${metric}{${chosen.join(",")}}`;
}

function histogramsOf(recording: Recording): ReadonlyMap<string, PackedHistogram> {
  const { origins, sites } = recording.labels;
  const packed = new Map<string, PackedHistogram>();
  for (const [name, pool] of [
    ["ttft", recording.ttft],
    ["e2e", recording.e2e],
  ] as const)
    origins.forEach((origin, o) => {
      const ofOrigin = ({ site }: LatencyCell): boolean => sites[site]!.origin === o;
      packed.set(`${name}{origin=${origin}}`, mergeLatency(recording, pool, ofOrigin).pack());
    });
  return packed;
}

/** The histogram `key` of all `samples` together: the same in whatever order they come. Empty where none has it. */
export function mergedHistogram(samples: readonly Sample[], key: string): Histogram {
  const merged = new Histogram();
  for (const { histograms } of samples) {
    const packed = histograms.get(key);
    if (packed !== undefined) merged.addPacked(packed);
  }
  return merged;
}
