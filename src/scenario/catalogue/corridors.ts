/**
 * Round trip against distance, fitted per corridor: what stands in where no measurement exists.
 *
 * One formula for the whole world misses by 20 ms in the median and by 148 ms between Africa and Asia, because cables
 * go where they go; a corridor's own fit misses by 2 to 27 ms. Fits between clouds are of Skyplane's average round trips
 * (April 2022, Apache-2.0) over pairs more than 100 km apart; those of the public internet are of WonderNetwork's minimum round
 * trips between hosted servers (2018-11-10 snapshot in ConsenSys/wittgenstein), published with their errors.
 */
import type { CorridorGroup } from "./countries.js";

/** Light in fibre, one way: two thirds of its speed in vacuum. */
const FIBRE_KM_PER_MS = 200;

/** round trip = interceptMs + msPer1000Km · km / 1000, never under `leastInflation` times light in fibre. */
export interface CorridorFit {
  /** `US-Europe`; groups in the order of the table. */
  readonly name: string;
  readonly interceptMs: number;
  readonly msPer1000Km: number;
  readonly leastInflation: number;
  /** Pairs behind the fit. Under about 10 it is an anecdote, kept because the world's fit is far off there. */
  readonly pairCount: number;
  /** Median of |measured − fit| over those pairs. */
  readonly medianErrorMs: number;
}

/** No round trip is faster than light in fibre along the great circle. */
export function lightFloorMs(km: number): number {
  return (2 * km) / FIBRE_KM_PER_MS;
}

/** The fit at a distance, ms, not rounded. */
export function fittedRttMs(fit: CorridorFit, km: number): number {
  const straight = fit.interceptMs + (fit.msPer1000Km * km) / 1000;
  return Math.max(straight, fit.leastInflation * lightFloorMs(km));
}

type FitRow = readonly [
  interceptMs: number,
  msPer1000Km: number,
  pairCount: number,
  medianErrorMs: number,
  leastInflation?: number,
];

/**
 * Between clouds. Rows with intercept 0 are a plain inflation of light in fibre (18.9 = 1.89 times), chosen where a
 * straight line through the few cities measured would go wrong at other distances. South America is measured from
 * São Paulo and Santiago, Africa from Cape Town and Johannesburg, the Middle East from Dubai and Bahrain only.
 */
const BACKBONE_ROWS: Readonly<Record<string, FitRow>> = {
  "US-US": [7.2, 16.46, 76, 4.7],
  "US-Canada": [10.6, 16.22, 52, 4.5],
  "Canada-Canada": [0, 17.8, 4, 0.3],
  // Below 5,800 km the line would undercut the fastest tenth of the corridor.
  "US-Europe": [-57.6, 23.25, 260, 7.1, 1.33],
  "Canada-Europe": [0, 16.5, 80, 6.4],
  "US-APAC": [3.2, 13.72, 311, 15.7],
  "Canada-APAC": [0, 15.3, 96, 14.1],
  "US-South-America": [0, 16.6, 52, 8.5],
  "Canada-South-America": [0, 16.1, 16, 2.9],
  "US-Middle-East": [0, 17.9, 26, 14.6],
  "Canada-Middle-East": [0, 17.9, 8, 7.1],
  "US-Africa": [0, 18.2, 26, 5.5],
  "Canada-Africa": [0, 18.8, 8, 8.5],
  "South-America-South-America": [0, 22.5, 3, 1.8],
  "South-America-Europe": [73.5, 12.41, 80, 5.4],
  "South-America-Middle-East": [0, 23.9, 8, 9.1],
  // By way of Europe.
  "South-America-Africa": [256.5, 11.63, 8, 4.6],
  // By way of the United States: distance explains nothing, so a constant, the one of least median error.
  "South-America-APAC": [315, 0, 96, 20.4],
  "Europe-Europe": [3.2, 19.49, 182, 2.3],
  "Europe-Middle-East": [0, 23.2, 40, 12.8],
  "Europe-Africa": [0, 18.9, 40, 14.4],
  // Dominated by the route (Suez or around): a weak slope and a large intercept.
  "Europe-APAC": [128.6, 8.35, 479, 26],
  "Middle-East-APAC": [0, 18.3, 48, 19],
  "Africa-APAC": [188.3, 13.26, 48, 26.7],
  "APAC-APAC": [13.1, 15.24, 260, 12.6],
  world: [17.1, 15.38, 2313, 20],
};

