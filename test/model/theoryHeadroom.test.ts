/** How much idle capacity the loss of regions asks for: published ratios, held to what the regions that are left refuse. */
import { describe, expect, it } from "vitest";
import type { Fault, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  gateway,
  region,
  retrying,
  SECOND,
  server,
  site,
} from "./buildScenario.js";
import { during } from "./lawsScenario.js";
import { runScenario } from "./theoryEngine.js";
import { checkCalled, type OverloadCheck, withOverloadChecks } from "./theoryReference.js";
import { evenly } from "./theoryStorm.js";

const LOST_AT_S = 10;
/** Those under way when a region goes all come back at once; then it is quiet. */
const SETTLED_S = 20;
const LENGTH_S = 60;

/** Regions of `perS` calls a second each, asked `askedPerS` together; the first `lost` go for good. */
function regions(count: number, perS: number, askedPerS: number, lost: number): Scenario {
  const places = Array.from({ length: count }, (_, r) => region(`r${r}`, "US"));
  const faults: Fault[] = Array.from({ length: lost }, (_, index) =>
    during(
      LOST_AT_S,
      LENGTH_S + 1,
      { kind: "endpoint-down", target: { kind: "endpoint", index }, manner: "refuse" },
      `lost-${index}`,
    ),
  );
  const scenario = buildScenario({
    durationS: LENGTH_S,
    regions: places,
    // One router of no region's own: where a call goes is only a matter of room.
    gateways: [gateway("g", count - 1)],
    endpoints: places.map((_, r) => endpoint(`e${r}`, r, server(fixed(SECOND), perS, 0))),
    sites: [site("s", "US", askedPerS)],
    deployment: {
      caller: retrying(count - 1),
      routing: {
        strategy: "least-loaded",
        health: check(0.1, 0.05, 1, 1),
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
    faults,
  });
  return evenly(scenario, askedPerS);
}

interface Outcome {
  readonly refusedLate: number;
  readonly busyBefore: number;
  readonly busyAfter: number;
  readonly naiveLimit: number;
}

function outcome(scenario: Scenario, count: number, lost: number): Outcome {
  const { series, cascade } = runScenario(scenario);
  const mean = (column: readonly number[], fromS: number, toS: number): number =>
    column.slice(fromS, toS).reduce((sum, n) => sum + n, 0) / (toS - fromS);
  const left = series.byRegion[`r${count - 1}`]!.utilisation;
  expect(lost).toBeLessThan(count);
  return {
    refusedLate: mean(series.byOrigin.US!.refused, SETTLED_S, LENGTH_S - 1),
    busyBefore: mean(left, 3, LOST_AT_S),
    busyAfter: mean(left, SETTLED_S, LENGTH_S - 1),
    naiveLimit: cascade.margins[0]!.naiveLimit,
  };
}

function staticStability({ parameters, expected }: OverloadCheck): void {
  const PER_S = 100;
  const { regions: count, lost } = parameters as Readonly<Record<"regions" | "lost", number>>;
  const limit = (count - lost) / count;
  expect(expected.maxSteadyUtilization!).toBeCloseTo(limit, 6);
  expect(expected.totalCapacityOverPeak!).toBeCloseTo(1 / limit, 6);
  expect(expected.overprovisionPct!).toBeCloseTo(100 * (1 / limit - 1), 3);
  const at = (share: number): Outcome =>
    outcome(regions(count, PER_S, count * PER_S * share, lost), count, lost);
  const below = at(limit - 0.01);
  expect(below.refusedLate).toBe(0);
  // A call is held for a second, and a whole number of calls comes in one.
  expect(Math.abs(below.busyBefore - (limit - 0.01))).toBeLessThan(0.01);
  expect(at(limit + 0.01).refusedLate).toBeGreaterThan(0);
  if (lost === 1) expect(below.naiveLimit).toBeCloseTo(expected.maxSteadyUtilization!, 6);
}

withOverloadChecks((checks) => {
  describe("static stability", () => {
    it.each(checks.filter(({ id }) => id.startsWith("H-STATIC-")))(
      "$id: one percent below the ratio nothing is refused, one above something is",
      staticStability,
    );
  });

  describe("capacity planning of the SRE book", () => {
    it("R-SRE-N2: six clusters carry the peak without two of them, five do not", () => {
      const { parameters, expected } = checkCalled(checks, "R-SRE-N2");
      const SMALLER = 50;
      const perS = parameters.perCluster! / SMALLER;
      const peak = parameters.peak! / SMALLER;
      const spare = parameters.spare!;
      const planned = expected.clusters!;
      const enough = outcome(regions(planned, perS, peak, spare), planned, spare);
      expect(enough.refusedLate).toBe(0);
      expect(enough.busyBefore).toBeCloseTo(expected.steadyUtilization!, 2);
      expect(enough.busyAfter).toBeCloseTo(expected.utilizationAfter2Lost!, 2);
      const fewer = outcome(regions(planned - 1, perS, peak, spare), planned - 1, spare);
      // 19 000 asked of three clusters of 5000.
      expect(fewer.refusedLate * SMALLER).toBeCloseTo(4000, -2);
    });
  });
});
