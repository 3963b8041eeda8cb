import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createDecision,
  decide,
  HOLD,
  type OptionsOf,
  type Picker,
  type PolicyTarget,
  REASON_FAILED_OPEN,
  REFUSAL_CAUSES,
  REFUSE,
  RESULT_ERROR,
  RESULT_OK,
  ROUTE,
  type Sets,
  STRATEGIES,
  type StrategyConfig,
  type StrategyTarget,
} from "../../src/policy/index.js";
import { type OracleHost, oracleLoads } from "./envoyOracle.js";
import { compiled, config, luck, request, reserveAt, target } from "./helpers.js";
import { allOf, drawOf, fleetOf, pickerOf, targetsOf } from "./strategyWorlds.js";

const PRIORITY = STRATEGIES["envoy-priority"].defaults;

/** The answers to the hundred hundredths of the first draw, as the share of each target in percent. */
function percents(picker: Picker, targets: readonly StrategyTarget[], sets: Sets, v = 0.5): number[] {
  const fleet = fleetOf({ weight: targets.map(({ weight }) => weight), inFlight: targets.map(() => 0) });
  const counts = targets.map(() => 0);
  for (let n = 0; n < 100; n++) {
    const draw = drawOf({ u: (n + 0.5) / 100, v });
    const chosen = picker.pick(fleet, sets.lawful, draw, { ...sets });
    if (chosen >= 0) counts[chosen]! += 1;
  }
  return counts;
}

/** Shares over many second draws. */
function sharesByLuck(pick: (u: number, v: number) => number, count: number, draws = 4000): number[] {
  const uniform = luck(77);
  const counts = new Array<number>(count).fill(0);
  for (let n = 0; n < draws; n++) counts[pick(uniform(), uniform())]! += 1;
  return counts.map((each) => each / draws);
}

function expectShares(seen: readonly number[], expected: readonly number[], draws = 4000): void {
  expected.forEach((share, i) => {
    const halfWidth = 4 * Math.sqrt((share * (1 - share)) / draws);
    expect(halfWidth).toBeLessThan(0.04);
    expect(Math.abs(seen[i]! - share), `${seen}`).toBeLessThanOrEqual(halfWidth);
  });
}

