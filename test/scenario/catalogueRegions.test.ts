import { describe, expect, it } from "vitest";
import {
  CLOUD_REGION_KEYS,
  COUNTRY_CODES,
  findCloudRegion,
  jurisdictionOf,
  originOf,
  resolveZone,
  ZONES,
} from "../../src/scenario/catalogue/index.js";
import { itWith, readRecords, readReferenceJson } from "./catalogueReference.js";

/** Loose latitude and longitude boxes: a swapped sign or a swapped pair falls out of them. */
const BOXES: Readonly<Record<string, readonly [south: number, north: number, west: number, east: number]>> = {
  AE: [22, 27, 51, 57],
  AT: [46, 49, 9, 17.5],
  AU: [-44, -10, 112, 154],
  BE: [49, 52, 2, 7],
  BH: [25, 27, 50, 51],
  BR: [-34, 6, -74, -34],
  CA: [42, 70, -141, -52],
  CH: [45, 48, 5, 11],
  CL: [-56, -17, -76, -66],
  DE: [47, 55.5, 5, 15.5],
  DK: [54, 58, 8, 13],
  ES: [36, 44, -10, 4],
  FI: [59, 70, 19, 32],
  FR: [42, 51.5, -5, 9],
  GB: [49, 61, -8, 2],
  HK: [22, 23, 113.5, 114.5],
  ID: [-11, 6, 95, 141],
  IE: [51, 56, -11, -5],
  IL: [29, 34, 34, 36],
  IN: [6, 36, 68, 98],
  IT: [36, 47.5, 6, 19],
  JP: [24, 46, 122, 146],
  KR: [33, 39, 124, 132],
  MX: [14, 33, -118, -86],
  MY: [0, 8, 99, 120],
  NL: [50, 54, 3, 7.5],
  NO: [57, 72, 4, 32],
  NZ: [-48, -34, 166, 179],
  PL: [49, 55, 14, 24.5],
  QA: [24, 27, 50, 52],
  SA: [16, 33, 34, 56],
  SE: [55, 70, 10, 25],
  SG: [1, 2, 103, 105],
  TH: [5, 21, 97, 106],
  TW: [21, 26, 119, 123],
  US: [24, 50, -125, -66],
  ZA: [-35, -22, 16, 33],
};

describe("regions", () => {
  const regions = CLOUD_REGION_KEYS.map((key) => findCloudRegion(key)!);

  it("the catalogue holds 35 AWS, 54 Azure and 43 Google regions, each key once", () => {
    const counts = (["aws", "azure", "gcp"] as const).map(
      (provider) => regions.filter((region) => region.provider === provider).length,
    );
    expect(counts).toEqual([35, 54, 43]);
    expect(new Set(CLOUD_REGION_KEYS).size).toBe(CLOUD_REGION_KEYS.length);
  });

  it("every region lies in its country's box", () => {
    for (const { key, country, latitude, longitude } of regions) {
      const box = BOXES[country];
      expect(box, `${key}: no box for ${country}`).toBeDefined();
      const [south, north, west, east] = box!;
      const inside = latitude >= south && latitude <= north && longitude >= west && longitude <= east;
      expect(inside, `${key} at ${latitude}, ${longitude} is outside ${country}`).toBe(true);
    }
  });

  it("a region's jurisdiction is EU exactly when its country is in the zone EU, and EEA only beyond it", () => {
    for (const { key, country, jurisdiction } of regions) {
      expect(jurisdiction === "EU", key).toBe(ZONES.EU!.includes(country));
      if (jurisdiction === "EEA") expect(ZONES.EEA, key).toContain(country);
      expect(resolveZone(jurisdiction), `${key}: jurisdiction ${jurisdiction} is a zone`).toContain(country);
    }
  });

  it("London, Zurich and Oslo are not in the EU whatever their region ids say", () => {
    for (const key of [
      "aws:eu-west-2",
      "gcp:europe-west2",
      "aws:eu-central-2",
      "gcp:europe-west6",
      "azure:norwayeast",
    ]) {
      expect(findCloudRegion(key)!.jurisdiction, key).not.toBe("EU");
      expect(ZONES.EU, key).not.toContain(findCloudRegion(key)!.country);
    }
  });

  it("an unknown key, another case and an object's own property names find nothing", () => {
    for (const key of ["aws:eu-wst-1", "AWS:EU-CENTRAL-1", "", "toString", "__proto__"]) {
      expect(findCloudRegion(key), key).toBeUndefined();
    }
  });

  itWith(["data/regions/regions.csv"], "regions agree with the reference table in all but spelling", () => {
    const records = readRecords("data/regions/regions.csv");
    expect(records.map((record) => record.key)).toEqual([...CLOUD_REGION_KEYS]);
    for (const record of records) {
      const region = findCloudRegion(record.key!)!;
      expect(region.country, record.key!).toBe(record.country_iso2);
      expect(region.latitude, record.key!).toBe(Number(record.lat));
      expect(region.longitude, record.key!).toBe(Number(record.lon));
      expect(region.jurisdiction, record.key!).toBe(record.jurisdiction);
    }
  });
});

