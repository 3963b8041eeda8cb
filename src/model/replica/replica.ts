import { Batch } from "./batch.js";
import { DROPPED, EMITTED, NO_JOB, WAITING } from "./jobs.js";
import { fitsAlone, type ReplicaShape, type ReplicaSink } from "./types.js";

/**
 * One replica with continuous batching, in the scheduling order of vLLM v1.
 *
 * Work is done in steps. A step is put together at a boundary, where the one before it ends:
 *
 * 1. Every sequence that decodes gets one token. If their new blocks are not free, the last admitted is preempted,
 *    until they are: it gives its blocks back and goes to the front of the line, where its prompt and what it has
 *    put out are to be computed anew, found in a cache or not.
 * 2. A prompt begun before gets a chunk: what is left of the token budget, or of the prompt. At most one prompt is
 *    begun and not finished, and it is the last admitted, so without blocks for its chunk it is preempted itself.
 * 3. Unless something was preempted, the line is admitted in order, each with a chunk, while sequences, budget and
 *    blocks for the chunk are free. The first that does not fit blocks the rest.
 *
 * A step lasts base + prefill · prompt tokens + decode · decodes + kv · Σ contexts, a context being prompt and output
 * so far. At its end every decode has put out a token, and so has every prompt that it finished; a call whose last
 * token is out leaves. Blocks and tokens are counted as of the last boundary passed; a prefix found in a cache is
 * held from admission.
 *
 * While the composition stays as it is, the steps are one *leap*. What is told to the replica ends the leap at the
 * first boundary that is not yet passed, so cutting never changes a result. Boundaries stand at their time rounded
 * up to whole µs: what is told at that µs before `advance` comes before the boundary, what is told after it waits
 * for the next. No time told may lie before one told earlier, or after `nextUs()`.
 *
 * A sequence that does not fit in an empty replica is an error of the caller ({@link fitsAlone}); as every other
 * does, the first admitted always goes on, and no step is empty.
 */
export class Replica {
  private readonly shape: ReplicaShape;
  private readonly batch: Batch;
  /** Running jobs whose callers have gone. */
  private readonly dropped: number[] = [];
  private advancedUs = -1;
  private isFiring = false;
  /** When the replica was paused, or -1. */
  private pausedUs = -1;

  constructor(shape: ReplicaShape) {
    this.shape = shape;
    this.batch = new Batch(shape);
  }

  /** Calls in line, preempted ones included. */
  get waiting(): number {
    return this.batch.waiting.count;
  }
  /** Sequences in the batch; those removed count until the next boundary. */
  get running(): number {
    return this.batch.running.count;
  }
  /** Tokens of context in memory. */
  get kvTokensUsed(): number {
    return this.batch.kv.decodeTokens + this.batch.kv.prefillTokens;
  }
  /** Blocks that some sequence owns. */
  get kvBlocksUsed(): number {
    return this.batch.kv.used;
  }
  /** All blocks. */
  get kvBlocksTotal(): number {
    return this.batch.kv.total;
  }
  /** Times that a sequence lost its memory. */
  get preemptions(): number {
    return this.batch.preemptions;
  }
  /** Tokens of prompts computed, again or not; tokens found in a cache are not among them. */
  get computedPromptTokens(): number {
    return this.batch.computedPromptTokens;
  }
  /** Of the prompt tokens computed, those of sequences that had been preempted. */
  get recomputedTokens(): number {
    return this.batch.recomputedTokens;
  }
  /** Tokens put out. */
  get generatedTokens(): number {
    return this.batch.generatedTokens;
  }
  /** Steps done. */
  get steps(): number {
    return this.batch.steps;
  }

  /** The next boundary at which something happens, whole µs; Infinity when idle or paused. */
  nextUs(): number {
    return this.pausedUs >= 0 ? Infinity : this.batch.leap.endUs;
  }

  /** Puts a call at the end of the line; returns its job id, good until it is finished, removed or cleared. */
  add(call: number, promptTokens: number, cachedTokens: number, outputTokens: number, nowUs: number): number {
    const { batch, shape } = this;
    if (!(promptTokens >= 1 && outputTokens >= 1 && fitsAlone(shape, promptTokens, outputTokens))) {
      throw new Error(`bug: ${promptTokens} + ${outputTokens} tokens in a memory of ${shape.kvTokens}`);
    }
    // The last token of a prompt is always computed: the first output token comes from it.
    const cached = Math.max(Math.min(cachedTokens, promptTokens - 1), 0);
    const job = batch.jobs.create(call, promptTokens, cached, outputTokens);
    batch.waiting.pushBack(job);
    if (this.isFiring) return job;
    const localUs = this.localUs(nowUs);
    if (batch.leap.endUs === Infinity) batch.leap.wake(localUs);
    else if (batch.waiting.head === job && batch.mayAdmitHead()) this.cut(localUs);
    return job;
  }

  /** Takes a call out, running or waiting: nothing more is heard of it. Its memory is free at the next boundary. */
  remove(job: number, nowUs: number): void {
    const { jobs, waiting } = this.batch;
    const state = jobs.state(job);
    if (state === 0 || jobs.has(job, DROPPED))
      throw new Error(`bug: remove of job ${job}, which is not here`);
    if (state === WAITING) {
      const wasHead = waiting.head === job;
      this.batch.leaveLine(job);
      if (!wasHead || waiting.head === NO_JOB) return;
    } else {
      jobs.setFlag(job, DROPPED);
      this.dropped.push(job);
    }
    if (!this.isFiring) this.cut(this.localUs(nowUs));
  }

