/**
 * Work that stops in the middle: a fault takes its slot away, or a more urgent call does. What is left of it is
 * kept in the record, and nothing of the work done is lost. Only faults and preemption come here.
 */
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import { IN_SERVICE, SERVICE_TIMER } from "./core.js";

/** Calls in service at an endpoint, frozen ones included, in the order of their records. O(records). */
export function callsInService(attempts: at.Attempts, e: number): number[] {
  const { u8, count } = attempts;
  const found: number[] = [];
  for (let slot = 0; slot < count; slot++) {
    if (u8[slot * at.U8 + at.B_STATE] === IN_SERVICE && u8[slot * at.U8 + at.B_ENDPOINT] === e)
      found.push(slot);
  }
  return found;
}

/** The least urgent running call that is less urgent than `slot`, the first among equals; −1 when there is none. */
export function leastUrgent(
  attempts: at.Attempts,
  e: number,
  slot: number,
  lines: { levelOf(slot: number, e: number): number },
): number {
  let found = -1;
  let worst = lines.levelOf(slot, e);
  for (const running of callsInService(attempts, e)) {
    const level = lines.levelOf(running, e);
    if (level <= worst || attempts.has(running, at.FROZEN)) continue;
    found = running;
    worst = level;
  }
  return found;
}

/** Stops a call that is being worked on; `F_MARK_US` holds from now on how long it still needs. */
export function freezeWork(engine: Core, slot: number): void {
  const mark = slot * at.F64 + at.F_MARK_US;
  engine.cancelTimer(slot, SERVICE_TIMER);
  engine.park(slot, IN_SERVICE);
  engine.attempts.set(slot, at.FROZEN);
  engine.attempts.f64[mark] = engine.attempts.f64[mark]! - engine.nowUs;
  const first = slot * at.F64 + at.F_FIRST_TOKEN_US;
  // Still to come: kept as time left, below zero to tell it from the moment a token came.
  if (engine.attempts.f64[first]! > engine.nowUs)
    engine.attempts.f64[first] = engine.nowUs - engine.attempts.f64[first]!;
}

/** Marks a frozen call as going on now; returns how long it still needs, µs. */
export function unfreezeWork(engine: Core, slot: number): number {
  const { f64 } = engine.attempts;
  engine.attempts.clear(slot, at.FROZEN);
  const leftUs = f64[slot * at.F64 + at.F_MARK_US]!;
  const first = slot * at.F64 + at.F_FIRST_TOKEN_US;
  if (f64[first]! < 0) f64[first] = engine.nowUs - f64[first]!;
  return leftUs;
}