/**
 * Between hosted servers on the public internet, where that corridor was published. "North America" and "Eurasia" of the
 * source are split into our groups; Asian pairs are left out, since Eurasia's fit is mostly of European pairs.
 */
const PUBLIC_ROWS: Readonly<Record<string, FitRow>> = {
  "US-US": [13.52, 15.236, 5360, 7.2],
  "US-Canada": [13.88, 15.952, 7612, 8.59],
  "US-Central-America": [13.88, 15.952, 7612, 8.59],
  "Canada-Canada": [13.88, 15.952, 7612, 8.59],
  "Canada-Central-America": [13.88, 15.952, 7612, 8.59],
  "Central-America-Central-America": [13.88, 15.952, 7612, 8.59],
  "US-South-America": [37.94, 14.632, 2110, 11.66],
  "Canada-South-America": [37.94, 14.632, 2110, 11.66],
  "Central-America-South-America": [37.94, 14.632, 2110, 11.66],
  "US-Europe": [-7.97, 18.333, 21270, 15.26, 1.44],
  "Canada-Europe": [-7.97, 18.333, 21270, 15.26, 1.44],
  "Central-America-Europe": [-7.97, 18.333, 21270, 15.26, 1.44],
  "US-Africa": [8.3, 18.466, 1754, 20.74],
  "Canada-Africa": [8.3, 18.466, 1754, 20.74],
  "Central-America-Africa": [8.3, 18.466, 1754, 20.74],
  "South-America-South-America": [55.03, 29.681, 131, 27.55],
  "South-America-Europe": [66.49, 15.346, 2907, 26.18],
  "Europe-Europe": [7.69, 22.475, 5628, 6.23],
  "Europe-Africa": [21.97, 24.303, 2421, 29.77],
  "Africa-Africa": [32.76, 25.886, 90, 30.89],
  world: [18.9, 17.091, 57206, 20.35],
};

const GROUP_ORDER: readonly CorridorGroup[] = [
  "US",
  "Canada",
  "Central-America",
  "South-America",
  "Europe",
  "Middle-East",
  "Africa",
  "APAC",
  "other",
];

/** Fits by {@link corridorName}: between regions of clouds, then between a user and a region. */
export const BACKBONE_FITS: ReadonlyMap<string, CorridorFit> = fitsOf(BACKBONE_ROWS);
export const PUBLIC_FITS: ReadonlyMap<string, CorridorFit> = fitsOf(PUBLIC_ROWS);

/** `US-Europe` for either order of the two. */
function corridorName(a: CorridorGroup, b: CorridorGroup): string {
  return GROUP_ORDER.indexOf(a) <= GROUP_ORDER.indexOf(b) ? `${a}-${b}` : `${b}-${a}`;
}

/** The corridor's fit between clouds; the world's where it has none. */
export function backboneFit(a: CorridorGroup, b: CorridorGroup): CorridorFit {
  return BACKBONE_FITS.get(corridorName(a, b)) ?? BACKBONE_FITS.get("world")!;
}

/**
 * The corridor's fit on the public internet; the world's where neither it nor the clouds know the corridor; undefined
 * where only the clouds do.
 */
export function publicFit(a: CorridorGroup, b: CorridorGroup): CorridorFit | undefined {
  const name = corridorName(a, b);
  return PUBLIC_FITS.get(name) ?? (BACKBONE_FITS.has(name) ? undefined : PUBLIC_FITS.get("world"));
}

function fitsOf(rows: Readonly<Record<string, FitRow>>): ReadonlyMap<string, CorridorFit> {
  return new Map(
    Object.entries(rows).map(
      ([name, [interceptMs, msPer1000Km, pairCount, medianErrorMs, leastInflation = 1]]) => [
        name,
        Object.freeze({ name, interceptMs, msPer1000Km, leastInflation, pairCount, medianErrorMs }),
      ],
    ),
  );
}
