/**
 * Places in the file form: country codes and zones, and what is done with data where, channel by channel.
 */
import { z } from "zod";
import { CHANNELS, type Channel } from "../policy/index.js";
import { duration, line } from "./schemaUnits.js";

/** Most regions, sites, rules and faults; far more than the policy's 31 endpoints can use. */
export const MAX_PLACES = 10_000;
/** Gateways an entry can hold in one mask. */
export const MAX_GATEWAYS = 31;
/** The word for a channel that does not happen, and for a rule that lets it happen nowhere. */
export const NOWHERE = "none";
/** Channels, and `cache`, which is short for both kinds of caches. */
export const CHANNEL_WORDS: readonly ChannelWord[] = [...CHANNELS, "cache"];
/** The channels that `cache` is short for. */
export const CACHES: readonly Channel[] = ["prompt-cache", "semantic-cache"];

/** The rule for names of places data may go. */
const PLACES_RULE = "a country code such as DE, a zone such as EU, or a list of them";
const MICROSECONDS_PER_DAY = 86_400_000_000;

/** A channel, or the word for both kinds of caches. */
export type ChannelWord = Channel | "cache";

/** Where data may go, per channel: country codes and zone names as written, or {@link NOWHERE} alone. */
export type ZonesForm = { readonly [C in ChannelWord]?: readonly string[] | undefined };

/** What a place does on one channel. */
export interface UseForm {
  /** As written; {@link NOWHERE} alone where it does not happen. */
  readonly in: readonly string[];
  /** Infinity for no bound. */
  readonly keptDays?: number | undefined;
  readonly evidence?: string | undefined;
}

/** What a place does with data. */
export type PlacesForm = { readonly [C in ChannelWord]?: UseForm | undefined } & {
  readonly terms?: string | undefined;
};

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

/** Days that something is kept: a duration, or `forever`, which reads as Infinity. */
export function keptDays(): z.ZodType<number, string> {
  return z.union([
    z.literal("forever").transform(() => Number.POSITIVE_INFINITY),
    duration({ zero: true }).transform((us) => us / MICROSECONDS_PER_DAY),
  ]);
}

/** What is done with data on one channel: places, or places with how long it is kept and what there is to show for it. */
export function useSchema(what: string): z.ZodType<UseForm> {
  const full = z.strictObject({
    in: places().describe("Countries or zones; none: it does not happen."),
    keep: keptDays().optional().describe("Longest it is kept, such as 30d, or forever. Default: unknown."),
    evidence: line(500).optional().describe("The contract or page that says so."),
  });
  return z
    .union([
      places().transform((zones): UseForm => ({ in: zones })),
      full.transform(({ in: zones, keep, evidence }): UseForm => ({ in: zones, keptDays: keep, evidence })),
    ])
    .describe(what);
}

/** What is done with data, and where. */
export function placesByChannel(what: string): z.ZodType<PlacesForm> {
  const shape = byChannel((channel) => useSchema(`${what}: ${channel}.`).optional());
  const terms = line(64)
    .optional()
    .describe(
      'A provider\'s published terms, such as "azure-openai:datazone-eu"; what stands beside it wins.',
    );
  return notEmpty(z.strictObject({ ...shape, terms }), ["terms"]) as z.ZodType<PlacesForm>;
}

/** Where data may go. */
export function zonesByChannel(what: string): z.ZodType<ZonesForm> {
  const shape = byChannel((channel) => places().optional().describe(`${what}: ${channel}.`));
  return notEmpty(z.strictObject(shape), []) as z.ZodType<ZonesForm>;
}

/** One schema for each channel, and for `cache`. */
export function byChannel<T extends z.ZodType>(of: (channel: ChannelWord) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(CHANNEL_WORDS.map((channel) => [channel, of(channel)]));
}

/** Refuses a mapping without any entry. */
export function notEmpty(form: z.ZodType, others: readonly string[]): z.ZodType {
  return form.refine((value) => Object.keys(value as object).length > 0, {
    error: `a mapping with at least one of ${[...CHANNEL_WORDS, ...others].join(", ")}`,
    when: (payload) => payload.issues.length === 0,
  });
}
