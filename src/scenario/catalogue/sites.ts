/** Where users are, by short code: a country, a US state or a demand site. */
import { CAPITAL_ROWS } from "./capitals.js";
import { DEMAND_SITE_ROWS } from "./demandSites.js";
import type { Coordinates } from "./greatCircle.js";
import { US_STATE_ROWS } from "./usStates.js";

/** A place with users. */
export interface SitePlace extends Coordinates {
  /** As in the tables: `DE`, `US-NY`, `us-new-york`. */
  readonly code: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Hours ahead of UTC in standard time, fractions included; daylight saving is ignored all year. */
  readonly utcOffsetHours: number;
}

const PLACE_OF_CODE: ReadonlyMap<string, SitePlace> = allPlaces();

/** Every code that {@link findSite} knows: demand sites, US states, then countries, each in table order. */
export const SITE_CODES: readonly string[] = Object.freeze(
  [...PLACE_OF_CODE.values()].map((place) => place.code),
);

/**
 * The place of a code, in any case, or undefined.
 *
 * A country (`DE`) is its demand site with the largest share of users (the earlier among equals), or its capital
 * when it has none; a US state (`US-NY`) is its largest metropolis; a demand site (`us-new-york`) is itself.
 */
export function findSite(code: string): SitePlace | undefined {
  return PLACE_OF_CODE.get(code.toLowerCase());
}

function allPlaces(): ReadonlyMap<string, SitePlace> {
  const places: SitePlace[] = [];
  const largest = new Map<string, { place: SitePlace; share: number }>();
  for (const [id, country, city, latitude, longitude, utcOffsetHours, share] of DEMAND_SITE_ROWS) {
    const place = { code: id, city, country, latitude, longitude, utcOffsetHours };
    places.push(place);
    const best = largest.get(country);
    if (best === undefined || share > best.share) largest.set(country, { place, share });
  }
  for (const [state, city, latitude, longitude, utcOffsetHours] of US_STATE_ROWS) {
    places.push({ code: `US-${state}`, city, country: "US", latitude, longitude, utcOffsetHours });
  }
  for (const [country, { place }] of largest) places.push({ ...place, code: country });
  for (const [country, city, latitude, longitude, utcOffsetHours] of CAPITAL_ROWS) {
    places.push({ code: country, city, country, latitude, longitude, utcOffsetHours });
  }
  return new Map(places.map((place) => [place.code.toLowerCase(), Object.freeze(place)]));
}
