/** Limits as endpoints and accounts apply them: shared, per tenant, weighted, for a day, while growing. */
import { describe, expect, it } from "vitest";
import type { Endpoint, Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, gateway, SECOND, server, site } from "./buildScenario.js";
import { asking, during, endOf, latencies, region0 } from "./lawsScenario.js";
import { alone, at, DAY_S, FREE, quota, twoRegions } from "./limitsScenario.js";
import { asked, replicas } from "./replicaScenario.js";

describe("a quota over two regions", () => {
  const calls = [
    { atS: 1, site: 0 },
    { atS: 1.5, site: 1 },
    { atS: 1.6, site: 0 },
  ];

  it("refuses in one what was used up in the other", () => {
    const shared = [quota([0, 1], { requestsPerMin: 2, requestBurst: 2 })];
    expect(endOf(asking(twoRegions(shared), calls)).refused).toEqual({ rate_limit_rpm: 1 });
    const own = [0, 1].map((e) => quota([e], { requestsPerMin: 2, requestBurst: 2 }));
    expect(endOf(asking(twoRegions(own), calls)).refused).toEqual({});
  });

  it("holds beside each endpoint's own limits", () => {
    const limits = { ...FREE, tokensPerMin: 60, tokenBurst: 20 };
    const roomy = [quota([0, 1], { requestsPerMin: 100, requestBurst: 100 })];
    // Of site 0 the second call finds its region's tokens used up; site 1 has its own.
    expect(endOf(asking(twoRegions(roomy, { limits }), calls)).refused).toEqual({ rate_limit_tpm: 1 });
  });

  it("is cut for all its regions when a fault cuts the limits of one", () => {
    const scenario = {
      ...twoRegions([quota([0, 1], { requestsPerMin: 600, requestBurst: 4 })]),
      faults: [during(0.5, 20, { kind: "quota-cut", target: region0, factor: 0.25 })],
    };
    expect(endOf(asking(scenario, calls)).refused).toEqual({ rate_limit_rpm: 1 });
    expect(endOf(asking({ ...scenario, faults: [] }, calls)).refused).toEqual({});
  });

  it("lasts as long as the least lasting of the cuts that strike it", () => {
    const both = [
      during(0, 5, { kind: "quota-cut", target: { kind: "endpoint", index: 0 }, factor: 0.5 }, "x"),
      during(0, 10, { kind: "quota-cut", target: { kind: "endpoint", index: 1 }, factor: 0 }, "y"),
    ];
    const scenario = {
      ...twoRegions([quota([0, 1], { requestsPerMin: 60, requestBurst: 5 })]),
      faults: both,
    };
    const served = (atS: number): number => endOf(asking(scenario, [{ atS, site: 0 }])).served;
    expect([2, 7, 10, 12].map(served)).toEqual([0, 0, 0, 1]);
  });
});

describe("a quota per tenant", () => {
  const calls = [
    { atS: 1, of: 0 },
    { atS: 1.1, of: 1 },
    { atS: 1.2, of: 0 },
  ];

  it("lets no tenant use up another's", () => {
    const tenants = endOf(
      asking(twoRegions([quota([0, 1], { requestsPerMin: 1, requestBurst: 1 }, true)]), calls),
    );
    expect(tenants.refused).toEqual({ rate_limit_rpm: 1 });
    expect([latencies(tenants.recording, 0).count, latencies(tenants.recording, 1).count]).toEqual([1, 1]);
    const shared = endOf(asking(twoRegions([quota([0, 1], { requestsPerMin: 1, requestBurst: 1 })]), calls));
    expect(shared.refused).toEqual({ rate_limit_rpm: 2 });
  });

  it("gives classes of one tenant one limit", () => {
    const scenario = twoRegions([quota([0, 1], { requestsPerMin: 1, requestBurst: 1 }, true)]);
    const classes = scenario.workload.classes.map((c) => ({ ...c, tenant: "same" }));
    const same = { ...scenario, workload: { ...scenario.workload, classes } };
    expect(endOf(asking(same, calls)).refused).toEqual({ rate_limit_rpm: 2 });
  });
});

