import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lightFloorMs, PUBLIC_FITS } from "../../src/scenario/catalogue/corridors.js";
import {
  CLOUD_REGION_KEYS,
  COUNTRY_CODES,
  findCloudRegion,
  findSite,
  greatCircleKm,
  LAST_MILE_MEDIAN_MS,
  type Place,
  SITE_CODES,
  siteRegionRttMs,
} from "../../src/scenario/catalogue/index.js";
import { itWith, readReferenceJson } from "./catalogueReference.js";

const SEED = 20260801;

const anyPoint = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});
const anyPlace: fc.Arbitrary<Place> = fc
  .tuple(anyPoint, fc.constantFrom(...COUNTRY_CODES))
  .map(([point, country]) => ({ ...point, country }));
const anyRegion = fc.oneof(fc.constantFrom(...CLOUD_REGION_KEYS), anyPlace);

const placeOf = (region: string | Place): Place =>
  typeof region === "string" ? findCloudRegion(region)! : region;

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

  it("is light in fibre rounded up where the fit would be faster", () => {
    // An American site a few hundred km from a French region: the transatlantic fit, less a hosted end, undercuts light.
    const here: Place = { latitude: 0, longitude: 0, country: "US" };
    for (let longitude = 1; longitude <= 5; longitude += 0.05) {
      const there: Place = { latitude: 0, longitude, country: "FR" };
      const floorMs = lightFloorMs(greatCircleKm(here, there));
      const { rttMs } = siteRegionRttMs(here, there, 0);
      expect(rttMs, `at ${longitude}`).toBeGreaterThanOrEqual(floorMs);
      expect(rttMs, `at ${longitude}`).toBeLessThan(floorMs + 0.01);
    }
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
