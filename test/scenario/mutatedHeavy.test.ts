import { expect, test } from "vitest";
import { HEAVY } from "./malformed/heavyBase.js";
import { spoilMany } from "./malformed/mutate.js";

const RUNS = 2_000;

test(`a scenario that says everything about serving and overload, spoilt in ${RUNS} ways, loads or is refused at a place, within a second, and what loads runs its first second`, () => {
  const { loaded, ran } = spoilMany(HEAVY, { runs: RUNS });
  // Both outcomes must be common, or the mutations are too tame or too wild to mean anything.
  expect(loaded).toBeGreaterThan(RUNS / 50);
  expect(RUNS - loaded).toBeGreaterThan(RUNS / 4);
  expect(ran).toBeGreaterThan(loaded / 2);
}, 240_000);
