/**
 * `node test/bench/replicaProduct.mjs`: scenarios with replicas through the whole product, as the command line runs
 * them, from the scenario to the result document, each time in a process of its own. Options: --rounds N,
 * --case NAME, --json; `--once` runs one case in this very process and prints one line of JSON.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median, spread } from "./gate.mjs";
import { peakRssMiB } from "./peakRss.mjs";
import { checkProduct, productUrl, runInThread, tuneUrl } from "./product.mjs";
import { replicaText } from "./table.mjs";

/** What is run, how often at least, whether the command line gives it a thread, and what it may take. */
export const cases = [
  { name: "mooncake", rounds: 5, hasThread: false, maxSeconds: 0.25 },
  { name: "fiveRegions", rounds: 3, hasThread: true, maxSeconds: 15, maxRssMiB: 512 },
];

/** The scenario of a case; `duration` in place of its own, when given. */
export function scenarioText(name, duration) {
  const text = readFileSync(new URL(`./${name}.yaml`, import.meta.url), "utf8");
  return duration === undefined ? text : text.replace(/^duration: .*$/m, `duration: ${duration}`);
}

/** A file beside the scenarios, for the loader. */
export function sideFile(path) {
  return readFileSync(new URL(path.split("/").at(-1), import.meta.url), "utf8");
}

/** Runs a case once. `seconds` counts neither start-up nor reading the scenario. */
async function runOnce({ name, hasThread }) {
  checkProduct();
  const { formatIssues, loadScenario, runScenario } = await import(productUrl.href);
  const { tuneHost } = await import(tuneUrl.href);
  const loaded = loadScenario({ file: `${name}.yaml`, text: scenarioText(name), read: sideFile });
  if (!loaded.ok) throw new Error(formatIssues(loaded.issues, { format: "text" }));
  if (hasThread) tuneHost();
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  const result = hasThread ? await runInThread(loaded.scenario) : runScenario(loaded.scenario);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    name,
    requests: result.requests.offered,
    served: result.requests.served,
    events: result.events,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakRssMiB: peakRssMiB(),
    checksum: result.digest,
  };
}

function runChild(name) {
  const done = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--once", "--case", name]);
  if (done.status !== 0) throw new Error(done.stderr.toString());
  return JSON.parse(done.stdout.toString());
}

/** Medians over the rounds of a case, and whether they keep within what it may take. */
export function measureCase(one, rounds = one.rounds) {
  const lines = Array.from({ length: Math.max(rounds, 1) }, () => runChild(one.name));
  if (new Set(lines.map((line) => line.checksum)).size > 1) throw new Error(`${one.name} is not repeatable`);
  const seconds = median(lines.map((line) => line.seconds));
  const rssMiB = Math.max(...lines.map((line) => line.peakRssMiB));
  return {
    ...lines[0],
    seconds,
    cpuSeconds: median(lines.map((line) => line.cpuSeconds)),
    peakRssMiB: rssMiB,
    spread: spread(lines.map((line) => line.seconds)),
    requestsPerS: lines[0].requests / seconds,
    maxSeconds: one.maxSeconds,
    maxRssMiB: one.maxRssMiB ?? null,
    passes: seconds <= one.maxSeconds && rssMiB <= (one.maxRssMiB ?? Number.POSITIVE_INFINITY),
  };
}

async function main() {
  const { values: options } = parseArgs({
    options: {
      rounds: { type: "string" },
      case: { type: "string" },
      json: { type: "boolean", default: false },
      once: { type: "boolean", default: false },
    },
  });
  const chosen = cases.filter((one) => options.case === undefined || one.name === options.case);
  if (chosen.length === 0) throw new Error(`no case is called "${options.case}"`);
  if (options.once) return console.log(JSON.stringify(await runOnce(chosen[0])));
  const results = chosen.map((one) => measureCase(one, options.rounds && Number(options.rounds)));
  console.log(options.json ? JSON.stringify(results, null, 2) : replicaText(results, []));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
