/** One group of replicas at a time: who gets a call, when it is answered, and what faults do to it. */
import { describe, expect, it } from "vitest";
import { Histogram, HistogramPool } from "../../src/metrics/index.js";
import { Replica } from "../../src/model/replica/index.js";
import type { Fault } from "../../src/scenario/scenario.js";
import { SECOND } from "./buildScenario.js";
import { busyS, during, endOf, latencies, region0 } from "./lawsScenario.js";
import {
  type Asked,
  countsOf,
  firstTokens,
  type Replicas,
  replicas,
  servingOver,
  stated,
} from "./replicaScenario.js";
import { dice } from "./replicaWorkload.js";

const MS = 1000;

function load(seed: number, count: number, gapUs: number): Asked[] {
  const roll = dice(seed);
  let atUs = 0;
  return Array.from({ length: count }, () => {
    // Bursts at one instant are common.
    if (roll(3) > 0) atUs += roll(gapUs);
    return { atUs, prompt: 1 + roll(600), answer: 1 + roll(120) };
  });
}

/** What the same calls take at a replica that nobody stands before: what is due at an instant goes first. */
function bare(serving: Replicas, requests: readonly Asked[]): { ttft: Histogram; e2e: Histogram } {
  const ttft = new HistogramPool(1);
  const e2e = new HistogramPool(1);
  const replica = new Replica(serving);
  const sink = {
    firstToken: (call: number, atUs: number): void => ttft.record(0, atUs - requests[call]!.atUs),
    finished: (call: number, atUs: number): void => e2e.record(0, atUs - requests[call]!.atUs),
  };
  let next = 0;
  while (next < requests.length || replica.nextUs() < Number.POSITIVE_INFINITY) {
    const comesUs =
      next < requests.length ? requests[next]!.atUs + serving.overheadUs : Number.POSITIVE_INFINITY;
    if (replica.nextUs() <= comesUs) {
      replica.advance(replica.nextUs(), sink);
      continue;
    }
    for (; next < requests.length && requests[next]!.atUs + serving.overheadUs === comesUs; next++)
      replica.add(next, requests[next]!.prompt, 0, requests[next]!.answer, comesUs);
    if (comesUs < Number.POSITIVE_INFINITY && replica.nextUs() === comesUs) replica.advance(comesUs, sink);
  }
  return { ttft: merged(ttft), e2e: merged(e2e) };
}

function merged(pool: HistogramPool): Histogram {
  const into = new Histogram();
  pool.addTo(0, into);
  return into;
}

const DOWN = (fromS: number, toS: number): Fault =>
  during(fromS, toS, { kind: "endpoint-down", target: { kind: "endpoint", index: 0 }, manner: "refuse" });

describe("a group of one replica", () => {
  it("answers every call at the microsecond at which the bare replica does", () => {
    for (let seed = 0; seed < 60; seed++) {
      const serving = replicas({
        overheadUs: seed % 2 === 0 ? 0 : 7 * MS,
        maxSequences: [1, 3, 16][seed % 3]!,
        kvTokens: [800, 4096][seed % 2]!,
      });
      const requests = load(seed, 120, [20 * MS, 400 * MS, 3000 * MS][seed % 3]!);
      const { recording } = endOf(stated(serving, requests), 20_000);
      const alone = bare(serving, requests);
      for (const [ours, theirs] of [
        [firstTokens(recording), alone.ttft],
        [latencies(recording), alone.e2e],
      ] as const) {
        expect([ours.count, ours.sum, ours.max], `seed ${seed}`).toEqual([120, theirs.sum, theirs.max]);
        expect(ours.quantile(0.5)).toBe(theirs.quantile(0.5));
      }
    }
  });

  it("is busy by its memory when memory is what is short, and full while a call waits for room", () => {
    // 10 of 20 blocks for the first, and the second must wait until they are free: 8 sequences would fit.
    const serving = replicas({ kvTokens: 320 });
    const one = endOf(stated(serving, [{ atUs: 0, prompt: 160, answer: 2 }])).recording.busy[0]!;
    expect(one.peak).toBe(4);
    const two = [0, 1].map(() => ({ atUs: 0, prompt: 240, answer: 2 }));
    const { recording } = endOf(stated(serving, two));
    expect(recording.busy[0]!.peak).toBe(8);
    // The second waits as long as the first is there.
    const first = latencies(endOf(stated(serving, two.slice(1))).recording).max;
    expect(busyS(recording)).toBeGreaterThan((8 * first) / SECOND);
  });
});

