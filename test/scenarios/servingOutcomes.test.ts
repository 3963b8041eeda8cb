/** What the scenarios about serving and overload claim in their comments, held to their results. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../src/result/index.js";
import { goldenResult, loadShipped, runShipped, sumOf } from "./shipped.js";

const refusedIn = (result: Result, phase: string): number =>
  sumOf(result.refusedBy.phase[phase]! as Record<string, number>);
const p95 = (result: Result, phase: string): number => result.latency.ttftMs.by.phase[phase]!.p95;

describe("a retry storm", () => {
  let storm: Result;
  let budget: Result;
  beforeAll(() => {
    storm = goldenResult("retry-storm");
    budget = goldenResult("retry-storm-budget");
  });

  it("outlives a fault of ten seconds: the load doubles and nobody is answered in time", () => {
    const [fault] = storm.faults;
    expect(fault!.endS - fault!.startS).toBe(10);
    expect(fault!.restoredS).toBeNull();
    expect(storm.cascade.metastable).toBe(true);
    const { startS, attempts, byOrigin } = storm.series;
    const late = startS.flatMap((s, i) => (s >= 180 && s < 350 ? [i] : []));
    const mean = (column: readonly number[]): number =>
      late.reduce((sum, i) => sum + column[i]!, 0) / (late.length * storm.series.windowS);
    expect(mean(attempts)).toBeGreaterThan(0.98 * 500);
    expect(mean(attempts)).toBeLessThan(1.02 * 500);
    expect(mean(byOrigin.US!.served)).toBe(0);
  });

  it("with a budget differs in the budget alone, and is over within a minute of the fault", () => {
    const [a, b] = [loadShipped("retry-storm"), loadShipped("retry-storm-budget")];
    expect(b.deployment).toEqual(a.deployment);
    expect(b.faults).toEqual(a.faults);
    const { caller, ...rest } = b.workload.client;
    const { caller: plain, ...same } = a.workload.client;
    expect(rest).toEqual(same);
    expect({ ...caller.retry, budget: plain.retry.budget }).toEqual(plain.retry);
    expect(budget.cascade.metastable).toBe(false);
    expect(budget.faults[0]!.restoredS! - budget.faults[0]!.endS).toBeLessThan(60);
  });
});

describe("a quota for each of two regions", () => {
  let result: Result;
  beforeAll(() => {
    result = goldenResult("quota-cliff");
  });

  it("is what the survivor runs out of, not places", () => {
    const during = result.refusedBy.phase.during!;
    const stockholm = result.regions.find((region) => region.id === "stockholm")!;
    expect(during.rate_limit_tpm!).toBeGreaterThan(0.65 * refusedIn(result, "during"));
    expect(stockholm.peakUtilisation).toBeLessThan(0.5);
    expect(stockholm.limitsHit.rate_limit_tpm!).toBeGreaterThan(0);
  });

  it("would carry everybody with half as much again", () => {
    const more = runShipped("quota-cliff", [
      "deployment.endpoints.frankfurt-model.limits.tokensPerMin=6000000",
      "deployment.endpoints.stockholm-model.limits.tokensPerMin=6000000",
    ]);
    expect(more.refusedBy.phase.during!.rate_limit_tpm ?? 0).toBe(0);
  });
});

describe("a survivor with a cold cache", () => {
  let result: Result;
  beforeAll(() => {
    result = goldenResult("survivor-cold-cache");
  });

  it("computes histories again that the dead region remembered, and again when they go home", () => {
    for (const { endpoint, failoverTokens } of result.replicas)
      expect(failoverTokens, endpoint).toBeGreaterThan(100_000);
  });

  it("keeps users waiting longer than warm caches do, during the outage and after it", () => {
    expect(p95(result, "during")).toBeGreaterThan(2 * p95(result, "before"));
    expect(p95(result, "after")).toBeGreaterThan(p95(result, "during"));
  });
});

describe("GPUs in three regions", () => {
  it("carry two regions' worth of users on six replicas each, and not on four", () => {
    const six = goldenResult("gpu-headroom");
    expect(six.cascade.edges).toEqual([]);
    const four = runShipped("gpu-headroom", ["deployment.endpoints.virginia-gpus.serving.replicas=4"]);
    expect(refusedIn(four, "during")).toBeGreaterThan(3 * refusedIn(six, "during"));
  });
});

describe("a standby that has to wake up", () => {
  it("gets no replica while the control plane is down", () => {
    const result = goldenResult("standby-cold-start");
    const asleep = runShipped("standby-cold-start", ["faults.1.for=20m"]);
    expect(refusedIn(asleep, "during")).toBeGreaterThan(2 * refusedIn(result, "during"));
    const dublin = (of: Result) => of.replicas.find(({ endpoint }) => endpoint === "dublin-gpus")!;
    expect(dublin(result).peakReplicas).toBeGreaterThanOrEqual(6);
    // Those it has at the end were asked for when the control plane was back.
    expect(dublin(asleep).peakReplicas).toBeLessThan(dublin(result).peakReplicas);
  });
});
