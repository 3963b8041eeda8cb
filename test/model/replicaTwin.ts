/**
 * The replica once more, as dumb as can be: arrays, one step at a time, time in one big integer of picoseconds.
 *
 * It shares no code with the replica, only its shape and its sink. Everything is counted anew whenever it is asked.
 */
import type { ReplicaShape, ReplicaSink } from "../../src/model/replica/types.js";

interface TwinJob {
  readonly id: number;
  readonly call: number;
  /** Tokens to compute before the next token comes out. */
  prompt: number;
  /** Tokens still to come out. */
  output: number;
  cached: number;
  /** Tokens in memory. */
  held: number;
  /** Tokens that the step under way computes. */
  tokens: number;
  emitted: boolean;
  dropped: boolean;
  restarted: boolean;
}

const PS_PER_US = 1_000_000n;
/** Steps end, or the twin has found a replica that spins. */
const MOST_STEPS = 5_000_000;

function ceilUs(ps: bigint): number {
  return Number((ps + PS_PER_US - 1n) / PS_PER_US);
}

function take(jobs: TwinJob[], job: TwinJob): void {
  jobs.splice(jobs.indexOf(job), 1);
}

const NOBODY: ReplicaSink = {
  firstToken: (call, atUs) => {
    throw new Error(`a first token of ${call} at ${atUs} was missed`);
  },
  finished: (call, atUs) => {
    throw new Error(`the end of ${call} at ${atUs} was missed`);
  },
  admits: (call, atUs) => {
    throw new Error(`the turn of ${call} at ${atUs} was missed`);
  },
};

export class ReplicaTwin {
  preemptions = 0;
  computedPromptTokens = 0;
  recomputedTokens = 0;
  generatedTokens = 0;
  steps = 0;
  /** The most tokens of one step, and the most sequences. */
  mostTokens = 0;
  mostSequences = 0;

  private readonly shape: ReplicaShape;
  private readonly line: TwinJob[] = [];
  private batch: TwinJob[] = [];
  private factor = 1;
  /** End of the step under way, ps; null when idle. */
  private endPs: bigint | null = null;
  private jobCount = 0;
  private advancedUs = -1;
  private pausedUs = -1;
  private firing = false;

  constructor(shape: ReplicaShape) {
    this.shape = shape;
  }

  get waiting(): number {
    return this.line.length;
  }
  get running(): number {
    return this.batch.length;
  }
  get kvTokensUsed(): number {
    return this.batch.reduce((sum, job) => sum + job.held, 0);
  }
  get kvBlocksUsed(): number {
    return this.batch.reduce((sum, job) => sum + this.blocks(job.held), 0);
  }
  get kvBlocksTotal(): number {
    return Math.floor(this.shape.kvTokens / this.shape.kvBlockTokens);
  }

  /** End of the step under way, whole µs: every boundary, not only those at which something happens. */
  nextUs(): number {
    return this.endPs === null || this.pausedUs >= 0 ? Infinity : ceilUs(this.endPs);
  }

  add(call: number, prompt: number, cachedTokens: number, output: number, nowUs: number): number {
    if (!this.firing) this.settle(nowUs);
    const cached = Math.max(0, Math.min(cachedTokens, prompt - 1));
    const flags = { emitted: false, dropped: false, restarted: false };
    const id = this.jobCount++;
    this.line.push({ id, call, prompt, output, cached, held: 0, tokens: 0, ...flags });
    const localUs = this.pausedUs >= 0 ? this.pausedUs : nowUs;
    if (!this.firing && this.endPs === null) {
      this.endPs = BigInt(localUs) * PS_PER_US;
      // It begins when it is next advanced, at this very microsecond.
      this.advancedUs = -1;
    }
    return id;
  }

  remove(id: number, nowUs: number): void {
    if (!this.firing) this.settle(nowUs);
    const waiting = this.line.find((job) => job.id === id);
    if (waiting !== undefined) take(this.line, waiting);
    else this.batch.find((job) => job.id === id)!.dropped = true;
  }

  clear(nowUs: number): number[] {
    this.settle(nowUs);
    const calls = [...this.batch, ...this.line].filter((job) => !job.dropped).map((job) => job.call);
    this.batch = [];
    this.line.length = 0;
    this.endPs = null;
    return calls;
  }

  setSpeed(factor: number, nowUs: number): void {
    if (!this.firing) this.settle(nowUs);
    this.factor = factor;
  }

  pause(nowUs: number): void {
    if (this.pausedUs >= 0) return;
    this.settle(nowUs);
    this.pausedUs = nowUs;
  }

  resume(nowUs: number): void {
    if (this.pausedUs < 0) return;
    const byUs = nowUs - this.pausedUs;
    if (this.endPs !== null) this.endPs += BigInt(byUs) * PS_PER_US;
    this.advancedUs += byUs;
    this.pausedUs = -1;
  }

