import { describe, expect, it } from "vitest";
import { COUNTRY_CODES, findSite, SITE_CODES } from "../../src/scenario/catalogue/index.js";
import { itWith, readRecords } from "./catalogueReference.js";

describe("sites", () => {
  const places = SITE_CODES.map((code) => findSite(code)!);

  it("every code is found in any case and names its own country", () => {
    for (const code of SITE_CODES) {
      const place = findSite(code)!;
      expect(findSite(code.toUpperCase()), code).toBe(place);
      expect(place.code).toBe(code);
      expect(place.country, code).toBe(code.slice(0, 2).toUpperCase());
      expect(COUNTRY_CODES).toContain(place.country);
    }
    expect(new Set(SITE_CODES.map((code) => code.toLowerCase())).size).toBe(SITE_CODES.length);
  });

  it("clocks follow the sun: standard time is within 3 hours of longitude / 15, date line aside", () => {
    for (const { code, longitude, utcOffsetHours } of places) {
      const apart = Math.abs(utcOffsetHours - longitude / 15);
      expect(
        Math.min(apart, 24 - apart),
        `${code} at ${longitude} with ${utcOffsetHours}`,
      ).toBeLessThanOrEqual(3);
      expect(Number.isInteger(utcOffsetHours * 4), code).toBe(true);
    }
  });

  it("a country is its demand site with the largest share of users", () => {
    expect(findSite("DE")).toMatchObject({ code: "DE", city: "Frankfurt", utcOffsetHours: 1 });
    expect(findSite("BR")).toMatchObject({ city: "São Paulo" });
    expect(findSite("IN")).toMatchObject({ city: "Mumbai", utcOffsetHours: 5.5 });
    expect(findSite("AU")).toMatchObject({ city: "Sydney", utcOffsetHours: 10 });
  });

  it("a country without a demand site is its capital, and offsets are those of winter", () => {
    expect(findSite("EE")).toMatchObject({ city: "Tallinn", country: "EE" });
    expect(findSite("CL")).toMatchObject({ utcOffsetHours: -4 });
  });

  it("all 50 states and the District resolve, and the state and the demand site of New York coincide", () => {
    expect(SITE_CODES.filter((code) => code.startsWith("US-"))).toHaveLength(51);
    const { code: _state, ...state } = findSite("US-NY")!;
    const { code: _site, ...site } = findSite("us-new-york")!;
    expect(state).toEqual(site);
  });

  it("what is no place is not found", () => {
    for (const code of ["ZZ", "US-ZZ", "us-gotham", "EU", "", "constructor"])
      expect(findSite(code), code).toBeUndefined();
  });

  itWith(
    ["data/users/countries.csv"],
    "every country with a million internet users resolves near its capital's country",
    () => {
      for (const record of readRecords("data/users/countries.csv")) {
        const place = findSite(record.iso2!);
        if (Number(record.internet_users) >= 1e6) expect(place, record.name!).toBeDefined();
        if (place !== undefined) expect(place.country).toBe(record.iso2);
      }
    },
  );

  itWith(["data/users/demand_sites.csv"], "demand sites agree with the reference table", () => {
    for (const record of readRecords("data/users/demand_sites.csv")) {
      expect(findSite(record.site_id!), record.site_id!).toMatchObject({
        country: record.country_iso2,
        latitude: Number(record.lat),
        longitude: Number(record.lon),
        utcOffsetHours: Number(record.std_utc_offset),
      });
    }
  });
});
