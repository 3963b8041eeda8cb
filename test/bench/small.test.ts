/** The benchmark at a small size: what it runs, not how fast. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import type { Result } from "../../src/result/result.js";
import { loadScenario } from "../../src/scenario/index.js";
import { fill, placeholders } from "./product.mjs";
import { scenarioText, sideFile } from "./replicaProduct.mjs";

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}

test("model B from its scenario file counts the same events and gives the same digest at 20 000 requests", () => {
  const text = fill(read("modelB.yaml"), placeholders(JSON.parse(read("modelB.json")), 20_000, 1, 1, 1));
  const loaded = loadScenario({ file: "modelB.yaml", text, read: () => "" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  const result = runScenario(loaded.scenario);
  expect(result.requests).toEqual({ offered: 19931, served: 19612, refused: 212, inFlight: 107 });
  expect(result.events).toBe(82701);
  expect(result.digest).toBe("146c1c035bd1d2e3df3241dde8b49fae6587090cdb873a3c7a0f1ea25a31d5c6");
  // About four events a request, as the benchmark says.
  expect(result.events / result.requests.offered).toBeGreaterThan(3.9);
  expect(result.events / result.requests.offered).toBeLessThan(4.3);
});

function runCase(name: string, duration?: string): Result {
  const loaded = loadScenario({
    file: `${name}.yaml`,
    text: scenarioText(name, duration),
    read: sideFile,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return runScenario(loaded.scenario);
}

test("all of Mooncake's conversations are answered by eight replicas, event by event the same in every run", () => {
  const result = runCase("mooncake");
  expect(result.requests).toEqual({ offered: 12031, served: 12031, refused: 0, inFlight: 0 });
  expect(result.events).toBe(95521);
  expect(result.digest).toBe("b656fa6978aca08700a36b8dd94aea79642c20b4401c53185681c98399dc5f85");
});

test("ten minutes of five regions of replicas count the same events and give the same digest", () => {
  const result = runCase("fiveRegions", "10m");
  expect(result.requests).toEqual({ offered: 34581, served: 34490, refused: 0, inFlight: 91 });
  expect(result.events).toBe(367859);
  expect(result.digest).toBe("8ccb91944656c411a7f4c52453e54c318205dcae64ef0c7de02bc89abcb46cb0");
});
