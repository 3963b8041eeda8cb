/** Endpoints that overload brings down, and what follows from it. */
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import { World } from "../../src/model/index.js";
import type { Crash, Endpoint, Fault, Scenario, Serving } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  exponential,
  fixed,
  retrying,
  SECOND,
  server,
  site,
} from "./buildScenario.js";
import { asking, during, endOf } from "./lawsScenario.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";

const CRASH: Crash = { atCalls: 3, afterUs: SECOND, restartUs: 5 * SECOND };
/** One at a time, for so many seconds. */
const slow = (seconds: number, places = 10): Serving => server(fixed(seconds * SECOND), 1, places);

function one(serving: Serving, over: Partial<Endpoint> = {}, faults: readonly Fault[] = []): Scenario {
  return buildScenario({
    durationS: 30,
    endpoints: [endpoint("e", 0, serving, { crash: CRASH, ...over })],
    sites: [site("s", "US", 0)],
    faults,
  });
}

const at = (...seconds: readonly number[]): { atS: number }[] => seconds.map((atS) => ({ atS }));
const down = (startS: number, endS: number): object => ({
  endpoint: 0,
  startUs: startS * SECOND,
  endUs: endS * SECOND,
});

describe("an endpoint that can crash", () => {
  it("does so when its calls have been too many for as long as it stands, and fails all it holds", () => {
    const { recording, refused, served, held } = endOf(asking(one(slow(100)), at(1, 1.5, 2)));
    expect(recording.crashes).toEqual([down(3, 8)]);
    expect({ refused, served }).toEqual({ refused: { connection_refused: 3 }, served: 0 });
    expect([held.busy, held.waiting]).toEqual([[0], [0]]);
  });

  it("refuses what comes until it has restarted, and serves again from that instant", () => {
    const { recording, refused, served } = endOf(asking(one(slow(4)), at(1, 1, 1, 2.5, 6.999999, 7)));
    expect(recording.crashes).toEqual([down(2, 7)]);
    expect({ refused, served }).toEqual({ refused: { connection_refused: 5 }, served: 1 });
  });

  it("begins to count anew when it has been below its limit in between", () => {
    // Three calls from 1.5 to 2, and from 2.4 on; a second without a break has passed at 3.4.
    const calls = at(1, 1.5, 1.5, 2.4);
    expect(endOf(asking(one(slow(1)), calls)).recording.crashes).toEqual([]);
    const slower = { ...one(server(fixed(SECOND), 1, 10)), durationUs: 30 * SECOND };
    expect(endOf(asking(slower, [...calls, ...at(2.4, 2.45)])).recording.crashes).toEqual([down(3.4, 8.4)]);
  });

  it("survives when a call ends in the very instant in which its time would be up", () => {
    expect(endOf(asking(one(slow(1)), at(1, 1, 1))).recording.crashes).toEqual([]);
    expect(endOf(asking(one(slow(1.000001)), at(1, 1, 1))).recording.crashes).toHaveLength(1);
  });

  it("counts calls that share it, and calls that others have interrupted", () => {
    for (const discipline of ["processor-sharing", "preemptive-priority"] as const) {
      const serving = server(fixed(100 * SECOND), 1, 10, discipline);
      expect(endOf(asking(one(serving), at(1, 1, 1))).recording.crashes, discipline).toEqual([down(2, 7)]);
    }
  });

  it("gives its place back to those who were cancelled in time", () => {
    const scenario = one(slow(100), { abandoned: "cancel" });
    const { client } = scenario.workload;
    const impatient = (seconds: number): Scenario => ({
      ...scenario,
      workload: { ...scenario.workload, client: { ...client, timeout: fixed(seconds * SECOND) } },
    });
    expect(endOf(asking(impatient(0.9), at(1, 1, 1))).recording.crashes).toEqual([]);
    expect(endOf(asking(impatient(1.1), at(1, 1, 1))).recording.crashes).toHaveLength(1);
  });

  it("stays down while a fault keeps it down, and while it restarts when the fault is over", () => {
    const outage = (fromS: number, toS: number): Fault =>
      during(fromS, toS, { kind: "endpoint-down", target: { kind: "endpoint", index: 0 }, manner: "refuse" });
    const servedAt = (faults: readonly Fault[]): number[] =>
      [6.5, 7.5, 9.5].map((atS) => endOf(asking(one(slow(0.9), {}, faults), at(1, 1, 1, 1, 1, atS))).served);
    // Without a fault one of the five is served before the crash at 2, and it is back at 7.
    expect(servedAt([])).toEqual([1, 2, 2]);
    expect(servedAt([outage(4, 6)])).toEqual([1, 2, 2]);
    expect(servedAt([outage(4, 9)])).toEqual([1, 1, 2]);
  });

  it("is seen by probes as any other outage", () => {
    const scenario = one(slow(100));
    const probed = {
      ...scenario,
      deployment: {
        ...scenario.deployment,
        routing: { ...scenario.deployment.routing, health: check(0.5, 0.4, 1, 1) },
      },
    };
    const { recording } = endOf(asking(probed, at(1, 1, 1)));
    expect(recording.beliefs.map(({ up }) => up)).toEqual([false, true]);
    const [lost, back] = recording.beliefs.map(({ timeUs }) => timeUs / SECOND);
    expect(lost! - 2).toBeLessThanOrEqual(0.5);
    expect(back! - 7).toBeLessThanOrEqual(0.5);
  });

  it("can do nothing while it is down, as its capacity says", () => {
    const { recording } = endOf(asking(one(slow(100)), at(1, 1, 1)));
    expect(recording.capacities.map(({ timeUs, perS }) => [timeUs / SECOND, perS[0]! > 0])).toEqual([
      [0, true],
      [2, false],
      [7, true],
    ]);
  });

  it("ends its crash with the run, when it is still down then", () => {
    const { recording } = endOf(asking(one(slow(100)), at(27, 27, 27)));
    expect(recording.crashes).toEqual([down(28, 30)]);
  });
});

