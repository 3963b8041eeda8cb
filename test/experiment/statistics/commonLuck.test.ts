/** Common random numbers at work: S-CRN and S-STREAMS, on the engine as it ships. */
import { describe, expect, it } from "vitest";
import { simulateScenario } from "../../../src/experiment/run.js";
import type { Scenario } from "../../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  exponential,
  fixed,
  region,
  requestClass,
  server,
  site,
} from "../../model/buildScenario.js";
import { runScenario } from "../../model/theoryEngine.js";
import { LAWS, queueScenario, wait } from "../../model/theoryQueue.js";
import { statistics } from "./bundled.js";
import { called, withChecks } from "./reference.js";

const { pairedDifference } = statistics;

function waits(rate: number, serviceRate: number, customers: number, replications: number): number[] {
  const scenario = queueScenario({
    arrivalRate: rate,
    service: LAWS.exponential!(1 / serviceRate),
    servers: 1,
    customers,
  });
  return Array.from({ length: replications }, (_, replication) =>
    wait(runScenario(scenario, { replication })),
  );
}

/** Arrivals of each site in each second: what a site's users do, and nothing of what becomes of them. */
function arrivals(scenario: Scenario): ReadonlyMap<string, readonly number[]> {
  const { recording } = simulateScenario(scenario);
  return new Map(
    recording.labels.origins.map((origin, o) => [origin, [...recording.offeredByOrigin[o]!]] as const),
  );
}

const REGIONS = [region("a", "DE"), region("b", "US")];
const SITES = [site("de", "DE", 40, "EU"), site("us", "US", 30)];

function world(over: Partial<Parameters<typeof buildScenario>[0]> = {}): Scenario {
  const regions = over.regions ?? REGIONS;
  return buildScenario({
    durationS: 120,
    regions,
    endpoints: regions.map(({ id }, r) => endpoint(`e-${id}`, r, server(fixed(10_000), 50))),
    sites: SITES,
    ...over,
  });
}

describe("common luck", () => {
  withChecks("statistics", (checks) => {
    it("S-CRN: makes the difference of two queues vary at least five times less than own luck each", () => {
      const { given, expected } = called<{ n: number }, { trueDiff: number }>(checks, "S-CRN");
      const slow = waits(0.8, 1, given.n, 100);
      const fast = waits(0.8, 1.05, given.n, 100);
      const common = pairedDifference(fast, slow);
      // The same runs with neighbours for partners: nothing in common.
      const apart = pairedDifference(fast, [...slow.slice(1), slow[0]!]);
      const spread = ({ interval }: typeof common): number => interval!.high - interval!.low;
      const ratio = (spread(apart) / spread(common)) ** 2;
      // Of 100 replications, not of 300, for the time it takes: with 300 it came to 9.9, and 10.3 is published.
      expect(ratio).toBeGreaterThan(5);
      expect(common.varianceRatio!).toBeGreaterThan(5);
      expect(ratio / common.varianceRatio!).toBeGreaterThan(0.75);
      expect(ratio / common.varianceRatio!).toBeLessThan(1.33);
      expect(spread(common)).toBeLessThan(0.15 * expected.trueDiff);
      expect(Math.abs(common.difference - expected.trueDiff)).toBeLessThan(spread(common));
    });

    it("S-STREAMS: who asks when is the same to the last request, whatever is added beside it", () => {
      called(checks, "S-STREAMS");
      const base = arrivals(world());
      const more = {
        // Service times that are drawn, in one region.
        "a draw": world({
          endpoints: [
            endpoint("e-a", 0, server(fixed(10_000), 50)),
            endpoint("e-b", 1, server(exponential(10_000), 50)),
          ],
        }),
        "a region": world({ regions: [...REGIONS, region("c", "JP")] }),
        "a site": world({ sites: [...SITES, site("jp", "JP", 25, "JP")] }),
        "a site before all": world({ sites: [site("jp", "JP", 25, "JP"), ...SITES] }),
        "a class": world({ classes: [requestClass("short"), requestClass("long", { share: 2 })] }),
      };
      expect([...base.values()].flat().reduce((sum, n) => sum + n, 0)).toBeGreaterThan(7000);
      for (const [what, scenario] of Object.entries(more)) {
        const found = arrivals(scenario);
        for (const [origin, counts] of base)
          expect(found.get(origin), `${origin} beside ${what}`).toEqual(counts);
      }
    });
  });
});
