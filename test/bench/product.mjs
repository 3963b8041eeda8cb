/**
 * regionsim as one more peer: model B as a scenario file (`modelB.yaml`) through the public API, policy and
 * recording on. Run as a program it takes the peers' arguments and prints the peers' line of JSON.
 *
 * The scenario file holds no number that `modelB.json` holds: it has `{{name}}` where one belongs, and
 * `placeholders` says which names there are.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { peakRssMiB } from "./peakRss.mjs";

/** The one place that knows where the built product is. */
export const productUrl = new URL("../../dist/index.js", import.meta.url);
export const tuneUrl = new URL("../../dist/experiment/executors/tuneHost.js", import.meta.url);
const threadUrl = new URL("../../dist/cli/simulationWorker.cjs", import.meta.url);
const packageUrl = new URL("../../package.json", import.meta.url);
const scenarioUrl = new URL("./modelB.yaml", import.meta.url);
const modelUrl = new URL("./modelB.json", import.meta.url);

/** Refusal causes that a client notices as an answer; all others are silence until its timeout. */
const answeredCauses = [
  "no_healthy_region",
  "queue_full",
  "concurrency_full",
  "connection_refused",
  "load_shed",
];

/** Throws, naming what is missing, unless there is a product to measure. */
export function checkProduct() {
  if (!existsSync(productUrl)) throw new Error("product not built: dist/index.js is missing (npm run build)");
  if (!existsSync(scenarioUrl)) throw new Error("product not connected: test/bench/modelB.yaml is missing");
}

/** Every name that modelB.yaml may use in double braces, with its value; times in ms, rates per second. */
export function placeholders(model, requests, scale, load, seed) {
  const ratesPerS = model.arrivalRatePerS.map((ratePerS) => ratePerS * scale * load);
  const durationMs = (requests / ratesPerS.reduce((sum, rate) => sum + rate, 0)) * 1000;
  const values = {
    seed: `bench-${seed}`,
    durationMs: toWholeUs(durationMs),
    servers: Math.round(model.serversPerRegion * scale),
    queue: Math.round(model.queueCapacity * scale),
    outageStartMs: toWholeUs(model.outageStartFraction * durationMs),
    outageDurationMs: toWholeUs(model.outageDurationFraction * durationMs),
  };
  for (const [site, ratePerS] of ratesPerS.entries()) values[`rate${site}PerS`] = ratePerS;
  for (const [site, row] of model.baseDelayMs.entries()) {
    for (const [region, baseMs] of row.entries()) values[`rtt${site}To${region}Ms`] = 2 * baseMs;
  }
  for (const [name, value] of Object.entries(model)) if (!Array.isArray(value)) values[name] = value;
  return values;
}

/** A time in ms to the microsecond, the finest a scenario file can say. */
function toWholeUs(ms) {
  return Math.round(ms * 1000) / 1000;
}

/** The text with each `{{name}}` replaced; a name that does not exist is an error. */
export function fill(text, values) {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name) => {
    if (!(name in values)) throw new Error(`modelB.yaml uses an unknown placeholder: "${name}"`);
    return String(values[name]);
  });
}

/** The peers' line from the product's result document. */
function lineOf(result, seconds) {
  const version = JSON.parse(readFileSync(packageUrl, "utf8")).version;
  let refused = 0;
  let timedOut = 0;
  for (const [cause, count] of Object.entries(result.refused)) {
    if (answeredCauses.includes(cause)) refused += count;
    else timedOut += count;
  }
  return {
    impl: "regionsim",
    version,
    requests: result.requests.offered,
    events: result.events,
    kernelEvents: result.events,
    seconds,
    ok: result.requests.served,
    refused,
    timedOut,
    failed: refused + timedOut,
    inFlight: result.requests.inFlight,
    attempts: result.attempts.client,
    meanMs: result.latency.e2eMs.mean,
    p99Ms: result.latency.e2eMs.p99,
    peakRssMiB: peakRssMiB(),
    checksum: result.digest,
  };
}

/**
 * Runs model B as the command line runs it, in a thread of its own, and returns the peers' line (see README.md for
 * its fields). `seconds` is from handing the scenario to the thread to having the result document; reading the
 * scenario file comes before, as reading modelB.json does for the peers.
 */
export async function runProduct(requests, scale, load = 1, seed = 1) {
  checkProduct();
  const { formatIssues, loadScenario } = await import(productUrl.href);
  const { tuneHost } = await import(tuneUrl.href);
  const model = JSON.parse(readFileSync(modelUrl, "utf8"));
  const text = fill(readFileSync(scenarioUrl, "utf8"), placeholders(model, requests, scale, load, seed));
  const loaded = loadScenario({ file: "modelB.yaml", text, read: noSideFiles });
  if (!loaded.ok) throw new Error(formatIssues(loaded.issues, { format: "text" }));
  tuneHost();
  const startedAtMs = performance.now();
  const result = await runInThread(loaded.scenario);
  return lineOf(result, (performance.now() - startedAtMs) / 1000);
}

/** The result of a scenario, from the thread that the command line gives long runs. */
export function runInThread(scenario) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(threadUrl, { workerData: scenario });
    worker.on("error", reject);
    worker.on("message", (message) => {
      if (message.kind === "result") resolve(message.result);
    });
  });
}

function noSideFiles(path) {
  throw new Error(`modelB.yaml must stand alone, got a reference to ${path}`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [requests, scale, load, seed] = process.argv.slice(3).map(Number);
  console.log(JSON.stringify(await runProduct(requests, scale, load, seed)));
}
