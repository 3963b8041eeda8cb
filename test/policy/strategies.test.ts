import { describe, expect, it } from "vitest";
import { STRATEGY_NAMES, type StrategyName } from "../../src/policy/index.js";
import { luck, permutations } from "./helpers.js";
import { boundConfigs } from "./strategyBounds.js";
import { strategyContract } from "./strategyContract.js";
import { type FleetOf, pickOnce } from "./strategyWorlds.js";

for (const name of STRATEGY_NAMES) strategyContract(name, boundConfigs(name));

/** How often each target is chosen over `draws` decisions with fresh luck. */
function shares(name: StrategyName, fleet: FleetOf, mask: number, draws: number, seed: number): number[] {
  const uniform = luck(seed);
  const counts = new Array<number>(fleet.weight?.length ?? 0).fill(0);
  for (let n = 0; n < draws; n++) {
    counts[pickOnce(name, fleet, mask, { u: uniform(), v: uniform() })]! += 1;
  }
  return counts.map((count) => count / draws);
}

/** Four standard errors of a share: one false alarm in about 16,000 comparisons, and the seed is fixed. */
function halfWidth(share: number, draws: number): number {
  return 4 * Math.sqrt((share * (1 - share)) / draws);
}

const DRAWS = 10_000;

describe("nearest", () => {
  it("takes the smallest round trip under every order of the distances", () => {
    for (const rttMs of permutations([5, 10, 80, 90])) {
      const chosen = pickOnce("nearest", { inFlight: [], weight: [] }, 0b1111, { u: 0, v: 0, rttMs });
      expect(rttMs[chosen]).toBe(5);
    }
  });

  it("gives equal round trips to the earlier target", () => {
    const fleet = { inFlight: [], weight: [] };
    expect(pickOnce("nearest", fleet, 0b1110, { u: 0, v: 0, rttMs: [1, 7, 7, 7] })).toBe(1);
    expect(pickOnce("nearest", fleet, 0b1101, { u: 0, v: 0, rttMs: [9, 7, 7, 7] })).toBe(2);
  });

  it("prefers any known distance to one that is missing, negative or not a number", () => {
    const fleet = { inFlight: [], weight: [] };
    expect(pickOnce("nearest", fleet, 0b1111, { u: 0, v: 0, rttMs: [Number.NaN, -1, 900] })).toBe(2);
    expect(pickOnce("nearest", fleet, 0b1010, { u: 0, v: 0 })).toBe(1);
  });
});

describe("priority", () => {
  it("takes the earliest of the candidates whatever the luck", () => {
    for (let mask = 1; mask < 64; mask++) {
      const chosen = pickOnce("priority", { inFlight: [], weight: [] }, mask, {
        u: 0.9,
        v: 0.9,
      });
      expect(mask % 2 ** chosen).toBe(0);
    }
  });
});

describe("weighted", () => {
  it("shares 55.6 : 33.3 : 11.1 for weights 5, 3, 1 under every relabelling", () => {
    permutations([5, 3, 1]).forEach((weight, seed) => {
      const seen = shares("weighted", { weight, inFlight: [0, 0, 0] }, 0b111, DRAWS, seed + 1);
      seen.forEach((share, i) => {
        const expected = weight[i]! / 9;
        expect(Math.abs(share - expected), `${weight}: ${seen}`).toBeLessThan(halfWidth(expected, DRAWS));
      });
    });
  });

  it("shares 1 : 255 as weighted DNS records do", () => {
    const seen = shares("weighted", { weight: [1, 255], inFlight: [0, 0] }, 0b11, DRAWS, 5);
    expect(Math.abs(seen[0]! - 0.003906)).toBeLessThan(halfWidth(0.003906, DRAWS));
  });

  it("gives weight 0 nothing while another candidate has weight, and equal shares when none has", () => {
    const fleet = { weight: [0, 2, 0, 0], inFlight: [0, 0, 0, 0] };
    expect(shares("weighted", fleet, 0b1111, 2000, 6)).toEqual([0, 1, 0, 0]);
    const seen = shares("weighted", fleet, 0b1101, DRAWS, 7);
    for (const i of [0, 2, 3]) {
      expect(Math.abs(seen[i]! - 1 / 3), `${seen}`).toBeLessThan(halfWidth(1 / 3, DRAWS));
    }
  });

  it("hands each candidate a stretch of the first draw in proportion to its weight, earlier ones first", () => {
    const fleet = { weight: [1, 2, 1], inFlight: [0, 0, 0] };
    const at = (u: number): number => pickOnce("weighted", fleet, 0b111, { u, v: 0 });
    expect([0, 0.2499, 0.25, 0.7499, 0.75, 0.9999].map(at)).toEqual([0, 0, 1, 1, 2, 2]);
  });
});

