import { describe, expect, it } from "vitest";
import { fitsAlone, fullRatePerS, Replica, type ReplicaShape } from "../../src/model/replica/index.js";
import { Duel, randomWorkload, realisticWorkload } from "./replicaWorkload.js";

const NOBODY = { firstToken: () => {}, finished: () => {} };

/** A replica of whole numbers, so that a test can do the sums in its head. */
function plainShape(changes: Partial<ReplicaShape> = {}): ReplicaShape {
  return {
    stepTime: { baseUs: 100, prefillUsPerToken: 1, decodeUsPerSequence: 10, kvUsPerToken: 0 },
    maxSequences: 8,
    maxBatchedTokens: 64,
    kvTokens: 1000,
    kvBlockTokens: 10,
    ...changes,
  };
}

/** Everything heard until nothing more happens. */
function hear(replica: Replica): string[] {
  const heard: string[] = [];
  const sink = {
    firstToken: (call: number, atUs: number) => heard.push(`${atUs} first ${call}`),
    finished: (call: number, atUs: number) => heard.push(`${atUs} finished ${call}`),
  };
  while (replica.nextUs() < Infinity) replica.advance(replica.nextUs(), sink);
  return heard;
}

describe("replica beside its twin", () => {
  it("agrees with one step at a time on 2000 random workloads with cancellations, faults and short memory", () => {
    let preemptions = 0;
    let starved = 0;
    let steps = 0;
    let boundaries = 0;
    for (let seed = 1; seed <= 2000; seed += 1) {
      const { shape, ...workload } = randomWorkload(seed);
      const duel = new Duel({ shape, ...workload }, seed);
      const outcome = duel.run();
      const { kvBlocksUsed, kvTokensUsed, waiting, running } = duel.replica;
      expect([kvBlocksUsed, kvTokensUsed, waiting, running], `seed ${seed}`).toEqual([0, 0, 0, 0]);
      expect(outcome.mostTokens, `seed ${seed}`).toBeLessThanOrEqual(shape.maxBatchedTokens);
      expect(outcome.mostSequences, `seed ${seed}`).toBeLessThanOrEqual(shape.maxSequences);
      preemptions += outcome.preemptions;
      starved += +(outcome.preemptions > 0);
      steps += outcome.steps;
      boundaries += outcome.boundaries;
    }
    // The workloads must go where the difficulties are, and the replica must have leapt.
    expect(preemptions).toBeGreaterThan(10_000);
    expect(starved).toBeGreaterThan(250);
    expect(steps).toBeGreaterThan(5 * boundaries);
  });

  it("agrees with one step at a time at the sizes of a real service", () => {
    let preemptions = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      preemptions += new Duel(realisticWorkload(seed), seed).run().preemptions;
    }
    expect(preemptions).toBeGreaterThan(500);
  });
});

