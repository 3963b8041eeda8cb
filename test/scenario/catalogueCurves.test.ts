import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BACKBONE_JITTER,
  DIURNAL_CURVES,
  type DiurnalName,
  diurnalFactor,
  findSite,
  LAST_MILE_MEDIAN_MS,
  PUBLIC_INTERNET_JITTER,
} from "../../src/scenario/catalogue/index.js";
import { itWith, readRecords, readReferenceJson } from "./catalogueReference.js";

const NAMES = Object.keys(DIURNAL_CURVES) as DiurnalName[];
const anyName = fc.constantFrom(...NAMES);
const anyOffset = fc.integer({ min: -48, max: 56 }).map((quarters) => quarters / 4);

describe("daily curves", () => {
  it("each has 24 positive factors of mean 1 and is filed under its name", () => {
    for (const name of NAMES) {
      const { factors, name: own } = DIURNAL_CURVES[name];
      expect(own).toBe(name);
      expect(factors).toHaveLength(24);
      expect(Math.min(...factors), name).toBeGreaterThan(0);
      expect(Math.abs(factors.reduce((sum, factor) => sum + factor, 0) / 24 - 1), name).toBeLessThan(
        1e-15 * 24,
      );
    }
  });

  it("a day's total is unchanged by any curve at any site, from any start", () => {
    fc.assert(
      fc.property(anyName, anyOffset, fc.integer({ min: -400, max: 400 }), (name, offset, startQuarter) => {
        let sum = 0;
        for (let quarter = 0; quarter < 96; quarter++)
          sum += diurnalFactor(name, (startQuarter + quarter) / 4, offset);
        expect(Math.abs(sum / 96 - 1)).toBeLessThan(1e-12);
      }),
      { seed: 7 },
    );
  });

  it("a local curve moves with the site's clock and a UTC curve does not", () => {
    const tokyo = findSite("JP")!.utcOffsetHours;
    for (let hour = 0; hour < 24; hour++) {
      expect(diurnalFactor("assistant", hour, tokyo)).toBe(diurnalFactor("assistant", hour + tokyo, 0));
      expect(diurnalFactor("office", hour, tokyo)).toBe(diurnalFactor("office", hour + tokyo, 0));
      expect(diurnalFactor("global-mix", hour, tokyo)).toBe(diurnalFactor("global-mix", hour, 0));
      expect(diurnalFactor("flat", hour, tokyo)).toBe(1);
    }
  });

  it("in Mumbai the hour turns at the half hour of UTC", () => {
    const { factors } = DIURNAL_CURVES.assistant;
    expect(diurnalFactor("assistant", 4.49, 5.5)).toBe(factors[9]);
    expect(diurnalFactor("assistant", 4.5, 5.5)).toBe(factors[10]);
    expect(diurnalFactor("assistant", -5.51, 5.5)).toBe(factors[23]);
  });

  it("peaks and troughs stand where the sources put them", () => {
    const peak = (name: DiurnalName) => {
      const { factors } = DIURNAL_CURVES[name];
      return {
        hour: factors.indexOf(Math.max(...factors)),
        factor: Math.round(Math.max(...factors) * 100) / 100,
      };
    };
    expect(peak("assistant")).toEqual({ hour: 16, factor: 2.31 });
    expect(peak("office")).toEqual({ hour: 13, factor: 2.24 });
    expect(peak("global-mix")).toEqual({ hour: 14, factor: 1.34 });
    const { factors } = DIURNAL_CURVES.assistant;
    expect(Math.round(factors[12]! * 100) / 100).toBe(0.84);
    expect(Math.round(factors[5]! * 100) / 100).toBe(0.06);
  });

  itWith(
    ["data/demand/burstgpt_hour_of_day.csv"],
    "assistant is BurstGPT's conversation curve by local hour",
    () => {
      const records = readRecords("data/demand/burstgpt_hour_of_day.csv");
      const perHour = records.map((record) => Number(record.chatgpt_conv_median_req_per_h));
      const mean = perHour.reduce((sum, requests) => sum + requests, 0) / 24;
      records.forEach((record, i) => {
        expect(Number(record.hour_local)).toBe(i);
        expect(DIURNAL_CURVES.assistant.factors[i]).toBeCloseTo(perHour[i]! / mean, 12);
      });
    },
  );

  itWith(
    ["data/demand/azure2024_hourly.csv"],
    "office and global-mix are Azure's weekdays, office read at UTC-6",
    () => {
      const records = readRecords("data/demand/azure2024_hourly.csv");
      const weekday = (service: string, utcHour: number) => {
        const rates = records
          .filter(
            (r) =>
              r.service === service && Number(r.hour_utc) === utcHour && r.dow !== "Sat" && r.dow !== "Sun",
          )
          .map((r) => Number(r.req_per_min));
        expect(rates).toHaveLength(5);
        return rates.reduce((sum, rate) => sum + rate, 0) / 5;
      };
      const hours = Array.from({ length: 24 }, (_, hour) => hour);
      for (const [service, name, offset] of [
        ["code", "office", -6],
        ["conv", "global-mix", 0],
      ] as const) {
        const mean = hours.reduce((sum, hour) => sum + weekday(service, hour), 0) / 24;
        for (const hour of hours) {
          // One decimal of about a thousand requests per minute.
          expect(diurnalFactor(name, hour, offset), `${name} ${hour} UTC`).toBeCloseTo(
            weekday(service, hour) / mean,
            4,
          );
        }
      }
    },
  );
});

