import { describe, expect, it } from "vitest";
import type { PriceLabel, Recording, ReplicaCounts } from "../../src/metrics/index.js";
import { cost } from "../../src/result/cost.js";
import { Notes, serve } from "./recorded.js";

const PRICE: PriceLabel = {
  inputUsd: 3,
  cachedInputUsd: 0.3,
  outputUsd: 15,
  residencyFactor: 1,
  perReplicaHourUsd: 0,
};
const HOUR_S = 3600;

/** Two requests served in two hours; the EU endpoint has prices. */
function recorded(over: Partial<PriceLabel>, replicas: Partial<ReplicaCounts> | null = null): Recording {
  const notes = new Notes({ durationS: 2 * HOUR_S });
  serve(notes, 0, 10, 100);
  serve(notes, 1, 20, 100);
  const { recording } = notes;
  const endpoints = recording.labels.endpoints.map((endpoint, e) =>
    e === 0 ? { ...endpoint, price: { ...PRICE, ...over } } : endpoint,
  );
  recording.tokensIn[0] = 1_000_000;
  recording.tokensCached[0] = 400_000;
  recording.tokensOut[0] = 200_000;
  recording.tokensIn[1] = 7e9;
  return {
    ...recording,
    labels: { ...recording.labels, endpoints },
    replicas: [replicas as ReplicaCounts | null, null],
  };
}

describe("cost", () => {
  it("is null where nothing has a price", () => {
    expect(cost(new Notes({ durationS: 10 }).recording)).toBeNull();
  });

  it("charges cached tokens at their own price and the rest of the prompt at the full one", () => {
    expect(cost(recorded({}))!.byEndpoint).toEqual([
      {
        id: "eu-model",
        inputTokens: 1_000_000,
        cachedTokens: 400_000,
        outputTokens: 200_000,
        tokensUsd: 0.6 * 3 + 0.4 * 0.3 + 0.2 * 15,
        replicaHours: 2,
        replicasUsd: 0,
      },
    ]);
  });

  it("raises token prices, not rent, by what staying in the region costs", () => {
    const [endpoint] = cost(recorded({ residencyFactor: 1.1, perReplicaHourUsd: 5 }))!.byEndpoint;
    expect(endpoint!.tokensUsd).toBeCloseTo(1.1 * (0.6 * 3 + 0.4 * 0.3 + 0.2 * 15), 12);
    expect(endpoint!.replicasUsd).toBe(10);
  });

  it("rents replicas for as long as they existed and any other endpoint for the whole run", () => {
    const rent = { perReplicaHourUsd: 4 };
    expect(cost(recorded(rent))!.byEndpoint[0]!.replicasUsd).toBe(8);
    const group = cost(recorded(rent, { replicaUs: 5.5 * HOUR_S * 1e6 }))!.byEndpoint[0]!;
    expect(group.replicaHours).toBe(5.5);
    expect(group.replicasUsd).toBe(22);
  });

  it("is spread over all requests served, those of the warm-up included", () => {
    const price = { inputUsd: 0, cachedInputUsd: 0, outputUsd: 0, perReplicaHourUsd: 6 };
    expect(cost(recorded(price))!.perThousandServed).toBe((12 * 1000) / 2);
    expect(cost({ ...recorded(price), servedWarmingUp: 4 })!.perThousandServed).toBe((12 * 1000) / 6);
    const nobody = { ...recorded(price), servedByOrigin: [] };
    expect(cost(nobody)!.perThousandServed).toBeNull();
    expect(cost(nobody)!.total).toBe(12);
  });
});
