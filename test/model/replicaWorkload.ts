/** Random work for a replica and its twin, and the driver that does the same to both and compares. */
import { expect } from "vitest";
import { Replica, type ReplicaShape, type ReplicaSink } from "../../src/model/replica/index.js";
import { ReplicaTwin } from "./replicaTwin.js";

/** A small generator of its own: a workload is its seed. */
export function dice(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_769 + 12_345) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

export interface Workload {
  readonly shape: ReplicaShape;
  readonly operations: number;
  /** The longest time between two operations, µs. */
  readonly gapUs: number;
  readonly longestPrompt: number;
  readonly longestOutput: number;
  /** Of a hundred operations, those that are not arrivals. */
  readonly disturbances: number;
  /** Calls that follow a call that ended, from within the sink. */
  readonly followers: number;
}

/** Coefficients with and without a fraction of a microsecond, some of them 0: boundaries tie with operations. */
export function randomWorkload(seed: number): Workload {
  const roll = dice(seed);
  const pick = <T>(values: readonly T[]): T => values[roll(values.length)]!;
  const kvBlockTokens = pick([1, 2, 3, 8, 16, 512]);
  const longestPrompt = pick([1, 10, 60, 300]);
  const longestOutput = pick([1, 5, 40, 200]);
  const most = longestPrompt + longestOutput;
  // From hardly one sequence to room for all.
  const kvTokens = Math.ceil((most * pick([1, 1.3, 2, 4, 100])) / kvBlockTokens) * kvBlockTokens;
  const stepTime = {
    baseUs: pick([1, 7, 20.123456, 0.37]),
    prefillUsPerToken: pick([0, 0.5, 0.123457]),
    decodeUsPerSequence: pick([0, 1, 0.0317]),
    kvUsPerToken: pick([0, 0, 0.01, 0.000123, 1]),
  };
  return {
    shape: {
      stepTime,
      maxSequences: pick([1, 2, 5, 64]),
      maxBatchedTokens: pick([1, 3, 16, 64, 4096]),
      kvTokens,
      kvBlockTokens,
    },
    operations: 60,
    gapUs: pick([2, 30, 400, 6000]),
    longestPrompt,
    longestOutput,
    disturbances: pick([0, 20, 60]),
    followers: pick([0, 10]),
  };
}

/** Sizes of a real service: steps of milliseconds, contexts of thousands of tokens, memory that runs short. */
export function realisticWorkload(seed: number): Workload {
  const roll = dice(seed);
  return {
    shape: {
      stepTime: {
        baseUs: 12_345.678_9,
        prefillUsPerToken: 37.7,
        decodeUsPerSequence: 8.2,
        kvUsPerToken: 0.02409,
      },
      maxSequences: 16 << roll(3),
      maxBatchedTokens: 512 << roll(5),
      kvTokens: 12_000 << roll(4),
      kvBlockTokens: 16,
    },
    operations: 80,
    gapUs: 200_000 << roll(4),
    longestPrompt: 9000,
    longestOutput: 700,
    disturbances: 15,
    followers: 10,
  };
}

type Twin = Replica | ReplicaTwin;

/** What was heard of one of the two, and what its sink does about it: the same for both, by the call's number. */
class Listener implements ReplicaSink {
  readonly heard: string[] = [];
  readonly jobs: Map<number, number> = new Map();
  readonly counts: { followers: number } = { followers: 0 };
  private readonly twin: Twin;
  private readonly workload: Workload;
  constructor(twin: Twin, workload: Workload) {
    this.twin = twin;
    this.workload = workload;
  }

  firstToken(call: number, atUs: number): void {
    this.heard.push(`${atUs} first ${call}`);
    const victim = call + 1;
    if (call % 13 === 0 && this.jobs.has(victim)) this.remove(victim, atUs);
    if (call % 29 === 0) this.remove(call, atUs);
  }

  finished(call: number, atUs: number): void {
    this.heard.push(`${atUs} finished ${call}`);
    this.jobs.delete(call);
    if (this.counts.followers >= this.workload.followers) return;
    this.counts.followers += 1;
    const prompt = 1 + (call % this.workload.longestPrompt);
    const output = 1 + (call % this.workload.longestOutput);
    const follower = 100_000 + call;
    this.jobs.set(follower, this.twin.add(follower, prompt, call % 7, output, atUs));
  }

  admits(call: number, atUs: number): boolean {
    this.heard.push(`${atUs} asked ${call}`);
    if (call % 11 !== 5) return true;
    this.jobs.delete(call);
    return false;
  }

  remove(call: number, nowUs: number): void {
    this.heard.push(`${nowUs} removed ${call}`);
    this.twin.remove(this.jobs.get(call)!, nowUs);
    this.jobs.delete(call);
  }
}

const COUNTS = [
  "waiting",
  "running",
  "kvTokensUsed",
  "kvBlocksUsed",
  "preemptions",
  "steps",
  "computedPromptTokens",
  "recomputedTokens",
  "generatedTokens",
] as const;

