/**
 * Noise on top of a round trip, and the user's last mile: quantile tables for the `quantiles` distribution.
 *
 * The jitter figures are quantiles, over paths, of ping's mean deviation of the round trip. They are used as the extra
 * one-way delay of a hop: the published data hold no distribution within a path, and giving each way the whole deviation
 * errs on the side of more jitter. The tail is heavy (public internet: p99 is 157 times the median); a normal law
 * of the same median would hide it.
 */

/** Quantiles: `valuesMs[i]` is not exceeded with probability `probabilities[i]`; both ascending, equally long. */
export interface QuantileTable {
  readonly probabilities: readonly number[];
  readonly valuesMs: readonly number[];
}

/**
 * Extra one-way delay between regions on a provider's backbone.
 * Computed from ping mdev of Skyplane's inter-region profiles (April 2022, Apache-2.0).
 */
export const BACKBONE_JITTER: QuantileTable = {
  probabilities: [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99],
  valuesMs: [0.095, 0.24, 0.381, 0.526, 0.673, 0.855, 1.911],
};

/**
 * Extra one-way delay between users and regions on the public internet.
 * Computed from ping mdev of WonderNetwork city pairs (2018-11-10 snapshot in ConsenSys/wittgenstein).
 */
export const PUBLIC_INTERNET_JITTER: QuantileTable = {
  probabilities: [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99],
  valuesMs: [0.18, 0.39, 0.66, 2.15, 8.76, 20.227, 103.865],
};

/** How a user is connected. */
export type LastMileKind =
  | "fixed"
  | "mobile"
  | "low-orbit-satellite"
  | "geostationary-satellite"
  | "data-centre";

/**
 * Median round trip from a user's device to a server in the same city, ms; United States.
 *
 * Fixed broadband 15, Starlink 44, Viasat 629 (the other geostationary provider, HughesNet: 744): Ookla Q3 2021.
 * Mobile 60, the middle of three operators at 59, 60 and 61: Ookla Q3 2024. No figures by fixed technology (fibre, cable,
 * DSL) were found. A caller in a data centre has none.
 */
export const LAST_MILE_MEDIAN_MS: Readonly<Record<LastMileKind, number>> = {
  fixed: 15,
  mobile: 60,
  "low-orbit-satellite": 44,
  "geostationary-satellite": 629,
  "data-centre": 0,
};
