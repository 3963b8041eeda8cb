import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { pickByWeight } from "./scores.js";
import type { Draw, Fleet, Picker, Strategy, StrategyTarget } from "./strategy.js";

/** After this many slots of targets that are no candidates the key's own luck decides: their share is tiny then. */
const MOST_STEPS = 128;
const TWO_TO_32 = 4_294_967_296;
const EMPTY = 255;

class Maglev implements Picker {
  /** Which target owns each slot. Never changes, so it is no memory. */
  readonly #table: Uint8Array;

  constructor(tableSize: number, targets: readonly StrategyTarget[]) {
    this.#table = maglevTable(tableSize, targets);
  }

  pick(fleet: Fleet, candidates: number, draw: Draw): number {
    if ((candidates & (candidates - 1)) === 0) return lowestBit(candidates);
    const { stickyKey } = draw;
    const key = stickyKey >= 0 ? mix(stickyKey | 0) ^ Math.floor(stickyKey / TWO_TO_32) : 0;
    const slotLuck = stickyKey >= 0 ? mix(key) / TWO_TO_32 : draw.u;
    const stepLuck = stickyKey >= 0 ? mix(key ^ 0x5bd1e995) / TWO_TO_32 : draw.v;
    const size = this.#table.length;
    let slot = Math.floor(slotLuck * size);
    const step = 1 + Math.floor(stepLuck * (size - 1));
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const owner = this.#table[slot]!;
      if ((candidates & (1 << owner)) !== 0) return owner;
      slot += step;
      if (slot >= size) slot -= size;
    }
    return pickByWeight(fleet.weight, candidates, stepLuck);
  }
}

/**
 * Slots shared out by weight: every target in turn takes the next free slot of a permutation of its own, one of less
 * weight not in every round. A target that goes leaves nearly all slots of the others where they were.
 *
 * The size must be a prime, for else a permutation would not reach every slot. Weight 0 gets no slot unless all have it.
 */
export function maglevTable(size: number, targets: readonly StrategyTarget[]): Uint8Array {
  if (!isPrime(size)) throw new RangeError(`tableSize must be a prime, got ${size}`);
  const table = new Uint8Array(size).fill(EMPTY);
  const most = targets.reduce((max, { weight }) => Math.max(max, weight), 0);
  const share = Float64Array.from(targets, ({ weight }) => (most > 0 ? weight / most : 1));
  const next = Float64Array.from(targets, ({ id }) => mix(textHash(id)) % size);
  const skip = Float64Array.from(targets, ({ id }) => (mix(textHash(id) ^ 0x2545f491) % (size - 1)) + 1);
  // Kept as what each target has been given so far: it takes a slot whenever its share of the rounds is ahead of that.
  const taken = new Int32Array(targets.length);
  for (let filled = 0, round = 1; filled < size && targets.length > 0; round++) {
    for (let t = 0; t < targets.length && filled < size; t++) {
      if (round * share[t]! < taken[t]! + 1) continue;
      while (table[next[t]!] !== EMPTY) next[t] = (next[t]! + skip[t]!) % size;
      table[next[t]!] = t;
      taken[t]! += 1;
      filled += 1;
    }
  }
  return table;
}

/** Whether a table of this size can be filled. */
export function isPrime(n: number): boolean {
  if (!Number.isSafeInteger(n) || n < 2) return false;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}

/** FNV-1a over the UTF-16 units. */
function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Spreads 32 bits over 32 bits, none lost; 0 … 2³² − 1. The finalizer of MurmurHash3. */
function mix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The same target for the same sticky key, shared out by weight. A request without a key goes by luck, with the same
 * shares; only then the two draws are used.
 *
 * There is one table over all targets. A key whose slot belongs to somebody who is no candidate now walks on through
 * the table, with a stride of its own, to the first slot of a candidate: so a key moves only while its own target
 * is away, comes back with it, and the keys of one target spread over the others by weight. Nothing is built or
 * stored per decision.
 *
 * Rule: Maglev (Eisenbud and others, NSDI 2016) with weights as in Envoy, table of 65537.
 */
export const maglev: Strategy<OptionsOf<"maglev">> = {
  name: "maglev",
  usesLuck: true,
  reach: "tier",
  defaults: { kind: "maglev", tableSize: 65_537 },
  create: ({ tableSize }, targets) => new Maglev(tableSize, targets),
};
