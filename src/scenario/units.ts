/**
 * Quantities as written in files: the unit stands in the value, so that nobody has to guess it. Each reader
 * returns the quantity or the rule that was broken; none throws.
 */

/** A quantity read, or the rule it breaks, worded to follow "must be". */
export type Reading =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly rule: string; readonly range: boolean; readonly suggestion?: string };

const US_PER_UNIT: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

/** Ten years of 365 days: nothing simulated lasts longer, and sums of such times stay exact integers. */
export const LONGEST_DURATION_US = 315_360_000_000_000;

/**
 * `250ms`, `1.5s`, `3h36m`: units from large to small, each at most once. Also the JSON Schema pattern, so without
 * looking ahead, which not every reader of such patterns can; the word boundary is what refuses the empty text.
 */
export const DURATION_PATTERN: RegExp = new RegExp(
  `^\\b${["d", "h", "m", "s", "ms", "us"].map((unit) => `(\\d{1,15}(\\.\\d{1,9})?${unit})?`).join("")}$`,
);
/** `40rps`, `40/s`, `120/min`, `3600/h`. */
export const RATE_PATTERN: RegExp = /^\d{1,15}(\.\d{1,9})?(rps|\/s|\/min|\/h|\/d)$/;
/** `6.5ms`, `22.8us`, `6.02ns`: what one more token adds to a step is less than the finest time of the clock. */
export const FINE_TIME_PATTERN: RegExp = /^\d{1,15}(\.\d{1,9})?(ns|us|ms|s)$/;
/** `0.5%`. */
export const PERCENT_PATTERN: RegExp = /^\d{1,15}(\.\d{1,9})?%$/;

/** The rule for a duration, as it follows "must be". */
export const DURATION_RULE = 'a duration with its unit, such as "250ms", "4s", "40m", "1h30m" or "1d"';
/** The rule for a time that need not be whole microseconds. */
export const FINE_TIME_RULE = 'a time with its unit, such as "6.5ms", "22.8us" or "6.02ns"';
/** The rule for a rate. */
export const RATE_RULE = 'a rate with its unit, such as "40rps" or "120/min"';
/** The rule for a ratio. */
export const RATIO_RULE = 'a ratio from 0 to 1, such as 0.25 or "25%"';

const UNIT_ALIASES: Readonly<Record<string, string>> = {
  µs: "us",
  μs: "us",
  usec: "us",
  msec: "ms",
  millis: "ms",
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  min: "m",
  mins: "m",
  minute: "m",
  minutes: "m",
  hr: "h",
  hrs: "h",
  hour: "h",
  hours: "h",
  day: "d",
  days: "d",
  nsec: "ns",
};

const RATE_ALIASES: Readonly<Record<string, string>> = {
  "req/s": "rps",
  "r/s": "rps",
  qps: "rps",
  ps: "rps",
  rpm: "/min",
  "/m": "/min",
  "/minute": "/min",
  "req/min": "/min",
  rph: "/h",
  "/hour": "/h",
  "/sec": "/s",
  "/second": "/s",
  "/day": "/d",
};

/**
 * Reads `250ms`, `3h36m` and the like into whole microseconds, rounding halves up. Zero is allowed; the caller
 * decides.
 */
export function readDurationUs(text: string): Reading {
  if (!DURATION_PATTERN.test(text)) return bad(DURATION_RULE, mendDuration(text));
  const us = Math.round(
    [...text.matchAll(/([\d.]+)([a-z]+)/g)].reduce(
      (sum, [, number, unit]) => sum + Number(number) * US_PER_UNIT[unit!]!,
      0,
    ),
  );
  if (us > LONGEST_DURATION_US) return { ok: false, rule: "at most 10 years (3650d)", range: true };
  if (us === 0 && /[1-9]/.test(text))
    return { ok: false, rule: 'at least "1us", the finest time there is', range: true };
  return { ok: true, value: us };
}

/** Powers of ten of a µs. */
const FINE_EXPONENTS: Readonly<Record<string, number>> = { ns: -3, us: 0, ms: 3, s: 6 };
const FINE_UNITS: readonly string[] = Object.keys(FINE_EXPONENTS);
/** Nothing that is done per step or per token takes longer. */
const LONGEST_FINE_TIME_US = 60_000_000;

