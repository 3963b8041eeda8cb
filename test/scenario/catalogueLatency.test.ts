import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BACKBONE_FITS,
  fittedRttMs,
  lightFloorMs,
  PUBLIC_FITS,
} from "../../src/scenario/catalogue/corridors.js";
import { cosDegrees, EARTH_RADIUS_KM, sinDegrees } from "../../src/scenario/catalogue/greatCircle.js";
import {
  CLOUD_REGION_KEYS,
  COUNTRY_CODES,
  type Coordinates,
  corridorGroupOf,
  findCloudRegion,
  findSite,
  greatCircleKm,
  LAST_MILE_MEDIAN_MS,
  MEASURED_REGION_KEYS,
  type Place,
  regionRttMs,
  SITE_CODES,
  siteRegionRttMs,
} from "../../src/scenario/catalogue/index.js";
import { measuredRttMs } from "../../src/scenario/catalogue/measuredRtt.js";
import { itWith, median, readRecords, readReferenceJson } from "./catalogueReference.js";

const RTT_FILE = "data/latency/multicloud_rtt_clean.csv";
const SEED = 20260801;

const anyPoint = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});
const anyPlace: fc.Arbitrary<Place> = fc
  .tuple(anyPoint, fc.constantFrom(...COUNTRY_CODES))
  .map(([point, country]) => ({ ...point, country }));
const anyRegion = fc.oneof(fc.constantFrom(...CLOUD_REGION_KEYS), anyPlace);

/** The angle in the host's arithmetic, by Vincenty's formula on the sphere: a second path to the same number. */
function hostKm(a: Coordinates, b: Coordinates): number {
  const radians = Math.PI / 180;
  const [p, q, turn] = [a.latitude * radians, b.latitude * radians, (b.longitude - a.longitude) * radians];
  const east = Math.cos(q) * Math.sin(turn);
  const north = Math.cos(p) * Math.sin(q) - Math.sin(p) * Math.cos(q) * Math.cos(turn);
  const dot = Math.sin(p) * Math.sin(q) + Math.cos(p) * Math.cos(q) * Math.cos(turn);
  return EARTH_RADIUS_KM * Math.atan2(Math.hypot(east, north), dot);
}

const placeOf = (region: string | Place): Place =>
  typeof region === "string" ? findCloudRegion(region)! : region;

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

