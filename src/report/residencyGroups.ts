/** Rows of the residency ledger that differ by country alone, told as one: an offer may name every country there is. */
import type { ResidencyRow } from "../result/result.js";
import { plain } from "./format.js";

/** Names of countries given one by one; of more a few, and their number. */
const MAX_NAMES = 6;
const SOME_NAMES = 3;

/** A row, and every country it is about, in order of the rows. */
export interface ResidencyGroup {
  readonly row: ResidencyRow;
  readonly countries: readonly string[];
}

/** Rows alike but for the country, in the order of the first of each. */
export function byCountries(rows: readonly ResidencyRow[]): readonly ResidencyGroup[] {
  return alike(rows, ({ country: _, ...others }) => JSON.stringify(others)).map((group) => ({
    row: group[0]!,
    countries: group.map(({ country }) => country),
  }));
}

/** Things with the same key together, in the order of the first of each. */
export function alike<T>(things: readonly T[], keyOf: (thing: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thing]);
    else group.push(thing);
  }
  return [...groups.values()];
}

/** `US`, `CH, GB or IS`, `any of 222 countries (AD, AE, AF, …)`: one write that may happen in each. */
export function countriesWords(countries: readonly string[]): string {
  const names = countries.map((country) => plain(country));
  if (names.length > MAX_NAMES)
    return `any of ${names.length} countries (${names.slice(0, SOME_NAMES).join(", ")}, …)`;
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
}
