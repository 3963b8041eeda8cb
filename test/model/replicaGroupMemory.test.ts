/** Conversations at groups of replicas: what is remembered, and what an outage makes groups compute again. */
import { describe, expect, it } from "vitest";
import type { Fault, RequestClass } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, region, requestClass, SECOND, site } from "./buildScenario.js";
import { during, endOf, region0 } from "./lawsScenario.js";
import { type Asked, asked, countsOf, firstTokens, replicas } from "./replicaScenario.js";

const cache = { capacityTokens: 100_000, blockTokens: 512 };
const serving = replicas({ kvTokens: 100_000, maxBatchedTokens: 8192, prefixCache: cache });

/** Two regions, the first one near; a conversation of four turns, a minute apart, each 1000 tokens more. */
function conversation(faults: readonly Fault[], sessions = 1) {
  const turns = Array.from({ length: sessions }, (_, session) =>
    [0, 1, 2, 3].map(
      (turn): Asked => ({
        atUs: (60 * turn + session) * SECOND,
        prompt: 1000 * (turn + 1),
        answer: 100,
        session,
      }),
    ),
  );
  return asked(
    buildScenario({
      durationS: 400,
      regions: [region("near", "US"), region("far", "US")],
      endpoints: [endpoint("a", 0, serving), endpoint("b", 1, serving)],
      sites: [site("s", "US", 0)],
      accessRttMs: [0, 50],
      backboneRttMs: [0, 10, 10, 0],
      faults,
      deployment: {
        routing: {
          strategy: "nearest",
          health: {
            intervalUs: SECOND,
            timeoutUs: SECOND,
            fall: 1,
            rise: 1,
            schedule: "fixed-rate",
            seesLoad: false,
            firstUs: 0,
          },
          failOpen: false,
          upstreamTimeoutUs: Number.POSITIVE_INFINITY,
          propagatesDeadlines: false,
        },
      },
    }),
    turns.flat(),
  );
}

/** The endpoint in the near region is gone from the second turn on, its gateway is not. */
const down = during(90, 400, {
  kind: "endpoint-down",
  target: { kind: "endpoint", index: 0 },
  manner: "refuse",
});

describe("a conversation", () => {
  it("computes at each turn only what has been said since the last, to whole blocks", () => {
    const { recording } = endOf(conversation([]));
    // Histories of 1100, 2100 and 3100 tokens are 2, 4 and 6 blocks.
    const counts = countsOf(recording, 0);
    expect(counts.promptTokens).toBe(10_000);
    expect(counts.cachedTokens).toBe(12 * 512);
    expect(counts.failoverTokens).toBe(0);
    expect(recording.tokensCached[0]).toBe(12 * 512);
    expect(countsOf(recording, 1).promptTokens).toBe(0);
  });

  it("starts cold where it is sent by an outage, which is counted, and is warm there afterwards", () => {
    const end = endOf(conversation([down]));
    expect(end.served).toBe(4);
    const near = countsOf(end.recording, 0);
    const far = countsOf(end.recording, 1);
    expect([near.promptTokens, near.cachedTokens, near.failoverTokens]).toEqual([3000, 2 * 512, 0]);
    // The third turn brings 2100 tokens of history that only the dead endpoint had; the fourth finds its own 3100.
    expect([far.promptTokens, far.cachedTokens, far.failoverTokens]).toEqual([7000, 6 * 512, 4 * 512]);
  });

  it("waits longer for its first token on the cold turn than on any other", () => {
    const warm = firstTokens(endOf(conversation([])).recording);
    const cold = firstTokens(endOf(conversation([down])).recording);
    // 3000 tokens at 20 µs instead of 952 after a hit, 10 ms to the far region and its way back.
    expect(cold.max - warm.max).toBeGreaterThan(30_000);
  });

  it("finds nothing after its own endpoint was down, although nobody sent it elsewhere", () => {
    const outage = during(90, 100, { kind: "endpoint-down", target: region0, manner: "refuse" });
    const { recording } = endOf(conversation([outage]));
    expect(countsOf(recording, 0).cachedTokens).toBe(2 * 512 + 6 * 512);
    expect(countsOf(recording, 0).failoverTokens).toBe(0);
  });
});

describe("requests of one class", () => {
  it("compute their common beginning once", () => {
    const shared: RequestClass = requestClass("chat", {
      inputTokens: fixed(1500),
      outputTokens: fixed(5),
      maxOutputTokens: 5,
      sharedPrefixTokens: 1200,
    });
    const calls = Array.from({ length: 10 }, (_, i) => ({ atUs: i * SECOND, prompt: 1500, answer: 5 }));
    const scenario = asked(
      buildScenario({
        durationS: 30,
        endpoints: [endpoint("e", 0, serving)],
        sites: [site("s", "US", 0)],
        classes: [shared],
      }),
      calls,
    );
    expect(countsOf(endOf(scenario).recording).cachedTokens).toBe(9 * 1024);
  });
});
