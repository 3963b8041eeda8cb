/** What accounts leave of the capacity of endpoints. */
import { describe, expect, it } from "vitest";
import type { Fault, Quota } from "../../src/scenario/scenario.js";
import { during, endOf } from "./lawsScenario.js";
import { quota, twoRegions } from "./limitsScenario.js";

/** Calls a second of both endpoints over time; a hundred slots of a second each without accounts. */
function ratesPerS(accounts: readonly Quota[], faults: readonly Fault[] = []): number[][] {
  const { recording } = endOf({ ...twoRegions(accounts), faults });
  return recording.capacities.map(({ perS }) => [...perS]);
}

const SIX_HUNDRED = { requestsPerMin: 600, requestBurst: 600 };

describe("an account", () => {
  it("bounds what the endpoints that draw on it can do, and no other", () => {
    expect(ratesPerS([])).toEqual([[100, 100]]);
    expect(ratesPerS([quota([0], SIX_HUNDRED)])).toEqual([[10, 100]]);
    expect(ratesPerS([quota([0, 1], SIX_HUNDRED), quota([1], { requestsPerMin: 60 })])).toEqual([[10, 1]]);
  });

  it("of each tenant bounds as many times that", () => {
    expect(ratesPerS([quota([0], SIX_HUNDRED, true)])).toEqual([[20, 100]]);
  });

  it("is cut for all as deep as for one of them, and one without limits by minute is not", () => {
    const target = { kind: "endpoint", index: 1 } as const;
    const cut = during(10, 20, { kind: "quota-cut", target, factor: 0.5 });
    expect(ratesPerS([quota([0, 1], SIX_HUNDRED)], [cut])).toEqual([
      [10, 10],
      [5, 5],
      [10, 10],
    ]);
    expect(ratesPerS([quota([0, 1], { tokensPerDay: 9 })], [cut]).flat()).not.toContain(50);
  });

  it("is in the margins of its region", () => {
    const { recording } = endOf(twoRegions([quota([0], SIX_HUNDRED)]));
    expect(recording.labels.endpoints.map(({ capacityPerS }) => capacityPerS)).toEqual([10, 100]);
  });
});
