import { describe, expect, it } from "vitest";
import type { BeliefChange, FaultLabel, Recording } from "../../src/metrics/index.js";
import { type ClockBounds, type FaultClock, faultClocks } from "../../src/result/clock.js";

const S = 1e6;
const BOUNDS: ClockBounds = { preset: null, detectS: 30, movedS: 90, tailS: 90 };

const FAULT: FaultLabel = {
  id: "lost",
  kind: "region-down",
  target: "eu",
  startUs: 100 * S,
  endUs: 400 * S,
  regions: [0],
  movesTraffic: true,
};

/** Two regions with a gateway and an endpoint each, one more endpoint in the first; what was believed and sent. */
function clocks(
  fault: Partial<FaultLabel>,
  beliefs: readonly BeliefChange[] = [],
  lastS: { readonly request?: number; readonly call?: number } = {},
): FaultClock[] {
  const us = (s: number | undefined): number => (s === undefined ? -1 : s * S);
  const recording = {
    labels: {
      faults: [{ ...FAULT, ...fault }],
      gateways: [
        { id: "g-eu", region: 0 },
        { id: "g-us", region: 1 },
      ],
      endpoints: [{ region: 0 }, { region: 0 }, { region: 1 }],
    },
    beliefs,
    misdirected: [{ requests: 3, lastRequestUs: us(lastS.request), calls: 5, lastCallUs: us(lastS.call) }],
  } as unknown as Recording;
  return faultClocks(recording, { entry: BOUNDS, gateways: null });
}

const belief = (atS: number, observer: string, target: number, up = false): BeliefChange => ({
  timeUs: atS * S,
  observer,
  targetKind: observer === "entry" ? "gateway" : "endpoint",
  target,
  up,
});

describe("the clock of a fault", () => {
  it("of a region is watched by the entry and by the gateways that are left", () => {
    const noticed = [belief(120, "entry", 0), belief(105, "g-us", 0), belief(109, "g-us", 1)];
    const rows = clocks({}, noticed, { request: 150, call: 108 });
    expect(
      rows.map(({ clock, detectedS, misdirected, lastMisdirectedS, isWithinBound }) => [
        clock,
        detectedS,
        misdirected,
        lastMisdirectedS,
        isWithinBound,
      ]),
    ).toEqual([
      ["entry", 20, 3, 50, true],
      ["gateways", 9, 5, 8, null],
    ]);
  });

  it("of an endpoint is watched by every gateway, for that endpoint alone", () => {
    const noticed = [belief(105, "g-us", 1), belief(108, "g-eu", 1)];
    const rows = clocks({ kind: "endpoint-down", endpoints: [1] }, noticed);
    expect(rows).toMatchObject([{ clock: "gateways", detectedS: 8, lastMisdirectedS: null }]);
    const all = clocks({ kind: "endpoint-down" }, noticed);
    expect(all).toMatchObject([{ detectedS: null }]);
  });

  it("stops only when the last of them has noticed, within the fault", () => {
    expect(clocks({}, [belief(105, "g-us", 0)])[1]).toMatchObject({ detectedS: null });
    expect(clocks({}, [belief(401, "entry", 0)])[0]).toMatchObject({ detectedS: null });
    expect(clocks({}, [belief(120, "entry", 1)])[0]).toMatchObject({ detectedS: null });
  });

  it("had stopped before it began where they thought so already, but not where they had changed their mind", () => {
    const before = [belief(50, "entry", 0)];
    expect(clocks({}, before)[0]).toMatchObject({ detectedS: 0 });
    expect(clocks({}, [...before, belief(60, "entry", 0, true)])[0]).toMatchObject({ detectedS: null });
  });

  it("is beyond its bound from the first moment after it", () => {
    expect(clocks({}, [], { request: 190 })[0]).toMatchObject({ lastMisdirectedS: 90, isWithinBound: true });
    expect(clocks({}, [], { request: 190.001 })[0]).toMatchObject({ isWithinBound: false });
    expect(clocks({}, [])[0]).toMatchObject({ lastMisdirectedS: null, isWithinBound: true });
  });

  it("is not set going by what takes no place away, and users of a region without gateways have no way to lose", () => {
    expect(clocks({ kind: "slow", movesTraffic: false })).toEqual([]);
    expect(clocks({ regions: [2] }).map(({ clock }) => clock)).toEqual(["gateways"]);
  });
});
