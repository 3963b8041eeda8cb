import { TimerHeap } from "../../kernel/index.js";
import { DECODING, JobLine, JobTable, NO_JOB, PREFILLING, RECOMPUTED } from "./jobs.js";
import { KvBlocks } from "./kvBlocks.js";
import { Leap } from "./leap.js";
import { StepPs } from "./stepPs.js";
import type { ReplicaShape, ReplicaSink } from "./types.js";

/**
 * Who is in the batch of a replica and who waits, and how the next steps are put together at a boundary.
 * {@link Replica} says in which order, and is the only user of this class.
 */
export class Batch {
  preemptions = 0;
  computedPromptTokens = 0;
  recomputedTokens = 0;
  generatedTokens = 0;
  steps = 0;

  readonly kv: KvBlocks;
  readonly leap: Leap = new Leap();
  readonly stepPs: StepPs;
  readonly jobs: JobTable = new JobTable();
  readonly waiting: JobLine;
  /** In the order of admission: decodes, then the prompts of the step under way. */
  readonly running: JobLine;
  /** First of the prompts that the step under way computes; they end the row of the running. */
  firstPrefill: number = NO_JOB;
  /** Steps since the replica was last idle. */
  stepCount = 0;
  /** Decodes by the number of their last step; equal ones by admission. */
  readonly decodeEnds: TimerHeap = new TimerHeap(16);
  private decodeOrder = 0;
  private readonly maxRunning: number;
  private readonly maxBatchedTokens: number;
  /** What the step that is being put together has left, and the prompt tokens it has taken. */
  private tokensLeft = 0;
  private blocksLeft = 0;
  private stepPrefillTokens = 0;
  /** The part of a prompt last worked out. */
  private chunkTokens = 0;
  private chunkBlocks = 0;

  constructor(shape: ReplicaShape) {
    this.maxRunning = Math.min(shape.maxSequences, shape.maxBatchedTokens);
    this.maxBatchedTokens = shape.maxBatchedTokens;
    this.stepPs = new StepPs(shape.stepTime);
    this.kv = new KvBlocks(shape.kvTokens, shape.kvBlockTokens);
    this.waiting = new JobLine(this.jobs);
    this.running = new JobLine(this.jobs);
  }

  /** Begins the next leap at the boundary just passed; the sink may turn away who is admitted. */
  plan(sink: ReplicaSink): void {
    const { kv } = this;
    const preemptionsBefore = this.preemptions;
    while (kv.neededNext() > kv.free) this.preemptLast();
    this.tokensLeft = this.maxBatchedTokens - kv.decodes;
    this.blocksLeft = kv.free - kv.neededNext();
    this.stepPrefillTokens = 0;
    const begun = this.firstPrefill;
    if (begun !== NO_JOB) {
      if (this.chunkFits(begun)) this.takeChunk(begun);
      else this.preemptLast();
    }
    const hasPreempted = this.preemptions > preemptionsBefore;
    if (!hasPreempted) this.admit(sink);
    this.begin(hasPreempted);
  }

  /** Whether the head of the line could be admitted at a boundary within the leap; free blocks only get fewer. */
  mayAdmitHead(): boolean {
    const { leap, running, jobs, kv, waiting } = this;
    if (leap.steps <= 1 || this.firstPrefill !== NO_JOB || running.count >= this.maxRunning) return false;
    const done = jobs.done(waiting.head);
    const chunk = Math.min(jobs.prompt(waiting.head) - done, this.maxBatchedTokens - kv.decodes);
    return kv.blocks(done + chunk) <= kv.free;
  }

  /** Steps of the leap are done: their tokens are in memory, and time has passed. */
  pass(steps: number): void {
    const { jobs, kv } = this;
    this.generatedTokens += kv.decodes * steps;
    kv.pass(steps);
    this.stepCount += steps;
    this.steps += steps;
    for (let job = this.firstPrefill; job !== NO_JOB; job = jobs.next(job)) {
      const tokens = jobs.chunk(job) * steps;
      const done = jobs.done(job);
      kv.growPrefill(done, done + tokens);
      jobs.setDone(job, done + tokens);
      this.computedPromptTokens += tokens;
      if (jobs.has(job, RECOMPUTED)) this.recomputedTokens += tokens;
    }
    this.leap.pass(steps);
  }

  /** The first prompt of the step is finished and has put out a token; returns how many are still to come. */
  startDecode(job: number): number {
    const { jobs } = this;
    this.firstPrefill = jobs.next(job);
    jobs.setState(job, DECODING);
    this.kv.startDecode(jobs.prompt(job));
    this.generatedTokens += 1;
    const tokensToCome = jobs.output(job) - 1;
    jobs.setLastStep(job, this.stepCount + tokensToCome);
    this.decodeEnds.set(job, this.stepCount + tokensToCome, this.decodeOrder);
    this.decodeOrder += 1;
    return tokensToCome;
  }

  /** Takes a running job out, and out of the table. */
  drop(job: number): void {
    this.release(job);
    this.jobs.free(job);
  }

  /** Takes a waiting job out, and out of the table. */
  leaveLine(job: number): void {
    this.waiting.remove(job);
    this.jobs.free(job);
  }

  /** Nothing to do: counters start anew, so that they stay small. */
  rest(): void {
    this.leap.stop();
    this.stepCount = 0;
    this.decodeOrder = 0;
  }

