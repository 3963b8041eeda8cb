/**
 * Records that stand in a ring, each naming the next in one of its columns (`I_PEER`, `I_TWIN`); −1 for a record
 * alone. Rings are a handful of records, so going round one is as good as knowing both neighbours.
 */
import { I_TWIN, I32 } from "./attempts.js";
import { CLIENT_HEDGE_TIMER, type Core } from "./core.js";

/** More records than any ring has: who goes round further is lost. */
const LONGEST = 255;

/** Puts `added` behind `slot`. */
export function joinRing(i32: Int32Array, column: number, slot: number, added: number): void {
  const next = i32[slot * I32 + column]!;
  i32[added * I32 + column] = next < 0 ? slot : next;
  i32[slot * I32 + column] = added;
}

/** Takes a record out of its ring, if it is in one; the last of a ring is alone. */
export function leaveRing(i32: Int32Array, column: number, slot: number): void {
  const next = i32[slot * I32 + column]!;
  if (next < 0) return;
  const before = beforeInRing(i32, column, slot);
  i32[before * I32 + column] = next === before ? -1 : next;
  i32[slot * I32 + column] = -1;
}

/** Puts `own`, a copy of `slot`, where `slot` stands, which is alone from now on. */
export function replaceInRing(i32: Int32Array, column: number, slot: number, own: number): void {
  if (i32[slot * I32 + column]! < 0) return;
  i32[beforeInRing(i32, column, slot) * I32 + column] = own;
  i32[slot * I32 + column] = -1;
}

/** The user of `slot` goes on with `own`, its copy: so do the calls beside it, and the time to the next. */
export function moveTwin(engine: Core, slot: number, own: number): void {
  replaceInRing(engine.attempts.i32, I_TWIN, slot, own);
  engine.renameTimer(slot, own, CLIENT_HEDGE_TIMER);
}

function beforeInRing(i32: Int32Array, column: number, slot: number): number {
  let before = i32[slot * I32 + column]!;
  for (let passed = 0; i32[before * I32 + column] !== slot; passed++) {
    if (passed === LONGEST || before < 0) throw new Error(`bug: record ${slot} is in no ring`);
    before = i32[before * I32 + column]!;
  }
  return before;
}
