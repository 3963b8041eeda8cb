/** How many calls each replica of a group has, and what memory those in its line will need: what dealing goes by. */
import { type ReplicaFleet, type ReplicaServing, SERVING } from "./replicaFleet.js";

/** No replica. */
export const NO_REPLICA = -1;

export class DealtCalls {
  /** Calls of each replica, waiting ones included. */
  readonly counts: number[] = [];
  /** Blocks that the prompts in each replica's line will need. */
  readonly #pendingBlocks: number[] = [];
  readonly #fleet: ReplicaFleet;
  readonly #serving: ReplicaServing;

  constructor(fleet: ReplicaFleet, serving: ReplicaServing) {
    this.#fleet = fleet;
    this.#serving = serving;
  }

  /** Columns reach as far as there are replicas. */
  track(r: number): void {
    while (this.counts.length <= r) {
      this.counts.push(0);
      this.#pendingBlocks.push(0);
    }
  }

  /** The serving replica with the fewest calls, the earlier among equals; −1 when none serves. */
  leastBusy(): number {
    const { states } = this.#fleet;
    const { counts } = this;
    let best = NO_REPLICA;
    let fewest = Number.POSITIVE_INFINITY;
    for (let r = 0; r < counts.length; r++) {
      if (counts[r]! >= fewest || states[r] !== SERVING) continue;
      best = r;
      fewest = counts[r]!;
    }
    return best;
  }

  /** Whether a replica takes a prompt into its batch at its next boundary, as far as can be told before. */
  hasRoom(r: number, promptTokens: number): boolean {
    const replica = this.#fleet.replicas[r]!;
    return (
      this.counts[r]! < this.#serving.maxSequences &&
      replica.kvBlocksUsed + this.#pendingBlocks[r]! + this.#blocks(promptTokens) <= replica.kvBlocksTotal
    );
  }

  /** A call joins a replica's line. */
  joined(r: number, promptTokens: number): void {
    this.counts[r] = this.counts[r]! + 1;
    this.#pendingBlocks[r] = this.#pendingBlocks[r]! + this.#blocks(promptTokens);
  }

  /** A call is in the line no more: its memory is its own now, or nobody's. */
  leftLine(r: number, promptTokens: number): void {
    this.#pendingBlocks[r] = this.#pendingBlocks[r]! - this.#blocks(promptTokens);
  }

  /** So many calls of a replica have ended. */
  ended(r: number, calls: number): void {
    this.counts[r] = this.counts[r]! - calls;
  }

  /** Everything was taken out of a replica. */
  emptied(r: number): void {
    this.counts[r] = 0;
    this.#pendingBlocks[r] = 0;
  }

  #blocks(tokens: number): number {
    return Math.ceil(tokens / this.#serving.kvBlockTokens);
  }
}
