/**
 * Room for the loss of a region is not room for its retries: four regions that could each lose one neighbour, under faults
 * that end. Demand and service are even, so what tips here tips without bad luck.
 */
import { describe, expect, it } from "vitest";
import type { Result } from "../../src/result/index.js";
import type { Fault, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  region,
  retrying,
  SECOND,
  server,
  site,
} from "./buildScenario.js";
import { during } from "./lawsScenario.js";
import { runScenario } from "./theoryEngine.js";
import { checkCalled, type OverloadCheck, withOverloadChecks } from "./theoryReference.js";
import { asTrace, rates } from "./theoryStorm.js";

const CAPACITY_PER_S = 20;
const LENGTH_S = 220;
const AT_S = 20;

const target = (index: number): { readonly kind: "endpoint"; readonly index: number } => ({
  kind: "endpoint",
  index,
});

/** Nothing answers. */
function gone(index: number, forS: number, atS = AT_S): Fault {
  const what = { kind: "endpoint-down", target: target(index), manner: "black-hole" };
  return during(atS, atS + forS, what, `gone-${index}`);
}

/** Calls are taken and held. */
function stuck(index: number, forS: number, atS = AT_S): Fault {
  const what = { kind: "capacity-loss", target: target(index), fraction: 1, preempt: false };
  return during(atS, atS + forS, what, `stuck-${index}`);
}

/** A fifth of the capacity is left. */
function dim(index: number, forS: number, atS = AT_S): Fault {
  return during(atS, atS + forS, { kind: "slow", target: target(index), factor: 5 }, `dim-${index}`);
}

/** Each region serves its own users, and its nearest neighbours' when they are believed down. */
function neighbours({ parameters }: OverloadCheck, rho: number, faults: readonly Fault[]): Scenario {
  const count = parameters.regions!;
  expect(parameters.healthCheck).toBe("10 s x3");
  const places = Array.from({ length: count }, (_, r) => region(`r${r}`, "US"));
  const rttMs = places.flatMap((_, s) => places.map((__, r) => (s === r ? 0 : 2)));
  const scenario = buildScenario({
    durationS: LENGTH_S,
    regions: places,
    endpoints: places.map((_, r) => endpoint(`e${r}`, r, server(fixed(SECOND / CAPACITY_PER_S), 1))),
    sites: places.map((_, r) => site(`s${r}`, "US", rho * CAPACITY_PER_S)),
    accessRttMs: rttMs,
    backboneRttMs: rttMs,
    client: { timeout: fixed(parameters.timeoutS! * SECOND), caller: retrying(parameters.retries!) },
    deployment: {
      routing: {
        strategy: "nearest",
        health: { ...check(10, 3, 3, 3), seesLoad: true, firstUs: 0 },
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
    faults,
  });
  const perSecond = rho * CAPACITY_PER_S * count;
  const calls = Math.floor(perSecond * LENGTH_S);
  return asTrace(
    scenario,
    Float64Array.from({ length: calls }, (_, i) => Math.floor((i * SECOND) / perSecond)),
    Int32Array.from({ length: calls }, (_, i) => i % count),
  );
}

/** Whether nearly all are served at the end; what is asked in the last seconds may still be on its way. */
function isBack(result: Result): boolean {
  const { offered, served } = rates(result, LENGTH_S - 30, LENGTH_S - 3);
  const share = served / offered;
  expect(share > 0.95 || share < 0.5, `${share} served`).toBe(true);
  return share > 0.95;
}

withOverloadChecks((checks) => {
  const retryAware = checkCalled(checks, "H-RETRY-AWARE");
  const { parameters, expected } = retryAware;
  const run = (rho: number, ...faults: readonly Fault[]): Result =>
    runScenario(neighbours(retryAware, rho, faults));
  const LENGTHS_S = [3, 6, 12, 20, 28, 40, 60];

  describe("H-RETRY-AWARE", () => {
    it("0.62 is below the naive limit of four regions, and 0.45 above the one that is safe with retries", () => {
      const { cascade } = run(parameters.rho!);
      expect(cascade.margins[0]!.naiveLimit).toBe(expected.naiveMaxUtil);
      expect(parameters.rho!).toBeLessThan(cascade.margins[0]!.naiveLimit);
      // Capacity over three times the load.
      expect(cascade.margins[0]!.retrySafeMargin!).toBeCloseTo(1 / (0.62 * 3), 1);
      expect(cascade.tries.product).toBe(1 + parameters.retries!);
    });

    it("at 0.62 one region that is gone for 28 s brings down others that had no fault, and for 20 s does not", () => {
      const long = run(0.62, gone(0, 28));
      expect(long.cascade.size).toBeGreaterThan(0);
      expect(isBack(long)).toBe(false);
      const short = run(0.62, gone(0, 20));
      expect(short.cascade.size).toBe(0);
      expect(isBack(short)).toBe(true);
    });

    it("at 0.62 two regions with a fifth of their capacity for 6 s stay down, and for 5 s do not", () => {
      const two = (forS: number): Result => run(0.62, dim(0, forS), dim(1, forS, AT_S + 2));
      expect(isBack(two(6))).toBe(false);
      expect(two(6).cascade.metastable).toBe(true);
      expect(isBack(two(5))).toBe(true);
    });

    it.each([
      ["gone", gone],
      ["stuck", stuck],
      ["dim", dim],
    ] as const)(
      "at 0.45 no single region that is %s, however long, brings another down or stays down",
      (_, fault) => {
        for (const forS of LENGTHS_S) {
          const result = run(0.45, fault(0, forS));
          expect(result.cascade.size, `${forS} s`).toBe(0);
          expect(isBack(result), `${forS} s`).toBe(true);
        }
      },
    );

    it("below a third not even two at once stay down: every try fits", () => {
      for (const forS of LENGTHS_S)
        expect(isBack(run(0.32, dim(0, forS), dim(1, forS, AT_S + 2)))).toBe(true);
    });
  });
});
