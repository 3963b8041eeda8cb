/**
 * What providers say they do with prompts, by offer, as documented when the figures were gathered: terms change, so
 * read the provider's page before relying on a row. What a provider does not say is left out, and so is unknown.
 */
import type { Channel } from "../../policy/index.js";

/** Stands for the country of the region that the endpoint is in. */
export const REGION_COUNTRY = "@region";

/** What a provider says of one channel. */
export interface TermsUse {
  /** Zones, countries, {@link REGION_COUNTRY}, or `none` alone. */
  readonly in: readonly string[];
  readonly keptDays?: number;
}

/** One offer of one provider. */
export interface ProviderTerms {
  /** As files name it. */
  readonly key: string;
  readonly provider: string;
  readonly offer: string;
  readonly uses: { readonly [C in Channel]?: TermsUse };
  /** The page that says so. */
  readonly evidence: string;
}

const AZURE = "Azure AI Foundry docs, deployment types and data privacy";
const BEDROCK = "Amazon Bedrock docs, cross-region inference and data protection";
const VERTEX = "Vertex AI docs, data residency";
const OPENAI = "OpenAI data residency pages";
const ANTHROPIC = "Anthropic data residency docs";

/** At rest in the geography of the resource (here the country of its region); flagged prompts up to 30 days there. */
const AZURE_AT_REST = {
  store: { in: [REGION_COUNTRY] },
  "abuse-monitoring": { in: [REGION_COUNTRY], keptDays: 30 },
} as const;
/** Nothing is stored beyond the source region, and no operator reads prompts: the default for most models. */
const BEDROCK_AT_REST = { store: { in: [REGION_COUNTRY] }, "abuse-monitoring": { in: ["none"] } } as const;

/** Every offer, by provider. */
export const PROVIDER_TERMS: readonly ProviderTerms[] = Object.freeze([
  azure("datazone-eu", "DataZone (EU)", "AZURE-DATAZONE-EU"),
  azure("datazone-us", "DataZone (US)", "AZURE-DATAZONE-US"),
  azure("global", "Global (Standard/Provisioned/Batch)", "WORLD"),
  azure("regional", "Standard / regional provisioned", REGION_COUNTRY),
  bedrock("in-region", "in-region", REGION_COUNTRY),
  bedrock("eu-profile", "geographic profile (us./eu./apac.)", "BEDROCK-EU"),
  bedrock("us-profile", "geographic profile (us./eu./apac.)", "BEDROCK-US"),
  bedrock("jp-profile", "geographic profile (us./eu./apac.)", "BEDROCK-JP"),
  bedrock("au-profile", "geographic profile (us./eu./apac.)", "BEDROCK-AU"),
  bedrock("global", "global profile (global.)", "WORLD"),
  terms("vertex:regional", "regional / multi-region endpoint", VERTEX, {
    processing: { in: [REGION_COUNTRY] },
    store: { in: [REGION_COUNTRY] },
    // In memory, in the data centre that serves, unless switched off for the project.
    "prompt-cache": { in: [REGION_COUNTRY], keptDays: 1 },
  }),
  terms("vertex:global", "global endpoint", VERTEX, {
    processing: { in: ["WORLD"] },
    "prompt-cache": { in: ["WORLD"], keptDays: 1 },
  }),
  terms("openai:europe", "Europe (eu.api.openai.com)", OPENAI, {
    processing: { in: ["OPENAI-EUROPE"] },
    store: { in: ["OPENAI-EUROPE"] },
    // Unless zero data retention or modified monitoring is approved.
    "abuse-monitoring": { in: ["OPENAI-EUROPE"], keptDays: 30 },
  }),
  terms("anthropic:us", "inference_geo=us", ANTHROPIC, { processing: { in: ["ANTHROPIC-US"] } }),
  terms("anthropic:global", "inference_geo=global (default)", ANTHROPIC, { processing: { in: ["WORLD"] } }),
]);

/** The terms of that key; undefined when there are none. */
export function findProviderTerms(key: string): ProviderTerms | undefined {
  return PROVIDER_TERMS.find((each) => each.key === key);
}

function azure(key: string, offer: string, processing: string): ProviderTerms {
  return terms(`azure-openai:${key}`, offer, AZURE, { processing: { in: [processing] }, ...AZURE_AT_REST });
}

function bedrock(key: string, offer: string, processing: string): ProviderTerms {
  return terms(`bedrock:${key}`, offer, BEDROCK, { processing: { in: [processing] }, ...BEDROCK_AT_REST });
}

function terms(key: string, offer: string, evidence: string, uses: ProviderTerms["uses"]): ProviderTerms {
  return Object.freeze({ key, provider: key.slice(0, key.indexOf(":")), offer, uses, evidence });
}
