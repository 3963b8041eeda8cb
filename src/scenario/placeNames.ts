/**
 * What people write for a place when they do not know its key: a provider's region without the provider, the name of
 * a country, a state or a city.
 */

import { COUNTRY_OF_NAME, STATE_OF_NAME } from "./catalogue/countryNames.js";
import { CLOUD_REGION_KEYS, findSite, resolveZone, SITE_CODES } from "./catalogue/index.js";
import { nearest } from "./suggest.js";

/** `aws:us-east-1` for `us-east-1`, also mistyped; undefined where nothing is near. Ties: AWS, Azure, Google. */
export function regionKeyOf(text: string): string | undefined {
  const wanted = text.toLowerCase();
  const written = CLOUD_REGION_KEYS.find((key) => key === wanted || idOf(key) === wanted);
  if (written !== undefined || text.includes(":")) return written;
  const near = nearest(text, CLOUD_REGION_KEYS.map(idOf));
  return near === undefined ? undefined : CLOUD_REGION_KEYS.find((key) => idOf(key) === near);
}

/** `DE` for `Germany`, also mistyped; undefined where nothing is near. A code in other letters is itself. */
export function countryCodeOf(text: string): string | undefined {
  const code = text.toUpperCase();
  if (resolveZone(code) !== undefined) return code;
  return codeOfName(text, COUNTRY_OF_NAME);
}

/** The code of a place with users for the name of a city, a country or a US state; undefined where nothing is near. */
export function siteCodeOf(text: string): string | undefined {
  const wanted = text.trim().toLowerCase();
  const city = SITE_CODES.find((code) => findSite(code)?.city.toLowerCase() === wanted);
  if (city !== undefined) return city;
  const known = nearest(text, SITE_CODES);
  return codeOfName(text, COUNTRY_OF_NAME) ?? codeOfName(text, STATE_OF_NAME) ?? known;
}

function idOf(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}

/** Short names are not guessed at: every three letters are near some country. */
function codeOfName(text: string, codes: ReadonlyMap<string, string>): string | undefined {
  const wanted = text.trim().toLowerCase();
  const exact = codes.get(wanted);
  if (exact !== undefined || wanted.length < 5) return exact;
  const near = nearest(wanted, codes.keys());
  return near === undefined ? undefined : codes.get(near);
}
