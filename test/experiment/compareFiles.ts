/** Small scenarios to compare. */
import type { ComparedScenario, CompareOptions } from "../../src/experiment/compare/types.js";
import { inlineRunner, type SampleRunner } from "../../src/experiment/sampleRunner.js";
import { loadScenario, type Scenario } from "../../src/scenario/index.js";

const TEXT = `schema: regionsim/1
name: compared
seed: pairs
duration: 2m
warmup: 0s
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, us: { at: "aws:us-east-1" } }
  endpoints:
    eu-model:
      region: eu
      model: m
      serving: { kind: provider, ttft: { p50: 200ms, p99: 700ms }, perToken: 5ms, concurrency: 20 }
      price: { perReplicaHour: 10 }
      data: { processing: [DE], logs: [DE] }
    us-model: { like: eu-model, region: us, data: { processing: [US], logs: [US] } }
  residency:
    - { id: stays, when: { origin: EU }, require: { processing: [EU, US] } }
workload:
  sites: [{ from: DE, rate: 3rps }, { from: US-NY, rate: 2rps }]
  classes: { chat: { inputTokens: 100, outputTokens: { p50: 60, p99: 200 } } }
  client: { timeout: 10s }
faults: [{ id: lost, at: 40s, for: 30s, kind: region-down, region: eu, manner: refuse }]
objectives:
  - "refused <= 20%"
  - "ttft.p50 < 1s"
`;

/** The small scenario with `path=value` changes. */
export function smallCompared(set: readonly string[] = []): Scenario {
  const loaded = loadScenario({ file: "compared.yaml", text: TEXT, read: () => "", set: [...set] });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  return loaded.scenario;
}

/** A variant of it. */
export function variantOf(label: string, set: readonly string[] = []): ComparedScenario {
  return { label, path: `${label}.yaml`, scenario: smallCompared(set) };
}

/** Options of a test; what is given lies over them. */
export function optionsWith(given: Partial<CompareOptions> = {}): CompareOptions {
  return { replications: 8, confidence: 0.95, atLeast: 0.01, ...given };
}

/** Takes the last task first, and tells of samples in that order: as other workers would. */
export function backwardRunner(): SampleRunner {
  const inner = inlineRunner();
  return {
    add: (scenario, code) => inner.add(scenario, code),
    async take(tasks, onSample) {
      const taken = await inner.take([...tasks].reverse(), onSample);
      return [...taken].reverse();
    },
    close: () => inner.close(),
  };
}
