/** Plans of runs of some milliseconds each, and what is to be seen of a sweep of them from outside. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, type TestContext } from "vitest";
import { fingerprint, regionsim, scratch } from "./harness.js";
import { isCi, isInstalled } from "./redis.js";

/** Runs of `plan.yaml`. */
export const RUNS = 200;
/** Runs of `few.yaml`. */
export const FEW_RUNS = 8;
/** Nothing here takes so long, on whatever machine. */
export const PATIENCE_MS = 240_000;

const SCENARIO = `schema: regionsim/1
name: Spread
question: Is it the same whoever runs it?
seed: spread
duration: 5s
deployment:
  regions:
    us: { at: "aws:us-east-1" }
  endpoints:
    us-model:
      region: us
      model: assistant-1
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 50 }
      data: { processing: [US], logs: [US] }
workload:
  sites:
    - { from: US-NY, rate: 2rps }
  client: { timeout: 30s }
faults:
  - { at: 1s, for: 3s, kind: region-down, region: us, manner: black-hole }
`;

function planOf(replications: number): string {
  return `schema: regionsim.plan/1
name: spread
question: Is it the same whoever runs it?
scenario: spread.yaml
seed: "7"
replications: ${replications}
designs:
  - { kind: grid, over: { "faults[0].for": [500ms, 1s, 2s, 3s] } }
`;
}

/** A folder with the plans in it; gone after the test. */
export function planFolder(): string {
  const made = scratch();
  writeFileSync(join(made, "spread.yaml"), SCENARIO);
  writeFileSync(join(made, "plan.yaml"), planOf(RUNS / 4));
  writeFileSync(join(made, "few.yaml"), planOf(FEW_RUNS / 4));
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
    await sleep(50);
  }
}

/** What one process makes of each plan, made once. */
const serial = new Map<string, Record<string, string>>();

/** What one process collects of `plan` in `folder`; the same for every folder. */
export function serialFiles(folder: string, plan: "plan.yaml" | "few.yaml"): Record<string, string> {
  const known = serial.get(plan);
  if (known !== undefined) return known;
  const done = regionsim(folder, ["sweep", plan, "--out", "serial", "--jobs", "1", "--quiet"]);
  expect(done.code, done.err).toBe(0);
  const files = collected(folder, "serial");
  expect(Object.keys(files).sort()).toEqual(["manifest.json", "points.parquet", "runs.parquet"]);
  serial.set(plan, files);
  return files;
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
