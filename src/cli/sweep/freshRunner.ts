/** A runner for sweeps of any number of points. */
import type { Sample } from "../../experiment/sample.js";
import type { SampleRunner, SampleTask, ScenarioCode } from "../../experiment/sampleRunner.js";
import type { Scenario } from "../../scenario/scenario.js";

/** Runners remember every scenario they were given, some hundred kB each and in every process. */
const MOST_SCENARIOS = 200;

/**
 * A runner that is another one after every two hundred scenarios, so that memory stays what it is. A number that
 * {@link SampleRunner.add} returned holds until the first `add` after the next `take`.
 */
export function freshRunner(create: () => SampleRunner): SampleRunner {
  let runner = create();
  let added = 0;
  let taken = false;
  const spent: SampleRunner[] = [];
  const closeSpent = async (): Promise<void> => {
    for (const each of spent.splice(0)) await each.close();
  };
  return {
    add(scenario: Scenario, code?: ScenarioCode): number {
      if (taken && added >= MOST_SCENARIOS) {
        spent.push(runner);
        runner = create();
        added = 0;
      }
      taken = false;
      added += 1;
      return runner.add(scenario, code);
    },
    async take(
      tasks: readonly SampleTask[],
      onSample?: (sample: Sample, task: SampleTask) => void,
    ): Promise<readonly Sample[]> {
      await closeSpent();
      taken = true;
      return runner.take(tasks, onSample);
    },
    async close(): Promise<void> {
      await closeSpent();
      await runner.close();
    },
  };
}