describe("region to region", () => {
  it("is the same both ways, to 0.01 ms, and never faster than light in fibre", () => {
    fc.assert(
      fc.property(anyRegion, anyRegion, (a, b) => {
        const there = regionRttMs(a, b);
        expect(regionRttMs(b, a)).toEqual(there);
        expect(Math.abs(there.rttMs * 100 - Math.round(there.rttMs * 100))).toBeLessThan(1e-6);
        expect(there.rttMs).toBeGreaterThanOrEqual(lightFloorMs(greatCircleKm(placeOf(a), placeOf(b))));
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it("takes the first source that applies", () => {
    const paris: Place = { latitude: 48.86, longitude: 2.35, country: "FR" };
    const cases: readonly (readonly [string | Place, string | Place, string])[] = [
      ["aws:eu-central-1", "aws:eu-central-1", "intra-region"],
      ["aws:eu-west-3", "aws:eu-west-3", "intra-region"],
      ["aws:eu-central-1", "azure:germanywestcentral", "measured"],
      ["aws:us-east-1", "aws:eu-central-1", "measured"],
      ["aws:eu-west-3", "gcp:europe-west9", "same-metro"],
      [paris, "aws:eu-west-3", "same-metro"],
      ["aws:eu-west-3", "aws:eu-central-1", "measured-nearby"],
      [paris, "aws:us-east-1", "measured-nearby"],
      ["azure:polandcentral", "aws:us-east-1", "corridor:US-Europe"],
      ["aws:mx-central-1", "aws:us-east-1", "corridor:world"],
    ];
    for (const [a, b, source] of cases)
      expect(regionRttMs(a, b).source, `${String(a)} ${String(b)}`).toBe(source);
  });

  it("one region is quicker than one metropolis, and that quicker than any two metropolises", () => {
    const intra = regionRttMs("aws:eu-west-3", "aws:eu-west-3").rttMs;
    const metro = regionRttMs("aws:eu-west-3", "gcp:europe-west9").rttMs;
    expect(intra).toBe(1.34);
    expect(metro).toBe(2.7);
    for (const key of CLOUD_REGION_KEYS) {
      const { rttMs, source } = regionRttMs("aws:eu-west-3", key);
      if (source !== "intra-region" && source !== "same-metro") expect(rttMs, key).toBeGreaterThan(metro);
    }
  });

  it("a key not in the catalogue is our own mistake and says so", () => {
    expect(() => regionRttMs("aws:eu-wst-1", "aws:us-east-1")).toThrow(
      'bug: no catalogue region "aws:eu-wst-1"',
    );
  });

  it("every measured key is in the catalogue and all but one pair of the 1,225 was measured", () => {
    for (const key of MEASURED_REGION_KEYS) expect(findCloudRegion(key), key).toBeDefined();
    const pairs = MEASURED_REGION_KEYS.flatMap((a, i) =>
      MEASURED_REGION_KEYS.slice(0, i).map((b) => [a, b] as const),
    );
    expect(pairs).toHaveLength(1225);
    const missing = pairs
      .filter(([a, b]) => measuredRttMs(a, b) === undefined)
      .map((pair) => [...pair].sort());
    expect(missing).toEqual([["gcp:australia-southeast1", "gcp:europe-west2"]]);
  });

  it("measured detours are rare: under a fifth of pairs have a relay more than 10 % quicker", () => {
    // Real routes break the triangle inequality; a table read by the wrong row would break it nearly
    // everywhere. Measured when written: 13 %.
    const keys = MEASURED_REGION_KEYS;
    let detours = 0;
    for (const a of keys) {
      for (const b of keys) {
        const direct = measuredRttMs(a, b);
        if (direct === undefined) continue;
        const relayed = Math.min(
          ...keys.map((via) => (measuredRttMs(a, via) ?? Infinity) + (measuredRttMs(via, b) ?? Infinity)),
        );
        if (relayed < 0.9 * direct) detours++;
      }
    }
    const share = detours / (keys.length * (keys.length - 1));
    expect(share, `share of pairs with a quicker relay: ${share}`).toBeLessThan(1 / 5);
  });

  itWith([RTT_FILE], "the table is the measurement, rounded to 0.1 ms", () => {
    let compared = 0;
    for (const { a, b, avg_rtt_ms } of readRecords(RTT_FILE)) {
      const rttMs = measuredRttMs(a!, b!);
      if (rttMs === undefined) continue;
      compared++;
      expect(Math.abs(rttMs - Number(avg_rtt_ms)), `${a} ${b}`).toBeLessThanOrEqual(0.05 + 1e-9);
    }
    expect(compared).toBe(1224);
  });

  itWith(
    [RTT_FILE],
    "catalogue coordinates give the distances the measurements were cleaned with, to 1 km",
    () => {
      for (const { a, b, distance_km } of readRecords(RTT_FILE)) {
        const km = greatCircleKm(findCloudRegion(a!)!, findCloudRegion(b!)!);
        expect(Math.abs(km - Number(distance_km)), `${a} ${b}`).toBeLessThan(1);
      }
    },
  );

  itWith(
    [RTT_FILE],
    "each corridor's stated pairs and median error are those of the measurements, to 0.1 ms",
    () => {
      const errors = errorsByCorridor();
      for (const fit of BACKBONE_FITS.values()) {
        const found = fit.name === "world" ? worldErrors() : (errors.get(fit.name) ?? []);
        expect(found.length, fit.name).toBe(fit.pairCount);
        const error = median(found);
        expect(Math.abs(error - fit.medianErrorMs), `${fit.name}: ${error}`).toBeLessThanOrEqual(0.1);
      }
    },
  );

  itWith(
    [RTT_FILE],
    "on the pairs the table leaves out, nearby measurements beat the fits and the fits beat the world's",
    () => {
      const errors: Record<"nearby" | "nearbyFit" | "fit" | "fitWorld", number[]> = {
        nearby: [],
        nearbyFit: [],
        fit: [],
        fitWorld: [],
      };
      for (const { a, b, km, rttMs, fit } of measurements()) {
        const found = regionRttMs(a, b);
        const error = Math.abs(found.rttMs - rttMs);
        if (found.source === "measured-nearby") {
          errors.nearby.push(error);
          errors.nearbyFit.push(Math.abs(fittedRttMs(fit, km) - rttMs));
        } else if (found.source.startsWith("corridor:")) {
          errors.fit.push(error);
          errors.fitWorld.push(Math.abs(fittedRttMs(BACKBONE_FITS.get("world")!, km) - rttMs));
        }
      }
      // Measured when written: 255 pairs at 6.1 against 8.8 ms, 856 pairs at 13.8 against 22.6 ms.
      expect(errors.nearby.length).toBeGreaterThan(200);
      expect(errors.fit.length).toBeGreaterThan(800);
      expect(median(errors.nearby)).toBeLessThan(7);
      expect(median(errors.nearby)).toBeLessThan(0.8 * median(errors.nearbyFit));
      expect(median(errors.fit)).toBeLessThan(15);
      expect(median(errors.fit)).toBeLessThan(0.7 * median(errors.fitWorld));
    },
  );
});

describe("site to region", () => {
  it("is at least light in fibre plus the last mile, whatever the place", () => {
    fc.assert(
      fc.property(anyPlace, anyRegion, fc.constantFrom(0, 15, 60, 629), (site, region, lastMileMs) => {
        const { rttMs } = siteRegionRttMs(site, region, lastMileMs);
        expect(rttMs).toBeGreaterThanOrEqual(lightFloorMs(greatCircleKm(site, placeOf(region))) + lastMileMs);
        expect(Number.isFinite(rttMs)).toBe(true);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it("the last mile adds its own round trip and nothing else", () => {
    const site = findSite("DE")!;
    const wired = siteRegionRttMs(site, "aws:us-east-1", LAST_MILE_MEDIAN_MS.fixed);
    const mobile = siteRegionRttMs(site, "aws:us-east-1", LAST_MILE_MEDIAN_MS.mobile);
    expect(mobile.rttMs - wired.rttMs).toBeCloseTo(45, 9);
    expect(mobile.source).toBe(wired.source);
  });

  it("a user pays more than a region in the same city, for every demand site and region", () => {
    for (const code of SITE_CODES) {
      const site = findSite(code)!;
      for (const key of ["aws:us-east-1", "aws:eu-central-1", "aws:ap-northeast-1"]) {
        const user = siteRegionRttMs(site, key, LAST_MILE_MEDIAN_MS.fixed).rttMs;
        expect(user, `${code} to ${key}`).toBeGreaterThan(greatCircleKm(site, findCloudRegion(key)!) / 100);
        expect(user, `${code} to ${key}`).toBeLessThan(600);
      }
    }
  });

  it("a home in a region's own city is 15 to 25 ms away", () => {
    for (const [code, key] of [
      ["DE", "aws:eu-central-1"],
      ["JP", "aws:ap-northeast-1"],
      ["BR", "aws:sa-east-1"],
      ["SG", "gcp:asia-southeast1"],
    ] as const) {
      const { rttMs } = siteRegionRttMs(findSite(code)!, key, LAST_MILE_MEDIAN_MS.fixed);
      expect(rttMs, `${code} ${key}`).toBeGreaterThan(15);
      expect(rttMs, `${code} ${key}`).toBeLessThan(25);
    }
  });

  it("each kind of source is reached", () => {
    const source = (code: string, key: string) => siteRegionRttMs(findSite(code)!, key, 15).source;
    expect(source("DE", "aws:us-east-1")).toBe("public:metro-measured");
    expect(source("PL", "aws:eu-central-1")).toBe("public:Europe-Europe");
    expect(source("US-NY", "aws:eu-central-1")).toBe("public:US-Europe");
    expect(source("TH", "aws:ap-southeast-1")).toBe("public:backbone-APAC-APAC");
    expect(source("KZ", "aws:eu-central-1")).toBe("public:world");
  });

  itWith(["reference/latency_model_fits.json"], "public fits carry the published figures", () => {
    type Published = Readonly<{
      n: number;
      slope_ms_per_1000km: number;
      intercept_ms: number;
      median_abs_err_ms: number;
    }>;
    const fits = readReferenceJson("reference/latency_model_fits.json") as Readonly<
      Record<string, Published>
    >;
    const published: Readonly<Record<string, string>> = {
      "US-US": "wondernetwork_2018:US|US",
      "Canada-Canada": "wondernetwork_2018:North America|North America",
      "US-Europe": "wondernetwork_2018:Eurasia|North America",
      "US-South-America": "wondernetwork_2018:North America|South America",
      "US-Africa": "wondernetwork_2018:Africa|North America",
      "South-America-South-America": "wondernetwork_2018:South America|South America",
      "South-America-Europe": "wondernetwork_2018:Eurasia|South America",
      "Europe-Europe": "wondernetwork_2018:Europe|Europe",
      "Europe-Africa": "wondernetwork_2018:Africa|Eurasia",
      "Africa-Africa": "wondernetwork_2018:Africa|Africa",
      world: "wondernetwork_2018_all_min",
    };
    for (const [name, key] of Object.entries(published)) {
      const fit = PUBLIC_FITS.get(name)!;
      const { n, slope_ms_per_1000km, intercept_ms, median_abs_err_ms } = fits[key]!;
      expect([fit.pairCount, fit.msPer1000Km, fit.interceptMs, fit.medianErrorMs], name).toEqual([
        n,
        slope_ms_per_1000km,
        intercept_ms,
        median_abs_err_ms,
      ]);
    }
  });
});

interface Measurement {
  readonly a: string;
  readonly b: string;
  readonly km: number;
  readonly rttMs: number;
  readonly fit: NonNullable<ReturnType<typeof BACKBONE_FITS.get>>;
}

/** The measured pairs more than 100 km apart, each with its corridor's fit. */
function measurements(): readonly Measurement[] {
  return readRecords(RTT_FILE).flatMap(({ a, b, avg_rtt_ms }) => {
    const [from, to] = [findCloudRegion(a!)!, findCloudRegion(b!)!];
    const km = greatCircleKm(from, to);
    if (avg_rtt_ms === "" || km <= 100) return [];
    const [g, h] = [corridorGroupOf(from.country), corridorGroupOf(to.country)];
    const fit =
      BACKBONE_FITS.get(`${g}-${h}`) ?? BACKBONE_FITS.get(`${h}-${g}`) ?? BACKBONE_FITS.get("world")!;
    return [{ a: a!, b: b!, km, rttMs: Number(avg_rtt_ms), fit }];
  });
}

function errorsByCorridor(
  keep: (measurement: Measurement) => boolean,
): ReadonlyMap<string, readonly number[]> {
  const errors = new Map<string, number[]>();
  for (const { fit, km, rttMs } of measurements()) {
    errors.set(fit.name, [...(errors.get(fit.name) ?? []), Math.abs(fittedRttMs(fit, km) - rttMs)]);
  }
  return errors;
}

function worldErrors(): readonly number[] {
  const world = BACKBONE_FITS.get("world")!;
  return measurements().map(({ km, rttMs }) => Math.abs(fittedRttMs(world, km) - rttMs));
}
