/**
 * Who takes samples: this thread, or all cores of the machine. Experiments are written against this one interface and
 * cannot tell: which worker took a sample, and when, changes nothing in it.
 */
import type { PolicyModules } from "../model/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { type Sample, takeSample } from "./sample.js";

/** One replication of one of the scenarios added. */
export interface SampleTask {
  /** What {@link SampleRunner.add} returned. */
  readonly scenario: number;
  readonly replication: number;
  readonly keepResult?: boolean;
}

/** Takes samples. */
export interface SampleRunner {
  /** Makes a scenario known; the number to name it by. `code` says where the code of its policy lies, if it has any. */
  add(scenario: Scenario, code?: ScenarioCode): number;
  /**
   * Takes every sample asked for; `onSample` is told of each as it comes, in any order. Rejects with what the first
   * failing one threw. Several calls one after another reuse the workers.
   */
  take(
    tasks: readonly SampleTask[],
    onSample?: (sample: Sample, task: SampleTask) => void,
  ): Promise<readonly Sample[]>;
  /** Ends the workers. */
  close(): Promise<void>;
}

/** The code of a policy, for a thread to load, or loaded. */
export interface ScenarioCode {
  /** As the scenario names it, and where it lies on this machine. */
  readonly place: { readonly name: string; readonly file: string };
  readonly modules: PolicyModules;
}

/** Takes samples where it stands, one after another. */
export function inlineRunner(): SampleRunner {
  const known: { scenario: Scenario; code: ScenarioCode | undefined }[] = [];
  return {
    add(scenario: Scenario, code?: ScenarioCode): number {
      known.push({ scenario, code });
      return known.length - 1;
    },
    async take(tasks, onSample): Promise<readonly Sample[]> {
      return tasks.map((task) => {
        const { scenario, code } = known[task.scenario]!;
        const sample = takeSample(scenario, task.replication, {
          keepResult: task.keepResult ?? false,
          ...(code === undefined ? {} : { modules: code.modules }),
        });
        onSample?.(sample, task);
        return sample;
      });
    },
    async close(): Promise<void> {},
  };
}