describe("least-loaded", () => {
  it("takes the fewest in flight under every relabelling", () => {
    for (const inFlight of permutations([0, 1, 2, 3])) {
      const chosen = pickOnce("least-loaded", { inFlight, weight: [1, 1, 1, 1] }, 0b1111, {
        u: 0,
        v: 0,
      });
      expect(inFlight[chosen]).toBe(0);
    }
  });

  it("gives equal loads to the earlier target, also when a quotient would round them apart", () => {
    const pick = (fleet: FleetOf, mask: number): number => pickOnce("least-loaded", fleet, mask);
    expect(pick({ inFlight: [4, 4, 4], weight: [1, 1, 1] }, 0b110)).toBe(1);
    // (2+1)/3 = (48+1)/49 = 1, although 49 · (1/49) < 1 in doubles.
    expect(pick({ inFlight: [2, 48], weight: [3, 49] }, 0b11)).toBe(0);
    expect(pick({ inFlight: [48, 2], weight: [49, 3] }, 0b11)).toBe(0);
  });

  it("counts the coming request and the weight: 4 in flight at weight 2 is as loaded as 1.5 at weight 1", () => {
    const pick = (fleet: FleetOf, mask: number): number => pickOnce("least-loaded", fleet, mask);
    expect(pick({ inFlight: [4, 2], weight: [2, 1] }, 0b11)).toBe(0);
    expect(pick({ inFlight: [4, 1], weight: [2, 1] }, 0b11)).toBe(1);
  });

  it("uses a target of weight 0 only as a last resort", () => {
    const pick = (fleet: FleetOf, mask: number): number => pickOnce("least-loaded", fleet, mask);
    expect(pick({ inFlight: [0, 500], weight: [0, 1] }, 0b11)).toBe(1);
    expect(pick({ inFlight: [0, 500], weight: [0, 1] }, 0b01)).toBe(0);
  });
});

describe("power-of-two", () => {
  // With loads all different, the target with r less loaded ones pairs C(4-1-r, 1) of the C(4, 2) = 6 pairs.
  it("shares 3/6, 2/6, 1/6, 0 by rank of load under every relabelling", () => {
    permutations([0, 1, 2, 3]).forEach((inFlight, seed) => {
      const seen = shares("power-of-two", { inFlight, weight: [1, 1, 1, 1] }, 0b1111, DRAWS, seed + 11);
      seen.forEach((share, i) => {
        const expected = (3 - inFlight[i]!) / 6;
        const width = halfWidth(expected, DRAWS);
        expect(Math.abs(share - expected), `${inFlight}: ${seen}`).toBeLessThanOrEqual(width);
      });
    });
  });

  it("draws each pair of candidates equally often, whichever bits they are", () => {
    const members = [1, 4, 9, 17, 30];
    const mask = members.reduce((all, t) => all | (1 << t), 0);
    const uniform = luck(77);
    // The pair is seen by what the strategy reads: the loads of the two it compares, and no others.
    const pairs = new Map<string, number>();
    for (let n = 0; n < DRAWS; n++) {
      const pair: number[] = [];
      const inFlight = new Proxy([] as number[], {
        get(_, key) {
          pair.push(Number(key));
          return 0;
        },
      });
      const weight = new Array<number>(31).fill(1);
      pickOnce("power-of-two", { inFlight, weight }, mask, { u: uniform(), v: uniform() });
      const key = [...new Set(pair)].sort((a, b) => a - b).join("-");
      pairs.set(key, (pairs.get(key) ?? 0) + 1);
    }
    expect(pairs.size).toBe(10);
    for (const [pair, count] of pairs) {
      expect(Math.abs(count / DRAWS - 0.1), pair).toBeLessThan(halfWidth(0.1, DRAWS));
    }
  });

  it("gives two equally loaded targets to the earlier one, whichever was drawn first", () => {
    const fleet = { inFlight: [2, 2], weight: [1, 1] };
    for (const [u, v] of [
      [0, 0],
      [0.9, 0],
      [0, 0.9],
      [0.9, 0.9],
    ] as const) {
      expect(pickOnce("power-of-two", fleet, 0b11, { u, v })).toBe(0);
    }
  });
});
