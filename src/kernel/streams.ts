import seedrandom from "seedrandom";
import { sha256Hex } from "./sha256.js";

/** seedrandom keeps 256 characters of a key apart and folds longer ones onto them. */
const LONGEST_RAW_KEY = 255;
const TWO_TO_MINUS_53 = 1.1102230246251565e-16;

/**
 * The name of a random stream: `v1|seed|replication|purpose|entity`, in printable ASCII.
 *
 * Different arguments always give different names: every other character, `%` and the separator `|` are written
 * as `%` and four hexadecimal digits per UTF-16 unit. Replications are counted from 0.
 */
export function streamKey(seed: string, replication: number, purpose: string, entity: string): string {
  return `v1|${escaped(seed)}|${String(replication)}|${escaped(purpose)}|${escaped(entity)}`;
}

function escaped(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    const isPlain = unit >= 0x20 && unit < 0x7f && unit !== 0x25 && unit !== 0x7c;
    result += isPlain ? text.charAt(i) : `%${unit.toString(16).padStart(4, "0")}`;
  }
  return result;
}

/**
 * Fills `words` with 32-bit integers that depend on the whole key and nothing else.
 *
 * seedrandom's generator only expands the key: always a string, since it treats numbers differently, and a key
 * too long for it is hashed first. It is never called without one, which would seed it from the host.
 */
export function expandKey(key: string, words: Int32Array): void {
  const random = seedrandom(key.length > LONGEST_RAW_KEY ? `sha256|${sha256Hex(key)}` : key);
  for (let i = 0; i < words.length; i += 1) words[i] = random.int32();
}

/**
 * A stream of uniform numbers named by a key: the same key, the same numbers, on every engine.
 *
 * Generator: sfc32 (Doty-Humphrey, PractRand), 128 bits of state of which 32 are a counter, so its period is at
 * least 2^32 calls of its step and about 2^127 on average; two steps make one number.
 */
export class Stream {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;
  private drawCount = 0;

  constructor(key: string) {
    const words = new Int32Array(3);
    expandKey(key, words);
    this.a = words[0]!;
    this.b = words[1]!;
    this.c = words[2]!;
    // Twelve steps spread the key over the whole state, as the author of sfc32 prescribes.
    for (let i = 0; i < 6; i += 1) this.next();
    this.drawCount = 0;
  }

  /** Numbers taken so far: a decision that must cost a constant number of draws can assert that it does. */
  get draws(): number {
    return this.drawCount;
  }

  /** The next number in [0, 1), a multiple of 2^-53. */
  next(): number {
    this.drawCount += 1;
    let { a, b, c, counter } = this;
    const first = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + first) | 0;
    const second = (a + b + counter) | 0;
    this.counter = (counter + 1) | 0;
    this.a = b ^ (b >>> 9);
    this.b = (c + (c << 3)) | 0;
    this.c = (((c << 21) | (c >>> 11)) + second) | 0;
    return ((first >>> 5) * 67108864 + (second >>> 6)) * TWO_TO_MINUS_53;
  }
}
