import { describe, expect, it } from "vitest";
import { KvBlocks } from "../../src/model/replica/kvBlocks.js";
import { Leap } from "../../src/model/replica/leap.js";
import { LONGEST_PS } from "../../src/model/replica/stepPs.js";
import { dice } from "./replicaWorkload.js";

/** Ends of the first steps, ps since 0, one by one in integers without a bound. */
function ends(atPs: bigint, firstPs: number, growthPs: number, steps: number): bigint[] {
  const list: bigint[] = [];
  let now = atPs;
  for (let step = 0; step < steps; step += 1) {
    now += BigInt(firstPs) + BigInt(growthPs) * BigInt(step);
    list.push(now);
  }
  return list;
}

const ceilUs = (ps: bigint): number => Number((ps + 999_999n) / 1_000_000n);

/** A number of about any size up to 2^bits. */
function anySize(roll: (below: number) => number, bits: number): number {
  return Math.floor((roll(1 << 30) / (1 << 30)) * 2 ** roll(bits + 1));
}

describe("leap", () => {
  it("ends where its steps one by one end, however long they are, and is shorter only to stay exact", () => {
    let bounded = 0;
    for (let seed = 1; seed <= 3000; seed += 1) {
      const roll = dice(seed);
      const startUs = anySize(roll, 40);
      const offsetPs = anySize(roll, 50);
      const leap = new Leap();
      leap.wake(startUs);
      leap.begin(offsetPs, 0, 1);
      leap.pass(1);
      const growthPs = roll(4) === 0 ? 0 : anySize(roll, 45);
      const firstPs = Math.min(growthPs + anySize(roll, 52), LONGEST_PS);
      const wanted = 1 + roll(300);
      leap.begin(firstPs, growthPs, wanted);
      const atPs = BigInt(startUs) * 1_000_000n + BigInt(offsetPs);
      const boundaries = ends(atPs, firstPs, growthPs, wanted);
      expect(leap.endUs, `seed ${seed}`).toBe(ceilUs(boundaries[leap.steps - 1]!));
      expect(leap.steps).toBeGreaterThanOrEqual(1);
      if (leap.steps === wanted) continue;
      bounded += 1;
      // Half the bound for each of two terms, and one step less: never under a quarter of it.
      expect((boundaries[leap.steps]! - atPs) * 4n, `seed ${seed}`).toBeGreaterThan(BigInt(LONGEST_PS));
    }
    expect(bounded).toBeGreaterThan(200);
  });

  it("stops at the first boundary after a time, and passes to the same picosecond in any number of parts", () => {
    for (let seed = 1; seed <= 4000; seed += 1) {
      const roll = dice(seed);
      // Whole microseconds, up to the largest there are, make boundaries that tie with the time or miss it by 1 ps.
      const unitPs = roll(2) === 0 ? 1 : 1_000_000;
      const offsetPs = roll(3);
      const startUs = anySize(roll, 36);
      const growthPs = roll(4) === 0 ? 0 : unitPs * anySize(roll, 20);
      const firstPs = growthPs + unitPs * anySize(roll, unitPs === 1 ? 50 : 31);
      const leap = new Leap();
      leap.wake(startUs);
      leap.begin(offsetPs, 0, 1);
      leap.pass(1);
      leap.begin(firstPs, growthPs, 1 + roll(300));
      const atPs = BigInt(startUs) * 1_000_000n + BigInt(offsetPs);
      const boundaries = ends(atPs, firstPs, growthPs, leap.steps);
      for (let round = 0; round < 8; round += 1) {
        const near = boundaries[roll(boundaries.length)]! / 1_000_000n;
        const untilUs = Math.max(Number(near) + roll(3) - 1, startUs);
        const first = boundaries.findIndex((ps) => ps > BigInt(untilUs) * 1_000_000n);
        const expected = first < 0 ? boundaries.length : first + 1;
        if (leap.stepsPast(untilUs) !== expected)
          expect(leap.stepsPast(untilUs), `seed ${seed}`).toBe(expected);
      }
      let passed = 0;
      while (leap.steps > 0) {
        const part = 1 + roll(leap.steps);
        leap.pass(part);
        passed += part;
        expect(leap.lastUs, `seed ${seed} after ${passed}`).toBe(ceilUs(boundaries[passed - 1]!));
      }
      expect(leap.endUs).toBe(leap.lastUs);
    }
  });

  it("is cut right where the root in floating point is a whole step short", () => {
    for (const [steps, firstPs, growthPs] of [
      [116, 301_431_000_000, 301_028_000_000],
      [228, 94_893_000_000, 80_528_000_000],
    ] as const) {
      const leap = new Leap();
      leap.wake(0);
      leap.begin(firstPs, growthPs, steps + 5);
      const end = ends(0n, firstPs, growthPs, steps).at(-1)!;
      expect(end % 1_000_000n).toBe(0n);
      expect(leap.stepsPast(Number(end / 1_000_000n))).toBe(steps + 1);
      expect(leap.stepsPast(Number(end / 1_000_000n) - 1)).toBe(steps);
    }
  });
});

describe("blocks of memory", () => {
  it("last as many steps as counting sequence by sequence says, and are counted the same", () => {
    for (let seed = 1; seed <= 2000; seed += 1) {
      const roll = dice(seed);
      const blockTokens = [1, 2, 7, 16, 100][roll(5)]!;
      const kv = new KvBlocks(20_000 + roll(50), blockTokens);
      const held: number[] = [];
      const owned = (extra: number): number =>
        held.reduce((sum, tokens) => sum + Math.ceil((tokens + extra) / blockTokens), 0);
      for (let round = 0; round < 12; round += 1) {
        if (held.length === 0 || roll(3) > 0) {
          const tokens = 1 + roll(1500);
          if (owned(0) + Math.ceil(tokens / blockTokens) <= kv.total) {
            held.push(tokens);
            kv.growPrefill(0, tokens);
            kv.startDecode(tokens);
          }
        } else {
          kv.freeDecode(held.splice(roll(held.length), 1)[0]!);
        }
        const limit = 1 + roll(600);
        let fits = 0;
        while (fits < limit && owned(fits + 1) <= kv.total) fits += 1;
        expect(kv.stepsThatFit(limit), `seed ${seed}`).toBe(fits);
        expect(kv.neededNext()).toBe(owned(1) - owned(0));
        const steps = roll(fits + 1);
        kv.pass(steps);
        for (let i = 0; i < held.length; i += 1) held[i]! += steps;
        expect([kv.used, kv.decodeTokens, kv.prefillTokens], `seed ${seed}`).toEqual([
          owned(0),
          held.reduce((sum, tokens) => sum + tokens, 0),
          0,
        ]);
      }
    }
  });
});
