/** The scenarios of scenarios/published: what was published, and what ours give, in the words of scenarios/README.md. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { loadScenarioFile } from "../../src/cli/scenarioFile.js";
import type { Result } from "../../src/result/index.js";
import { runScenario } from "../model/theoryEngine.js";
import { type Interval, interval, meanOf, REPLICATIONS } from "../model/theoryInterval.js";
import { root } from "./shipped.js";

const FOLDER = join(root, "scenarios", "published");

/** Names of the scenario files, in code-unit order. */
export const publishedNames: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.slice(0, -".yaml".length))
  .sort();

/** Runs a file once, with `path=value` changes. */
export function runPublished(name: string, set: readonly string[] = []): Result {
  return runScenario(loadScenarioFile(join(FOLDER, `${name}.yaml`), { set }).scenario);
}

/** Runs a file with several lots of luck, of which the first is that of the file. */
export function replicatePublished(
  name: string,
  set: readonly string[] = [],
  count = REPLICATIONS,
): readonly Result[] {
  const { scenario } = loadScenarioFile(join(FOLDER, `${name}.yaml`), { set });
  return Array.from({ length: count }, (_, replication) => runScenario(scenario, { replication }));
}

/** Mean per second of a column over a stretch of simulated time. */
export function perSecond(result: Result, column: readonly number[], fromS: number, toS: number): number {
  const inside = column.filter((_, i) => {
    const at = result.series.startS[i]!;
    return at >= fromS && at < toS;
  });
  return inside.reduce((sum, n) => sum + n, 0) / (toS - fromS);
}

/** Requests served per second of all users: every file here has one place of origin. */
export function served(result: Result, fromS: number, toS: number): number {
  return perSecond(result, result.series.byOrigin.US!.served, fromS, toS);
}

/** Tries per second that were not first tries. */
export function retried(result: Result, fromS: number, toS: number): number {
  const { attempts, byOrigin } = result.series;
  return perSecond(result, attempts, fromS, toS) - perSecond(result, byOrigin.US!.offered, fromS, toS);
}

/** Tries per request, and share of the finished requests that were served. */
export function loadAndSuccess(result: Result): { readonly load: number; readonly success: number } {
  const { served: good, refused } = result.requests;
  return { load: result.attempts.perRequest, success: good / (good + refused) };
}

/** Runs behind each mean of a contention, in as many batches as an interval is made of. */
const CONTENTIONS = 3 * REPLICATIONS;

/** When the last of the hundred writers was done, and how many tries it took. */
export function contention(name: string): { readonly timeMs: Interval; readonly calls: Interval } {
  const runs = replicatePublished(name, [], CONTENTIONS);
  const batched = (read: (run: Result) => number): Interval =>
    interval(
      Array.from({ length: REPLICATIONS }, (_, batch) =>
        meanOf(runs.slice(3 * batch, 3 * batch + 3).map(read)),
      ),
    );
  return { timeMs: batched((run) => run.latency.e2eMs.max), calls: batched((run) => run.attempts.client) };
}
