/** The prefix cache against the dumbest one: a list of entries in the order of their use. */
import { describe, expect, it } from "vitest";
import { PrefixCache } from "../../src/model/prefixCache.js";
import { SessionPlaces } from "../../src/model/sessionPlaces.js";
import { dice } from "./replicaWorkload.js";

interface Entry {
  readonly key: string;
  blocks: number;
}

/** Least recently used first. */
class DumbCache {
  entries: Entry[] = [];
  readonly capacity: number;
  readonly block: number;

  constructor(capacity: number, block: number) {
    this.capacity = capacity;
    this.block = block;
  }

  get used(): number {
    return this.entries.reduce((sum, { blocks }) => sum + blocks, 0);
  }

  use(key: string): Entry | undefined {
    const entry = this.entries.find((other) => other.key === key);
    if (entry === undefined) return undefined;
    this.entries = [...this.entries.filter((other) => other !== entry), entry];
    return entry;
  }

  put(key: string, blocks: number): void {
    const entry = this.use(key) ?? { key, blocks };
    if (!this.entries.includes(entry)) this.entries.push(entry);
    entry.blocks = blocks;
    while (this.used > this.capacity) {
      const oldest = this.entries[0]!;
      oldest.blocks -= 1;
      if (oldest.blocks === 0) this.entries.shift();
    }
  }

  find(own: string, shared: string, prompt: number, history: number, sharedTokens: number): number {
    const sharedBlocks = Math.floor(sharedTokens / this.block);
    const mine = history > 0 ? this.use(own) : undefined;
    const prefix = sharedBlocks > 0 ? this.use(shared) : undefined;
    const chain = [...Array(sharedBlocks).keys()].map((i) => i < (prefix?.blocks ?? 0));
    const inHistory = Math.floor(history / this.block);
    for (let i = sharedBlocks; i < inHistory; i++) chain.push(i - sharedBlocks < (mine?.blocks ?? 0));
    const firstMiss = chain.indexOf(false);
    const whole = firstMiss < 0 ? chain.length : firstMiss;
    return Math.min(whole, Math.floor(Math.max(0, prompt - 1) / this.block)) * this.block;
  }
}

function agree(seed: number): number {
  const roll = dice(seed);
  const block = [1, 4, 16][roll(3)]!;
  const capacity = [0, 3, 10, 40, 2000][roll(5)]!;
  const cache = new PrefixCache(capacity * block + roll(block), block);
  const dumb = new DumbCache(capacity, block);
  // Every class has a prefix of its own length; some have none.
  const sharedOf = [0, 5 * block, 2 * block + 1];
  const sessions = [3, 200][roll(2)]!;
  let found = 0;
  for (let operation = 0; operation < 300; operation++) {
    const session = roll(sessions);
    const site = session % 2;
    const classIndex = session % 3;
    const sharedTokens = sharedOf[classIndex]!;
    const own = `${site}/${session}`;
    const shared = `class ${classIndex}`;
    const context = sharedTokens + roll(12 * block) + 1;
    const what = roll(20);
    if (what === 0) {
      cache.clear();
      dumb.entries = [];
    } else if (what < 9) {
      cache.keep(site, session, context, sharedTokens);
      const blocks = Math.floor(context / block) - Math.floor(sharedTokens / block);
      if (blocks > 0) dumb.put(own, blocks);
      cache.keepShared(classIndex, sharedTokens);
      const prefix = Math.floor(sharedTokens / block);
      if (prefix > 0) dumb.put(shared, prefix);
    } else {
      const historyTokens = roll(3) === 0 ? 0 : context;
      const promptTokens = historyTokens + sharedTokens + roll(3 * block);
      const hit = cache.find(site, session, classIndex, { promptTokens, historyTokens, sharedTokens });
      expect(hit, `seed ${seed}, operation ${operation}`).toBe(
        dumb.find(own, shared, promptTokens, historyTokens, sharedTokens),
      );
      found += hit;
    }
    expect(cache.usedBlocks).toBe(dumb.used);
    expect(cache.usedBlocks).toBeLessThanOrEqual(capacity);
  }
  return found;
}

describe("a prefix cache", () => {
  it("finds what a list in the order of use finds, and holds as many blocks", () => {
    let found = 0;
    for (let seed = 0; seed < 120; seed++) found += agree(seed);
    expect(found).toBeGreaterThan(3_000);
  });

  it("never says that all of a prompt is there, and counts whole blocks", () => {
    const cache = new PrefixCache(10_000, 512);
    cache.keep(0, 7, 2000, 0);
    const find = (promptTokens: number, historyTokens = promptTokens): number =>
      cache.find(0, 7, 0, { promptTokens, historyTokens, sharedTokens: 0 });
    expect([512, 513, 1024, 1025, 5000].map((prompt) => find(prompt))).toEqual([0, 512, 512, 1024, 1536]);
    expect(find(3000, 1023)).toBe(512);
    expect(cache.find(1, 7, 0, { promptTokens: 3000, historyTokens: 2000, sharedTokens: 0 })).toBe(0);
  });

  it("lets the least recently used go first, from its end", () => {
    const cache = new PrefixCache(4, 1);
    cache.keep(0, 1, 2, 0);
    cache.keep(0, 2, 2, 0);
    const find = (session: number): number =>
      cache.find(0, session, 0, { promptTokens: 9, historyTokens: 8, sharedTokens: 0 });
    expect([find(2), find(1)]).toEqual([2, 2]);
    cache.keep(0, 3, 1, 0);
    expect([find(2), find(1), find(3)]).toEqual([1, 2, 1]);
  });

  it("keeps a class's prefix as long as any conversation that begins with it", () => {
    const cache = new PrefixCache(10, 1);
    for (let session = 0; session < 50; session++) {
      cache.keep(0, session, 6, 3);
      cache.keepShared(0, 3);
      expect(cache.find(0, 999, 0, { promptTokens: 9, historyTokens: 0, sharedTokens: 3 })).toBe(3);
    }
  });
});

describe("the places of conversations", () => {
  it("are the last endpoint of each, apart for every site, and nowhere before", () => {
    const places = new SessionPlaces(2);
    places.note(0, 1000, 3);
    places.note(0, 1000, 0);
    places.note(1, 0, 254);
    expect([places.last(0, 1000), places.last(0, 999), places.last(0, 5000)]).toEqual([0, -1, -1]);
    expect([places.last(1, 0), places.last(1, 1000)]).toEqual([254, -1]);
  });
});