describe("tokens", () => {
  const refusedAt = (outputBurndown: number, calls: readonly { atS: number; out: number }[]): unknown =>
    endOf(
      asking(alone({}, { quotas: [quota([0], { tokensPerMin: 1, tokenBurst: 80, outputBurndown })] }), calls),
    ).refused;

  it("are set aside for the longest answer, at the burndown", () => {
    // 10 in and at most 10 out: 20 each, or 60 at a burndown of 5.
    const calls = [1, 1.1].map((atS) => ({ atS, out: 2 }));
    expect(refusedAt(1, calls)).toEqual({});
    expect(refusedAt(5, calls)).toEqual({ rate_limit_tpm: 1 });
  });

  it("are settled for the answer that came, at the burndown", () => {
    // The first ends at 2; an answer of 2 leaves the 60 that the next needs, one of 3 does not.
    const calls = (out: number): { atS: number; out: number }[] => [
      { atS: 1, out },
      { atS: 2.1, out },
    ];
    expect(refusedAt(5, calls(2))).toEqual({});
    expect(refusedAt(5, calls(3))).toEqual({ rate_limit_tpm: 1 });
  });

  it("found in a prefix cache are given back where they do not count", () => {
    const served = (countsCached: boolean): number => {
      const limits = { ...FREE, tokensPerMin: 0.001, tokenBurst: 1300, countsCached };
      const scenario = buildScenario({
        durationS: 60,
        endpoints: [
          endpoint("e", 0, replicas({ prefixCache: { capacityTokens: 4096, blockTokens: 16 } }), { limits }),
        ],
        sites: [site("s", "US", 0)],
      });
      // The second and third prompts of the conversation begin with 512 tokens that the first has left.
      const turns = [1, 10, 20].map((atS) => ({ atUs: atS * SECOND, prompt: 512, answer: 10, session: 7 }));
      const { recording, served } = endOf(asked(scenario, turns));
      if (!countsCached) expect(recording.tokensCached[0]).toBeGreaterThan(900);
      return served;
    };
    expect(served(true)).toBe(2);
    expect(served(false)).toBe(3);
  });
});

describe("a daily cap", () => {
  it("refuses what comes after it is used up, until exactly midnight of simulated time", () => {
    const capped = (...seconds: readonly number[]): unknown => {
      const scenario = alone({}, { durationS: DAY_S + 60, quotas: [quota([0], { tokensPerDay: 20 })] });
      const { served, refused } = endOf(asking(scenario, at(...seconds)));
      return { served, refused };
    };
    expect(capped(1, DAY_S - 1e-6)).toEqual({ served: 1, refused: { rate_limit_tpm: 1 } });
    expect(capped(1, DAY_S)).toEqual({ served: 2, refused: {} });
    expect(capped(1, DAY_S, DAY_S + 5)).toEqual({ served: 2, refused: { rate_limit_tpm: 1 } });
  });
});

describe("a limit on growth", () => {
  it("lets use double from one minute to the next, and no more", () => {
    const acceleration = { factorPerMin: 2, freePerMin: 100 };
    const scenario = alone({}, { durationS: 300, quotas: [quota([0], { acceleration })] });
    // Twenty calls of 20 tokens in each of four minutes.
    const calls = [0, 1, 2, 3].flatMap((minute) =>
      Array.from({ length: 20 }, (_, n) => ({ atS: minute * 60 + 1 + 2 * n })),
    );
    const { recording, refused } = endOf(asking(scenario, calls));
    expect(refused).toEqual({ rate_limit_tpm: 80 - (5 + 10 + 20 + 20) });
    const perMinute = [0, 1, 2, 3].map((minute) =>
      recording.servedByOrigin[0]!.slice(minute * 60, minute * 60 + 60).reduce((sum, n) => sum + n, 0),
    );
    expect(perMinute).toEqual([5, 10, 20, 20]);
  });
});

describe("a call that ends without an answer", () => {
  const limited = { tokensPerMin: 0.001, tokenBurst: 20 };
  /** Whether a call at 10 s finds the tokens that a call at 1 s had set aside. */
  const comesBack = (scenario: Scenario): boolean => {
    const { served } = endOf(asking(scenario, at(1, 10)));
    return served === 1;
  };
  const one = (over: Partial<Endpoint>, parts: Partial<Parameters<typeof buildScenario>[0]> = {}): Scenario =>
    buildScenario({
      durationS: 60,
      gateways: [gateway("g", 0)],
      endpoints: [
        endpoint("e", 0, server(fixed(3 * SECOND), 1, 5), { limits: { ...FREE, ...limited }, ...over }),
      ],
      sites: [site("s", "US", 0)],
      ...parts,
    });

  it("gives its tokens back when its endpoint dies, loudly or silently", () => {
    for (const manner of ["refuse", "black-hole"] as const) {
      const faults = [
        during(2, 3, { kind: "endpoint-down", target: { kind: "endpoint", index: 0 }, manner }),
      ];
      expect(comesBack(one({}, { faults, client: { timeout: fixed(8 * SECOND) } })), manner).toBe(true);
    }
  });

  it("gives its tokens back when it is cancelled in service, and keeps them when its work goes on", () => {
    const client = { timeout: fixed(SECOND) };
    const slow = server(fixed(1000 * SECOND), 1, 5);
    // The second is cancelled as well: what counts is whether it was let in.
    const admitted = (abandoned: Endpoint["abandoned"]): number =>
      endOf(asking(one({ abandoned, serving: slow }, { client }), at(1, 10))).recording.started[0]!;
    expect(admitted("cancel")).toBe(2);
    expect(admitted("execute")).toBe(1);
  });

  it("gives its tokens back when it finds no room", () => {
    const full = one({
      serving: server(fixed(3 * SECOND), 1, 0),
      limits: { ...FREE, ...limited, tokenBurst: 60 },
    });
    // Two at once: the second is refused for room, and only the first uses its 20.
    const { refused, served } = endOf(asking(full, at(1, 1, 10, 20)));
    expect({ refused, served }).toEqual({ refused: { concurrency_full: 1 }, served: 3 });
  });
});
