/** Places that whoever imports knows: laid over what the file says, and checked, because a slip of the pen is no place. */
import { resolveZone } from "../catalogue/index.js";
import type { Issue, Position } from "../issue.js";
import { countryCodeOf } from "../placeNames.js";
import { issueAt } from "../sourceTree.js";
import { nearest } from "../suggest.js";
import type { DraftEndpoint } from "./draft.js";
import type { ImportOptions } from "./importTypes.js";

/** How messages name the command line, where such places come from. */
export const PLACE_FILE = "--place";

/** The endpoints with what the caller knows of their places laid over. */
export function withPlaces(
  endpoints: readonly DraftEndpoint[],
  { places = {} }: ImportOptions,
): readonly DraftEndpoint[] {
  return endpoints.map((one) => {
    const said = Object.hasOwn(places, one.id) ? places[one.id] : undefined;
    if (said === undefined) return one;
    return {
      ...one,
      place: { at: one.place?.at ?? null, processing: said, from: "what the importer was told" },
    };
  });
}

/** What is wrong with the places that were told: of no endpoint, or neither a country nor a zone. Lines count them. */
export function placeIssues(
  endpoints: readonly DraftEndpoint[],
  { places = {} }: ImportOptions,
): readonly Issue[] {
  const ids = endpoints.map(({ id }) => id);
  return Object.entries(places).flatMap(([id, place], index) => {
    const at = { file: PLACE_FILE, line: index + 1, column: 1 };
    if (!ids.includes(id)) return [unknownEndpoint(id, ids, at)];
    if (resolveZone(place) !== undefined) return [];
    const meant = countryCodeOf(place);
    return [
      issueAt(at, [id], {
        code: "invalid-value",
        message: `${id} must be a country such as DE or a zone such as EU, got ${JSON.stringify(place)}`,
        value: place,
        suggestion: meant === undefined ? undefined : JSON.stringify(meant),
      }),
    ];
  });
}

/** However many there are, all are named: the file that is imported has other names for them. */
function unknownEndpoint(id: string, ids: readonly string[], at: Position): Issue {
  const near = nearest(id, ids);
  return issueAt(at, [id], {
    code: "unknown-reference",
    message: `no endpoint of the file is ${JSON.stringify(id)}; there is ${ids.join(", ")}`,
    value: id,
    suggestion: near === undefined ? undefined : JSON.stringify(near),
  });
}
