/** The files of the replay scenario come from their script, and look like what they were drawn from. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { goldenResult, loadShipped, root } from "./shipped.js";

const folder = join(root, "scenarios/replay");
const scratch = mkdtempSync(join(tmpdir(), "regionsim-replay-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rows = readFileSync(join(folder, "trace.csv"), "utf8")
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((row) => row.split(",").map(Number) as [number, number, number]);

/** Published of the Azure 2023 conversation trace: 19,366 requests. */
const PUBLISHED = {
  inputTokens: { p50: 1020, p90: 2734.5, p99: 4142, mean: 1154.7 },
  outputTokens: { p50: 129, p90: 424, p99: 601, mean: 211.13 },
  gapCv: 1.094,
  requestsPerS: 5.53,
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardDeviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** Share of values at or below `limit`. */
function shareUpTo(values: readonly number[], limit: number): number {
  return values.filter((value) => value <= limit).length / values.length;
}

describe("the replayed files", () => {
  it("are what their script writes, byte for byte", () => {
    const done = spawnSync(process.execPath, [join(folder, "generate.mjs"), scratch], { encoding: "utf8" });
    expect(done.status, done.stderr).toBe(0);
    for (const name of ["trace.csv", "faults.csv"])
      expect(readFileSync(join(scratch, name), "utf8"), name).toBe(readFileSync(join(folder, name), "utf8"));
  });

  it.each([
    ["inputTokens", 1],
    ["outputTokens", 2],
  ] as const)("have %s with the published quantiles", (name, column) => {
    const values = rows.map((row) => row[column]);
    const wanted = PUBLISHED[name];
    for (const [probability, value] of [
      [0.5, wanted.p50],
      [0.9, wanted.p90],
      [0.99, wanted.p99],
    ] as const) {
      // Four standard errors of a share, and a token for rounding up.
      const halfWidth = 4 * Math.sqrt((probability * (1 - probability)) / values.length);
      const share = shareUpTo(values, value + 1);
      expect(Math.abs(share - probability), `p${100 * probability}: ${share}`).toBeLessThan(
        halfWidth + 0.002,
      );
    }
    // Straight lines between ten quantiles are not the curve: 6 % is what they miss the mean by at most.
    expect(Math.abs(mean(values) / wanted.mean - 1), `mean ${mean(values)}`).toBeLessThan(0.06);
  });

  it("have gaps as uneven as the published ones, at a fifth of the rate", () => {
    const gaps = rows.map(([atS], i) => atS - (i === 0 ? 0 : rows[i - 1]![0]));
    const ratio = standardDeviation(gaps) / mean(gaps);
    // The standard error of a coefficient of variation near 1 is about 1 / sqrt(n); four of them.
    expect(Math.abs(ratio - PUBLISHED.gapCv), `cv ${ratio}`).toBeLessThan(4 / Math.sqrt(gaps.length));
    const perS = 1 / mean(gaps);
    const halfWidth = (4 * PUBLISHED.gapCv) / Math.sqrt(gaps.length);
    expect(Math.abs((5 * perS) / PUBLISHED.requestsPerS - 1), `${perS} rps`).toBeLessThan(halfWidth);
  });

  it("are all replayed: every row is a request, none is cut off", () => {
    expect(loadShipped("replay").workload.trace!.arrivalUs.length).toBe(rows.length);
    expect(goldenResult("replay").requests.offered).toBe(rows.length);
  });

  it("hold the incident's 39 and 26 minutes", () => {
    const { faults } = loadShipped("replay");
    expect(faults.map(({ id, startUs, endUs }) => [id, startUs / 6e7, endUs / 6e7])).toEqual([
      ["container-restarts", 10, 49],
      ["scale-out", 49, 75],
    ]);
  });
});
