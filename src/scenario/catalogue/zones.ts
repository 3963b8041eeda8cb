/**
 * Zones: names for sets of countries, so that a rule can say `processing: EU` and compare sets.
 *
 * A zone is a plain set and claims nothing else. "EU" is the 27 member states and no more: the EEA, Switzerland and the
 * United Kingdom have names of their own, because providers mean different things by "Europe".
 */
import { COUNTRY_CODES, isCountryCode } from "./countries.js";

const EU_MEMBERS = set("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE");
const EEA_MEMBERS = set("IS LI NO", EU_MEMBERS);
const EEA_AND_CH = set("CH", EEA_MEMBERS);
const EEA_AND_CH_AND_UK = set("GB", EEA_AND_CH);

/** Zone name, upper case, to its countries (ISO 3166-1 alpha-2). */
export const ZONES: Readonly<Record<string, readonly string[]>> = Object.freeze({
  /** The 27 member states. */
  EU: EU_MEMBERS,
  /** EU with Iceland, Liechtenstein, Norway. */
  EEA: EEA_MEMBERS,
  "EEA+CH": EEA_AND_CH,
  /** What a router that goes by the `eu-` and `europe-` prefix in effect admits: London and Zurich bear it too. */
  "EEA+CH+UK": EEA_AND_CH_AND_UK,
  UK: set("GB"),
  CH: set("CH"),
  US: set("US"),
  CA: set("CA"),
  JP: set("JP"),
  AU: set("AU"),
  IN: set("IN"),
  KR: set("KR"),
  SG: set("SG"),
  BR: set("BR"),
  /**
   * EEA and the countries with an unconditional adequacy decision (CNPD Luxembourg's list). A legal tool for
   * transfers, not data residency. Canada (PIPEDA organisations) and the US (DPF-certified organisations) are adequate
   * only on conditions and so are not in the set; Japan's covers the private sector, the UK's is time-limited.
   */
  "EU-ADEQUATE": set("AD AR CH FO GB GG IL IM JE JP KR NZ UY", EEA_MEMBERS),
  /** Azure OpenAI DataZone deployments in Europe process in "EU member nations only" (Foundry docs, deployment types). */
  "AZURE-DATAZONE-EU": EU_MEMBERS,
  "AZURE-DATAZONE-US": set("US"),
  /** eu.api.openai.com: EEA and Switzerland (OpenAI data residency pages). */
  "OPENAI-EUROPE": EEA_AND_CH,
  /** `inference_geo=us` (Anthropic data residency docs). */
  "ANTHROPIC-US": set("US"),
  /**
   * Bedrock geographic profiles of Claude Sonnet 4.6, by destination: eu-north-1, eu-west-1, eu-west-3, eu-south-1,
   * eu-south-2, eu-central-1 (chaosreload/aws-hands-on-lab, commit 9050018a, April 2026).
   */
  "BEDROCK-EU": set("DE ES FR IE IT SE"),
  "BEDROCK-US": set("US"),
  "BEDROCK-JP": set("JP"),
  "BEDROCK-AU": set("AU"),
  /** Every country: where a provider's "global" deployment may process. No rule but one that allows all allows it. */
  WORLD: COUNTRY_CODES,
});

/**
 * The countries of a zone name or of an ISO country code (as itself), in any case; undefined when it is neither.
 * Where both exist (`CH`, `US`) they are the same set. `UK` is a zone, `GB` its country code.
 */
export function resolveZone(name: string): readonly string[] | undefined {
  const key = name.toUpperCase();
  if (Object.hasOwn(ZONES, key)) return ZONES[key];
  return isCountryCode(key) ? [key] : undefined;
}

/** How reports name where a user is: `EU` inside the 27 member states, the country code elsewhere. */
export function originOf(country: string): string {
  return EU_MEMBERS.includes(country) ? "EU" : country;
}

/** Whose data law applies: `EU`, `EEA` (members outside the EU), `UK`, otherwise the country code. */
export function jurisdictionOf(country: string): string {
  if (EU_MEMBERS.includes(country)) return "EU";
  if (EEA_MEMBERS.includes(country)) return "EEA";
  return country === "GB" ? "UK" : country;
}

function set(codes: string, base: readonly string[] = []): readonly string[] {
  return Object.freeze([...base, ...codes.split(" ")].sort());
}
