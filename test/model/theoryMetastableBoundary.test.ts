/**
 * How long and how deep a fault must be to outlast itself, from both sides of every published boundary: a shade less
 * comes back, a shade more does not. Demand and service are even, so nothing here is luck; the tolerance is the
 * distance between the two sides.
 */
import { describe, expect, it } from "vitest";
import { runScenario } from "./theoryEngine.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";
import { brownout, lateShare, outage, type StormParts, storm } from "./theoryStorm.js";

const AT_S = 10;
const POOL = { perSecond: 0, capacityPerS: 300, patienceS: 1, retries: 1, lengthS: 0, faults: [] } as const;

function run(parts: StormParts): ReturnType<typeof runScenario> {
  return runScenario(storm(parts));
}

/** Whether service is still down long after. */
function tips(parts: StormParts): boolean {
  const share = lateShare(run(parts), 10);
  // Nothing in between: either all are served or next to none.
  expect(share < 0.3 || share > 0.95, `${share} served`).toBe(true);
  return share < 0.3;
}

withOverloadChecks((checks) => {
  describe("the time to recover", () => {
    it.each(["M-RECOVER-145", "M-RECOVER-149"])("of %s is the closed form within 3 s", (id) => {
      const { parameters, expected } = checkCalled(checks, id);
      const lambda = parameters.lambda!;
      const lengthS = AT_S + 10 + expected.recoverySeconds! + 40;
      const { cascade } = run({
        ...POOL,
        perSecond: lambda,
        servers: 3,
        lengthS,
        faults: [outage(AT_S, 10)],
      });
      expect(Math.abs(cascade.recovery!.tookS! - expected.recoverySeconds!)).toBeLessThanOrEqual(3);
      expect(Math.abs(cascade.recovery!.closedFormS! - expected.recoverySeconds!)).toBeLessThanOrEqual(
        // What the window's rounding does to λ is magnified as the pole at 150 comes near.
        0.01 * expected.recoverySeconds!,
      );
    });
  });

  describe("the backlog of an outage without retries", () => {
    const { parameters, expected } = checkCalled(checks, "M-FLUID-OUTAGE");
    it("M-FLUID-OUTAGE drains as fluid does", () => {
      const lengthS = 200;
      const result = run({
        ...POOL,
        perSecond: parameters.lambda!,
        capacityPerS: parameters.mu!,
        patienceS: Number.POSITIVE_INFINITY,
        retries: 0,
        lengthS,
        faults: [outage(AT_S, parameters.outageS!)],
      });
      const { startS, byRegion } = result.series;
      const last = startS.filter((_, i) => byRegion.r!.queue[i]! > 2).pop()!;
      const drainS = last + 1 - (AT_S + parameters.outageS!);
      expect(Math.abs(drainS - expected.drainSeconds!)).toBeLessThanOrEqual(0.01 * expected.drainSeconds!);
      expect(Math.abs(result.cascade.recovery!.closedFormS! - expected.drainSeconds!)).toBeLessThan(0.1);
      const [endpoint] = result.endpoints;
      const waited = (endpoint!.meanWaitMs * endpoint!.calls) / 1000;
      expect(Math.abs(waited - expected.extraRequestSeconds!)).toBeLessThan(
        0.01 * expected.extraRequestSeconds!,
      );
      expect(Math.abs(result.latency.e2eMs.max / 1000 - expected.maxWaitS!)).toBeLessThan(
        0.01 * expected.maxWaitS!,
      );
    });
  });

  describe("the shortest outage that tips", () => {
    const { expected } = checkCalled(checks, "M-BOUNDARY-OUTAGE");
    const boundary = expected["lambda->Dstar"] as unknown as Readonly<Record<string, number | "never">>;
    const TOLERANCE_S = 0.03;
    const pool = (perSecond: number, outageS: number, lengthS: number): StormParts => ({
      ...POOL,
      perSecond,
      lengthS,
      faults: [outage(AT_S, outageS)],
    });

    it.each(Object.entries(boundary).filter(([, at]) => at !== "never"))(
      "M-BOUNDARY-OUTAGE: at %s a second is %s s, within 0.03 s",
      (lambda, at) => {
        const outageS = at as number;
        expect(tips(pool(Number(lambda), outageS - TOLERANCE_S, 120))).toBe(false);
        expect(tips(pool(Number(lambda), outageS + TOLERANCE_S, 120))).toBe(true);
      },
    );

    it("M-BOUNDARY-OUTAGE: does not exist at 140 a second", () => {
      expect(boundary["140"]).toBe("never");
      expect(tips(pool(140, 20, 400))).toBe(false);
    });
  });

  describe("the depth and length of a brownout that tips", () => {
    const { parameters, expected } = checkCalled(checks, "M-BOUNDARY-CAP");
    const rows = (["rho0.7", "rho0.8", "rho0.9"] as const).flatMap((rho) =>
      Object.entries(expected[rho] as unknown as Readonly<Record<string, number>>).map(
        ([left, lengthS]) => [Number(rho.slice(3)), Number(left.slice(1)), lengthS] as const,
      ),
    );

    it.each(rows)(
      "M-BOUNDARY-CAP: loaded to %d with %d left is %d s, to 0.03 of it",
      (rho, left, lengthS) => {
        const pool = (forS: number): StormParts => ({
          perSecond: parameters.mu! * rho,
          capacityPerS: parameters.mu!,
          patienceS: parameters.timeoutS!,
          retries: parameters.retries!,
          lengthS: AT_S + forS + 35,
          faults: [brownout(AT_S, forS, left)],
        });
        expect(tips(pool(0.97 * lengthS))).toBe(false);
        expect(tips(pool(1.03 * lengthS))).toBe(true);
      },
    );
  });
});
