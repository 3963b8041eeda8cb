/**
 * How demand follows the hour of the day. Each curve is a step function of 24 factors with mean 1, so that
 * multiplying by it leaves a day's total unchanged.
 *
 * Daylight saving is ignored: local hour means standard time all year, an error of at most one hour. Curves are of
 * weekdays. No published hour-of-day curve of language-model use by country was found; these three are what there is.
 */

/** Whose clock a curve is read on: each site's own, or UTC everywhere. */
export type DiurnalClock = "local" | "utc";
/** The curves there are, by the name a scenario calls them. */
export type DiurnalName = "flat" | "assistant" | "office" | "global-mix";

/** A demand curve. */
export interface DiurnalCurve {
  readonly name: DiurnalName;
  readonly clock: DiurnalClock;
  /** Factor in force from hour i until hour i+1 on the curve's clock; mean 1. */
  readonly factors: readonly number[];
  /** Where the figures come from, one sentence. */
  readonly source: string;
}

/** Requests per hour, by local hour from 0: BurstGPT's ChatGPT conversation log. Digitised; below 10 good to 4. */
const BURSTGPT_REQUESTS_PER_HOUR = [
  45.9, 28, 15.9, 7.8, 6, 5, 5, 5, 19.9, 106, 156.8, 158, 67.9, 91.7, 154.9, 184, 188, 132, 76.9, 101, 117.8,
  107.2, 94.2, 75,
];

/** Requests per minute, by UTC hour from 0: mean of the five weekdays of Azure's `code` trace. Digitised. */
const AZURE_CODE_REQUESTS_PER_MIN = [
  1457, 1407.8, 1320, 1086.4, 870, 716.6, 615.2, 522.4, 485.6, 502, 539, 781, 1438.8, 2445.2, 3461.6, 3750.6,
  3553.6, 4075.8, 4496.2, 4616.2, 4288.6, 3157.2, 2288, 1693,
];

/** Requests per minute, by UTC hour from 0: mean of the five weekdays of Azure's `conv` trace. Digitised. */
const AZURE_CONV_REQUESTS_PER_MIN = [
  2750.4, 3006.4, 2948.6, 2456.4, 2477.8, 2697.2, 3111.2, 3353.2, 3424.4, 3342.4, 3010.4, 3187.4, 3554.2,
  3934.8, 4139.4, 3849, 3483, 3357.4, 3335.6, 3136.2, 2848, 2385.2, 2141, 2230.2,
];

/**
 * UTC hour at which it is 0 h for the users behind the `code` trace. Its shape is that of office hours in the United
 * States, and the time zone of the middle of that country is UTC-6: an assumption. A mix of four time zones, the
 * curve is a little flatter than any one office's.
 */
const UTC_HOUR_OF_US_MIDNIGHT = 6;

/** All curves by name. */
export const DIURNAL_CURVES: Readonly<Record<DiurnalName, DiurnalCurve>> = {
  /** The same all day. */
  flat: curve("flat", "local", new Array<number>(24).fill(1), "constant"),
  /** People talking to an assistant: late-afternoon peak 2.31, lunch dip, almost nothing before dawn. */
  assistant: curve(
    "assistant",
    "local",
    BURSTGPT_REQUESTS_PER_HOUR,
    "BurstGPT (CC-BY-4.0) figure 3, campus in China, median per local hour, digitised",
  ),
  /** People at work: peak 2.24 in the early afternoon, nights at a quarter of the mean. */
  office: curve(
    "office",
    "local",
    rotated(AZURE_CODE_REQUESTS_PER_MIN, UTC_HOUR_OF_US_MIDNIGHT),
    "Azure LLM inference trace 2024, code (CC-BY-4.0), weekday mean, digitised; UTC read as UTC-6 local",
  ),
  /** One curve for the whole world's mix, for a scenario with a single site. */
  "global-mix": curve(
    "global-mix",
    "utc",
    AZURE_CONV_REQUESTS_PER_MIN,
    "Azure LLM inference trace 2024, conv (CC-BY-4.0), weekday mean, digitised",
  ),
};

/**
 * Demand at an instant over the day's mean, at a site `utcOffsetHours` ahead of UTC. `utcHour` may be any finite
 * number of hours (fractions, days past, negative); the factor changes at full hours of the curve's clock.
 */
export function diurnalFactor(name: DiurnalName, utcHour: number, utcOffsetHours: number): number {
  const { clock, factors } = DIURNAL_CURVES[name];
  const hour = Math.floor(clock === "local" ? utcHour + utcOffsetHours : utcHour);
  return factors[((hour % 24) + 24) % 24]!;
}

function curve(
  name: DiurnalName,
  clock: DiurnalClock,
  figures: readonly number[],
  source: string,
): DiurnalCurve {
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / 24;
  return { name, clock, factors: Object.freeze(figures.map((figure) => figure / mean)), source };
}

function rotated(figures: readonly number[], by: number): readonly number[] {
  return figures.map((_, hour) => figures[(hour + by) % 24]!);
}
