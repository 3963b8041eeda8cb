/**
 * List prices of tokens, US dollars per million, in force on 2026-08-21 and announced for later.
 *
 * Source: pydantic/genai-prices, prices/new_data/v2/data.json at commit 47df840a (2026-08-21), MIT; figures only.
 * Prices that a later one had replaced by that day are left out. Bedrock ids that begin with `regional.` are regional
 * endpoints and the US, EU, Japan and Australia profiles: they already carry the uplift for staying in a region.
 */
import type { Price } from "../deployment.js";

type PriceTuple = readonly [
  key: string,
  /** ISO date; null for a price without a published beginning. */
  effectiveFrom: string | null,
  inputUsd: number,
  outputUsd: number,
  cacheReadUsd: number | null,
  cacheWriteUsd: number | null,
  longContext?: readonly [overInputTokens: number, inputUsd: number, outputUsd: number],
];

/** In order of provider, model and date. */
const ROWS: readonly PriceTuple[] = [
  ["anthropic:claude-fable-5", null, 10, 50, 1, 12.5],
  ["anthropic:claude-haiku-4-5", null, 1, 5, 0.1, 1.25],
  ["anthropic:claude-opus-4-5", null, 5, 25, 0.5, 6.25],
  ["anthropic:claude-opus-4-8", null, 5, 25, 0.5, 6.25],
  ["anthropic:claude-opus-5", null, 5, 25, 0.5, 6.25],
  ["anthropic:claude-sonnet-4-5", null, 3, 15, 0.3, 3.75, [200000, 6, 22.5]],
  ["anthropic:claude-sonnet-4-6", "2026-03-13", 3, 15, 0.3, 3.75],
  ["anthropic:claude-sonnet-5", null, 2, 10, 0.2, 2.5],
  ["anthropic:claude-sonnet-5", "2026-09-01", 3, 15, 0.3, 3.75],
  ["aws:amazon.nova-lite-v1:0", null, 0.06, 0.24, 0.015, null],
  ["aws:amazon.nova-micro-v1:0", null, 0.035, 0.14, 0.00875, null],
  ["aws:amazon.nova-pro-v1:0", null, 0.8, 3.2, 0.2, null],
  ["aws:deepseek.r1-v1:0", null, 1.35, 5.4, null, null],
  ["aws:global.amazon.nova-2-lite-v1:0", null, 0.3, 2.5, 0.075, null],
  ["aws:global.anthropic.claude-haiku-4-5-20251001-v1:0", null, 1, 5, 0.1, 1.25],
  ["aws:global.anthropic.claude-opus-5", null, 5, 25, 0.5, 6.25],
  ["aws:global.anthropic.claude-sonnet-4-6-v1:0", null, 3, 15, 0.3, 3.75],
  ["aws:meta.llama3-3-70b-instruct-v1:0", null, 0.72, 0.72, null, null],
  ["aws:meta.llama4-maverick-17b-instruct-v1:0", null, 0.24, 0.97, null, null],
  ["aws:openai.gpt-5.4", null, 2.75, 16.5, 0.275, null],
  ["aws:openai.gpt-5.5", null, 5.5, 33, 0.55, null],
  ["aws:openai.gpt-oss-120b-1:0", null, 0.15, 0.6, null, null],
  ["aws:regional.amazon.nova-2-lite-v1:0", null, 0.33, 2.75, 0.0825, null],
  ["aws:regional.anthropic.claude-haiku-4-5-20251001-v1:0", null, 1.1, 5.5, 0.11, 1.375],
  ["aws:regional.anthropic.claude-opus-5", null, 5.5, 27.5, 0.55, 6.875],
  ["aws:regional.anthropic.claude-sonnet-4-6-v1:0", null, 3.3, 16.5, 0.33, 4.125],
  ["google:gemini-2.5-flash", null, 0.3, 2.5, 0.03, null],
  ["google:gemini-2.5-flash-lite", null, 0.1, 0.4, 0.01, null],
  ["google:gemini-2.5-pro", null, 1.25, 10, 0.125, null, [200000, 2.5, 15]],
  ["google:gemini-3-flash-preview", null, 0.5, 3, 0.05, null],
  ["google:gemini-3-pro-preview", null, 2, 12, 0.2, null, [200000, 4, 18]],
  ["google:gemini-3.1-pro-preview", null, 2, 12, 0.2, null, [200000, 4, 18]],
  ["google:gemini-3.5-flash", null, 1.5, 9, 0.15, null],
  ["google:gemini-3.5-flash-lite", null, 0.3, 2.5, 0.03, null],
  ["openai:gpt-4.1", null, 2, 8, 0.5, null],
  ["openai:gpt-4.1-mini", null, 0.4, 1.6, 0.1, null],
  ["openai:gpt-4o", null, 2.5, 10, 1.25, null],
  ["openai:gpt-4o-mini", null, 0.15, 0.6, 0.075, null],
  ["openai:gpt-5", null, 1.25, 10, 0.125, null],
  ["openai:gpt-5-mini", null, 0.25, 2, 0.025, null],
  ["openai:gpt-5-nano", null, 0.05, 0.4, 0.005, null],
  ["openai:gpt-5.1", null, 1.25, 10, 0.125, null],
  ["openai:gpt-5.2", null, 1.75, 14, 0.175, null],
  ["openai:gpt-5.4", null, 2.5, 15, 0.25, null, [272000, 5, 22.5]],
  ["openai:gpt-5.4-mini", null, 0.75, 4.5, 0.075, null],
  ["openai:gpt-5.4-nano", null, 0.2, 1.25, 0.02, null],
  ["openai:gpt-5.5", null, 5, 30, 0.5, null],
  ["openai:gpt-5.6-luna", "2026-07-30", 0.2, 1.2, 0.02, 0.25, [272000, 0.4, 1.8]],
  ["openai:gpt-5.6-sol", null, 5, 30, 0.5, 6.25, [272000, 10, 45]],
  ["openai:gpt-5.6-terra", "2026-07-30", 2, 12, 0.2, 2.5, [272000, 4, 18]],
  ["openai:gpt-oss-120b", null, 0.039, 0.18, null, null],
  ["openai:gpt-oss-20b", null, 0.029, 0.14, null, null],
  ["openai:o3", "2025-06-10", 2, 8, 0.5, null],
  ["openai:o4-mini", null, 1.1, 4.4, 0.275, null],
];