/** Ten machines of 110 calls a second; each lasts a fifth of a second with sixty calls or more and restarts in ten. */
function fleet(demand: readonly (readonly [atS: number, perS: number])[], durationS: number): Scenario {
  const users = {
    ...site("users", "US", 0),
    startsUs: Float64Array.from(demand, ([atS]) => atS * SECOND),
    perSecond: Float64Array.from(demand, ([, perS]) => perS),
  };
  const crash = { atCalls: 60, afterUs: 0.2 * SECOND, restartUs: 10 * SECOND };
  const scenario = buildScenario({
    seed: "crash-loop",
    durationS,
    endpoints: Array.from({ length: 10 }, (_, e) =>
      endpoint(`e${e}`, 0, server(exponential(0.1 * SECOND), 11, 1000), { crash }),
    ),
    sites: [users],
  });
  const { deployment } = scenario;
  const health = check(0.5, 0.4, 1, 1);
  return {
    ...scenario,
    deployment: {
      ...deployment,
      routing: { ...deployment.routing, strategy: "power-of-two", health },
      caller: retrying(2),
    },
  };
}

/** Share served of what was asked in a span, and crashes in it. */
function span(scenario: Scenario, fromS: number, toS: number): { share: number; crashes: number } {
  const { recording } = endOf(scenario);
  const sum = (columns: readonly Int32Array[]): number =>
    columns.reduce((all, column) => column.slice(fromS, toS).reduce((s, n) => s + n, all), 0);
  return {
    share: sum(recording.servedByOrigin) / sum(recording.offeredByOrigin),
    crashes: recording.crashes.filter(({ startUs }) => startUs >= fromS * SECOND && startUs < toS * SECOND)
      .length,
  };
}

