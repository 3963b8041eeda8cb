/**
 * What regionsim's memory follows: `node --expose-gc test/bench/memory.mjs` prints one JSON line with the peak
 * memory of a run of 10^6 and one of 10^7 requests (each in a process of its own), and the bytes per attempt in
 * flight at a scale where those are most of it.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fill, placeholders } from "./product.mjs";

const productFile = fileURLToPath(new URL("./product.mjs", import.meta.url));
const modelFile = fileURLToPath(new URL("./modelB.json", import.meta.url));

function peakRssMiB(requests) {
  const done = spawnSync(process.execPath, [productFile, modelFile, String(requests), "1", "1", "1"]);
  return JSON.parse(done.stdout.toString()).peakRssMiB;
}

/** Buffers at the end of a run over the most attempts there ever were at once. */
async function bytesPerAttempt(scale, requests) {
  const { loadScenario } = await import("../../dist/index.js");
  const { World } = await import("../../dist/model/index.js");
  const model = JSON.parse(readFileSync(modelFile, "utf8"));
  const template = readFileSync(new URL("./modelB.yaml", import.meta.url), "utf8");
  const text = fill(template, placeholders(model, requests, scale, 1, 1));
  const { scenario } = loadScenario({ file: "modelB.yaml", text, read: () => "" });
  globalThis.gc();
  const before = process.memoryUsage().arrayBuffers;
  const world = new World(scenario);
  world.runUntil(scenario.durationUs * 0.95);
  globalThis.gc();
  const bytes = process.memoryUsage().arrayBuffers - before;
  return { attemptsInFlight: world.peakInFlight, bytesPerAttempt: bytes / world.peakInFlight };
}

console.log(
  JSON.stringify({
    peakRssMiBAt1e6: peakRssMiB(1_000_000),
    peakRssMiBAt1e7: peakRssMiB(10_000_000),
    ...(await bytesPerAttempt(4000, 6_000_000)),
  }),
);
