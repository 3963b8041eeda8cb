/**
 * Published ratios of idle capacity, as the planner and the headroom table give them. That runs agree with them is tested
 * beside the other closed forms of the model.
 */
import { describe, expect, it } from "vitest";
import { clustersNeeded, staticStability } from "../../src/experiment/headroom/planner.js";
import { headroomTable } from "../../src/experiment/headroom/table.js";
import type { HeadroomRow, Loss } from "../../src/result/sizing.js";
import type { Scenario } from "../../src/scenario/scenario.js";
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
} from "../model/buildScenario.js";
import { checkCalled, type OverloadCheck, withOverloadChecks } from "../model/theoryReference.js";

/** Servers of a region; a call takes one for a second. */
const SERVERS = 100;

/** Equal regions with equal demand, of which `rho` keeps them busy; calls go where the fewest are under way. */
function equalRegions(count: number, rho: number, retries = 0): Scenario {
  const places = Array.from({ length: count }, (_, r) => region(`r${r}`, "US"));
  const rttMs = places.flatMap((_, s) => places.map((__, r) => (s === r ? 0 : 2)));
  return buildScenario({
    durationS: 60,
    regions: places,
    endpoints: places.map((_, r) => endpoint(`e${r}`, r, server(fixed(SECOND), SERVERS))),
    sites: places.map((_, r) => site(`s${r}`, "US", rho * SERVERS)),
    accessRttMs: rttMs,
    backboneRttMs: rttMs,
    client: { caller: retrying(retries) },
    deployment: {
      entry: {
        kind: "geo-dns",
        ttlUs: 30 * SECOND,
        tailShare: 0,
        tailFactor: 1,
        resolversPerSite: 4,
        check: check(10, 4, 2, 2),
        checkers: 1,
        quorum: 0,
      },
      routing: {
        strategy: "least-loaded",
        health: check(10, 3, 3, 3),
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
  });
}

/** The last region's row, with the first `lost` gone. */
function rowOf(scenario: Scenario, lost: number): HeadroomRow {
  const regions = Array.from({ length: lost }, (_, r) => `r${r}`);
  const losses: readonly Loss[] = [{ id: "lost", regions }];
  return headroomTable({ scenario, losses }).at(-1)!;
}

function staticCase({ parameters, expected }: OverloadCheck): void {
  const { regions, lost } = parameters as Readonly<Record<"regions" | "lost", number>>;
  const ratio = staticStability(regions, lost);
  expect(ratio.totalCapacityOverPeak).toBeCloseTo(expected.totalCapacityOverPeak!, 6);
  expect(ratio.maxSteadyUtilisation).toBeCloseTo(expected.maxSteadyUtilization!, 6);
  expect(ratio.overprovisionPercent).toBeCloseTo(expected.overprovisionPct!, 4);
  const limit = ratio.maxSteadyUtilisation;
  const above = rowOf(equalRegions(regions, limit + 0.01), lost);
  expect(above.shortfallUnits).toBeGreaterThan(0);
  // What is asked altogether over those that are left, within one percent: calls come whole.
  const left = SERVERS / limit;
  const needed = left * (limit + 0.01) - SERVERS;
  expect(Math.abs(above.shortfallUnits - needed)).toBeLessThanOrEqual(Math.ceil(0.01 * SERVERS));
  const worst = lost === 1 ? above.withoutOne! : above.withoutTwo!;
  expect(Math.abs(worst.utilisation - (limit + 0.01) / limit)).toBeLessThan(0.01);
  if (lost === 1) expect(above.naiveLimit).toBeCloseTo(expected.maxSteadyUtilization!, 6);
}

withOverloadChecks((checks) => {
  describe("headroom that is published", () => {
    it("R-SRE-N2: six clusters, two thirds busy, nearly full without two", () => {
      const { parameters, expected } = checkCalled(checks, "R-SRE-N2");
      const plan = clustersNeeded(parameters.peak!, parameters.perCluster!, parameters.spare!);
      expect(plan.clusters).toBe(expected.clusters);
      expect(plan.steadyUtilisation).toBeCloseTo(expected.steadyUtilization!, 6);
      expect(plan.utilisationAfterLoss).toBeCloseTo(expected.utilizationAfter2Lost!, 12);
    });

    it.each(checks.filter(({ id }) => id.startsWith("H-STATIC-")))(
      "$id: the ratio, and a table that lacks what one percent above it takes",
      staticCase,
    );

    it.each([
      [3, 1],
      [6, 2],
    ])("one percent below the ratio of %i regions less %i the table lacks nothing", (regions, lost) => {
      const { maxSteadyUtilisation } = staticStability(regions, lost);
      expect(rowOf(equalRegions(regions, maxSteadyUtilisation - 0.01), lost).shortfallUnits).toBe(0);
    });

    it("H-RETRY-AWARE: what the naive limit lets pass the retry-safe one does not, until a third", () => {
      const { parameters, expected } = checkCalled(checks, "H-RETRY-AWARE");
      const { regions, rho, retries } = parameters as Readonly<Record<"regions" | "rho" | "retries", number>>;
      const row = rowOf(equalRegions(regions, rho, retries), 1);
      expect(row.naiveLimit).toBe(expected.naiveMaxUtil);
      expect(row.retrySafeLimit).toBeCloseTo(1 / 3, 12);
      expect(row.normal.utilisation).toBeLessThan(row.naiveLimit);
      expect(row.normal.utilisation).toBeGreaterThan(row.retrySafeLimit);
      expect(row.shortfallUnits).toBe(0);
      expect(row.retrySafeUnits).toBeGreaterThan(0);
      // Three tries of what four regions are asked, on three: all fit at a quarter.
      expect(rowOf(equalRegions(regions, 0.26, retries), 1).retrySafeUnits).toBeGreaterThan(0);
      expect(rowOf(equalRegions(regions, 0.24, retries), 1).retrySafeUnits).toBe(0);
    });
  });
});

describe("the planner", () => {
  it("gives a lone region no size that survives its loss", () => {
    expect(staticStability(1, 1)).toEqual({
      totalCapacityOverPeak: Number.POSITIVE_INFINITY,
      maxSteadyUtilisation: 0,
      overprovisionPercent: Number.POSITIVE_INFINITY,
    });
  });

  it("builds only spare clusters where nothing is asked", () => {
    expect(clustersNeeded(0, 5, 2)).toEqual({
      clusters: 2,
      steadyUtilisation: 0,
      utilisationAfterLoss: 0,
    });
  });

  it("never needs more clusters for a smaller peak", () => {
    let before = 0;
    for (let peak = 0; peak <= 40; peak++) {
      const { clusters, utilisationAfterLoss } = clustersNeeded(peak, 7, 1);
      expect(clusters).toBeGreaterThanOrEqual(before);
      expect(utilisationAfterLoss).toBeLessThanOrEqual(1);
      before = clusters;
    }
  });
});
