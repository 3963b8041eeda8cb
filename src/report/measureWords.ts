/** Measures and their intervals as people read them. */
import type { Estimate, Interval } from "../result/estimates.js";
import { measureInfo } from "../result/measures.js";
import { decimal, milliseconds, percent } from "./format.js";
import { dollars } from "./servingTables.js";

/** A value of the measure `key` with its unit: `812 ms`, `2.6 %`, `$12.40`, `3.25`. */
export function measureWords(key: string, value: number): string {
  switch (measureInfo(key).unit) {
    case "ms":
      return value < 0 ? `−${milliseconds(-value)}` : milliseconds(value);
    case "ratio":
    case "flag":
      return value < 0 ? `−${percent(-value)}` : percent(value);
    case "usd":
      return dollars(value);
    case "count":
      return decimal(value, Number.isInteger(value) || Math.abs(value) >= 1000 ? 0 : 2);
  }
}

/** Half the width of an interval about a mean; both ends of one of a share, which is not symmetric; a dash without one. */
export function intervalWords(key: string, interval: Interval | null): string {
  if (interval === null) return "—";
  const { low, high, method } = interval;
  if (method === "wilson") return `${percent(low)}–${percent(high)}`;
  const half = (high - low) / 2;
  return half === 0 ? "± 0" : `± ${measureWords(key, half)}`;
}

/** `812 ms ± 14 ms`. */
export function estimateWords({ key, mean, interval }: Pick<Estimate, "key" | "mean" | "interval">): string {
  const value = measureWords(key, mean);
  if (interval === null) return value;
  const words = intervalWords(key, interval);
  return interval.method === "wilson" ? `${value} (${words})` : `${value} ${words}`;
}
