import { describe, expect, it } from "vitest";
import {
  endpointPriceOf,
  findTokenPrice,
  RESIDENCY_UPLIFTS,
  TOKEN_PRICES,
} from "../../src/scenario/catalogue/index.js";
import { itWith, readRecords } from "./catalogueReference.js";

/** The day of the list: what a later price had replaced by then is left out. */
const LIST_DAY = "2026-08-21";

describe("token prices", () => {
  it("a cached token never costs more than a fresh one, and an output token never less", () => {
    for (const row of TOKEN_PRICES) {
      expect(row.inputUsd, row.key).toBeGreaterThan(0);
      expect(row.cacheReadUsd ?? 0, row.key).toBeLessThan(row.inputUsd);
      expect(row.outputUsd, row.key).toBeGreaterThanOrEqual(row.inputUsd);
      expect(row.longContext?.inputUsd ?? row.inputUsd, row.key).toBeGreaterThanOrEqual(row.inputUsd);
    }
  });

  it("without a day the latest price is found, announced ones included, and with one the price of the day", () => {
    const key = "anthropic:claude-sonnet-5";
    expect(findTokenPrice(key)).toMatchObject({ effectiveFrom: "2026-09-01", inputUsd: 3, outputUsd: 15 });
    expect(findTokenPrice(key, "2026-09-01")?.inputUsd).toBe(3);
    expect(findTokenPrice(key, "2026-08-31")?.inputUsd).toBe(2);
    expect(findTokenPrice("openai:o3")).toMatchObject({ effectiveFrom: "2025-06-10", inputUsd: 2 });
    expect(findTokenPrice("openai:o3", "2025-06-09")).toBeUndefined();
    expect(findTokenPrice("openai:gpt-7")).toBeUndefined();
  });

  it("a provider's id may hold colons", () => {
    expect(findTokenPrice("aws:amazon.nova-lite-v1:0")?.cacheReadUsd).toBe(0.015);
  });

  it("an endpoint pays the full price for cached tokens where no cheaper one is published", () => {
    expect(endpointPriceOf(findTokenPrice("openai:gpt-oss-120b")!)).toEqual({
      inputUsd: 0.039,
      cachedInputUsd: 0.039,
      outputUsd: 0.18,
      residencyFactor: 1,
      perReplicaHourUsd: 0,
    });
    expect(endpointPriceOf(findTokenPrice("openai:gpt-5.4")!).cachedInputUsd).toBe(0.25);
  });

  it("every regional price of Bedrock is its global price and the published uplift", () => {
    const uplift = RESIDENCY_UPLIFTS.find(({ provider }) => provider === "aws")!;
    const regional = TOKEN_PRICES.filter(({ key }) => key.startsWith("aws:regional."));
    expect(regional.length).toBe(4);
    for (const row of regional) {
      const global = findTokenPrice(row.key.replace("regional.", "global."))!;
      expect(row.inputUsd / global.inputUsd, row.key).toBeCloseTo(uplift.factor, 9);
      expect(row.outputUsd / global.outputUsd, row.key).toBeCloseTo(uplift.factor, 9);
      expect(row.cacheReadUsd! / global.cacheReadUsd!, row.key).toBeCloseTo(uplift.factor, 9);
    }
  });

  itWith(
    ["data/capacity/token_prices.csv"],
    "every price is the list's, and only what was replaced by its day is missing",
    () => {
      const records = readRecords("data/capacity/token_prices.csv").map(withoutCarriageReturns);
      const wanted = records.filter((record) => {
        const from = record.effective_from!;
        const replaced = records.some(
          (other) =>
            other.provider === record.provider &&
            other.model_id === record.model_id &&
            other.effective_from! > from &&
            other.effective_from! <= LIST_DAY,
        );
        return !replaced;
      });
      const theirs = wanted.map((record) => ({
        key: `${record.provider}:${record.model_id}`,
        effectiveFrom: record.effective_from === "" ? null : record.effective_from!,
        inputUsd: Number(record.input_usd_mtok),
        outputUsd: Number(record.output_usd_mtok),
        cacheReadUsd: numberOrNull(record.cache_read_usd_mtok),
        cacheWriteUsd: numberOrNull(record.cache_write_usd_mtok),
        longContext:
          record.long_ctx_threshold === ""
            ? null
            : {
                overInputTokens: Number(record.long_ctx_threshold),
                inputUsd: Number(record.long_ctx_input_usd_mtok),
                outputUsd: Number(record.long_ctx_output_usd_mtok),
              },
      }));
      expect(TOKEN_PRICES).toEqual(theirs);
    },
  );
});

/** The list's lines end in CR LF, which leaves a CR on the last column's name and cells. */
function withoutCarriageReturns(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([name, cell]) => [name.trim(), cell.trim()]));
}

function numberOrNull(cell: string | undefined): number | null {
  return cell === "" || cell === undefined ? null : Number(cell);
}
