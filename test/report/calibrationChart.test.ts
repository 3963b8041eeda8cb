import { describe, expect, it } from "vitest";
import {
  type CalibrationPoint,
  calibrationChart,
  calibrationRows,
} from "../../src/report/calibrationChart.js";
import { renderSvg, specLabel } from "../../src/report/renderSvg.js";
import { NARROW, WIDE } from "../../src/report/theme.js";

const points: readonly CalibrationPoint[] = Array.from({ length: 200 }, (_, i) => ({
  // Nobody comes for a while in the middle.
  arrivalMs: 600_000 + i * 1000 + (i < 100 ? 0 : 100_000),
  ttftMs: { measured: 100 + i, modelled: 90 + i },
  tpotMs: i % 10 === 0 ? null : { measured: 20, modelled: 22 },
}));
const errors = [
  { metric: "tpot-mean", errorPercent: 10, limitPercent: 10 },
  { metric: "ttft-mean", errorPercent: -41.2, limitPercent: 25 },
];

describe("the calibration chart", () => {
  it("has a row for every slice and side, measured first, and reaches to the last arrival", () => {
    const rows = calibrationRows(points, "tpotMs");
    expect(rows.length).toBe(2 * 81);
    expect(new Set(rows.slice(0, 81).map(({ value }) => value))).toEqual(new Set([20, null]));
    expect(new Set(rows.slice(81).map(({ value }) => value))).toEqual(new Set([22, null]));
    expect([rows[0]?.startMin, rows[80]?.startMin]).toEqual([10, 899 / 60]);
  });

  it("says in its title what is off when the preset is not to be trusted", () => {
    const label = specLabel(calibrationChart({ id: "x", trusted: false, points, errors }, WIDE));
    expect(label).toContain("x: NOT to be trusted, ttft-mean off");
    const good = specLabel(calibrationChart({ id: "x", trusted: true, points, errors }, WIDE));
    expect(good).toContain("mean time per token within 10.0 %");
  });

  it.each([
    ["as usual", points],
    ["answers of one token", points.map((point) => ({ ...point, tpotMs: null }))],
    ["times of zero", points.map((point) => ({ ...point, ttftMs: { measured: 0, modelled: 0 } }))],
    ["one request", points.slice(0, 1)],
    ["none", []],
  ])("is drawn the same twice, in both sizes, without a number that is none: %s", async (_what, some) => {
    for (const size of [WIDE, NARROW]) {
      const spec = () => calibrationChart({ id: "<&>", trusted: false, points: some, errors: [] }, size);
      const svg = await renderSvg(spec());
      expect(svg).toMatch(/^<svg /);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(await renderSvg(spec())).toBe(svg);
    }
  });
});
