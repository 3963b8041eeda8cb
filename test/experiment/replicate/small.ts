/** A scenario that runs in a tenth of a second, and samples that nobody simulated. */
import type { Sample, SampleObjective } from "../../../src/experiment/sample.js";
import type { SampleRunner } from "../../../src/experiment/sampleRunner.js";
import { Histogram } from "../../../src/metrics/index.js";
import { loadScenario } from "../../../src/scenario/index.js";
import type { Scenario } from "../../../src/scenario/scenario.js";

const SMALL = `schema: regionsim/1
name: Small
question: Does every replication have luck of its own?
seed: small
duration: 100s
deployment:
  regions:
    us: { at: "aws:us-east-1" }
    eu: { at: "aws:eu-central-1" }
  endpoints:
    us-model:
      region: us
      model: assistant-1
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 50 }
      data: { processing: [US], logs: [US] }
    eu-model: { like: us-model, region: eu, data: { processing: [DE], logs: [DE] } }
workload:
  sites:
    - { from: DE, rate: 2rps }
    - { from: US-NY, rate: 2rps }
  client: { timeout: 30s }
faults:
  - { at: 40s, for: 30s, kind: region-down, region: eu, manner: black-hole }
objectives:
  - "ttft.p50 < 2s"
  - "refused{origin=US} == 0"
  - "failover <= 1ms"
`;

/** The scenario, its text changed first. */
export function smallScenario(change: (text: string) => string = (text) => text): Scenario {
  const loaded = loadScenario({
    file: "small.yaml",
    text: change(SMALL),
    read: () => {
      throw new Error("no side files");
    },
    set: [],
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return loaded.scenario;
}

/** Without its fault and what is asked about it. */
export function calm(text: string): string {
  return text.replace(/faults:\n.*\n/, "").replace(/ {2}- "failover.*\n/, "");
}

/** What a made-up sample is made of. */
export interface SampleParts {
  readonly measures?: Readonly<Record<string, number | null>>;
  readonly objectives?: readonly SampleObjective[];
  /** µs, of users of EU. */
  readonly ttftUs?: readonly number[];
}

/** A sample as a run might have left it. */
export function sampleOf(replication: number, parts: SampleParts = {}): Sample {
  const histogram = new Histogram();
  for (const us of parts.ttftUs ?? []) addOne(histogram, us);
  return {
    replication,
    digest: `digest-${replication}`,
    measures: new Map(Object.entries(parts.measures ?? {})),
    objectives: parts.objectives ?? [],
    histograms: new Map([["ttft{origin=EU}", histogram.pack()]]),
    // Only handed on, never read.
    result: replication === 0 ? ({ objectives: [], warnings: [] } as never) : null,
  };
}

/** A value below 2^13 µs falls in the step that its leading bits name. */
function addOne(histogram: Histogram, us: number): void {
  const octave = Math.floor(Math.log2(us));
  const steps = new Float64Array(128);
  steps[Math.floor((us / 2 ** octave - 1) * 128)] = 1;
  histogram.addSteps(octave, steps);
  histogram.addTotals(1, us, us);
}

/** An objective on a number; `value` is what one replication came to. */
export function objectiveOf(
  operator: SampleObjective["operator"],
  target: number | string,
  value: number | string,
  pass: boolean,
): SampleObjective {
  const subject = "ttft.p95";
  const unit = typeof target === "string" ? "word" : "ms";
  return { name: `${subject} ${operator} ${target}`, subject, operator, target, unit, value, pass };
}

/** Hands out what `make` makes; later tasks of a call are ready first. Counts what it was asked for. */
export function fakeRunner(
  make: (replication: number) => Sample,
): SampleRunner & { readonly taken: number[] } {
  const taken: number[] = [];
  return {
    taken,
    add: () => 0,
    async take(tasks, onSample) {
      taken.push(tasks.length);
      const samples = tasks.map(({ replication }) => make(replication));
      [...samples.keys()].reverse().forEach((i) => {
        onSample?.(samples[i]!, tasks[i]!);
      });
      return samples;
    },
    async close() {},
  };
}
