/**
 * The memory of one replica in blocks, each owned by one sequence.
 *
 * A decode fills one token a step and needs a block whenever its last one is full. All decodes advance together, so
 * they are counted by the phase at which they cross into a new block; how long the free blocks last is then a sum
 * over phases, whatever the number of sequences.
 */
export class KvBlocks {
  readonly blockTokens: number;
  readonly total: number;
  /** Blocks owned. */
  used = 0;
  /** Tokens held by decodes, and by sequences whose prompt is not finished. */
  decodeTokens = 0;
  prefillTokens = 0;
  /** Sequences that decode. */
  decodes = 0;
  /** Steps so far, modulo the block size. */
  private phase = 0;
  /** Decodes that need a block at the steps whose phase is −index, modulo the block size. */
  private readonly crossing: Int32Array;

  constructor(kvTokens: number, blockTokens: number) {
    this.blockTokens = blockTokens;
    this.total = Math.floor(kvTokens / blockTokens);
    this.crossing = new Int32Array(blockTokens);
  }

  get free(): number {
    return this.total - this.used;
  }

  /** Blocks that so many tokens of one sequence fill. */
  blocks(tokens: number): number {
    return Math.ceil(tokens / this.blockTokens);
  }

  /** A prompt that is being computed holds `to` tokens instead of `from`. */
  growPrefill(from: number, to: number): void {
    this.used += this.blocks(to) - this.blocks(from);
    this.prefillTokens += to - from;
  }

  /** A finished prompt of so many tokens begins to decode. */
  startDecode(tokens: number): void {
    this.prefillTokens -= tokens;
    this.decodeTokens += tokens;
    this.decodes += 1;
    this.crossing[this.place(tokens)]! += 1;
  }

  /** A decode that holds so many tokens gives them back. */
  freeDecode(tokens: number): void {
    this.crossing[this.place(tokens)]! -= 1;
    this.decodes -= 1;
    this.decodeTokens -= tokens;
    this.used -= this.blocks(tokens);
  }

  /** A prompt that is being computed gives back its tokens. */
  freePrefill(tokens: number): void {
    this.growPrefill(tokens, 0);
  }

  /** Blocks that the decodes need for their next step. */
  neededNext(): number {
    return this.crossing[this.phase === 0 ? 0 : this.blockTokens - this.phase]!;
  }

  /** The most steps, up to `limit`, for which the free blocks suffice if only the decodes use them. */
  stepsThatFit(limit: number): number {
    const { decodes, blockTokens, crossing } = this;
    if (decodes === 0) return limit;
    // In as many steps as a block has tokens, every decode needs exactly one block.
    const rounds = Math.floor(this.free / decodes);
    let steps = rounds * blockTokens;
    if (steps >= limit) return limit;
    let left = this.free - rounds * decodes;
    let place = this.phase === 0 ? 0 : blockTokens - this.phase;
    while (steps < limit && crossing[place]! <= left) {
      left -= crossing[place]!;
      steps += 1;
      place = place === 0 ? blockTokens - 1 : place - 1;
    }
    return steps;
  }

  /** Every decode has computed so many steps. */
  pass(steps: number): void {
    const { blockTokens, crossing } = this;
    const rounds = Math.floor(steps / blockTokens);
    const rest = steps - rounds * blockTokens;
    if (this.decodes > 0) {
      let taken = rounds * this.decodes;
      let place = this.phase === 0 ? 0 : blockTokens - this.phase;
      for (let step = 0; step < rest; step += 1) {
        taken += crossing[place]!;
        place = place === 0 ? blockTokens - 1 : place - 1;
      }
      this.used += taken;
      this.decodeTokens += this.decodes * steps;
    }
    this.phase += rest;
    if (this.phase >= blockTokens) this.phase -= blockTokens;
  }

  /** Where a decode that holds so many tokens now is counted. */
  private place(tokens: number): number {
    const within = (tokens % this.blockTokens) - this.phase;
    return within < 0 ? within + this.blockTokens : within;
  }
}
