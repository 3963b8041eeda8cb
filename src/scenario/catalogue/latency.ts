/**
 * Round trips between places: measured where they were measured, otherwise estimated, and always with the kind of source.
 *
 * All figures are symmetric (the two directions of a cloud path differ by 0.3 ms in the median), rounded to 0.01 ms and
 * never faster than light in fibre along the great circle.
 */
import { backboneFit, fittedRttMs, lightFloorMs, PUBLIC_FITS, publicFit } from "./corridors.js";
import { corridorGroupOf } from "./countries.js";
import { type Coordinates, greatCircleKm } from "./greatCircle.js";
import { MEASURED_REGION_KEYS, measuredRttMs } from "./measuredRtt.js";
import { type CloudRegion, findCloudRegion } from "./regions.js";

/** A point with its country (ISO 3166-1 alpha-2), which decides the corridor. */
export interface Place extends Coordinates {
  readonly country: string;
}

/** A catalogue key such as `aws:eu-central-1`, or a place of one's own. */
export type RegionPlace = string | Place;

/**
 * Where a figure comes from. `measured`: this pair. `measured-nearby`: the same two metropolises, another provider.
 * `corridor:…`: a fit between clouds. `public:…`: a fit on the public internet.
 */
export type RttSource =
  | "intra-region"
  | "same-metro"
  | "measured"
  | "measured-nearby"
  | `corridor:${string}`
  | `public:${string}`;

/** How far apart two places are in time, and how well that is known. */
export interface RttEstimate {
  /** Round trip, ms, to 0.01. */
  readonly rttMs: number;
  readonly source: RttSource;
}

/**
 * Two machines in one region. Azure TCP echo: 0.908 ms within a zone, 1.553 across (simonpainter.com, 2025, 40,000
 * samples each); two machines in three zones at random share one with probability 1/3.
 */
const INTRA_REGION_RTT_MS = (0.908 + 2 * 1.553) / 3;

/** Two clouds in one metropolis: median of 62 directed pairs under 60 km (Skyplane, April 2022; p10 1.8, p90 4.6). */
const SAME_METRO_RTT_MS = 2.7;
const SAME_METRO_KM = 60;

/**
 * Public internet over cloud backbone between the same metropolises: median of 1,738 pairs (WonderNetwork 2018 over
 * Skyplane 2022; p5 0.87, p95 1.68).
 */
const PUBLIC_OVER_BACKBONE = 1.07;

/**
 * What one hosted server's own access adds in the public-internet fits: half the intercept of the corridor with the
 * least (Europe, 7.69 ms for two ends). Their probes sat in data centres, so the intercept holds two such ends; a user
 * has one, and the last mile, measured to a server in the user's city, takes the place of the other.
 */
const HOSTED_END_MS = 7.69 / 2;

/** Within one metropolis every country is taken to be as Europe: the far-reaching corridors' intercepts are not access. */
const LOCAL_PUBLIC_FIT = PUBLIC_FITS.get("Europe-Europe")!;

/** The table's regions, placed. */
const MEASURED_PLACES: readonly CloudRegion[] = MEASURED_REGION_KEYS.map((key) => findCloudRegion(key)!);

/**
 * Round trip between two regions over the providers' backbones.
 *
 * In order: the same key, a measured pair, one metropolis (under 60 km), the same two metropolises measured for another
 * provider, the corridor's fit. Throws on a key not in the catalogue, which the loader has refused before.
 */
export function regionRttMs(a: RegionPlace, b: RegionPlace): RttEstimate {
  const from = placeOf(a);
  const to = placeOf(b);
  const km = greatCircleKm(from, to);
  if (typeof a === "string" && typeof b === "string") {
    if (a === b) return rounded(INTRA_REGION_RTT_MS, "intra-region", 0);
    const rttMs = measuredRttMs(a, b);
    if (rttMs !== undefined) return rounded(rttMs, "measured", lightFloorMs(km));
  }
  if (km < SAME_METRO_KM) return rounded(SAME_METRO_RTT_MS, "same-metro", lightFloorMs(km));
  const nearbyMs = nearbyRttMs(a, b);
  if (nearbyMs !== undefined) return rounded(nearbyMs, "measured-nearby", lightFloorMs(km));
  const fit = backboneFit(corridorGroupOf(from.country), corridorGroupOf(to.country));
  return rounded(fittedRttMs(fit, km), `corridor:${fit.name}`, lightFloorMs(km));
}

/**
 * Round trip from a user's device to a region: the public internet from the user's city, plus the last mile (ms of round
 * trip, see `LAST_MILE_MEDIAN_MS`).
 *
 * In order: both metropolises measured between clouds, times the public internet's median excess; the corridor's fit on
 * the public internet, less the hosted end that the last mile replaces; the fit between clouds, times that excess.
 */
export function siteRegionRttMs(site: Place, region: RegionPlace, lastMileMs: number): RttEstimate {
  const to = placeOf(region);
  const km = greatCircleKm(site, to);
  const floorMs = lightFloorMs(km);
  const path = publicPath(site, region, to, km);
  return rounded(path.rttMs + lastMileMs, path.source, floorMs + lastMileMs);
}

/** The part of a user's round trip beyond the last mile, not rounded. */
function publicPath(site: Place, region: RegionPlace, to: Place, km: number): RttEstimate {
  const nearbyMs = km < SAME_METRO_KM ? undefined : nearbyRttMs(site, region);
  if (nearbyMs !== undefined)
    return { rttMs: nearbyMs * PUBLIC_OVER_BACKBONE, source: "public:metro-measured" };
  const groups = [corridorGroupOf(site.country), corridorGroupOf(to.country)] as const;
  const fit = km < SAME_METRO_KM ? LOCAL_PUBLIC_FIT : publicFit(...groups);
  if (fit !== undefined) return { rttMs: fittedRttMs(fit, km) - HOSTED_END_MS, source: `public:${fit.name}` };
  const backbone = backboneFit(...groups);
  return {
    rttMs: fittedRttMs(backbone, km) * PUBLIC_OVER_BACKBONE,
    source: `public:backbone-${backbone.name}`,
  };
}

/** A measured round trip between the two metropolises, nearest table regions first; undefined when there is none. */
function nearbyRttMs(a: RegionPlace, b: RegionPlace): number | undefined {
  const ends = measuredKeysNear(b);
  for (const start of measuredKeysNear(a)) {
    for (const end of ends) {
      const rttMs = measuredRttMs(start, end);
      if (rttMs !== undefined) return rttMs;
    }
  }
  return undefined;
}

/** Table regions in the place's metropolis: itself, then by distance, then in table order. */
function measuredKeysNear(place: RegionPlace): readonly string[] {
  const at = placeOf(place);
  return MEASURED_PLACES.map((region) => ({
    key: region.key,
    km: region.key === place ? -1 : greatCircleKm(at, region),
  }))
    .filter(({ km }) => km < SAME_METRO_KM)
    .sort((x, y) => x.km - y.km)
    .map(({ key }) => key);
}

function placeOf(place: RegionPlace): Place {
  if (typeof place !== "string") return place;
  const region = findCloudRegion(place);
  if (region === undefined) throw new Error(`bug: no catalogue region "${place}"`);
  return region;
}

/** To 0.01 ms, up where rounding to the nearest would pass below the floor. */
function rounded(rttMs: number, source: RttSource, floorMs: number): RttEstimate {
  const nearest = Math.round(rttMs * 100) / 100;
  return { rttMs: nearest >= floorMs ? nearest : Math.ceil(floorMs * 100) / 100, source };
}
