/** A plan of two hundred runs of some milliseconds each, and what is to be seen of a sweep of it from outside. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, type TestContext } from "vitest";
import { fingerprint, regionsim, scratch } from "./harness.js";
import { isCi, isInstalled } from "./redis.js";

/** Runs of the plan. */
export const RUNS = 200;
/** Nothing here takes so long, on whatever machine. */
export const PATIENCE_MS = 240_000;

const SCENARIO = `schema: regionsim/1
name: Spread
question: Is it the same whoever runs it?
seed: spread
duration: 30s
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
    - { from: DE, rate: 5rps }
    - { from: US-NY, rate: 5rps }
  client: { timeout: 30s }
faults:
  - { at: 10s, for: 10s, kind: region-down, region: eu, manner: black-hole }
`;

const PLAN = `schema: regionsim.plan/1
name: spread
question: Is it the same whoever runs it?
scenario: spread.yaml
seed: "7"
replications: 40
designs:
  - { kind: grid, over: { "faults[0].for": [1s, 2s, 5s, 8s, 10s] } }
`;

/** A folder with the plan in it; gone after the test. */
export function planFolder(): string {
  const made = scratch();
  writeFileSync(join(made, "spread.yaml"), SCENARIO);
  writeFileSync(join(made, "plan.yaml"), PLAN);
  return made;
}

/** What a sweep has collected: the files that are made of runs, not the runs' own. */
export function collected(folder: string, out: string): Record<string, string> {
  const all = Object.entries(fingerprint(join(folder, out)));
  return Object.fromEntries(all.filter(([path]) => !path.startsWith("shards") && path !== "plan.json"));
}

/** Lines that a sweep has kept so far. */
export function kept(folder: string, out: string): number {
  const shards = join(folder, out, "shards");
  if (!existsSync(shards)) return 0;
  return readdirSync(shards).reduce(
    (sum, name) => sum + readFileSync(join(shards, name), "utf8").split("\n").length - 1,
    0,
  );
}

/** Waits, but not for ever. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const startMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startMs > PATIENCE_MS) throw new Error(`waited in vain until ${what}`);
    await sleep(20);
  }
}

/** What one process makes of the plan, made once. */
let serial: Record<string, string> | null = null;

/** What one process collects of the plan in `folder`; the same for every folder. */
export function serialFiles(folder: string): Record<string, string> {
  if (serial !== null) return serial;
  const done = regionsim(folder, ["sweep", "plan.yaml", "--out", "serial", "--jobs", "1", "--quiet"]);
  expect(done.code, done.err).toBe(0);
  serial = collected(folder, "serial");
  expect(Object.keys(serial).sort()).toEqual(["manifest.json", "points.parquet", "runs.parquet"]);
  return serial;
}

/** Skips the test with a reason where `program` is missing, and fails it where nothing may be missing. */
export function needs(context: TestContext, program: string): void {
  const found = isInstalled(program);
  if (!found && !isCi) {
    console.log(`skipped: ${program} is not installed; install Debian's package that has it`);
    context.skip();
  }
  expect(found, `${program} is missing`).toBe(true);
}
