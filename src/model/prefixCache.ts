/**
 * What a group of replicas remembers of prompts: whole blocks of beginnings. A class's shared prefix is one entry,
 * every conversation another, which holds what comes after its class's prefix. Entries leave as the least recently
 * used one does, from its end, block by block; a prefix is used with every conversation that begins with it, so
 * it outlives them all.
 *
 * Entries are rows of columns, found through chained hashing: no allocation per look-up, O(1) for everything but
 * growth.
 */

/** No entry: the end of a chain. */
const NONE = -1;
const FIRST_ROWS = 64;

export class PrefixCache {
  /** Blocks in use, never more than {@link capacityBlocks}. */
  usedBlocks = 0;
  readonly capacityBlocks: number;
  readonly blockTokens: number;
  /** Whose entry a row is: site and conversation, or −1 and class for a shared prefix. */
  #owners: Int32Array = new Int32Array(FIRST_ROWS);
  #names: Int32Array = new Int32Array(FIRST_ROWS);
  #blocks: Int32Array = new Int32Array(FIRST_ROWS);
  /** Towards the least recently used, and towards the most. */
  #older: Int32Array = new Int32Array(FIRST_ROWS);
  #newer: Int32Array = new Int32Array(FIRST_ROWS);
  #chain: Int32Array = new Int32Array(FIRST_ROWS);
  #buckets: Int32Array = new Int32Array(FIRST_ROWS).fill(NONE);
  #oldest = NONE;
  #newest = NONE;
  #free = NONE;
  #rows = 0;

  constructor(capacityTokens: number, blockTokens: number) {
    this.blockTokens = blockTokens;
    this.capacityBlocks = Math.floor(capacityTokens / blockTokens);
  }

  /** So many tokens, rounded down to whole blocks. */
  wholeTokens(tokens: number): number {
    return Math.floor(Math.max(0, tokens) / this.blockTokens) * this.blockTokens;
  }