describe("a group of replicas", () => {
  it("deals calls to the replica with the fewest, the earlier among equals", () => {
    const serving = replicas({ replicas: 3, maxSequences: 1, queueLimit: 0 });
    const calls = (n: number): Asked[] =>
      Array.from({ length: n }, () => ({ atUs: 0, prompt: 10, answer: 5 }));
    const alone = endOf(stated(serving, calls(1))).recording;
    const three = endOf(stated(serving, calls(3))).recording;
    expect(latencies(three).sum).toBe(3 * latencies(alone).sum);
    // The later replicas go, and nothing was there.
    const loss = during(0.01, 9, { kind: "capacity-loss", target: region0, fraction: 0.6, preempt: true });
    expect(countsOf(endOf(stated(serving, calls(1), [loss])).recording).recomputedTokens).toBe(0);
  });

  it("refuses at once what stands before its replicas when it goes down, also on its way to one", () => {
    const serving = replicas({ overheadUs: 300 * MS, coldStartUs: 0 });
    const end = endOf(stated(serving, [{ atUs: 0.9 * SECOND, prompt: 10, answer: 5 }], [DOWN(1, 1.1)]));
    expect(end.refused).toEqual({ connection_refused: 1 });
    expect(latencies(end.recording).count).toBe(0);
  });

  it("moves the calls of a lost replica before those that came later, in their order", () => {
    const serving = replicas({ replicas: 2, maxSequences: 1 });
    // At each replica a long call and a short one behind it.
    const calls = [400, 400, 2, 2].map((answer, i) => ({ atUs: i, prompt: 10, answer }));
    const loss = during(1, 190, { kind: "capacity-loss", target: region0, fraction: 0.5, preempt: true });
    const lifeUs = latencies(endOf(stated(serving, calls.slice(0, 1))).recording).max;
    const { recording } = endOf(stated(serving, calls, [loss]));
    // Last comes the short call that stood behind the long one that moved: after both long ones.
    expect(firstTokens(recording).max).toBeGreaterThan(2 * lifeUs);
  });

  it("lets no more wait than its line has places for, whatever is in its batches", () => {
    const calls = Array.from({ length: 40 }, () => ({ atUs: 0, prompt: 10, answer: 5 }));
    for (const [queueLimit, cause] of [
      [0, "concurrency_full"],
      [5, "queue_full"],
    ] as const) {
      const end = endOf(stated(replicas({ replicas: 2, maxSequences: 4, queueLimit }), calls));
      // Those who stand in line only for the next step have room, but stand there: the line counts them.
      const room = 2 * 4;
      expect(end.served).toBeGreaterThanOrEqual(room);
      expect(end.served).toBeLessThanOrEqual(room + queueLimit);
      expect(end.refused).toEqual({ [cause]: 40 - end.served });
    }
  });

  it("refuses a call that no replica could hold, and serves the others", () => {
    const end = endOf(
      stated(replicas(), [
        { atUs: 0, prompt: 5000, answer: 10 },
        { atUs: 0, prompt: 4000, answer: 10 },
      ]),
    );
    expect([end.served, end.refused]).toEqual([1, { policy_error: 1 }]);
  });

  it("comes back cold after an outage, no faster than starts are allowed", () => {
    const serving = replicas({ replicas: 3, coldStartUs: 5 * SECOND, startsPerMin: 2 });
    expect(servingOver(stated(serving, [], [DOWN(10, 20)]))).toEqual([
      [0, 3],
      [10, 0],
      [25, 2],
      [85, 3],
    ]);
  });

  it("rebuilds those that serve before those that stand by", () => {
    const serving = replicas({ replicas: 2, warmPool: 2, coldStartUs: 5 * SECOND, startsPerMin: 3 });
    const scenario = stated(serving, [], [DOWN(10, 20)]);
    expect(servingOver(scenario)).toEqual([
      [0, 2],
      [10, 0],
      [25, 2],
    ]);
    const { recording } = endOf(scenario);
    expect(countsOf(recording).starts).toBe(4);
    // Four until 10 s, none until 20 s, three until the fourth may start at 80 s.
    expect(countsOf(recording).replicaUs).toBe((4 * 10 + 3 * 60 + 4 * 120) * SECOND);
  });

  it("starts nothing while the control plane is down", () => {
    const frozen = during(15, 40, { kind: "control-plane-down", target: region0 }, "frozen");
    const serving = replicas({ replicas: 2, coldStartUs: 5 * SECOND });
    expect(servingOver(stated(serving, [], [DOWN(10, 20), frozen]))).toEqual([
      [0, 2],
      [10, 0],
      [45, 2],
    ]);
  });

  it("lets calls wait for the first replica to be ready, and refuses those that find no place", () => {
    const serving = replicas({ queueLimit: 2, coldStartUs: 5 * SECOND });
    const calls = [0, 1, 2].map((i) => ({ atUs: 21 * SECOND + i, prompt: 10, answer: 1 }));
    const end = endOf(stated(serving, calls, [DOWN(10, 20)]));
    expect([end.served, end.refused]).toEqual([2, { cold_start: 1 }]);
    // Ready at 25 s; then 10 ms, and 20 µs a token for 10 tokens of each.
    const stepUs = 10_000 + 2 * 10 * 20;
    expect(firstTokens(end.recording).max).toBe(4 * SECOND + stepUs);
  });

  it("loses the later replicas with their work when capacity is taken at once, and begins it anew elsewhere", () => {
    const loss = during(1, 50, { kind: "capacity-loss", target: region0, fraction: 0.5, preempt: true });
    const serving = replicas({ replicas: 2, coldStartUs: 5 * SECOND });
    const calls = [0, 1].map(() => ({ atUs: 0, prompt: 100, answer: 200 }));
    const scenario = stated(serving, calls, [loss]);
    expect(servingOver(scenario)).toEqual([
      [0, 2],
      [1, 1],
      [55, 2],
    ]);
    const { recording, served } = endOf(scenario);
    expect(served).toBe(2);
    expect(countsOf(recording).recomputedTokens).toBe(100);
    expect(countsOf(recording).promptTokens).toBe(200);
    // Whose replica stayed is disturbed only by a neighbour; the other lost a second.
    const alone = latencies(endOf(stated(serving, calls.slice(1))).recording).max;
    expect(latencies(recording).max).toBeGreaterThan(alone + SECOND);
    // Its first token had been seen before.
    expect(firstTokens(recording).max).toBeLessThan(20 * MS);
  });

  it("lets a replica finish what it has when capacity goes gently, and takes it back if it is still there", () => {
    const loss = (toS: number): Fault =>
      during(1, toS, { kind: "capacity-loss", target: region0, fraction: 0.5, preempt: false });
    const serving = replicas({ replicas: 2, coldStartUs: 5 * SECOND });
    const calls = [0, 1].map(() => ({ atUs: 0, prompt: 100, answer: 200 }));
    const gently = endOf(stated(serving, calls, [loss(50)])).recording;
    expect(latencies(gently).sum).toBe(latencies(endOf(stated(serving, calls)).recording).sum);
    expect(countsOf(gently).starts).toBe(1);
    expect(servingOver(stated(serving, calls, [loss(2)]))).toEqual([
      [0, 2],
      [1, 1],
      [2, 2],
    ]);
  });

  it("works more slowly while a fault says so, from the next step on", () => {
    const slow = during(0, 100, { kind: "slow", target: region0, factor: 3 });
    const call = [{ atUs: 0, prompt: 10, answer: 20 }];
    const plain = latencies(endOf(stated(replicas(), call)).recording).sum;
    expect(latencies(endOf(stated(replicas(), call, [slow])).recording).sum).toBe(3 * plain);
  });

  it("counts the tokens of what it completes, and the memory they take over time", () => {
    const { recording } = endOf(stated(replicas(), [{ atUs: 0, prompt: 100, answer: 11 }]));
    expect([recording.tokensIn[0], recording.tokensOut[0], recording.tokensCached[0]]).toEqual([100, 11, 0]);
    const counts = countsOf(recording);
    // Nothing during the prompt's step; then ten steps that begin with 100 … 109 tokens in memory.
    expect(counts.kvPeakTokens).toBe(110);
    const decodeUs = latencies(recording).sum - firstTokens(recording).sum;
    const meanTokens = counts.kvTokenUs / decodeUs;
    expect(meanTokens).toBeGreaterThan(100);
    expect(meanTokens).toBeLessThan(110);
    expect([...counts.seenLow]).toEqual([100, 11, 1]);
    expect([...counts.seenHigh]).toEqual([100, 11, 1]);
  });
});
