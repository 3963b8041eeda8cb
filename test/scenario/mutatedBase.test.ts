import fc from "fast-check";
import { expect, test } from "vitest";
import { loadScenario } from "../../src/scenario/index.js";
import { readTraceCsv } from "../../src/scenario/traceCsv.js";
import { BASE } from "./malformed/base.js";
import { expectPlaced, mutate, mutation, SEED, spoilMany } from "./malformed/mutate.js";

const RUNS = 5_300;

test(`a scenario with every kind of block spoilt in ${RUNS} ways loads or is refused at a place, within a second, and what loads runs its first second`, () => {
  const { loaded, ran } = spoilMany(BASE, { runs: RUNS });
  // Both outcomes must be common, or the mutations are too tame or too wild to mean anything.
  expect(loaded).toBeGreaterThan(RUNS / 50);
  expect(RUNS - loaded).toBeGreaterThan(RUNS / 4);
  expect(ran).toBeGreaterThan(loaded / 2);
}, 240_000);

test("spoilt traces are read or refused at a place, and none throws", () => {
  const csv = `at_s,inputTokens,outputTokens,site,class\n${Array.from({ length: 20 }, (_, i) => `${i}.25,${i * 100},${i},DE,chat`).join("\n")}\n`;
  const names = { sites: ["DE", "ny"], classes: ["chat"] };
  const property = fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
    const text = mutations.reduce(mutate, csv);
    const reading = readTraceCsv("t.csv", text, names);
    if (reading.trace === null) expectPlaced(reading.issues, "t.csv", text);
    else expect(reading.trace.arrivalUs.length).toBe(reading.trace.siteIndex.length);
  });
  fc.assert(property, { seed: SEED, numRuns: 2_000 });
});

test("random text is refused at a place, and none throws", () => {
  const property = fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
    const result = loadScenario({ file: "s.yaml", text, read: () => "" });
    if (result.ok) throw new Error("loaded");
    expectPlaced(result.issues, "s.yaml", text);
  });
  fc.assert(property, { seed: SEED, numRuns: 2_000 });
});
