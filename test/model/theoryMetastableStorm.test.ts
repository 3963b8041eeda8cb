/** DesCartes' storm at one random server: how often it stays, by what else is done. Shares of runs, with their intervals. */
import { describe, expect, it } from "vitest";
import { runScenario } from "./theoryEngine.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";
import { lateShare, type StormParts, storm, surge } from "./theoryStorm.js";

const TOLERANCE = 0.08;

/** Wilson's interval of a share of runs, 95 % two-sided. */
function wilson(hits: number, runs: number): readonly [low: number, high: number] {
  const z = 1.96;
  const share = hits / runs;
  const middle = (share + (z * z) / (2 * runs)) / (1 + (z * z) / runs);
  const half =
    (z / (1 + (z * z) / runs)) * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs));
  return [middle - half, middle + half];
}

withOverloadChecks((checks) => {
  const { parameters, expected } = checkCalled(checks, "M-MM1-STORM");
  const [spikeFromS, spikeToS, spikePerS] = parameters.spike as unknown as readonly [number, number, number];
  const published = expected.pMetastable as unknown as Readonly<Record<string, number>>;
  const base: StormParts = {
    perSecond: parameters.lambda!,
    capacityPerS: parameters.mu!,
    patienceS: parameters.timeoutS!,
    retries: parameters.retries!,
    // The published hundred counts the one in service.
    places: parameters.qcap! - 1,
    lengthS: parameters.horizonS!,
    random: true,
    faults: [surge(spikeFromS, spikeToS - spikeFromS, spikePerS / parameters.lambda!)],
  };
  const slower = (perSecond: number): Partial<StormParts> => ({
    perSecond,
    faults: [surge(spikeFromS, spikeToS - spikeFromS, spikePerS / perSecond)],
  });

  /** What is changed, and how many runs tell the share to the published tolerance. */
  const cases: Readonly<Record<string, readonly [Partial<StormParts>, runs: number]>> = {
    base: [{}, 60],
    noSpike: [{ faults: [] }, 150],
    noRetries: [{ retries: 0 }, 80],
    qcap30: [{ places: 29 }, 60],
    lifo: [{ discipline: "lifo" }, 60],
    lambda4: [slower(4), 60],
    "lambda2.4": [slower(2.4), 100],
  };

  describe("M-MM1-STORM", () => {
    it("has no case without a run", () => {
      expect(Object.keys(cases)).toEqual(Object.keys(published));
    });

    it.each(Object.keys(published))("%s: stays as often as published, within 0.08", (name) => {
      const [over, runs] = cases[name]!;
      const scenario = storm({ ...base, ...over });
      let hits = 0;
      for (let replication = 0; replication < runs; replication++)
        if (lateShare(runScenario(scenario, { replication }), 20) < 0.5) hits += 1;
      const [low, high] = wilson(hits, runs);
      const words = `${hits} of ${runs}, published ${published[name]}`;
      expect((high - low) / 2, words).toBeLessThan(TOLERANCE);
      expect(Math.abs(hits / runs - published[name]!), words).toBeLessThanOrEqual(TOLERANCE);
    });
  });
});
