/**
 * Places in the file form: country codes and zones, and where each channel of data happens.
 */
import { z } from "zod";
import { CHANNELS, type Channel } from "../policy/index.js";

/** Most regions, sites, rules and faults; far more than the policy's 31 endpoints can use. */
export const MAX_PLACES = 10_000;
/** Gateways an entry can hold in one mask. */
export const MAX_GATEWAYS = 31;
/** The rule for names of places data may go. */
const PLACES_RULE = "a country code such as DE, a zone such as EU, or a list of them";
/** Where data goes, per channel: country codes and zone names as written. */
export type PlacesForm = { readonly [C in Channel]?: readonly string[] | undefined };

/** Country codes and zone names, one or several; what they mean is resolved later. */
export function places(): z.ZodType<readonly string[], string | readonly string[]> {
  const one = z
    .string({ error: PLACES_RULE })
    .min(1, { error: PLACES_RULE, abort: true })
    .max(64, { error: PLACES_RULE, abort: true });
  return z
    .union([
      one,
      z
        .array(one, { error: PLACES_RULE })
        .min(1, { error: "a list with at least one country or zone", abort: true })
        .max(300, { error: PLACES_RULE, abort: true }),
    ])
    .transform((value): readonly string[] => (typeof value === "string" ? [value] : value));
}

/** Where each channel happens. */
export function placesByChannel(what: string): z.ZodType<PlacesForm> {
  const shape = Object.fromEntries(
    CHANNELS.map((channel) => [channel, places().optional().describe(`${what}: ${channel}.`)]),
  );
  return z.strictObject(shape).refine((form) => Object.keys(form).length > 0, {
    error: `a mapping with at least one of ${CHANNELS.join(", ")}`,
    when: (payload) => payload.issues.length === 0,
  }) as z.ZodType<PlacesForm>;
}
