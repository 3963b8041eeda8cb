import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { spoilMany } from "./malformed/mutate.js";

const EXAMPLE = readFileSync(new URL("../../scenarios/eu-us.yaml", import.meta.url), "utf8");
const RUNS = 1_500;

test(`the worked example spoilt in ${RUNS} ways loads or is refused at a place, within a second, and what loads runs its first second`, () => {
  const { loaded, ran } = spoilMany(EXAMPLE, { runs: RUNS });
  // Both outcomes must be common, or the mutations are too tame or too wild to mean anything.
  expect(loaded).toBeGreaterThan(RUNS / 50);
  expect(RUNS - loaded).toBeGreaterThan(RUNS / 4);
  expect(ran).toBeGreaterThan(loaded / 2);
}, 240_000);