describe("envoy-priority", () => {
  const hostArb: fc.Arbitrary<OracleHost> = fc.record({
    tier: fc.integer({ min: 0, max: 2 }),
    state: fc.constantFrom("healthy", "degraded", "unhealthy", "excluded"),
  });

  it("gives every tier, healthy, degraded or in panic, the hundredths that the long way gives it", () => {
    fc.assert(
      fc.property(
        fc.array(hostArb, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(100, 140, 200),
        fc.constantFrom(0, 50, 100),
        (hosts, overprovisioningPercent, panicPercent) => {
          const options = { ...PRIORITY, overprovisioningPercent, panicPercent };
          const targets = targetsOf(
            hosts.map(() => 1),
            (i) => ({ tier: hosts[i]!.tier }),
          );
          const picker = pickerOf(options, targets);
          const mask = (state: OracleHost["state"]): number =>
            hosts.reduce((bits, host, t) => (host.state === state ? bits | (1 << t) : bits), 0);
          const lawful = 2 ** hosts.length - 1;
          const [degraded, excluded] = [mask("degraded"), mask("excluded")];
          const fleet = fleetOf({
            weight: hosts.map(() => 1),
            inFlight: hosts.map(() => 0),
            degraded,
            excluded,
          });
          // Excluded ones may be believed up or down: it makes no difference.
          const sets = {
            lawful,
            healthy: mask("healthy") | degraded | (excluded & 0b010101010101),
            reason: 0,
          };
          let n = 0;
          const wrong: string[] = [];
          for (const load of oracleLoads(hosts, overprovisioningPercent, panicPercent)) {
            for (let each = 0; each < load.percent; each++, n++) {
              const t = picker.pick(fleet, lawful, drawOf({ u: (n + 0.5) / 100 }), { ...sets });
              const right = hosts[t]?.tier === load.tier && (load.of === "any" || hosts[t].state === load.of);
              if (!right) wrong.push(`${n}: ${t} is not of ${load.of} ${load.tier}`);
            }
          }
          expect(wrong).toEqual([]);
          if (n === 0) expect(picker.pick(fleet, lawful, drawOf(), { ...sets })).toBe(-1);
          else expect(n).toBe(100);
        },
      ),
      { seed: 20260503, numRuns: 150 },
    );
  });

  it("ignores health in a panic and refuses instead where it is told to", () => {
    const targets = targetsOf([1, 1]);
    const sets = { lawful: 0b11, healthy: 0, reason: 0 };
    expect(percents(pickerOf("envoy-priority", targets), targets, sets)).toEqual([100, 0]);
    expect(percents(pickerOf({ ...PRIORITY, failOnPanic: true }, targets), targets, sets)).toEqual([0, 0]);
    expect(percents(pickerOf({ ...PRIORITY, panicPercent: 0 }, targets), targets, sets)).toEqual([0, 0]);
  });

  it("gives the share of a tier without room to the others by their health", () => {
    const targets = targetsOf([1, 1, 1], (tier) => ({ tier }));
    const picker = pickerOf("envoy-priority", targets);
    const fleet = fleetOf({ weight: [1, 1, 1], inFlight: [0, 0, 0] });
    const pick = (candidates: number, healthy: number): number =>
      picker.pick(fleet, candidates, drawOf(), { lawful: 0b111, healthy, reason: 0 });
    expect(pick(0b110, 0b111)).toBe(1);
    expect(pick(0b100, 0b111)).toBe(2);
    // What is left is believed down while others are well, only full: nobody is sent there.
    expect(pick(0b100, 0b011)).toBe(-1);
  });

  it("leaves out tiers that a request has been to where it is told to, and comes back when there is no other", () => {
    const targets = targetsOf([1, 1, 1], (i) => ({ tier: i === 2 ? 1 : 0 }));
    const fleet = fleetOf({ weight: [1, 1, 1], inFlight: [0, 0, 0] });
    const retry = (options: OptionsOf<"envoy-priority">, candidates: number, admitted: number): number =>
      pickerOf(options, targets).pick(fleet, candidates, drawOf(), { ...allOf(0b111), admitted });
    expect(retry(PRIORITY, 0b110, 0b111)).toBe(1);
    const next = { ...PRIORITY, retryPriority: "previous-priorities" as const };
    expect(retry(next, 0b110, 0b111)).toBe(2);
    expect(retry(next, 0b111, 0b111)).toBe(0);
    expect(retry(next, 0b010, 0b011)).toBe(1);
  });

  it("sees at once that a target is no longer well, or is not to be counted", () => {
    const targets = targetsOf([1, 1, 1], (i) => ({ tier: i === 2 ? 1 : 0 }));
    const picker = pickerOf("envoy-priority", targets);
    const sets = { lawful: 0b111, healthy: 0b110, reason: 0 };
    const pick = (degraded: number, excluded: number): number =>
      picker.pick(fleetOf({ weight: [1, 1, 1], degraded, excluded }), 0b111, drawOf({ u: 0.99 }), {
        ...sets,
      });
    expect([pick(0, 0), pick(0b100, 0), pick(0, 0), pick(0, 0b001), pick(0b010, 0)]).toEqual([2, 2, 2, 1, 2]);
    expect(pick(0b110, 0b001)).toBe(1);
  });

  it("takes turns by weight within a tier, and does not flood who comes back", () => {
    const targets = targetsOf([3, 1, 1]);
    const picker = pickerOf("envoy-priority", targets);
    const fleet = fleetOf({ weight: [3, 1, 1], inFlight: [0, 0, 0] });
    const turn = (healthy: number): number => {
      const sets = { ...allOf(0b111), healthy, candidates: 0b111 };
      const chosen = picker.pick(fleet, 0b111, drawOf(), sets);
      picker.sent?.(chosen, sets.candidates, 0);
      return chosen;
    };
    expect([1, 2, 3, 4, 5].map(() => turn(0b111)).sort()).toEqual([0, 0, 0, 1, 2]);
    // Alone with its neighbour for a while, the heavy one away: then its three of five again, no more.
    const alone = Array.from({ length: 40 }, () => turn(0b110));
    expect(alone.filter((t) => t === 1)).toHaveLength(20);
    const after = Array.from({ length: 10 }, () => turn(0b111));
    expect(after.filter((t) => t === 0)).toHaveLength(6);
  });
});

describe("a panic", () => {
  const germans = {
    id: "de",
    when: { origin: ["DE"] },
    require: { processing: ["DE", "FR"] },
    onEmpty: "refuse" as const,
  };
  const targets = [
    target("fr", "FR"),
    target("us", "US"),
    target("de", "DE", { tier: 1 }),
    target("uk", "GB", { tier: 1 }),
  ];

  it("stays within the law in every state of health, and says that it failed open", () => {
    const { policy, state } = compiled(config(targets, { rules: [germans], strategy: "envoy-priority" }));
    const out = createDecision();
    const uniform = luck(5);
    let opened = 0;
    const wrong: string[] = [];
    for (let n = 0; n < 4000; n++) {
      state.up = n % 16;
      state.drained = (n >> 4) % 16;
      state.degraded = (n >> 8) % 16;
      state.excluded = Math.floor(uniform() * 16);
      decide(policy, state, request({ u: uniform(), v: uniform(), tried: n % 3 }), out);
      if (out.kind !== ROUTE) continue;
      const bit = 1 << out.target;
      if ((0b0101 & ~state.drained & bit) === 0) wrong.push(`${n}: ${out.target} is not lawful, or drained`);
      const failedOpen = (out.reason & REASON_FAILED_OPEN) !== 0;
      if (failedOpen !== ((state.up & bit) === 0))
        wrong.push(`${n}: ${out.target} up or down, ${out.reason}`);
      if (failedOpen) opened += 1;
    }
    expect(wrong).toEqual([]);
    expect(opened).toBeGreaterThan(100);
  });

  it("and every share count lawful members alone: a tier whose one lawful member is up takes everything", () => {
    const { policy, state } = compiled(config(targets, { rules: [germans], strategy: "envoy-priority" }));
    const out = createDecision();
    for (const up of [0b1111, 0b0101]) {
      state.up = up;
      decide(policy, state, request({ u: 0.999 }), out);
      expect(out).toMatchObject({ kind: ROUTE, target: 0 });
      expect(out.reason & REASON_FAILED_OPEN).toBe(0);
    }
  });

  it("that is not allowed is a refusal because nobody is healthy", () => {
    const strategy = { ...PRIORITY, panicPercent: 0 };
    const { policy, state } = compiled(config(targets, { rules: [germans], strategy }));
    state.up = 0;
    const out = decide(policy, state, request(), createDecision());
    expect(out.kind).toBe(REFUSE);
    expect(REFUSAL_CAUSES[out.cause]).toBe("no_healthy_region");
  });

  describe("with the healthy member full and the other one down", () => {
    const pair = [target("a", "DE", { maxInFlight: 1 }), target("b", "DE")];
    const ask = (strategy: StrategyConfig, more: Partial<PolicyTarget> = {}) => {
      const { policy, state } = compiled(
        config([{ ...pair[0]!, ...more }, pair[1]!], { strategy, waitForLimitsMs: 100_000 }),
      );
      state.up = 0b01;
      reserveAt(policy, state, 0, 1, 1000);
      return decide(policy, state, request(), createDecision());
    };

    it("nobody is in panic, and what is short is room", () => {
      const out = ask(PRIORITY);
      expect(out).toMatchObject({
        kind: REFUSE,
        usable: 0b11,
        admitted: 0b10,
        candidates: 0b10,
        retryAtMs: 0,
      });
      expect(REFUSAL_CAUSES[out.cause]).toBe("concurrency_full");
    });

    it("a limit says when to ask again, and the request is held until then", () => {
      const out = ask(PRIORITY, { requestsPerMin: 6, requestBurst: 1 });
      expect(out).toMatchObject({ kind: HOLD, retryAtMs: 11_000 });
      expect(REFUSAL_CAUSES[out.cause]).toBe("rate_limit_rpm");
    });

    it("a panic that has to fail says that nobody is healthy, since room would not help", () => {
      const out = ask({ ...PRIORITY, panicPercent: 100, failOnPanic: true });
      expect(REFUSAL_CAUSES[out.cause]).toBe("no_healthy_region");
    });
  });

  it("names as its candidates what it chose from, and takes turns among those", () => {
    const { policy, state } = compiled(config(targets, { strategy: "envoy-priority" }));
    const out = decide(policy, state, request({ u: 0 }), createDecision());
    expect(out.candidates).toBe(0b0011);
    reserveAt(policy, state, out.target, 1, 1000);
    expect(out.target).toBe(0);
  });
});

describe("envoy-locality-weighted", () => {
  it("shares by weight and health, as the table has 26 : 74 for half of the lighter locality", () => {
    const targets = targetsOf([1, 1, 1, 1], (i) => ({ region: i < 2 ? "x" : "y" }));
    const options = { ...STRATEGIES["envoy-locality-weighted"].defaults, localities: { x: 1, y: 2 } };
    const picker = pickerOf(options, targets);
    const fleet = fleetOf({ weight: [1, 1, 1, 1], inFlight: [0, 0, 0, 0] });
    const sets = { lawful: 0b1111, healthy: 0b1101, reason: 0 };
    const seen = sharesByLuck((u, v) => picker.pick(fleet, 0b1111, drawOf({ u, v }), { ...sets }) >> 1, 2);
    expectShares(seen, [70 / 270, 200 / 270]);
  });

  it("names localities by zone, or else by region, and weighs those that nobody names 1", () => {
    const targets = targetsOf([1, 1, 1], (i) => ({ region: i < 2 ? "x" : "y", zone: `z${i}` }));
    const localities = { x: 0, "x/z1": 3 };
    const picker = pickerOf({ ...STRATEGIES["envoy-locality-weighted"].defaults, localities }, targets);
    const fleet = fleetOf({ weight: [1, 1, 1], inFlight: [0, 0, 0] });
    const seen = sharesByLuck((u, v) => picker.pick(fleet, 7, drawOf({ u, v }), allOf(7)), 3);
    expectShares(seen, [0, 0.75, 0.25]);
  });
});

describe("envoy-zone-aware", () => {
  const region = (i: number): string => (i < 3 ? "a" : i < 5 ? "b" : "c");
  const targets = targetsOf(new Array<number>(8).fill(1), (i) => ({ region: region(i) }));
  const rttMs = targets.map((_, i) => (i < 3 ? 1 : 50));
  const fleet = fleetOf({ weight: targets.map(() => 1), inFlight: targets.map(() => 0) });
  const sharesOf = (over: Partial<OptionsOf<"envoy-zone-aware">>, healthy = 0xff): number[] => {
    const picker = pickerOf({ ...STRATEGIES["envoy-zone-aware"].defaults, ...over }, targets);
    const sets = { lawful: 0xff, healthy, reason: 0 };
    const by = ["a", "b", "c"];
    return sharesByLuck((u, v) => {
      const chosen = picker.pick(fleet, 0xff, drawOf({ u, v, rttMs }), { ...sets });
      return by.indexOf(region(chosen));
    }, 3);
  };

  it("keeps everything at home while home has its share of hosts", () => {
    expect(sharesOf({ callers: { a: 3, b: 3, c: 3 } })).toEqual([1, 0, 0]);
  });

  it("keeps the proportion of hosts to callers at home, and sends the rest where hosts are left over", () => {
    // Callers 80 %, 10 %, 10 % and hosts 3/8, 2/8, 3/8: 3750 of 8000 stay; 1500 and 2750 are left over elsewhere.
    const stay = 4687 / 10_000;
    const seen = sharesOf({ callers: { a: 8, b: 1, c: 1 } });
    expectShares(seen, [stay, ((1 - stay) * 1500) / 4250, ((1 - stay) * 2750) / 4250]);
  });

  it("ignores localities with fewer healthy hosts than the minimum, and for the share that is not routed so", () => {
    const turns = sharesOf({ callers: { a: 1, b: 1, c: 1 }, minClusterSize: 9, within: "random" });
    expectShares(turns, [3 / 8, 2 / 8, 3 / 8]);
    const half = sharesOf({ callers: { a: 1, b: 1, c: 1 }, routingPercent: 50, within: "random" });
    expectShares(half, [0.5 + 3 / 16, 2 / 16, 3 / 16]);
  });

  it("ignores localities when all callers stand in one, or none stands where this one does", () => {
    for (const callers of [{ a: 4 }, { b: 1, c: 1 }] as Readonly<Record<string, number>>[]) {
      expectShares(sharesOf({ callers, within: "random" }), [3 / 8, 2 / 8, 3 / 8]);
    }
  });
});

describe("envoy-load-aware", () => {
  const targets = targetsOf([1, 1, 1], (i) => ({ region: `r${i}`, capacity: 10 }));
  const fleet = fleetOf({ weight: [1, 1, 1], inFlight: [0, 0, 0] });
  const draw = { rttMs: [1, 50, 60] };

  function sharesAt(underWay: readonly number[]): number[] {
    const picker = pickerOf("envoy-load-aware", targets);
    underWay.forEach((count, t) => {
      for (let n = 0; n < count; n++) picker.sent?.(t, 0, 0);
    });
    // What is under way a second later is the first figure, and the only one.
    picker.sent?.(0, 0, 1000);
    return sharesByLuck((u, v) => picker.pick(fleet, 7, drawOf({ u, v, ...draw }), allOf(7)), 3);
  }

  it("comes out as the worked example: 19, 44 and 37 percent for a home at 0.7 beside 0.3 and 0.4", () => {
    expectShares(sharesAt([6, 3, 4]), [3 / 16, 7 / 16, 6 / 16]);
  });

  it("stays at home but for 3 % of probes while home is hardly busier than the others", () => {
    expectShares(sharesAt([3, 4, 4]), [0.97, 0.015, 0.015]);
  });

  it("smooths what it sees: a third of the newest figure counts", () => {
    const picker = pickerOf("envoy-load-aware", targets) as Picker & {
      readonly spread: { readonly utilisation: Float64Array };
    };
    for (let n = 0; n < 5; n++) picker.sent?.(0, 0, 0);
    picker.sent?.(1, 0, 1000);
    expect(picker.spread.utilisation[0]).toBeCloseTo(0.5, 12);
    for (let n = 0; n < 5; n++) picker.ended?.({ target: 0, result: RESULT_OK, rttMs: 900, nowMs: 1500 });
    picker.ended?.({ target: 1, result: RESULT_OK, rttMs: 900, nowMs: 2000 });
    expect(picker.spread.utilisation[0]).toBeCloseTo(0.35, 12);
  });
});

describe("least-request", () => {
  const base = STRATEGIES["least-request"].defaults;

  it("of all takes the greatest weight per request under way, of equal ones the earlier", () => {
    const picker = pickerOf({ ...base, choices: "all" }, targetsOf([2, 1, 1]));
    const pick = (inFlight: readonly number[]): number =>
      picker.pick(fleetOf({ weight: [2, 1, 1], inFlight }), 7, drawOf(), allOf(7));
    expect(pick([4, 1, 1])).toBe(1);
    expect(pick([3, 1, 1])).toBe(0);
    expect(pick([3, 1, 0])).toBe(2);
    expect(pick([9000, 9000, 5000])).toBe(0);
  });

  it("of two drawn each by itself gives the busiest of three 1 in 9", () => {
    const picker = pickerOf(base, targetsOf([1, 1, 1]));
    const fleet = fleetOf({ weight: [1, 1, 1], inFlight: [5, 2, 0] });
    const seen = sharesByLuck((u, v) => picker.pick(fleet, 7, drawOf({ u, v }), allOf(7)), 3);
    expectShares(seen, [1 / 9, 3 / 9, 5 / 9]);
  });
});

describe("client-weighted", () => {
  /** Each target is always busy with one request, which takes its time; failures as told. What each counts for then. */
  function weightsAfter(tookMs: readonly number[], untilMs: number, fails: (t: number) => boolean): number[] {
    const targets = targetsOf(
      tookMs.map(() => 1),
      () => ({ capacity: 4 }),
    );
    const picker = pickerOf("client-weighted", targets) as Picker & { readonly weight: Float64Array };
    tookMs.forEach((_, t) => {
      picker.sent?.(t, 0, 0);
    });
    for (let nowMs = 50; nowMs <= untilMs; nowMs += 50) {
      tookMs.forEach((ms, target) => {
        if (nowMs % ms !== 0) return;
        picker.ended?.({ target, result: fails(target) ? RESULT_ERROR : RESULT_OK, rttMs: ms, nowMs });
        picker.sent?.(target, 0, nowMs);
      });
    }
    return [...picker.weight];
  }
  const never = (): boolean => false;

  it("weighs by answers per capacity in use: one request of four at once, 100 and 200 ms each, is 40 and 20", () => {
    const [fast, slow] = weightsAfter([100, 200], 12_000, never);
    expect(fast).toBeCloseTo(40, 6);
    expect(slow).toBeCloseTo(20, 6);
  });

  it("counts every failure as use: all of them failing, a quarter in use weighs as five quarters", () => {
    const [good, bad] = weightsAfter([100, 100], 12_000, (t) => t === 1);
    expect(good! / bad!).toBeCloseTo(5, 6);
  });

  it("does not trust a weight in its first ten seconds, and gives a silent target the median", () => {
    expect(weightsAfter([100, 200], 9000, never)).toEqual([1, 1]);
    const [, , silent] = weightsAfter([100, 200, 1e9], 12_000, never);
    expect(silent).toBeCloseTo(30, 6);
  });

  it("forgets a weight after three minutes without an answer", () => {
    const targets = targetsOf([1, 1], () => ({ capacity: 4 }));
    const picker = pickerOf("client-weighted", targets) as Picker & { readonly weight: Float64Array };
    for (let nowMs = 0; nowMs <= 20_000; nowMs += 100) {
      picker.sent?.(0, 0, nowMs);
      picker.ended?.({ target: 0, result: RESULT_OK, rttMs: 50, nowMs: nowMs + 50 });
    }
    expect(picker.weight[0]).toBeCloseTo(80, 6);
    picker.sent?.(1, 0, 200_000);
    expect(picker.weight[0]).toBeCloseTo(80, 6);
    picker.sent?.(1, 0, 201_100);
    expect([...picker.weight]).toEqual([1, 1]);
  });
});