describe("zones", () => {
  it("every zone is a sorted set of known countries without repeats", () => {
    for (const [name, countries] of Object.entries(ZONES)) {
      expect([...new Set(countries)].sort(), name).toEqual([...countries]);
      for (const country of countries) expect(COUNTRY_CODES, name).toContain(country);
    }
  });

  it("the European zones nest and differ by exactly Norway, Iceland, Liechtenstein, then Switzerland, then the UK", () => {
    const beyond = (wide: string, narrow: string) => ZONES[wide]!.filter((c) => !ZONES[narrow]!.includes(c));
    expect(ZONES.EU).toHaveLength(27);
    expect(beyond("EEA", "EU")).toEqual(["IS", "LI", "NO"]);
    expect(beyond("EEA+CH", "EEA")).toEqual(["CH"]);
    expect(beyond("EEA+CH+UK", "EEA+CH")).toEqual(["GB"]);
    for (const [wide, narrow] of [
      ["EEA", "EU"],
      ["EEA+CH", "EEA"],
      ["EEA+CH+UK", "EEA+CH"],
      ["EU-ADEQUATE", "EEA"],
    ] as const) {
      expect(beyond(narrow, wide), `${narrow} within ${wide}`).toEqual([]);
    }
  });

  it("conditional adequacy is not adequacy: the US and Canada are outside EU-ADEQUATE", () => {
    expect(ZONES["EU-ADEQUATE"]).not.toContain("US");
    expect(ZONES["EU-ADEQUATE"]).not.toContain("CA");
  });

  it("names resolve in any case, a country code resolves to itself, anything else to nothing", () => {
    expect(resolveZone("eea+ch")).toEqual(ZONES["EEA+CH"]);
    expect(resolveZone("de")).toEqual(["DE"]);
    expect(resolveZone("UK")).toEqual(["GB"]);
    expect(resolveZone("GB")).toEqual(["GB"]);
    for (const name of ["", "ZZ", "EUROPE", "constructor", "__proto__", "toString"]) {
      expect(resolveZone(name), name).toBeUndefined();
    }
  });

  it("a zone named like a country code is that country alone", () => {
    for (const name of Object.keys(ZONES).filter((name) => COUNTRY_CODES.includes(name))) {
      expect(ZONES[name], name).toEqual([name]);
    }
  });

  it("there are 249 country codes and an origin is EU for 27 of them", () => {
    expect(COUNTRY_CODES).toHaveLength(249);
    expect(COUNTRY_CODES.filter((country) => originOf(country) === "EU")).toHaveLength(27);
    expect(originOf("NO")).toBe("NO");
    expect(originOf("GB")).toBe("GB");
    expect(jurisdictionOf("NO")).toBe("EEA");
    expect(jurisdictionOf("GB")).toBe("UK");
  });

  itWith(["reference/zones.json"], "zones hold the same countries as the reference", () => {
    const { zones } = readReferenceJson("reference/zones.json") as {
      zones: Readonly<Record<string, { readonly countries: readonly string[] }>>;
    };
    for (const [name, { countries }] of Object.entries(zones)) {
      expect(resolveZone(name), name).toEqual([...countries].sort());
    }
  });

  itWith(
    ["data/capacity/bedrock_inference_profiles.json"],
    "a Bedrock zone is where the profile's destinations are",
    () => {
      const { profiles } = readReferenceJson("data/capacity/bedrock_inference_profiles.json") as {
        profiles: Readonly<
          Record<string, Readonly<Record<string, { readonly destinations: string | readonly string[] }>>>
        >;
      };
      for (const [geography, { destinations }] of Object.entries(profiles["anthropic.claude-sonnet-4-6"]!)) {
        if (typeof destinations === "string") continue;
        const countries = destinations.map((id) => findCloudRegion(`aws:${id}`)!.country);
        expect(resolveZone(`bedrock-${geography}`), geography).toEqual([...new Set(countries)].sort());
      }
    },
  );
});