/** The list price of a model from one day on, US dollars per million tokens. */
export interface TokenPrice {
  /** `anthropic:claude-sonnet-5`: provider, colon, the provider's own id, which may hold colons too. */
  readonly key: string;
  /** ISO date; null for a price without a published beginning. */
  readonly effectiveFrom: string | null;
  readonly inputUsd: number;
  readonly outputUsd: number;
  /** Prompt tokens found in the provider's cache; null where they cost what others do. */
  readonly cacheReadUsd: number | null;
  /** Prompt tokens put into the cache; null where that costs nothing extra. */
  readonly cacheWriteUsd: number | null;
  /** What a call costs whose prompt is longer; null for the same. */
  readonly longContext: {
    readonly overInputTokens: number;
    readonly inputUsd: number;
    readonly outputUsd: number;
  } | null;
}

/** Every price, in order of provider, model and date. */
export const TOKEN_PRICES: readonly TokenPrice[] = Object.freeze(ROWS.map(priceOfTuple));

/**
 * The price of a key such as `openai:gpt-5.4`, or undefined: the one in force on a day given as ISO date, without a
 * day the latest there is, announced ones included. A day before every row of the key has no price.
 */
export function findTokenPrice(key: string, onDay?: string): TokenPrice | undefined {
  // Rows of a key stand in order of date, so the last that qualifies is the latest.
  return TOKEN_PRICES.findLast((row) => row.key === key && hasBegun(row, onDay));
}

/** What a scenario's endpoint pays at this price: no uplift, no rent, and the price of short prompts for all. */
export function endpointPriceOf(row: TokenPrice): Price {
  return {
    inputUsd: row.inputUsd,
    cachedInputUsd: row.cacheReadUsd ?? row.inputUsd,
    outputUsd: row.outputUsd,
    residencyFactor: 1,
    perReplicaHourUsd: 0,
  };
}

/** What a provider multiplies token prices by for processing that stays in a region. */
export interface ResidencyUplift {
  readonly provider: "anthropic" | "aws" | "openai";
  readonly factor: number;
  /** Which calls pay it. */
  readonly appliesTo: string;
  readonly source: string;
}

/**
 * Published uplifts for residency: ten percent, wherever one is published. Not to be put on a Bedrock `regional.` row,
 * which has it in its prices. Providers not listed publish none, which is not the same as asking none.
 */
export const RESIDENCY_UPLIFTS: readonly ResidencyUplift[] = Object.freeze([
  Object.freeze({
    provider: "aws",
    factor: 1.1,
    appliesTo: "Bedrock regional endpoints and US, EU, JP and AU profiles, over global ones",
    source: "pydantic/genai-prices prices/providers/aws.yml at 47df840a (MIT), comment and prices",
  }),
  Object.freeze({
    provider: "openai",
    factor: 1.1,
    appliesTo: "regional processing in the EU or the US, gpt-5.4 and later",
    source: "model-price-repo at f9ff147, regional_processing_uplift_multiplier_eu and _us",
  }),
  Object.freeze({
    provider: "anthropic",
    factor: 1.1,
    appliesTo: "inference kept in the US",
    source: "model-price-repo at f9ff147",
  }),
]);

function hasBegun(row: TokenPrice, onDay: string | undefined): boolean {
  return row.effectiveFrom === null || onDay === undefined || row.effectiveFrom <= onDay;
}

function priceOfTuple(tuple: PriceTuple): TokenPrice {
  const [key, effectiveFrom, inputUsd, outputUsd, cacheReadUsd, cacheWriteUsd, long] = tuple;
  const longContext =
    long === undefined
      ? null
      : Object.freeze({ overInputTokens: long[0], inputUsd: long[1], outputUsd: long[2] });
  return Object.freeze({
    key,
    effectiveFrom,
    inputUsd,
    outputUsd,
    cacheReadUsd,
    cacheWriteUsd,
    longContext,
  });
}
