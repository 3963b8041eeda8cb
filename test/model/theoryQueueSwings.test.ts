/** Demand that swings over the day, and where time in a system goes. */
import { describe, expect, it } from "vitest";
import type { Result } from "../../src/result/index.js";
import type { Distribution, Scenario, Serving } from "../../src/scenario/scenario.js";
import { exponential, fixed, SECOND } from "./buildScenario.js";
import { busyS, endOf, latencies } from "./lawsScenario.js";
import { expectTruth, replicate } from "./theoryInterval.js";
import { LAWS, queueScenario } from "./theoryQueue.js";
import { checkCalled, type OverloadCheck, withOverloadChecks } from "./theoryReference.js";

/** Hours of the case are seconds here. Days, of which the first fill the system; whole numbers of any window in each. */
const PERIODS = 45;
const FILLING = 5;
/** More than it can fill. */
const SERVERS = 1000;
const STEPS_PER_PERIOD = 96;

/** Demand λ(1 + r sin 2πt/P) in steps of a quarter of an hour, on more servers than it can fill. */
function swinging(parameters: OverloadCheck["parameters"], law: string): Scenario {
  const { lambdaBar, relAmplitude, periodH, meanServiceH } = parameters;
  const scenario = queueScenario({
    arrivalRate: 1,
    service: fixed(meanServiceH! * SECOND),
    servers: SERVERS,
    customers: 1,
  });
  const starts = Array.from(
    { length: PERIODS * STEPS_PER_PERIOD },
    (_, i) => (i * periodH!) / STEPS_PER_PERIOD,
  );
  const middle = periodH! / STEPS_PER_PERIOD / 2;
  const [endpoint] = scenario.deployment.endpoints;
  const service: Distribution =
    law === "exponential" ? exponential(meanServiceH! * SECOND) : fixed(meanServiceH! * SECOND);
  return {
    ...scenario,
    durationUs: PERIODS * periodH! * SECOND,
    warmupUs: 0,
    deployment: {
      ...scenario.deployment,
      endpoints: [
        {
          ...endpoint!,
          serving: { ...(endpoint!.serving as Extract<Serving, { kind: "server" }>), service },
        },
      ],
    },
    workload: {
      ...scenario.workload,
      sites: scenario.workload.sites.map((site) => ({
        ...site,
        startsUs: Float64Array.from(starts, (at) => at * SECOND),
        perSecond: Float64Array.from(
          starts,
          (at) => lambdaBar! * (1 + relAmplitude! * Math.sin((2 * Math.PI * (at + middle)) / periodH!)),
        ),
      })),
    },
  };
}

/** Mean, amplitude and lag of the first harmonic of the number in system, the first days left out. */
function harmonic({
  periodH,
}: OverloadCheck["parameters"]): (
  result: Result,
) => Readonly<Record<"mean" | "amplitude" | "lagHours", number>> {
  return ({ series }) => {
    const { windowS, startS, byRegion } = series;
    const turn = (2 * Math.PI) / periodH!;
    const fromS = FILLING * periodH!;
    let [count, sum, sine, cosine] = [0, 0, 0, 0];
    byRegion.r!.utilisation.forEach((share, i) => {
      const at = startS[i]! + windowS / 2;
      if (startS[i]! < fromS || startS[i]! >= PERIODS * periodH!) return;
      count += 1;
      sum += SERVERS * share;
      sine += 2 * SERVERS * share * Math.sin(turn * at);
      cosine += 2 * SERVERS * share * Math.cos(turn * at);
    });
    // A mean over a window is lower at the crest than the crest, by a known factor.
    const flattened = Math.sin((turn * windowS) / 2) / ((turn * windowS) / 2);
    return {
      mean: sum / count,
      amplitude: Math.sqrt(sine * sine + cosine * cosine) / count / flattened,
      lagHours: Math.atan2(-cosine, sine) / turn,
    };
  };
}

withOverloadChecks((checks) => {
  describe("demand that swings", () => {
    const { parameters, expected } = checkCalled(checks, "Q-MTMINF");
    it.each([
      ["exponential", "amplitudeExpService", "lagHoursExpService"],
      ["deterministic", "amplitudeDetService", "lagHoursDetService"],
    ] as const)(
      "Q-MTMINF: a day of it fills endless servers with the lag of a %s law",
      (law, amplitude, lag) => {
        const found = replicate(() => swinging(parameters, law), harmonic(parameters));
        expectTruth("mean", found.mean, expected.meanInSystem!, 0.01);
        // Published to within 1 %.
        expectTruth("amplitude", found.amplitude, expected[amplitude]!, 0.012);
        expect(Math.abs(found.amplitude.mean / expected[amplitude]! - 1)).toBeLessThan(0.01);
        expectTruth("lag", found.lagHours, expected[lag]!, 0.04);
      },
    );
  });

  describe("Little's law", () => {
    it("Q-LITTLE: time in the system is time in line and time at work, to the last bit of a sum", () => {
      expect(checkCalled(checks, "Q-LITTLE").expected.residual).toBe(0);
      for (const discipline of ["fifo", "lifo", "priority", "preemptive-priority"] as const) {
        const scenario = queueScenario({
          arrivalRate: 1.8,
          service: LAWS.lognormal2!(1),
          servers: 2,
          discipline,
          customers: 5000,
          warmupUnits: 0,
        });
        // Nobody comes any more in the second half, so that all have gone at the end.
        const { sites } = scenario.workload;
        const half = sites.map((site) => ({
          ...site,
          startsUs: Float64Array.of(0, Math.floor(scenario.durationUs / 2)),
          perSecond: Float64Array.of(site.perSecond[0]!, 0),
        }));
        const { recording, served } = endOf({ ...scenario, workload: { ...scenario.workload, sites: half } });
        expect(served).toBeGreaterThan(2000);
        const workS = busyS(recording);
        const sojourns = latencies(recording);
        const inSystemS = (sojourns.mean * sojourns.count) / 1e6;
        const waitedS = recording.waitUs[0]! / 1e6;
        expect(Math.abs(inSystemS - waitedS - workS) / inSystemS, discipline).toBeLessThan(1e-9);
      }
    });
  });
});