  /** Takes a running job and its memory out of the batch. */
  private release(job: number): void {
    const { jobs, kv } = this;
    if (jobs.state(job) === DECODING) {
      this.decodeEnds.cancel(job);
      kv.freeDecode(this.heldByDecode(job));
    } else {
      if (this.firstPrefill === job) this.firstPrefill = jobs.next(job);
      kv.freePrefill(jobs.done(job));
    }
    this.running.remove(job);
  }

  /** Counts memory sequence by sequence, and the batch, and stops the run when the sums kept are others. */
  audit(): void {
    const { jobs, kv } = this;
    let blocks = 0;
    let tokens = 0;
    let count = 0;
    for (let job = this.running.head; job !== NO_JOB; job = jobs.next(job)) {
      const held = jobs.state(job) === DECODING ? this.heldByDecode(job) : jobs.done(job);
      blocks += kv.blocks(held);
      tokens += held;
      count += 1;
    }
    const isExact = blocks === kv.used && tokens === kv.decodeTokens + kv.prefillTokens;
    const isBounded = kv.used <= kv.total && count <= this.maxRunning;
    if (!isExact || !isBounded || count !== this.running.count) {
      throw new Error(
        `bug: ${count} sequences hold ${tokens} tokens in ${blocks} blocks; kept as ${this.running.count}, ` +
          `${kv.decodeTokens + kv.prefillTokens} and ${kv.used} of ${kv.total}`,
      );
    }
  }

  /** Tokens in memory of a decode; the last one put out is not, until the next step. */
  private heldByDecode(job: number): number {
    const { jobs } = this;
    return jobs.prompt(job) + jobs.output(job) - 1 - (jobs.lastStep(job) - this.stepCount);
  }

  private preemptLast(): void {
    const { jobs } = this;
    const job = this.running.tail;
    const isDecode = jobs.state(job) === DECODING;
    const remaining = isDecode ? jobs.lastStep(job) - this.stepCount : jobs.output(job);
    this.release(job);
    jobs.restart(job, remaining);
    this.waiting.pushFront(job);
    this.preemptions += 1;
  }

  /** Works out a prompt's part of the step; false when its blocks are not free. */
  private chunkFits(job: number): boolean {
    const { jobs, kv } = this;
    const done = jobs.done(job);
    this.chunkTokens = Math.min(jobs.prompt(job) - done, this.tokensLeft);
    this.chunkBlocks = kv.blocks(done + this.chunkTokens);
    if (jobs.state(job) === PREFILLING) this.chunkBlocks -= kv.blocks(done);
    return this.chunkBlocks <= this.blocksLeft;
  }

  /** Gives a prompt the part that was last worked out. */
  private takeChunk(job: number): void {
    this.jobs.setChunk(job, this.chunkTokens);
    this.tokensLeft -= this.chunkTokens;
    this.blocksLeft -= this.chunkBlocks;
    this.stepPrefillTokens += this.chunkTokens;
  }

  private admit(sink: ReplicaSink): void {
    const { jobs, waiting, running, kv } = this;
    while (waiting.head !== NO_JOB && this.tokensLeft > 0 && running.count < this.maxRunning) {
      const job = waiting.head;
      if (!this.chunkFits(job)) return;
      if (!this.isWanted(job, sink)) {
        this.leaveLine(job);
        continue;
      }
      this.takeChunk(job);
      waiting.remove(job);
      running.pushBack(job);
      jobs.setState(job, PREFILLING);
      kv.growPrefill(0, jobs.done(job));
      if (this.firstPrefill === NO_JOB) this.firstPrefill = job;
    }
  }

  /** Whether a call whose turn has come still wants it; who was preempted has been asked before. */
  private isWanted(job: number, sink: ReplicaSink): boolean {
    if (sink.admits === undefined || this.jobs.has(job, RECOMPUTED)) return true;
    return sink.admits(this.jobs.call(job), this.leap.lastUs);
  }

  /** Begins as many steps of the composition chosen as it lasts. */
  private begin(hasPreempted: boolean): void {
    const { kv, stepPs, decodeEnds, waiting } = this;
    if (this.running.count === 0) {
      this.rest();
      return;
    }
    const { decodes } = kv;
    // A decode's context in its next step holds one token more than memory does now.
    const firstPs = stepPs.stepPs(this.stepPrefillTokens, decodes, kv.decodeTokens + decodes);
    // What was preempted may come back at once; a step that finishes a prompt changes the batch.
    let steps = hasPreempted && waiting.count > 0 ? 1 : this.chunkSteps();
    if (decodes > 0) steps = Math.min(steps, decodeEnds.nextTimeUs() - this.stepCount);
    if (this.stepPrefillTokens === 0) steps = kv.stepsThatFit(steps);
    if (!(steps >= 1)) throw new Error(`bug: a leap of ${steps} steps with ${decodes} decodes`);
    this.leap.begin(firstPs, stepPs.growthPs(decodes), steps);
  }

  /** Steps whose prompt part is the same: any number without one, 1 unless the step is one whole chunk of one prompt. */
  private chunkSteps(): number {
    const { jobs, kv, firstPrefill: job } = this;
    if (job === NO_JOB) return Infinity;
    if (this.tokensLeft > 0 || jobs.next(job) !== NO_JOB) return 1;
    const chunk = jobs.chunk(job);
    const left = jobs.prompt(job) - jobs.done(job);
    // What is left over is a step of its own: it may leave room for others.
    const steps = Math.floor(left / chunk);
    // Blocks are counted roughly here, one too many for each sequence: too few only means another leap.
    const blocks = kv.decodes * (kv.blocks(steps) + 1) + kv.blocks(steps * chunk) + 1;
    return blocks <= kv.free ? steps : 1;
  }
}