describe("replica by hand", () => {
  it("puts out the first token at the end of the step that finishes the prompt, then one a step", () => {
    const replica = new Replica(plainShape());
    replica.add(7, 20, 0, 3, 1000);
    // A step of 100 + 20, then two of 100 + 10.
    expect(hear(replica)).toEqual(["1120 first 7", "1340 finished 7"]);
  });

  it("computes the last prompt token even when all of the prompt is in a cache", () => {
    const replica = new Replica(plainShape());
    replica.add(1, 20, 20, 1, 0);
    replica.add(2, 20, 15, 1, 0);
    expect(hear(replica)).toEqual(["106 first 1", "106 finished 1", "106 first 2", "106 finished 2"]);
    expect(replica.computedPromptTokens).toBe(6);
  });

  it("gives decodes their token first, then a begun prompt its chunk, then what waits the rest", () => {
    const replica = new Replica(plainShape());
    replica.add(1, 64, 0, 9, 0);
    replica.add(2, 100, 0, 1, 0);
    replica.add(3, 10, 0, 1, 0);
    replica.advance(0, NOBODY);
    expect([replica.running, replica.waiting]).toEqual([1, 2]);
    // 164: the first decodes, 63 of the second. 337: 37 of the second, 10 of the third. 494: both are done.
    expect(hear(replica).slice(0, 5)).toEqual([
      "164 first 1",
      "494 first 2",
      "494 finished 2",
      "494 first 3",
      "494 finished 3",
    ]);
  });

  it("lets an arrival in at the next whole step, and none that cannot be admitted cuts a leap", () => {
    const replica = new Replica(plainShape({ maxSequences: 2 }));
    replica.add(1, 10, 0, 101, 0);
    replica.advance(0, NOBODY);
    replica.advance(110, NOBODY);
    expect(replica.nextUs()).toBe(110 + 100 * 110);
    replica.add(2, 10, 0, 11, 221);
    expect(replica.nextUs()).toBe(330);
    for (const atUs of [330, 450]) replica.advance(atUs, NOBODY);
    expect(replica.nextUs()).toBe(450 + 10 * 120);
    replica.add(3, 10, 0, 1, 500);
    expect(replica.nextUs()).toBe(450 + 10 * 120);
  });

  it("preempts the last admitted, computes it anew, and never says its first token twice", () => {
    // Ten blocks of one token: 5 + 5 fit until 228, then the first decodes alone, for 4 + 6 do not fit. From 448
    // the second computes its prompt of 4 and the 2 tokens it had put out, and puts out the other 2.
    const replica = new Replica(plainShape({ kvTokens: 10, kvBlockTokens: 1 }));
    replica.add(1, 4, 0, 4, 0);
    replica.add(2, 4, 0, 4, 0);
    expect(hear(replica)).toEqual(["108 first 1", "108 first 2", "448 finished 1", "664 finished 2"]);
    expect(replica.preemptions).toBe(1);
    expect(replica.recomputedTokens).toBe(6);
  });

  it("says nothing more of a call that is removed, and frees its memory at the next boundary", () => {
    const replica = new Replica(plainShape());
    const job = replica.add(1, 20, 0, 50, 0);
    replica.advance(0, NOBODY);
    replica.advance(120, NOBODY);
    replica.remove(job, 231);
    expect(replica.kvBlocksUsed).toBe(2);
    expect(replica.nextUs()).toBe(340);
    expect(hear(replica)).toEqual([]);
    expect(replica.kvBlocksUsed).toBe(0);
    expect(() => replica.remove(job, 400)).toThrow("not here");
  });

  it("loses the step under way when it is cleared, and begins anew at once", () => {
    const replica = new Replica(plainShape({ maxSequences: 2 }));
    for (const call of [5, 6, 7, 8]) replica.add(call, 10, 0, 10, 0);
    replica.advance(0, NOBODY);
    expect(replica.clear(60)).toEqual([5, 6, 7, 8]);
    expect([replica.nextUs(), replica.kvBlocksUsed, replica.computedPromptTokens]).toEqual([Infinity, 0, 0]);
    replica.add(9, 10, 0, 1, 70);
    expect(hear(replica)).toEqual(["180 first 9", "180 finished 9"]);
  });

  it("leaves out who is no longer wanted when its turn comes, and gives its place to the next", () => {
    const replica = new Replica(plainShape({ maxSequences: 1 }));
    for (const call of [1, 2, 3]) replica.add(call, 10, 0, 1, 0);
    const heard: string[] = [];
    const sink = {
      firstToken: () => {},
      finished: (call: number, atUs: number) => heard.push(`${atUs} finished ${call}`),
      admits: (call: number, atUs: number) => heard.push(`${atUs} asked ${call}`) > 0 && call !== 2,
    };
    while (replica.nextUs() < Infinity) replica.advance(replica.nextUs(), sink);
    expect(heard).toEqual(["0 asked 1", "110 finished 1", "110 asked 2", "110 asked 3", "220 finished 3"]);
    expect([replica.waiting, replica.kvBlocksUsed]).toEqual([0, 0]);
  });

  it("refuses what can never fit, since its step would never come", () => {
    const replica = new Replica(plainShape({ kvTokens: 39 }));
    expect(fitsAlone(plainShape({ kvTokens: 39 }), 25, 6)).toBe(true);
    expect(() => replica.add(1, 25, 0, 7, 0)).toThrow("bug: 25 + 7 tokens in a memory of 39");
    expect(() => replica.add(1, 0, 0, 7, 0)).toThrow("bug:");
    expect(() => replica.add(1, 1, 0, Number.NaN, 0)).toThrow("bug:");
  });

  it("ends even when no step takes any time, and when every step lasts as long as can be", () => {
    const stepTime = { baseUs: 0, prefillUsPerToken: 0, decodeUsPerSequence: 0, kvUsPerToken: 0 };
    const instant = new Replica(plainShape({ stepTime }));
    for (let call = 0; call < 100; call += 1) instant.add(call, 30, 0, 50, 3);
    instant.advance(3, NOBODY);
    expect([instant.nextUs(), instant.generatedTokens]).toEqual([Infinity, 5000]);
    const endless = new Replica(plainShape());
    endless.setSpeed(1e12, 0);
    endless.add(1, 10, 0, 5, 0);
    expect(hear(endless)).toEqual(["4503599628 first 1", "22517998137 finished 1"]);
  });
});

