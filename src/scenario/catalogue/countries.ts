/**
 * Countries, and the corridor group that each belongs to for latency.
 *
 * The groups follow cables, not continents: Turkey, Russia and the Caucasus reach the world through Europe. Mexico and the
 * Caribbean are with Central America.
 */

/** Groups between which round trips were fitted; `other` has no fit of its own. */
export type CorridorGroup =
  | "US"
  | "Canada"
  | "Central-America"
  | "South-America"
  | "Europe"
  | "Middle-East"
  | "Africa"
  | "APAC"
  | "other";

const COUNTRIES_OF_GROUP: Readonly<Record<CorridorGroup, string>> = {
  US: "US",
  Canada: "CA PM",
  "Central-America":
    "AG AI AW BB BL BM BQ BS BZ CR CU CW DM DO GD GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PR SV SX TC TT VC VG VI",
  "South-America": "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
  Europe:
    "AD AL AM AT AX AZ BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GE GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD " +
    "ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM TR UA VA",
  "Middle-East": "AE BH IL IQ IR JO KW LB OM PS QA SA SY YE",
  Africa:
    "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG " +
    "RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
  APAC:
    "AS AU BD BN BT CC CK CN CX FJ FM GU HK ID IN JP KH KI KP KR LA LK MH MM MN MO MP MV MY NC NF NP NR NU NZ PF PG PH " +
    "PK PN PW SB SG TH TK TL TO TV TW VN VU WF WS",
  other: "AF AQ BV GL GS HM IO KG KZ TF TJ TM UM UZ",
};

const GROUP_OF_COUNTRY: ReadonlyMap<string, CorridorGroup> = new Map(
  (Object.keys(COUNTRIES_OF_GROUP) as CorridorGroup[]).flatMap((group) =>
    COUNTRIES_OF_GROUP[group].split(" ").map((country) => [country, group] as const),
  ),
);

/** Every ISO 3166-1 alpha-2 code (249), in alphabetical order. */
export const COUNTRY_CODES: readonly string[] = Object.freeze([...GROUP_OF_COUNTRY.keys()].sort());

/** Whether the text is an ISO 3166-1 alpha-2 code, upper case. */
export function isCountryCode(text: string): boolean {
  return GROUP_OF_COUNTRY.has(text);
}

/** The corridor group of an ISO country code; `other` for an unknown one. */
export function corridorGroupOf(country: string): CorridorGroup {
  return GROUP_OF_COUNTRY.get(country) ?? "other";
}
