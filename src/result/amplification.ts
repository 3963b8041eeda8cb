/** How much work one request makes: calls at endpoints, retries and hedges included, over requests offered. */
import type { Recording } from "../metrics/index.js";
import { RunningSum, totalsOf } from "./columns.js";
import type { Amplification } from "./result.js";
import { addColumns, wholeWindows } from "./windows.js";

const BLOCK_US = 10e6;
/** A block that asked for less says nothing about a ratio. */
const MIN_OFFERED = 20;

/** Calls at all endpoints, by window. */
export function allCalls(recording: Recording): Float64Array {
  return addColumns(recording.callsByHome, recording.windowCount);
}

/** Over the run, and its worst ten seconds; the earliest of equals. Calls count when made, requests when offered. */
export function amplification(recording: Recording): Amplification {
  const calls = new RunningSum(allCalls(recording));
  const { offered } = totalsOf(recording);
  const wide = Math.max(1, Math.round(BLOCK_US / recording.windowUs));
  let worst: number | null = null;
  let worstAtS: number | null = null;
  const first = Math.ceil(recording.warmupUs / recording.windowUs);
  for (let w = first; w + wide <= wholeWindows(recording); w++) {
    const inBlock = offered.over(w, w + wide);
    if (inBlock < MIN_OFFERED) continue;
    const ratio = calls.over(w, w + wide) / inBlock;
    if (worst !== null && ratio <= worst) continue;
    worst = ratio;
    worstAtS = (w * recording.windowUs) / 1e6;
  }
  // Requests of the warm-up are not counted as offered, so their calls must not count either.
  const asked = offered.over(first, recording.windowCount);
  const mean = asked === 0 ? 0 : calls.over(first, recording.windowCount) / asked;
  return { mean, worst, worstAtS };
}