describe("replica in closed loop", () => {
  const stepTime = {
    baseUs: 11_870,
    prefillUsPerToken: 37.7,
    decodeUsPerSequence: 8.2,
    kvUsPerToken: 0.02409,
  };
  const shape = { stepTime, maxSequences: 256, maxBatchedTokens: 8192, kvTokens: 1e6, kvBlockTokens: 16 };

  /** Calls per second of `users` who each send a call as soon as the last is answered, over the last two thirds. */
  function closedLoopPerS(one: ReplicaShape, lengths: readonly [number, number], users: number): number {
    const [prompt, output] = lengths;
    const replica = new Replica(one);
    const calls = users * 30;
    let finished = 0;
    let startUs = 0;
    let endUs = 0;
    const finish = (call: number, atUs: number): void => {
      finished += 1;
      endUs = atUs;
      if (finished === calls / 3) startUs = atUs;
      replica.add(call, prompt, 0, output, atUs);
    };
    const sink = { firstToken: () => {}, finished: finish };
    for (let user = 0; user < users; user += 1) {
      const atUs = user * 50_000;
      while (replica.nextUs() <= atUs) replica.advance(replica.nextUs(), sink);
      replica.add(user, prompt, 0, output, atUs);
    }
    while (finished < calls) replica.advance(replica.nextUs(), sink);
    return ((calls * 2) / 3 / (endUs - startUs)) * 1e6;
  }

  it("takes A + G·c + K·c·(isl + osl/2) + B·c·isl/osl for a token", () => {
    const { baseUs, prefillUsPerToken, decodeUsPerSequence, kvUsPerToken } = stepTime;
    for (const [isl, osl, users] of [
      [1000, 1000, 1],
      [1000, 1000, 64],
      [4000, 500, 16],
      [128, 2000, 128],
    ] as const) {
      const context = kvUsPerToken * (isl + osl / 2) + decodeUsPerSequence;
      const tpotUs = baseUs + users * (context + (prefillUsPerToken * isl) / osl);
      const measuredUs = (users * 1e6) / closedLoopPerS(shape, [isl, osl], users) / osl;
      // One step in osl computes the prompt and decodes nothing; the ends of the window are c calls of 20·c.
      const tolerance = 1 / osl + 0.01;
      expect(Math.abs(measuredUs / tpotUs - 1), `${isl}/${osl}/${users}: ${measuredUs}`).toBeLessThan(
        tolerance,
      );
    }
  });

  it("reaches its full rate when sequences, or the tokens of a step, are what bounds it", () => {
    const bySequences = { ...shape, maxSequences: 64 };
    const byTokens = { ...shape, maxBatchedTokens: 1024 };
    for (const [one, isl, osl] of [
      [bySequences, 1000, 200],
      [byTokens, 1000, 200],
      [byTokens, 500, 500],
    ] as const) {
      const fullPerS = fullRatePerS(one, isl, osl);
      // Measured 0.2 % apart; the window is 20 of its 30 rounds.
      expect(Math.abs(closedLoopPerS(one, [isl, osl], 300) / fullPerS - 1)).toBeLessThan(0.01);
    }
  });

  it("stays under its full rate, by what it computes twice, when memory bounds it", () => {
    const byMemory = { ...shape, kvTokens: 60_000 };
    const share = closedLoopPerS(byMemory, [1000, 200], 300) / fullRatePerS(byMemory, 1000, 200);
    expect(share).toBeGreaterThan(0.85);
    expect(share).toBeLessThan(1);
    expect(fullRatePerS({ ...shape, kvTokens: 900 }, 1000, 200)).toBe(0);
  });
});
