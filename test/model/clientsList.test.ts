/** Programs that know the gateways themselves: where a try goes after one that failed. */
import { describe, expect, it } from "vitest";
import type { ResidencyRule } from "../../src/policy/index.js";
import { loadScenario } from "../../src/scenario/index.js";
import type { Fault, Scenario } from "../../src/scenario/scenario.js";
import { fixed, region, retrying } from "./buildScenario.js";
import { down, failing, MS, type NearAndFarParts, nearAndFar } from "./clientsScenario.js";
import { type Ending, endOf } from "./lawsScenario.js";
import { total } from "./upstreamScenario.js";

const ONE = { serviceMs: [100, 100, 100], failover: true, client: { timeout: fixed(1000 * MS) }, atS: [1] };

function end(over: Partial<NearAndFarParts>): Ending {
  return endOf(nearAndFar({ ...ONE, ...over }), 120);
}

/** Tries that set out for each region. */
const sentTo = ({ recording }: Ending): readonly number[] =>
  recording.sentToRegion.map((column) => total(column));

describe("a program with a list of gateways", () => {
  it("is what a file asks for with failover, which is off where nothing is said", () => {
    const text = (entry: string): string => `schema: regionsim/1
name: list
duration: 1m
deployment:
  regions: { eu: { at: "aws:eu-central-1" } }
  entry: ${entry}
  endpoints: { m: { region: eu, model: a, serving: { kind: server, service: 1s } } }
workload: { sites: [{ from: DE, rate: 2rps }] }
`;
    const entryOf = (entry: string): unknown => {
      const loaded = loadScenario({ file: "s.yaml", text: text(entry), read: () => "" });
      return loaded.ok ? loaded.scenario.deployment.entry : loaded.issues.map(({ path }) => path);
    };
    expect(entryOf("{ kind: direct }")).toEqual({ kind: "direct", failover: false });
    expect(entryOf("{ kind: direct, failover: true }")).toEqual({ kind: "direct", failover: true });
    expect(entryOf("{ kind: direct, failover: 3 }")).toEqual(["deployment.entry.failover"]);
    expect(entryOf("{ kind: anycast, failover: true }")).toEqual(["deployment.entry.failover"]);
  });

  it.each(["refuse", "black-hole"] as const)(
    "goes on to the next nearest after one that is down: %s",
    (manner) => {
      const both = end({ caller: retrying(2), faults: [down(0, manner), down(1, manner)] });
      expect(sentTo(both)).toEqual([1, 1, 1]);
      expect(both.served).toBe(1);
    },
  );

  it("stays where it is without failover, and after answers that speak of load or limits", () => {
    const stays = (over: Partial<NearAndFarParts>): void =>
      expect(sentTo(end({ ...over }))).toEqual([3, 0, 0]);
    stays({ caller: retrying(2), faults: [down(0, "refuse")], failover: false });
    stays({ caller: retrying(2), faults: [failing(0)] });
  });

  it("goes on after its patience has run out while the gateway was at work", () => {
    const slow = end({ serviceMs: [5000, 100, 100], caller: retrying(1) });
    expect(sentTo(slow)).toEqual([1, 1, 0]);
    expect(slow.served).toBe(1);
  });

  it("goes round, and begins at the nearest for every request", () => {
    const faults = [down(0, "refuse"), down(1, "refuse"), down(2, "refuse")];
    const refused = end({ caller: retrying(4), faults, atS: [1, 5] });
    expect(sentTo(refused)).toEqual([4, 4, 2]);
    expect(refused.refused).toEqual({ connection_refused: 2 });
  });

  it("never goes on to a gateway that the rules forbid", () => {
    const rule: ResidencyRule = { id: "stays", when: {}, require: { processing: ["US"] }, onEmpty: "refuse" };
    const scenario = nearAndFar({
      ...ONE,
      caller: { ...retrying(5), hedge: { afterMs: 10, extraCalls: 2, ratio: Number.POSITIVE_INFINITY } },
      faults: [down(0, "black-hole"), down(2, "black-hole")],
      deployment: { residency: [rule] },
    });
    const { deployment } = scenario;
    const regions = ["US", "DE", "US"].map((country, r) => region(`r${r}`, country));
    const lawful: Scenario = {
      ...scenario,
      deployment: { ...deployment, entry: { kind: "direct", failover: true }, regions },
    };
    const kept = endOf(lawful, 120);
    expect(sentTo(kept)[1]).toBe(0);
    expect(sentTo(kept)[0]! + sentTo(kept)[2]!).toBeGreaterThanOrEqual(6);
    expect(kept.served).toBe(0);
  });

  it("passes over gateways that its guards keep it from, without a try for each", () => {
    const breaker = { kind: "consecutive", failures: 1, openMs: 60_000, halfOpenCalls: 1 } as const;
    const caller = { ...retrying(2), breaker };
    const faults: Fault[] = [down(0, "refuse"), down(1, "refuse")];
    const learnt = end({ caller, faults, atS: [1, 5, 6] });
    // The first request finds out; those after it go straight to the third.
    expect(sentTo(learnt)).toEqual([1, 1, 3]);
    expect(learnt.served).toBe(3);
    const alone = end({ caller: { ...retrying(0), breaker }, failover: false, faults, atS: [1, 5, 6] });
    expect(sentTo(alone)).toEqual([1, 0, 0]);
    expect(alone.refused).toEqual({ connection_refused: 1, circuit_open: 2 });
  });

  it("spreads what is under way where each gateway may have so much of it", () => {
    const limit = { kind: "fixed", limit: 1 } as const;
    const atS = [1, 1.01, 1.02, 1.03];
    const spread = end({ serviceMs: [500, 500, 500], caller: { ...retrying(0), limit }, atS });
    expect(sentTo(spread)).toEqual([1, 1, 1]);
    expect(spread.refused).toEqual({ concurrency_full: 1 });
  });
});
