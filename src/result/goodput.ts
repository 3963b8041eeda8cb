/**
 * Whether the system came back by itself. Goodput is the share served of what is offered, so that demand
 * may change over the day. It is read in ten-second blocks: before the first fault, and over the last three
 * minutes, which begin at least a minute after the last fault.
 *
 * *Metastable*: after is less than half of before; or less than nine tenths of it and more than three standard
 * deviations of the blocks before below their mean. The blocks' own deviation, not that of their mean, is meant:
 * it holds what ten seconds of ordinary luck can do, and a few quiet minutes before do not make it small. The nine
 * tenths keep a run without any luck before from calling a scratch a collapse.
 */
import type { Recording } from "../metrics/index.js";
import type { GoodputComparison } from "./result.js";
import { sumOver } from "./windows.js";

const BLOCK_US = 10e6;
const SETTLING_US = 60e6;
const LAST_US = 180e6;
/** Fewer requests than these say nothing about a share. */
const MIN_OFFERED = 20;
const COLLAPSED = 0.5;
const MATERIAL = 0.9;
const SIGMAS = 3;

/** Goodput at the end against goodput before the first fault. */
export interface Goodput {
  /** Null when there is no fault, or too little of either to compare. */
  readonly afterOverBefore: number | null;
  readonly metastable: boolean;
  readonly comparison: GoodputComparison | null;
}

/** Served over offered of a stretch as a whole, and of each block of it that asked anything. */
interface Stretch {
  readonly share: number;
  readonly blocks: readonly number[];
}

const NOTHING: Goodput = { afterOverBefore: null, metastable: false, comparison: null };

/** Compares the end of the run with what was before its first fault. */
export function goodputAfterFaults(recording: Recording): Goodput {
  const { faults } = recording.labels;
  if (faults.length === 0) return NOTHING;
  const firstStartUs = faults.reduce(
    (first, fault) => Math.min(first, fault.startUs),
    Number.POSITIVE_INFINITY,
  );
  const lastEndUs = faults.reduce((last, fault) => Math.max(last, fault.endUs), 0);
  const before = stretch(recording, recording.warmupUs, firstStartUs);
  const fromUs = Math.max(lastEndUs + SETTLING_US, recording.durationUs - LAST_US);
  const after = stretch(recording, fromUs, recording.durationUs);
  if (before === null || after === null || before.share === 0) return NOTHING;
  const afterOverBefore = after.share / before.share;
  const spread = deviation(before.blocks);
  const unlikely = after.share < before.share - SIGMAS * spread;
  return {
    afterOverBefore,
    metastable: afterOverBefore < COLLAPSED || (afterOverBefore < MATERIAL && unlikely),
    comparison: {
      before: before.share,
      beforeFromS: recording.warmupUs / 1e6,
      beforeToS: firstStartUs / 1e6,
      after: after.share,
      afterFromS: fromUs / 1e6,
      afterToS: recording.durationUs / 1e6,
      deviation: Number.isFinite(spread) ? spread : null,
    },
  };
}

/** Null when it is shorter than a block or asked too little. */
function stretch(recording: Recording, fromUs: number, toUs: number): Stretch | null {
  const { windowUs, offeredByOrigin, servedByOrigin } = recording;
  const from = Math.ceil(fromUs / windowUs);
  const to = Math.floor(toUs / windowUs);
  const wide = Math.max(1, Math.round(BLOCK_US / windowUs));
  const all = (columns: readonly Int32Array[], a: number, b: number): number =>
    columns.reduce((sum, column) => sum + sumOver(column, a, b), 0);
  const offered = all(offeredByOrigin, from, to);
  if (to - from < wide || offered < MIN_OFFERED) return null;
  const blocks: number[] = [];
  for (let w = from; w + wide <= to; w += wide) {
    const asked = all(offeredByOrigin, w, w + wide);
    if (asked > 0) blocks.push(all(servedByOrigin, w, w + wide) / asked);
  }
  return { share: all(servedByOrigin, from, to) / offered, blocks };
}

/** Standard deviation of the values, Infinity for fewer than two: one block shows no variation. */
function deviation(values: readonly number[]): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(squares / (values.length - 1));
}
