/** Common random numbers: what users ask and what luck they have does not depend on anything else. */
import { describe, expect, it } from "vitest";
import type { Recording } from "../../src/metrics/index.js";
import { Histogram } from "../../src/metrics/index.js";
import * as draws from "../../src/model/luck.js";
import type { Fault, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  exponential,
  fixed,
  region,
  requestClass,
  retrying,
  SECOND,
  site,
} from "./buildScenario.js";
import { during, endOf, latencies, region0 } from "./lawsScenario.js";

const STRATEGIES = ["nearest", "weighted", "priority", "least-loaded", "power-of-two"] as const;

function world(
  strategy: (typeof STRATEGIES)[number],
  concurrency: number,
  faults: readonly Fault[] = [],
  durationS = 300,
): Scenario {
  const serving = {
    kind: "provider",
    ttft: fixed(0),
    perTokenUs: exponential(10_000),
    concurrency,
    queueLimit: 1000,
    slowdownAtFull: 0,
  } as const;
  return buildScenario({
    durationS,
    regions: [region("a", "DE"), region("b", "US")],
    endpoints: [
      endpoint("e0", 0, serving),
      endpoint("e1", 1, serving),
      endpoint("e2", 1, serving, { tier: 1, weight: 3 }),
    ],
    sites: [site("s0", "DE", 6, "EU"), site("s1", "US", 3)],
    classes: [requestClass("short", { share: 3 }), requestClass("long", { outputTokens: exponential(40) })],
    client: { timeout: fixed(20 * SECOND), caller: retrying(2) },
    deployment: {
      routing: {
        strategy,
        health: null,
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
      caller: retrying(2),
    },
    faults,
  });
}

/** Offered by site and class, all phases together. */
function offered(recording: Recording): number[] {
  const phases = recording.labels.phases.length;
  const kinds = recording.offered.length / phases;
  return Array.from({ length: kinds }, (_, kind) =>
    recording.offered.subarray(kind * phases, (kind + 1) * phases).reduce((sum, n) => sum + n, 0),
  );
}

function readings(histogram: Histogram): readonly number[] {
  return [histogram.count, histogram.max, histogram.quantile(0.5), histogram.quantile(0.99)];
}

/** What was served in each stretch of the run from `fromS` on, with the sum of the times it took. */
function servedFrom(recording: Recording, fromS: number): number[][] {
  return recording.labels.origins.flatMap((_, origin) =>
    Array.from({ length: recording.coarseCount }, (_, c) => c)
      .filter((c) => c * recording.coarseUs >= fromS * SECOND)
      .map((c) => {
        const cell = new Histogram();
        recording.e2eOverTime.addTo(origin * recording.coarseCount + c, cell);
        return [cell.sum, ...readings(cell)];
      }),
  );
}

describe("common random numbers", () => {
  const base = endOf(world("nearest", 1e6)).recording;

  it.each(STRATEGIES)(
    "the same users ask the same under %s, and with room for all the same work is done",
    (strategy) => {
      const { recording } = endOf(world(strategy, 1e6));
      expect(offered(recording)).toEqual(offered(base));
      expect(readings(latencies(recording, 0))).toEqual(readings(latencies(base, 0)));
      expect(readings(latencies(recording, 1))).toEqual(readings(latencies(base, 1)));
    },
  );

  it("draws belong to site, request, try, hop and purpose: change any one and the number is another", () => {
    const purposes = Object.values(draws).filter((draw) => typeof draw === "number");
    expect(new Set(purposes).size).toBe(purposes.length);
    const luck = new draws.Luck(world("nearest", 1), 0);
    const seen = new Set<number>();
    for (const site of [0, 1])
      for (const request of [0, 1, 2 ** 33])
        for (const attempt of [0, 1, 255])
          for (const hop of [0, 1, 99])
            for (const purpose of purposes) seen.add(luck.draw(site, request, attempt, hop, purpose));
    expect(seen.size).toBe(2 * 3 * 3 * 3 * purposes.length);
    expect(new draws.Luck(world("weighted", 9), 0).draw(1, 2, 1, 1, draws.SERVICE)).toBe(
      luck.draw(1, 2, 1, 1, draws.SERVICE),
    );
    expect(new draws.Luck(world("nearest", 1), 1).draw(1, 2, 1, 1, draws.SERVICE)).not.toBe(
      luck.draw(1, 2, 1, 1, draws.SERVICE),
    );
  });

  it("a fault of any kind changes nothing about who asks what", () => {
    const target = { kind: "all" };
    const whats = [
      { kind: "region-down", target: region0, manner: "black-hole" },
      { kind: "error-rate", target, probability: 0.5 },
      { kind: "slow", target, factor: 5 },
      { kind: "capacity-loss", target, fraction: 1, preempt: true },
      { kind: "partition", between: [region0, { kind: "site", index: 0 }] },
    ];
    for (const what of whats)
      expect(offered(endOf(world("nearest", 1e6, [during(50, 90, what)])).recording), what.kind).toEqual(
        offered(base),
      );
  });

  it("an outage does not shift the luck of those who come when it is over", () => {
    for (const strategy of STRATEGIES) {
      const outage = during(60, 90, {
        kind: "endpoint-down",
        target: { kind: "endpoint", index: 1 },
        manner: "refuse",
      });
      const calm = servedFrom(endOf(world(strategy, 1e6)).recording, 150);
      const struck = servedFrom(endOf(world(strategy, 1e6, [outage])).recording, 150);
      expect(calm.length).toBeGreaterThan(100);
      expect(struck, strategy).toEqual(calm);
    }
  });

  it("a queue that has been empty since the outage serves later requests to the same microsecond", () => {
    const outage = during(60, 75, {
      kind: "capacity-loss",
      target: { kind: "all" },
      fraction: 1,
      preempt: true,
    });
    const calm = endOf(world("nearest", 6)).recording;
    const struck = endOf(world("nearest", 6, [outage])).recording;
    expect(servedFrom(struck, 60)).not.toEqual(servedFrom(calm, 60));
    expect(servedFrom(struck, 200)).toEqual(servedFrom(calm, 200));
    expect(calm.waitUs[0]).toBeGreaterThan(0);
  });

  it("another seed or replication gives other users, a longer run the same first ones", () => {
    const longer = endOf(world("nearest", 1e6, [], 400)).recording;
    expect([...longer.offeredByOrigin[0]!.subarray(0, 300)]).toEqual([
      ...base.offeredByOrigin[0]!.subarray(0, 300),
    ]);
    expect(offered(endOf({ ...world("nearest", 1e6), seed: "other" }).recording)).not.toEqual(offered(base));
  });
});