  /** Takes the boundaries before now, at which nobody must hear anything. */
  settle(nowUs: number): void {
    if (this.pausedUs >= 0) return;
    this.take(this.advancedUs === nowUs ? nowUs : nowUs - 1, NOBODY);
  }

  advance(nowUs: number, sink: ReplicaSink): void {
    if (this.pausedUs >= 0) return;
    this.advancedUs = nowUs;
    this.take(nowUs, sink);
  }

  private blocks(tokens: number): number {
    return Math.ceil(tokens / this.shape.kvBlockTokens);
  }

  private take(untilUs: number, sink: ReplicaSink): void {
    while (this.endPs !== null && ceilUs(this.endPs) <= untilUs) {
      if (this.steps > MOST_STEPS) throw new Error("the twin spins");
      this.firing = true;
      if (this.batch.length > 0) this.end(ceilUs(this.endPs), sink);
      this.firing = false;
      this.batch = this.batch.filter((job) => !job.dropped);
      this.endPs = this.schedule(sink, ceilUs(this.endPs)) ? this.endPs + this.costPs() : null;
    }
  }

  /** The step is done: everybody in the batch who has nothing left of its prompt puts out a token. */
  private end(atUs: number, sink: ReplicaSink): void {
    this.steps += 1;
    for (const job of this.batch) {
      const wasPrompt = job.held < job.prompt;
      job.held += job.tokens;
      if (wasPrompt) this.computedPromptTokens += job.tokens;
      if (wasPrompt && job.restarted) this.recomputedTokens += job.tokens;
      // The replica counts what a decode puts out even where nobody hears it, but drops a prompt that is gone.
      if (!wasPrompt) this.generatedTokens += 1;
      if (!wasPrompt) job.output -= 1;
    }
    this.batch = this.batch.filter((job) => !job.dropped);
    for (const job of [...this.batch]) {
      const wasPrompt = job.held - job.tokens < job.prompt;
      if (job.held < job.prompt) continue;
      if (wasPrompt) {
        this.generatedTokens += 1;
        job.output -= 1;
      }
      if (!job.emitted && !job.dropped) {
        job.emitted = true;
        sink.firstToken(job.call, atUs);
      }
      if (job.output > 0) continue;
      take(this.batch, job);
      if (!job.dropped) sink.finished(job.call, atUs);
    }
  }

  /** Puts the next step together; false when there is none. */
  private schedule(sink: ReplicaSink, atUs: number): boolean {
    const { maxBatchedTokens, maxSequences } = this.shape;
    const line = this.line;
    let tokensLeft = maxBatchedTokens;
    let blocksLeft = this.kvBlocksTotal - this.kvBlocksUsed;
    let preempted = false;
    for (let i = 0; i < this.batch.length; i += 1) {
      const job = this.batch[i]!;
      job.tokens = job.held >= job.prompt ? 1 : Math.min(job.prompt - job.held, tokensLeft);
      const needed = this.blocks(job.held + job.tokens) - this.blocks(job.held);
      while (blocksLeft < needed && this.batch.includes(job)) {
        blocksLeft += this.preemptLast();
        preempted = true;
      }
      if (!this.batch.includes(job)) break;
      blocksLeft -= needed;
      tokensLeft -= job.tokens;
    }
    while (!preempted && line.length > 0 && tokensLeft > 0) {
      if (this.batch.length >= Math.min(maxSequences, maxBatchedTokens)) break;
      const job = line[0]!;
      const tokens = Math.min(job.prompt - job.cached, tokensLeft);
      const needed = this.blocks(job.cached + tokens);
      if (needed > blocksLeft) break;
      line.shift();
      if (!job.restarted && sink.admits?.(job.call, atUs) === false) continue;
      job.tokens = tokens;
      job.held = job.cached;
      this.batch.push(job);
      blocksLeft -= needed;
      tokensLeft -= tokens;
    }
    this.mostTokens = Math.max(this.mostTokens, maxBatchedTokens - tokensLeft);
    this.mostSequences = Math.max(this.mostSequences, this.batch.length);
    return this.batch.length > 0;
  }

  private preemptLast(): number {
    const job = this.batch.pop()!;
    const blocks = this.blocks(job.held);
    // A decode holds all of its context but the token it has just put out.
    if (job.held >= job.prompt) job.prompt = job.held + 1;
    job.held = 0;
    job.cached = 0;
    job.restarted = true;
    this.line.unshift(job);
    this.preemptions += 1;
    return blocks;
  }

  private costPs(): bigint {
    const { baseUs, prefillUsPerToken, decodeUsPerSequence, kvUsPerToken } = this.shape.stepTime;
    const ps = (us: number) => BigInt(Math.round(us * 1e6 * this.factor));
    let cost = ps(baseUs);
    for (const job of this.batch) {
      const isDecode = job.held >= job.prompt;
      cost += isDecode ? ps(decodeUsPerSequence) : ps(prefillUsPerToken) * BigInt(job.tokens);
      if (isDecode) cost += ps(kvUsPerToken) * BigInt(job.held + 1);
    }
    return cost;
  }
}