describe("noise and last mile", () => {
  it("quantile tables ascend in both columns and stay inside (0, 1)", () => {
    for (const { probabilities, valuesMs } of [BACKBONE_JITTER, PUBLIC_INTERNET_JITTER]) {
      expect(valuesMs).toHaveLength(probabilities.length);
      for (let i = 0; i < probabilities.length; i++) {
        expect(probabilities[i]).toBeGreaterThan(probabilities[i - 1] ?? 0);
        expect(probabilities[i]).toBeLessThan(1);
        expect(valuesMs[i]).toBeGreaterThan(valuesMs[i - 1] ?? 0);
      }
    }
  });

  it("the public internet is noisier than the backbone at every quantile, and its tail is heavy", () => {
    PUBLIC_INTERNET_JITTER.valuesMs.forEach((valueMs, i) => {
      expect(valueMs).toBeGreaterThan(BACKBONE_JITTER.valuesMs[i]!);
    });
    const [median, p99] = [PUBLIC_INTERNET_JITTER.valuesMs[2]!, PUBLIC_INTERNET_JITTER.valuesMs[6]!];
    expect(p99 / median).toBeGreaterThan(100);
  });

  itWith(["reference/latency_model_fits.json"], "quantiles are the computed ones", () => {
    type Jitter = Readonly<{ mdev_ms: Readonly<Record<string, number>> }>;
    const fits = readReferenceJson("reference/latency_model_fits.json") as Readonly<Record<string, Jitter>>;
    for (const [table, key] of [
      [BACKBONE_JITTER, "skyplane_2022_jitter"],
      [PUBLIC_INTERNET_JITTER, "wondernetwork_2018_jitter"],
    ] as const) {
      const published = table.probabilities.map((p) => fits[key]!.mdev_ms[`p${Math.round(p * 100)}`]!);
      // The reference gives three decimals of which the last may be rounded away.
      published.forEach((valueMs, i) => {
        expect(table.valuesMs[i], key).toBeCloseTo(valueMs, 2);
      });
    }
  });

  it("wires beat satellites in low orbit, those beat mobile, and all beat the geostationary", () => {
    const { fixed, mobile, "low-orbit-satellite": low, "geostationary-satellite": geo } = LAST_MILE_MEDIAN_MS;
    expect([fixed, low, mobile, geo]).toEqual([15, 44, 60, 629]);
    // Up and down twice over 35,786 km at 299.792 km/ms: the physics of the last figure.
    expect(geo).toBeGreaterThan((4 * 35_786) / 299.792);
  });
});