describe("the crash loop of the SRE book, at a tenth of its scale", () => {
  it("does not begin at 1,000 calls a second", () => {
    expect(span(fleet([[0, 1000]], 120), 0, 120)).toEqual({ share: expect.closeTo(1, 2), crashes: 0 });
  });

  it("begins above 1,100, and does not stop when demand falls to 900, which was no trouble before", () => {
    const scenario = fleet(
      [
        [0, 900],
        [30, 1200],
        [60, 900],
      ],
      240,
    );
    expect(span(scenario, 0, 30)).toEqual({ share: expect.closeTo(1, 2), crashes: 0 });
    const { share, crashes } = span(scenario, 120, 240);
    expect(share).toBeLessThan(0.5);
    expect(crashes).toBeGreaterThan(20);
  });

  it("stops when demand falls to what the few that are up can carry", () => {
    const scenario = fleet(
      [
        [0, 900],
        [30, 1200],
        [60, 90],
      ],
      180,
    );
    const { share, crashes } = span(scenario, 120, 180);
    expect({ share, crashes }).toEqual({ share: expect.closeTo(1, 2), crashes: 0 });
  });
});

withOverloadChecks((checks) => {
  const { parameters } = checkCalled(checks, "H-CASCADE-DOM");
  const regions = parameters.N!;
  const PER_S = 100;

  /** Equal regions under calls that come evenly; the first is lost for good at 10 s. One call more than fits for a second is too many. */
  function equal(share: number): Scenario {
    const perS = regions * PER_S * share;
    const durationS = 60;
    const scenario = buildScenario({
      durationS,
      endpoints: Array.from({ length: regions }, (_, e) =>
        endpoint(`e${e}`, 0, server(fixed(SECOND), PER_S * parameters.crashAt!, 1000), {
          crash: { atCalls: PER_S * parameters.crashAt! + 1, afterUs: SECOND, restartUs: 3600 * SECOND },
        }),
      ),
      sites: [site("s", "US", 0)],
      faults: [
        during(10, durationS, {
          kind: "endpoint-down",
          target: { kind: "endpoint", index: 0 },
          manner: "refuse",
        }),
      ],
    });
    const { deployment } = scenario;
    const routed = {
      ...scenario,
      deployment: {
        ...deployment,
        routing: { ...deployment.routing, strategy: "least-loaded" as const, health: check(0.1, 0.05, 1, 1) },
        caller: retrying(regions - 1),
      },
    };
    const calls = Array.from({ length: Math.floor(perS * (durationS - 1)) }, (_, n) => ({ atS: n / perS }));
    return asking(routed, calls);
  }

  describe("H-CASCADE-DOM: one of four equal regions is lost", () => {
    it.each([0.5, 0.7, 0.74, 0.75])("at %s of their capacity the others carry its load", (share) => {
      expect(endOf(equal(share)).recording.crashes).toEqual([]);
    });

    it.each([0.76, 0.8, 0.95])("at %s of their capacity all the others fall", (share) => {
      const { recording } = endOf(equal(share));
      expect(recording.crashes.map(({ endpoint }) => endpoint).sort()).toEqual([1, 2, 3]);
      const times = recording.crashes.map(({ startUs }) => startUs);
      // In one further step: the last falls within the time it takes to pile up one call too many and to last a second.
      expect(Math.max(...times) - Math.min(...times)).toBeLessThan(3 * SECOND);
    });
  });
});

describe("a run with crashes", () => {
  it("says the same bytes twice and holds nothing that is gone", () => {
    const scenario = fleet(
      [
        [0, 1200],
        [20, 0],
      ],
      40,
    );
    expect(JSON.stringify(runScenario(scenario))).toBe(JSON.stringify(runScenario(scenario)));
    const world = new World(scenario);
    world.runUntil(60 * SECOND);
    expect(world.held.busy).toEqual(world.held.busy.map(() => 0));
    expect(world.held.believed).toEqual([0]);
  });
});