  /** Takes everything out at once, the step under way being lost; returns the calls, the batch first, in order. */
  clear(nowUs: number): number[] {
    const { batch } = this;
    if (this.isFiring) throw new Error("bug: clear of a replica from its own sink");
    this.settle(nowUs);
    const calls: number[] = [];
    batch.running.callsInto(calls);
    batch.waiting.callsInto(calls);
    this.dropped.length = 0;
    for (let job = batch.running.head; job !== NO_JOB; job = batch.running.head) batch.drop(job);
    for (let job = batch.waiting.head; job !== NO_JOB; job = batch.waiting.head) batch.leaveLine(job);
    batch.rest();
    return calls;
  }

  /** Steps that begin from now on last `factor` times what the scenario says (a finite number > 0). */
  setSpeed(factor: number, nowUs: number): void {
    this.batch.stepPs.setSpeed(factor);
    if (!this.isFiring) this.cut(this.localUs(nowUs));
  }

  /** Stands still in the middle of a step until `resume`; calls may still come and go. */
  pause(nowUs: number): void {
    if (this.pausedUs >= 0) return;
    this.pausedUs = this.localUs(nowUs);
  }

  /** Goes on where `pause` stopped it. */
  resume(nowUs: number): void {
    if (this.pausedUs < 0) return;
    const byUs = nowUs - this.pausedUs;
    this.batch.leap.shift(byUs);
    this.advancedUs += byUs;
    this.pausedUs = -1;
  }

  /** Brings the counts up to the last boundary passed; changes nothing that happens. */
  settle(nowUs: number): void {
    const { batch } = this;
    const steps = batch.leap.stepsPast(this.passedUs(this.localUs(nowUs))) - 1;
    if (steps > 0) batch.pass(steps);
  }

  /** Passes every boundary up to now, telling the sink in order; the sink may add and remove calls. */
  advance(nowUs: number, sink: ReplicaSink): void {
    if (this.pausedUs >= 0) return;
    this.advancedUs = nowUs;
    this.isFiring = true;
    while (this.batch.leap.endUs <= nowUs) this.fire(sink);
    this.isFiring = false;
  }

  /** Counts memory anew, sequence by sequence; stops the run if it is not what is kept or more than there is. */
  audit(): void {
    this.batch.audit();
  }

  /** The replica's own time: it stands still while paused. */
  private localUs(nowUs: number): number {
    if (this.pausedUs >= 0) return this.pausedUs;
    const { endUs } = this.batch.leap;
    if (endUs < nowUs) throw new Error(`bug: replica told of ${nowUs} before it passed ${endUs}`);
    return nowUs;
  }

  /** The last whole µs all of whose boundaries are passed. */
  private passedUs(localUs: number): number {
    return this.advancedUs === localUs ? localUs : localUs - 1;
  }

  private cut(localUs: number): void {
    if (this.batch.leap.endUs < Infinity) this.batch.leap.cutAfter(this.passedUs(localUs));
  }

  /** The boundary at the end of the leap. */
  private fire(sink: ReplicaSink): void {
    const { batch } = this;
    if (batch.leap.steps > 0) {
      batch.pass(batch.leap.steps);
      this.leaveDropped();
      const atUs = batch.leap.lastUs;
      this.endDecodes(sink, atUs);
      this.endPrefills(sink, atUs);
    }
    this.leaveDropped();
    batch.plan(sink);
  }

  private endDecodes(sink: ReplicaSink, atUs: number): void {
    const { decodeEnds } = this.batch;
    while (decodeEnds.size > 0 && decodeEnds.nextTimeUs() === this.batch.stepCount) {
      this.finish(decodeEnds.nextId(), sink, atUs);
    }
  }

  /** Prompts that the step finished put out a token; one that it did not goes on. */
  private endPrefills(sink: ReplicaSink, atUs: number): void {
    const { batch } = this;
    const { jobs } = batch;
    while (batch.firstPrefill !== NO_JOB) {
      const job = batch.firstPrefill;
      if (jobs.done(job) < jobs.prompt(job)) return;
      const tokensToCome = batch.startDecode(job);
      // The sink may remove calls that are still to be told of.
      if (!jobs.has(job, EMITTED | DROPPED)) {
        jobs.setFlag(job, EMITTED);
        sink.firstToken(jobs.call(job), atUs);
      }
      if (tokensToCome === 0) this.finish(job, sink, atUs);
    }
  }

  private finish(job: number, sink: ReplicaSink, atUs: number): void {
    const { jobs } = this.batch;
    const call = jobs.call(job);
    const isDropped = jobs.has(job, DROPPED);
    if (isDropped) this.dropped.splice(this.dropped.indexOf(job), 1);
    this.batch.drop(job);
    if (!isDropped) sink.finished(call, atUs);
  }

  private leaveDropped(): void {
    while (this.dropped.length > 0) this.batch.drop(this.dropped.pop()!);
  }
}
