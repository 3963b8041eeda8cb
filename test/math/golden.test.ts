import { expect, test } from "vitest";
import { EXP_TABLE, STEP_HIGH, STEP_LOW, STEPS_PER_UNIT } from "../../src/math/expTable.js";
import { exp, log, pow } from "../../src/math/index.js";
import { LN2_HIGH, LN2_LOW, LOG_EXACT_LOW, LOG_TABLE } from "../../src/math/logTable.js";
import { constants, expRows, logRows } from "./generateTables.mjs";
import { hashOfBits, Inputs } from "./inputs.js";

/** Time allowed to a test that computes much, when the machine is busy. */
const PATIENCE_MS = 60000;

const MILLION = 1_000_000;

// Hashes of result bits: a change here means every recorded run changes, whatever the size of the error.
test(
  "log gives the recorded bits for a million inputs of every size",
  () => {
    const inputs = new Inputs(1);
    expect(
      hashOfBits(MILLION, () => log((inputs.word() & 3) === 0 ? inputs.anyPositive() : inputs.between(0, 2))),
    ).toBe("5e8a4acb");
  },
  PATIENCE_MS,
);

test(
  "exp gives the recorded bits for a million inputs from -750 to 710",
  () => {
    const inputs = new Inputs(2);
    const next = (): number =>
      (inputs.word() & 3) === 0 ? inputs.between(-750, 710) : inputs.between(-4, 4);
    expect(hashOfBits(MILLION, () => exp(next()))).toBe("db6ae3a8");
  },
  PATIENCE_MS,
);

test(
  "pow gives the recorded bits for a million pairs of inputs",
  () => {
    const inputs = new Inputs(3);
    const next = (): number => ((inputs.word() & 3) === 0 ? inputs.anyPositive() : inputs.between(0, 4));
    expect(hashOfBits(MILLION, () => pow(next(), inputs.between(-8, 8)))).toBe("39ccea07");
  },
  PATIENCE_MS,
);

test("the tables made at load time equal, bit for bit, the ones computed apart from them in exact arithmetic", () => {
  const rows: number[][] = logRows();
  expect(Array.from(LOG_TABLE)).toEqual(rows.flatMap((row) => row.slice(0, 4)));
  expect(Array.from(LOG_EXACT_LOW)).toEqual(rows.map((row) => row[4]));
  expect(Array.from(EXP_TABLE)).toEqual(expRows().flat());
  expect({ LN2_HIGH, LN2_LOW, STEP_HIGH, STEP_LOW, STEPS_PER_UNIT }).toEqual(constants());
});