/** Reads `6.02ns` and the like into microseconds with their fractions. Zero is allowed; the caller decides. */
export function readFineTimeUs(text: string): Reading {
  if (!FINE_TIME_PATTERN.test(text)) return bad(FINE_TIME_RULE, mendUnit(text, UNIT_ALIASES, FINE_UNITS));
  const unit = /[a-z]+$/.exec(text)![0];
  // Through the decimal text, so that 16.56ms is 16560 and not the product of two rounded numbers.
  const us = Number(`${text.slice(0, -unit.length)}e${FINE_EXPONENTS[unit]}`);
  return us <= LONGEST_FINE_TIME_US
    ? { ok: true, value: us }
    : { ok: false, rule: 'at most "60s"', range: true };
}

/** Reads `40rps` and the like into requests per second. */
export function readRatePerSecond(text: string): Reading {
  if (!RATE_PATTERN.test(text))
    return bad(RATE_RULE, mendUnit(text, RATE_ALIASES, ["rps", "/s", "/min", "/h", "/d"]));
  const unit = /(rps|\/[a-z]+)$/.exec(text)![0];
  const seconds = unit === "rps" ? 1 : US_PER_UNIT[unit === "/min" ? "m" : unit.slice(1)]! / 1_000_000;
  return { ok: true, value: Number(text.slice(0, -unit.length)) / seconds };
}

/** Reads `0.5%` into 0.005, or a plain number as it is; more than 1 is refused. */
export function readRatio(value: string | number): Reading {
  const ratio =
    typeof value === "number"
      ? value
      : PERCENT_PATTERN.test(value)
        ? Number(value.slice(0, -1)) / 100
        : Number.NaN;
  if (Number.isNaN(ratio)) return bad(RATIO_RULE, typeof value === "string" ? mendPercent(value) : undefined);
  if (ratio < 0 || ratio > 1) {
    const meant = typeof value === "number" && ratio > 1 && ratio <= 100 ? `"${value}%"` : undefined;
    return meant === undefined
      ? { ok: false, rule: RATIO_RULE, range: true }
      : { ok: false, rule: RATIO_RULE, range: true, suggestion: meant };
  }
  return { ok: true, value: ratio };
}

/** Hours since midnight from `HH:MM`, or undefined. */
export function readClockHour(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) + Number(match[2]) / 60;
}

/** What a bare number meant as a duration probably is; people mostly think in milliseconds below a minute. */
export function mendBareDuration(value: number): string | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  return value >= 100 ? `"${value}ms" or "${value}s"` : `"${value}s" or "${value}ms"`;
}

function bad(rule: string, suggestion: string | undefined): Reading {
  return suggestion === undefined
    ? { ok: false, rule, range: false }
    : { ok: false, rule, range: false, suggestion };
}

/** Longer texts are not a slip of the pen, and matching them would take long. */
const LONGEST_SLIP = 100;

/** `3h 36min` is a duration but for its spelling. */
function mendDuration(text: string): string | undefined {
  if (text.length > LONGEST_SLIP) return undefined;
  const parts = text.match(/\d[\d.]*\s*[^\d\s]+/g) ?? [];
  if (parts.join("") !== text.replace(/(?<=[^\d\s])\s+|^\s+/g, "")) return undefined;
  const mended = parts.map((part) => mendUnit(part, UNIT_ALIASES, Object.keys(US_PER_UNIT)));
  const joined = mended.map((part) => part?.slice(1, -1) ?? "?").join("");
  return DURATION_PATTERN.test(joined) ? JSON.stringify(joined) : undefined;
}

function mendUnit(
  text: string,
  aliases: Readonly<Record<string, string>>,
  units: readonly string[],
): string | undefined {
  const match = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*([^\d\s].{0,11}?)\s*$/.exec(text);
  if (match === null) return undefined;
  const written = match[2]!;
  const lower = written.toLowerCase();
  const unit = units.includes(lower) ? lower : Object.hasOwn(aliases, lower) ? aliases[lower] : undefined;
  return unit === undefined ? undefined : `"${match[1]}${unit}"`;
}

function mendPercent(text: string): string | undefined {
  const match = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*(%|percent|pct)?\s*$/i.exec(text);
  return match === null ? undefined : match[2] === undefined ? match[1] : `"${match[1]}%"`;
}
