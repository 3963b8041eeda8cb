import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cosDegrees, EARTH_RADIUS_KM, sinDegrees } from "../../src/scenario/catalogue/greatCircle.js";
import { type Coordinates, findSite, greatCircleKm } from "../../src/scenario/catalogue/index.js";

const SEED = 20260801;

const anyPoint = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});

/** The angle in the host's arithmetic, by Vincenty's formula on the sphere: a second path to the same number. */
function hostKm(a: Coordinates, b: Coordinates): number {
  const radians = Math.PI / 180;
  const [p, q, turn] = [a.latitude * radians, b.latitude * radians, (b.longitude - a.longitude) * radians];
  const east = Math.cos(q) * Math.sin(turn);
  const north = Math.cos(p) * Math.sin(q) - Math.sin(p) * Math.cos(q) * Math.cos(turn);
  const dot = Math.sin(p) * Math.sin(q) + Math.cos(p) * Math.cos(q) * Math.cos(turn);
  return EARTH_RADIUS_KM * Math.atan2(Math.hypot(east, north), dot);
}

describe("great circle", () => {
  it("sine and cosine are the host's to 4e-15 over several turns", () => {
    for (let degrees = -720; degrees <= 720; degrees += 0.37) {
      expect(Math.abs(sinDegrees(degrees) - Math.sin((degrees * Math.PI) / 180))).toBeLessThan(4e-15);
      expect(Math.abs(cosDegrees(degrees) - Math.cos((degrees * Math.PI) / 180))).toBeLessThan(4e-15);
    }
    expect([0, 90, 180, 270].map((degrees) => Math.round(sinDegrees(degrees) * 1e16) + 0)).toEqual([
      0, 1e16, 0, -1e16,
    ]);
  });

  it("distance is the host's to 1e-9 and the same both ways to the bit", () => {
    fc.assert(
      fc.property(anyPoint, anyPoint, (a, b) => {
        const km = greatCircleKm(a, b);
        expect(km).toBe(greatCircleKm(b, a));
        // A metre, below which the host's own formula has lost its digits.
        if (km > 0.001) expect(Math.abs(km / hostKm(a, b) - 1)).toBeLessThan(1e-9);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it("neighbours ten metres apart and antipodes keep their digits", () => {
    const step = 1e-4;
    const metre = (EARTH_RADIUS_KM * step * Math.PI) / 180;
    for (const latitude of [-89, -45, 0, 12.34, 60]) {
      const km = greatCircleKm({ latitude, longitude: 7 }, { latitude: latitude + step, longitude: 7 });
      expect(Math.abs(km / metre - 1)).toBeLessThan(1e-9);
    }
    for (const [latitude, longitude] of [
      [0, 0],
      [33.3, 44.4],
      [-71, 120],
      [90, 0],
    ] as const) {
      const km = greatCircleKm({ latitude, longitude }, { latitude: -latitude, longitude: longitude - 180 });
      expect(Math.abs(km / (Math.PI * EARTH_RADIUS_KM) - 1)).toBeLessThan(1e-9);
    }
  });

  it("the date line is crossed the short way and a pole's longitude does not matter", () => {
    const across = greatCircleKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 });
    expect(Math.abs(across - (Math.PI * EARTH_RADIUS_KM) / 180)).toBeLessThan(1e-6);
    expect(greatCircleKm({ latitude: 90, longitude: 10 }, { latitude: 90, longitude: -120 })).toBeLessThan(
      1e-6,
    );
    expect(greatCircleKm({ latitude: 5, longitude: 5 }, { latitude: 5, longitude: 5 })).toBe(0);
  });

  it("well-known city pairs are within 0.6 % (the ellipsoid) of published distances", () => {
    // London-New York 5570, Paris-Tokyo 9712, Sydney-Singapore 6306, Sao Paulo-Johannesburg 7431 km.
    for (const [from, to, km] of [
      ["GB", "US-NY", 5570],
      ["FR", "jp-tokyo", 9712],
      ["AU", "SG", 6306],
      ["BR", "ZA", 7431],
    ] as const) {
      const found = greatCircleKm(findSite(from)!, findSite(to)!);
      expect(Math.abs(found / km - 1), `${from}-${to}: ${found}`).toBeLessThan(0.006);
    }
  });

  it("distance obeys the triangle inequality", () => {
    fc.assert(
      fc.property(anyPoint, anyPoint, anyPoint, (a, b, c) => {
        expect(greatCircleKm(a, c)).toBeLessThanOrEqual(greatCircleKm(a, b) + greatCircleKm(b, c) + 1e-9);
      }),
      { seed: SEED },
    );
  });
});
