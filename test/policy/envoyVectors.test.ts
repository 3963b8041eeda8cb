/** The published vectors of Envoy's weights and of Istio's localities. */
import { describe, expect, it } from "vitest";
import { istioDistribute, istioPriority, istioTiers } from "../../src/policy/index.js";
import { reportedWeight } from "../../src/policy/strategies/clientWeighted.js";
import { requestWeight } from "../../src/policy/strategies/leastRequest.js";
import { num, nums, type VectorCase, withVectors } from "./callerReference.js";

interface IstioCase {
  readonly client: string;
  readonly endpoint: string;
  readonly priority: number;
  readonly failover?: string;
}

const CHECKS: Readonly<Record<string, (cases: readonly VectorCase[]) => void>> = {
  "envoy-least-request-weight": (cases) => {
    for (const c of cases) {
      expect(requestWeight(num(c, "weight"), num(c, "active"), num(c, "bias"))).toBe(num(c, "effective"));
    }
  },

  "envoy-cswrr": (cases) => {
    for (const c of cases) {
      const report = {
        answersPerS: num(c, "qps"),
        failuresPerS: num(c, "eps"),
        utilisation: num(c, "utilization"),
      };
      expect(reportedWeight(report, num(c, "penalty"))).toBeCloseTo(num(c, "weight"), 4);
    }
  },

  "istio-locality-priority": (cases) => {
    for (const { client, endpoint, priority, failover } of cases as unknown as readonly IstioCase[]) {
      const [from, to] = failover?.split("->") ?? [];
      const failovers = from === undefined || to === undefined ? [] : [{ from, to }];
      expect(istioPriority(client, endpoint, failovers)).toBe(priority);
    }
  },
};

describe("published vectors of Envoy and Istio", () => {
  withVectors((vectors) => {
    for (const [id, check] of Object.entries(CHECKS)) {
      it(`${id} comes out as published`, () => {
        const vector = vectors.find((v) => v.id === id);
        expect(vector?.cases.length, `the reference has no case of ${id}`).toBeGreaterThan(0);
        check(vector!.cases);
      });
    }

    it("istio's distribute 80, 15, 5 comes out as published, and takes all other endpoints away", () => {
      const vector = vectors.find((v) => v.id === "istio-locality-priority") as unknown as {
        readonly cases2: readonly VectorCase[];
      };
      const endpoints = ["r1/z1/s1", "r1/z1/s2", "r1/z2/s1", "r2/z1/s1", "r3/z1", "r3/z2", "r4/z1"];
      const percents = { "r1/z1/*": 80, "r1/z2/*": 15, "r2/*": 5 };
      expect(istioDistribute(percents, endpoints)).toEqual(nums(vector.cases2[0]!, "weights"));
    });
  });

  it("istio's tiers have no gaps, and a failover moves regions back without taking them away", () => {
    const endpoints = ["r1/z1/s1", "r2/z1/s1", "r3/z1/s1"];
    expect(istioTiers("r1/z1/s1", endpoints)).toEqual([0, 1, 1]);
    expect(istioTiers("r1/z1/s1", endpoints, [{ from: "r1", to: "r2" }])).toEqual([0, 1, 2]);
    expect(istioTiers("r2/z9", endpoints, [{ from: "r1", to: "r2" }])).toEqual([1, 0, 1]);
  });

  it("a report without answers, or of nothing in use, says nothing", () => {
    expect(reportedWeight({ answersPerS: 0, failuresPerS: 3, utilisation: 1 }, 1)).toBe(-1);
    expect(reportedWeight({ answersPerS: 5, failuresPerS: 0, utilisation: 0 }, 1)).toBe(-1);
  });

  it("a bias of 0 knows no load, and one of 2 shuns it by its square", () => {
    expect(requestWeight(3, 9, 0)).toBe(3);
    expect(requestWeight(3, 1, 2)).toBeCloseTo(0.75, 12);
  });
});
