/** The luck of a gateway's decisions: from a seed, so that a decision log can be understood from its beginning. */
import { createHash } from "node:crypto";

/** Draws that pass before the state has nothing of its seed's pattern left. */
const WARM_UP = 12;

/** Uniform numbers in [0, 1), a multiple of 2⁻³² each: Chris Doty-Humphrey's sfc32, seeded by a text. */
export function createLuck(seed: string): () => number {
  const digest = createHash("sha256").update(seed).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < WARM_UP; i++) next();
  return next;
}
