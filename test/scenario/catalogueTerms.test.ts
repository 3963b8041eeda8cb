import { describe, expect, it } from "vitest";
import {
  ADEQUACY,
  COUNTRY_CODES,
  findProviderTerms,
  PROVIDER_TERMS,
  REGION_COUNTRY,
  resolveZone,
  ZONES,
} from "../../src/scenario/catalogue/index.js";
import { itWith, readReferenceJson } from "./catalogueReference.js";

interface Reference {
  readonly zones: Readonly<Record<string, { readonly countries: readonly string[] }>>;
  readonly adequacy: readonly { readonly country: string; readonly scope: string }[];
  readonly providerZones: readonly {
    readonly provider: string;
    readonly name: string;
    readonly processing: string;
    readonly atRest: string;
  }[];
}

const reference = (): Reference => readReferenceJson("reference/zones.json") as Reference;

/** What the reference's words for a place are in ours; several where an offer is several of ours. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  "EU member nations only": ["AZURE-DATAZONE-EU"],
  US: ["AZURE-DATAZONE-US", "ANTHROPIC-US"],
  "any Azure OpenAI geography": ["WORLD"],
  "the resource's region": [REGION_COUNTRY],
  "source region": [REGION_COUNTRY],
  "any destination region of the profile inside the geography; opt-in regions included even when not enabled by the account":
    ["BEDROCK-EU", "BEDROCK-US", "BEDROCK-JP", "BEDROCK-AU"],
  "any commercial region": ["WORLD"],
  "that region / multi-region, only for listed models and regions": [REGION_COUNTRY],
  "anywhere, no control": ["WORLD"],
  "EEA + Switzerland (where inference residency is offered)": ["OPENAI-EUROPE"],
  anywhere: ["WORLD"],
};

/** Where nothing is said of storage, or of a place that our regions do not know, our row says nothing. */
const AT_REST: Readonly<Record<string, readonly string[] | undefined>> = {
  "geography of the resource": [REGION_COUNTRY],
  "source region": [REGION_COUNTRY],
  "source region only": [REGION_COUNTRY],
  "region; in-memory cache <=24 h in serving data centre": [REGION_COUNTRY],
  "EEA + Switzerland": ["OPENAI-EUROPE"],
  "-": undefined,
  "workspace geo": undefined,
};

describe("providers' terms", () => {
  itWith(["reference/zones.json"], "every offer of the reference is there, and says the same", () => {
    for (const { provider, name, processing, atRest } of reference().providerZones) {
      const ours = PROVIDER_TERMS.filter(
        (row) => row.provider === provider.replace("aws-", "") && row.offer === name,
      );
      expect(ours.length, `${provider} ${name}`).toBeGreaterThan(0);
      for (const { key, uses } of ours) {
        expect(PLACES[processing], key).toContain(uses.processing?.in[0]);
        expect(AT_REST, atRest).toHaveProperty([atRest]);
        expect(uses.store?.in, key).toEqual(AT_REST[atRest]);
      }
    }
  });

  itWith(["reference/zones.json"], "no offer is there that the reference does not know", () => {
    const known = reference().providerZones.map(
      ({ provider, name }) => `${provider.replace("aws-", "")} ${name}`,
    );
    expect(PROVIDER_TERMS.filter(({ provider, offer }) => !known.includes(`${provider} ${offer}`))).toEqual(
      [],
    );
  });

  it("have keys of their own, evidence, and places that resolve", () => {
    expect(new Set(PROVIDER_TERMS.map(({ key }) => key)).size).toBe(PROVIDER_TERMS.length);
    for (const { key, uses, evidence } of PROVIDER_TERMS) {
      expect(findProviderTerms(key)?.key).toBe(key);
      expect(evidence).not.toBe("");
      for (const use of Object.values(uses))
        for (const word of use.in)
          expect(word === REGION_COUNTRY || word === "none" || resolveZone(word) !== undefined, key).toBe(
            true,
          );
    }
  });

  it("of Europe are four different sets of countries", () => {
    const sets = ["AZURE-DATAZONE-EU", "OPENAI-EUROPE", "BEDROCK-EU", "EEA+CH+UK"].map((zone) =>
      [...(resolveZone(zone) ?? [])].sort().join(" "),
    );
    expect(new Set(sets).size).toBe(4);
  });
});

describe("adequacy", () => {
  itWith(["reference/zones.json"], "is of the reference's countries, two of them on a condition", () => {
    const { adequacy } = reference();
    expect(ADEQUACY.map(({ country }) => country).sort()).toEqual(
      adequacy.map(({ country }) => country).sort(),
    );
    const conditional = adequacy.filter(({ scope }) => /only/.test(scope)).map(({ country }) => country);
    const ours = ADEQUACY.filter(({ claim }) => claim !== null);
    expect(ours.map(({ country }) => country).sort()).toEqual(conditional.sort());
    expect(ours.map(({ country, claim }) => `${country} ${claim}`)).toEqual(["CA pipeda", "US dpf"]);
  });

  it("without condition, with the EEA, is the zone of that name", () => {
    const free = ADEQUACY.filter(({ claim }) => claim === null).map(({ country }) => country);
    expect([...free, ...ZONES.EEA!].sort()).toEqual([...ZONES["EU-ADEQUATE"]!].sort());
    expect(free.every((country) => COUNTRY_CODES.includes(country))).toBe(true);
  });
});
