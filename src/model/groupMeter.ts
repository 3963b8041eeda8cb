/**
 * What a group's replicas hold, as columns with totals, and what is recorded of it. A replica's row is brought up
 * to date whenever the replica has been touched, so every total is a sum that is never recomputed.
 */
import type { BusyMeter, ReplicaCounts } from "../metrics/index.js";
import type { Replica } from "./replica/index.js";
import { type ReplicaFleet, type ReplicaServing, SERVING } from "./replicaFleet.js";

const PROMPT = 0;
const ANSWER = 1;
const SEQUENCES = 2;

export class GroupMeter {
  /** Calls in the replicas' lines, and sequences in their batches. */
  waiting = 0;
  running = 0;
  #kvTokens = 0;
  /** Sequences in use, or as many as the same share of memory would be, over the replicas that serve. */
  #units = 0;
  readonly #serving: ReplicaServing;
  readonly #fleet: ReplicaFleet;
  readonly #out: ReplicaCounts;
  readonly #busy: BusyMeter;
  readonly #waitingOf: number[] = [];
  readonly #runningOf: number[] = [];
  readonly #kvTokensOf: number[] = [];
  readonly #unitsOf: number[] = [];
  /** 1 for replicas at which somebody waits for room, not only for the next step. */
  readonly #crowded: number[] = [];
  /** Tokens put out, and the time, when memory was last counted. */
  readonly #generated: number[] = [];
  readonly #countedUs: number[] = [];

  constructor(serving: ReplicaServing, fleet: ReplicaFleet, out: ReplicaCounts, busy: BusyMeter) {
    this.#serving = serving;
    this.#fleet = fleet;
    this.#out = out;
    this.#busy = busy;
  }

  /** A call goes to a replica; tokens. */
  came(prompt: number, cached: number, answer: number, failover: number): void {
    const out = this.#out;
    out.promptTokens += prompt;
    out.cachedTokens += cached;
    out.failoverTokens += failover;
    this.#see(PROMPT, prompt);
    this.#see(ANSWER, answer);
  }

  #see(what: number, value: number): void {
    const { seenLow, seenHigh } = this.#out;
    if (value < seenLow[what]!) seenLow[what] = value;
    if (value > seenHigh[what]!) seenHigh[what] = value;
  }

  /** Somebody waits at a replica for want of room. */
  crowd(r: number): void {
    this.#crowded[r] = 1;
    this.#weigh(r);
  }

  /** Boundaries of a replica have passed, or everything was taken out of it. */
  passed(r: number, nowUs: number): void {
    this.#track(r);
    const replica = this.#fleet.replicas[r]!;
    const { generatedTokens } = replica;
    // Every token put out stays in memory, so within a leap memory grows in a straight line.
    const grown = generatedTokens - this.#generated[r]!;
    const held = this.#kvTokensOf[r]!;
    this.#out.kvTokenUs += (held + grown / 2) * (nowUs - this.#countedUs[r]!);
    if (this.#kvTokens + grown > this.#out.kvPeakTokens) this.#out.kvPeakTokens = this.#kvTokens + grown;
    this.#generated[r] = generatedTokens;
    this.#countedUs[r] = nowUs;
    const kvTokens = replica.kvTokensUsed;
    this.#kvTokensOf[r] = kvTokens;
    this.#kvTokens += kvTokens - held;
    if (this.#kvTokens > this.#out.kvPeakTokens) this.#out.kvPeakTokens = this.#kvTokens;
    this.#crowded[r] = replica.waiting > 0 ? 1 : 0;
    this.#count(r, replica);
    if (this.#runningOf[r]! > 0) this.#see(SEQUENCES, this.#runningOf[r]!);
  }

  /** A replica has been given something, or something was taken from it. */
  look(r: number): void {
    this.#track(r);
    this.#count(r, this.#fleet.replicas[r]!);
  }

  #count(r: number, replica: Replica): void {
    const { waiting, running } = replica;
    this.waiting += waiting - this.#waitingOf[r]!;
    this.running += running - this.#runningOf[r]!;
    this.#waitingOf[r] = waiting;
    this.#runningOf[r] = running;
    if (waiting === 0) this.#crowded[r] = 0;
    this.#weigh(r);
  }

  #weigh(r: number): void {
    const { maxSequences, kvTokens } = this.#serving;
    const byMemory = Math.ceil((this.#kvTokensOf[r]! * maxSequences) / kvTokens);
    let units = 0;
    if (this.#fleet.states[r] === SERVING)
      units =
        this.#crowded[r] === 1
          ? maxSequences
          : Math.min(maxSequences, Math.max(this.#runningOf[r]!, byMemory));
    this.#units += units - this.#unitsOf[r]!;
    this.#unitsOf[r] = units;
  }

  /**
   * Records how much of the group is in use: of sequences or of memory, whichever is more, as that share of the
   * places the group had at the start. While calls wait for a replica to serve, all of it is.
   */
  measure(isLineUsed: boolean, nowUs: number): void {
    const serving = this.#fleet.counts[SERVING]!;
    const { replicas, concurrency, maxSequences } = this.#serving;
    let level = isLineUsed ? concurrency : 0;
    if (!isLineUsed && serving > 0)
      level = serving === replicas ? this.#units : (this.#units * concurrency) / (serving * maxSequences);
    if (level !== this.#busy.level) this.#busy.change(level - this.#busy.level, nowUs);
  }

  #track(r: number): void {
    while (this.#waitingOf.length <= r) {
      this.#waitingOf.push(0);
      this.#runningOf.push(0);
      this.#kvTokensOf.push(0);
      this.#unitsOf.push(0);
      this.#crowded.push(0);
      this.#generated.push(0);
      this.#countedUs.push(0);
    }
  }
}
