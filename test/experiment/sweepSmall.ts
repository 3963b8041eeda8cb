/** A sweep so small that hundreds of its runs take a second, and a store of rows in memory. */
import {
  type RowStore,
  readSweep,
  type Sweep,
  type SweepMemo,
  type SweepRow,
  type SweepSource,
} from "../../src/experiment/sweep/index.js";

/** Some two hundred requests, one region of two lost for half a minute. */
export const SMALL_SCENARIO = `schema: regionsim/1
name: Small
seed: own
duration: 2m
deployment:
  regions:
    us: { at: "aws:us-east-1" }
    eu: { at: "aws:eu-central-1" }
  endpoints:
    us-model:
      region: us
      model: assistant-1
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 3 }
      data: { processing: [US], logs: [US] }
    eu-model: { like: us-model, region: eu, data: { processing: [DE], logs: [DE] } }
workload:
  sites:
    - { from: DE, rate: 1rps }
    - { from: US-NY, rate: 1rps }
  client: { timeout: 10s }
faults:
  - { at: 30s, for: 30s, kind: region-down, region: eu, manner: refuse }
objectives:
  - "residency.violations == 0"
  - "refused <= 5%"
`;

/** 8 points × 26 replications unless told. */
export function smallPlan({ replications = 26, luck = "common", series = false } = {}): string {
  return `schema: regionsim.plan/1
name: Small sweep
scenario: small.yaml
seed: small
replications: ${replications}
luck: ${luck}
series: ${series}
designs:
  - kind: grid
    over:
      deployment.endpoints.us-model.serving.concurrency: [2, 3]
      faults[0].for: [20s, 40s]
  - kind: list
    points:
      - { workload.client.timeout: 5s }
  - kind: sobol
    points: 3
    over:
      workload.sites[0].rate: { from: 0.5rps, to: 1.5rps }
`;
}

/** The texts of a sweep. */
export function sourceOf(planText: string, scenarioText: string = SMALL_SCENARIO): SweepSource {
  return {
    planFile: "small.plan.yaml",
    planText,
    scenarioFile: "small.yaml",
    scenarioText,
    read: (path) => {
      throw new Error(`no ${path}`);
    },
  };
}

/** The sweep of a plan that is right. */
export function sweepFrom(planText: string, scenarioText?: string, memo: SweepMemo | null = null): Sweep {
  const loaded = readSweep(sourceOf(planText, scenarioText), memo);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues, null, 2));
  return loaded.sweep;
}

/** Rows by key, and what failed. */
export class MemoryStore implements RowStore {
  readonly rows = new Map<string, SweepRow>();
  readonly failures = new Map<string, string>();

  has(key: string): boolean {
    return this.rows.has(key);
  }

  append(row: SweepRow): void {
    if (this.rows.has(row.key)) throw new Error(`${row.key} comes twice`);
    this.rows.set(row.key, row);
  }

  fail(key: string, message: string): void {
    this.failures.set(key, message);
  }

  hasFailed(key: string): boolean {
    return this.failures.has(key) && !this.rows.has(key);
  }
}
