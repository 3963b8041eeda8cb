/** The scenarios that ship with the product: which there are, how each ends, and how tests run them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadScenarioFile } from "../../src/cli/scenarioFile.js";
import { runScenario } from "../../src/experiment/index.js";
import type { Result } from "../../src/result/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";

/** The checkout. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** Exit code of every shipped scenario: 4 where a failing objective is what the scenario is there to show. */
export const EXIT_CODES: Readonly<Record<string, 0 | 4>> = {
  "active-active": 0,
  "active-passive": 0,
  cascade: 4,
  drill: 0,
  "eu-means-four-things": 4,
  "eu-residency-outage": 4,
  "eu-us": 0,
  "failover-breaks-residency": 4,
  gateway: 0,
  "gateway-vs-provider-endpoints": 4,
  "gpu-headroom": 0,
  headroom: 0,
  "leaky-logs": 4,
  "provider-alone": 4,
  "provider-vs-region": 4,
  "quota-cliff": 4,
  replay: 0,
  "retry-storm": 4,
  "retry-storm-budget": 0,
  "single-region": 4,
  "standby-cold-start": 4,
  "stateful-failover": 4,
  "survivor-cold-cache": 4,
  "untested-standby": 4,
  "version-skew": 4,
};

/** Names of the files in scenarios/, in code-unit order. */
export function shippedNames(): readonly string[] {
  return readdirSync(join(root, "scenarios"))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}

/** A shipped scenario as loaded, with `path=value` changes. */
export function loadShipped(name: string, set: readonly string[] = []): Scenario {
  return loadScenarioFile(join(root, "scenarios", `${name}.yaml`), { set }).scenario;
}

/** A shipped scenario run in this process, with `path=value` changes. */
export function runShipped(name: string, set: readonly string[] = []): Result {
  return runScenario(loadShipped(name, set));
}

/** The committed result of a scenario. */
export function goldenResult(name: string): Result {
  return JSON.parse(readFileSync(join(root, "reports", name, "result.json"), "utf8")) as Result;
}

/** Sum of the values of a mapping of counts. */
export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** A whole number as the README writes it: thousands apart. */
export function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
}