export interface Outcome {
  readonly preemptions: number;
  readonly steps: number;
  readonly boundaries: number;
  readonly mostTokens: number;
  readonly mostSequences: number;
}

/** Does the same to both, comparing after everything that happens. */
export class Duel {
  readonly replica: Replica;
  readonly twin: ReplicaTwin;
  private readonly workload: Workload;
  private readonly left: Listener;
  private readonly right: Listener;
  private readonly roll: (below: number) => number;
  private readonly seed: number;
  private nowUs = 0;
  private callCount = 0;
  private boundaries = 0;
  private isPaused = false;
  private comparedCount = 0;

  constructor(workload: Workload, seed: number) {
    this.workload = workload;
    this.seed = seed;
    this.roll = dice(seed ^ 0x5bd1e995);
    this.replica = new Replica(workload.shape);
    this.twin = new ReplicaTwin(workload.shape);
    this.left = new Listener(this.replica, workload);
    this.right = new Listener(this.twin, workload);
  }

  run(): Outcome {
    for (let i = 0; i < this.workload.operations; i += 1) {
      const quiet = this.roll(3) === 0;
      this.runUntil(this.nowUs + (quiet ? 0 : this.roll(this.workload.gapUs)));
      this.operate();
      this.compare();
    }
    if (this.isPaused) this.both((twin) => twin.resume(this.nowUs));
    this.runUntil(Infinity);
    return {
      preemptions: this.replica.preemptions,
      steps: this.replica.steps,
      boundaries: this.boundaries,
      mostTokens: this.twin.mostTokens,
      mostSequences: this.twin.mostSequences,
    };
  }

  /** Passes the replica's boundaries before a time; those at that very time come before or after what is next. */
  private runUntil(untilUs: number): void {
    const includes = this.roll(2) === 0;
    let lastUs = -1;
    while (this.replica.nextUs() < untilUs || (includes && this.replica.nextUs() === untilUs)) {
      this.nowUs = this.replica.nextUs();
      if (this.nowUs === Infinity) return;
      // A boundary that was passed is passed: the next is later, or the steps are shorter than a microsecond.
      if (this.nowUs < lastUs) expect.fail(`seed ${this.seed}: time runs backwards at ${this.nowUs}`);
      lastUs = this.nowUs;
      this.advance();
    }
    if (untilUs < Infinity) this.nowUs = untilUs;
  }

  private advance(): void {
    this.boundaries += 1;
    this.replica.advance(this.nowUs, this.left);
    this.twin.advance(this.nowUs, this.right);
    this.compare();
  }

  private both(act: (twin: Twin, listener: Listener) => void): void {
    act(this.replica, this.left);
    act(this.twin, this.right);
  }

  private operate(): void {
    const { roll, workload, nowUs } = this;
    if (roll(100) >= workload.disturbances) return this.arrive();
    const kind = roll(20);
    if (kind < 12) this.cancel();
    else if (kind < 14) this.both((twin) => twin.setSpeed([1, 2.5, 0.3, 1.0001][nowUs % 4]!, nowUs));
    else if (kind < 15) this.clear();
    else if (kind < 17) {
      this.isPaused = !this.isPaused;
      this.both((twin) => (this.isPaused ? twin.pause(nowUs) : twin.resume(nowUs)));
    } else if (kind < 19) this.advance();
  }

  private arrive(): void {
    const { roll, workload, nowUs } = this;
    const prompt = 1 + roll(workload.longestPrompt);
    const output = 1 + roll(workload.longestOutput);
    const cached = roll(3) === 0 ? roll(prompt + 3) : 0;
    const call = this.callCount++;
    this.both((twin, listener) => listener.jobs.set(call, twin.add(call, prompt, cached, output, nowUs)));
  }

  private cancel(): void {
    const calls = [...this.left.jobs.keys()];
    if (calls.length === 0) return;
    const call = calls[this.roll(calls.length)]!;
    this.both((_twin, listener) => listener.remove(call, this.nowUs));
  }

  private clear(): void {
    const calls = this.replica.clear(this.nowUs);
    expect(calls).toEqual(this.twin.clear(this.nowUs));
    expect([...calls].sort((a, b) => a - b)).toEqual([...this.left.jobs.keys()].sort((a, b) => a - b));
    this.both((_twin, listener) => listener.jobs.clear());
  }

  /** Counts are compared after both have taken every boundary before now. */
  private compare(): void {
    const { replica, twin, left, right } = this;
    this.both((one) => one.settle(this.nowUs));
    const where = `seed ${this.seed} at ${this.nowUs} µs`;
    // Told apart first: an expectation for each of a million equal pairs would take most of the time.
    for (const name of COUNTS) {
      if (replica[name] !== twin[name]) expect(replica[name], `${where}: ${name}`).toBe(twin[name]);
    }
    for (; this.comparedCount < Math.max(left.heard.length, right.heard.length); this.comparedCount += 1) {
      const [mine, its] = [left.heard[this.comparedCount], right.heard[this.comparedCount]];
      if (mine !== its) expect(mine, where).toBe(its);
    }
    replica.audit();
  }
}
