import { expect, test } from "vitest";
import { loadScenario } from "../../src/scenario/index.js";
import { SEED, spoilMany } from "./malformed/mutate.js";
import { RESIDENCY_BASES } from "./malformed/residencyBase.js";

const RUNS = 1_200;

test("a scenario that says everything about data, stores, operators and routing is right, whatever its strategy", () => {
  for (const text of RESIDENCY_BASES) {
    const result = loadScenario({ file: "s.yaml", text, read: () => "" });
    expect(result.ok ? [] : result.issues).toEqual([]);
  }
});

test(`it spoilt in ${RUNS} ways loads or is refused at a place, within a second, and what loads runs its first second`, () => {
  let loaded = 0;
  let ran = 0;
  RESIDENCY_BASES.forEach((text, index) => {
    const runs = Math.floor((RUNS + index) / RESIDENCY_BASES.length);
    const spoilt = spoilMany(text, { runs, most: 2, seed: SEED + index });
    loaded += spoilt.loaded;
    ran += spoilt.ran;
  });
  // Both outcomes must be common, or the mutations are too tame or too wild to mean anything.
  expect(loaded).toBeGreaterThan(RUNS / 20);
  expect(RUNS - loaded).toBeGreaterThan(RUNS / 4);
  expect(ran).toBeGreaterThan(loaded / 2);
}, 240_000);