  /**
   * Tokens of a prompt that need not be computed, whole blocks, and never all of it. The prompt begins with
   * `history` tokens that conversation `session` of `site` has had before (0, or session −1, for none), and with
   * the first `sharedTokens` of its class. What is found counts as used now.
   */
  find(site: number, session: number, classIndex: number, question: PromptParts): number {
    const { promptTokens, historyTokens, sharedTokens } = question;
    const { blockTokens } = this;
    const most = Math.floor(Math.max(0, promptTokens - 1) / blockTokens);
    const whole = Math.floor(sharedTokens / blockTokens);
    const shared = whole === 0 ? NONE : this.#row(-1, classIndex);
    const own = session < 0 || historyTokens === 0 ? NONE : this.#row(site, session);
    if (own !== NONE) this.#use(own);
    if (shared !== NONE) this.#use(shared);
    let found = shared === NONE ? 0 : Math.min(this.#blocks[shared]!, whole);
    // Without all of the prefix before it, what a conversation left is of no use.
    if (own !== NONE && found === whole) {
      const inHistory = Math.floor(historyTokens / blockTokens) - whole;
      found += Math.max(0, Math.min(this.#blocks[own]!, inHistory));
    }
    return Math.min(found, most) * blockTokens;
  }

  /** Keeps the beginning that all prompts of a class have in common. */
  keepShared(classIndex: number, sharedTokens: number): void {
    const blocks = Math.floor(sharedTokens / this.blockTokens);
    if (blocks === 0) return;
    // A prompt shorter than the prefix uses only its beginning.
    const row = this.#row(-1, classIndex);
    this.#keep(-1, classIndex, row === NONE ? blocks : Math.max(blocks, this.#blocks[row]!));
  }

  /** Keeps the context of a conversation, prompt and answer; its class's prefix is kept apart. */
  keep(site: number, session: number, contextTokens: number, sharedTokens: number): void {
    const blocks = Math.floor(contextTokens / this.blockTokens) - Math.floor(sharedTokens / this.blockTokens);
    if (blocks > 0) this.#keep(site, session, blocks);
  }

  /** Forgets everything: the memory is gone. */
  clear(): void {
    this.#buckets.fill(NONE);
    this.#oldest = NONE;
    this.#newest = NONE;
    this.#free = NONE;
    this.#rows = 0;
    this.usedBlocks = 0;
  }

  #keep(owner: number, name: number, blocks: number): void {
    let row = this.#row(owner, name);
    if (row === NONE) row = this.#create(owner, name);
    else this.#use(row);
    this.usedBlocks += blocks - this.#blocks[row]!;
    this.#blocks[row] = blocks;
    while (this.usedBlocks > this.capacityBlocks) this.#trim(this.usedBlocks - this.capacityBlocks);
  }

  /** Takes up to so many blocks off the end of the least recently used entry. */
  #trim(blocks: number): void {
    const row = this.#oldest;
    const taken = Math.min(blocks, this.#blocks[row]!);
    this.#blocks[row] = this.#blocks[row]! - taken;
    this.usedBlocks -= taken;
    if (this.#blocks[row] === 0) this.#remove(row);
  }

  #row(owner: number, name: number): number {
    let row = this.#buckets[this.#bucket(owner, name)]!;
    while (row !== NONE && (this.#names[row] !== name || this.#owners[row] !== owner))
      row = this.#chain[row]!;
    return row;
  }

  #bucket(owner: number, name: number): number {
    const mixed = Math.imul(name ^ Math.imul(owner + 1, 0x9e3779b1), 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & (this.#buckets.length - 1);
  }

  #create(owner: number, name: number): number {
    let row = this.#free;
    if (row === NONE) {
      if (this.#rows === this.#owners.length) this.#grow();
      row = this.#rows;
      this.#rows += 1;
    } else this.#free = this.#chain[row]!;
    this.#owners[row] = owner;
    this.#names[row] = name;
    this.#blocks[row] = 0;
    const bucket = this.#bucket(owner, name);
    this.#chain[row] = this.#buckets[bucket]!;
    this.#buckets[bucket] = row;
    this.#append(row);
    return row;
  }

  #remove(row: number): void {
    this.#unlink(row);
    const bucket = this.#bucket(this.#owners[row]!, this.#names[row]!);
    let before = NONE;
    for (let at = this.#buckets[bucket]!; at !== row; at = this.#chain[at]!) before = at;
    if (before === NONE) this.#buckets[bucket] = this.#chain[row]!;
    else this.#chain[before] = this.#chain[row]!;
    this.#chain[row] = this.#free;
    this.#free = row;
  }

  /** Makes an entry the most recently used. */
  #use(row: number): void {
    if (row === this.#newest) return;
    this.#unlink(row);
    this.#append(row);
  }

  #append(row: number): void {
    this.#older[row] = this.#newest;
    this.#newer[row] = NONE;
    if (this.#newest === NONE) this.#oldest = row;
    else this.#newer[this.#newest] = row;
    this.#newest = row;
  }

  #unlink(row: number): void {
    const older = this.#older[row]!;
    const newer = this.#newer[row]!;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
  }

  /** Twice the rows, and twice the buckets. */
  #grow(): void {
    const rows = this.#owners.length * 2;
    this.#owners = longer(this.#owners, rows);
    this.#names = longer(this.#names, rows);
    this.#blocks = longer(this.#blocks, rows);
    this.#older = longer(this.#older, rows);
    this.#newer = longer(this.#newer, rows);
    this.#chain = longer(this.#chain, rows);
    this.#buckets = new Int32Array(rows).fill(NONE);
    for (let row = this.#oldest; row !== NONE; row = this.#newer[row]!) {
      const bucket = this.#bucket(this.#owners[row]!, this.#names[row]!);
      this.#chain[row] = this.#buckets[bucket]!;
      this.#buckets[bucket] = row;
    }
  }
}

/** A prompt, and how much of its beginning has been said before, tokens. */
export interface PromptParts {
  promptTokens: number;
  historyTokens: number;
  sharedTokens: number;
}

function longer(column: Int32Array, rows: number): Int32Array {
  const copy = new Int32Array(rows);
  copy.set(column);
  return copy;
}
