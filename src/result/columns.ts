/** Columns of a recording added up once, so that any stretch of them is read in O(1). */
import type { Recording } from "../metrics/index.js";
import { addColumns } from "./windows.js";

/** Sums of a column from its start: entry w is the sum of the windows before w. */
export class RunningSum {
  readonly #before: Float64Array;

  constructor(column: ArrayLike<number>) {
    this.#before = new Float64Array(column.length + 1);
    for (let w = 0; w < column.length; w++) this.#before[w + 1] = this.#before[w]! + column[w]!;
  }

  /** Sum of the windows `from` up to and not including `to`; what lies outside the column counts nothing. */
  over(from: number, to: number): number {
    const last = this.#before.length - 1;
    const a = Math.min(last, Math.max(0, from));
    const b = Math.min(last, Math.max(a, to));
    return this.#before[b]! - this.#before[a]!;
  }
}

/** What all origins together were offered, served and refused. */
export interface Totals {
  readonly offered: RunningSum;
  readonly served: RunningSum;
  readonly refused: RunningSum;
}

/** Adds up the origins of a recording. */
export function totalsOf(recording: Recording): Totals {
  const sum = (columns: readonly Int32Array[]): RunningSum =>
    new RunningSum(addColumns(columns, recording.windowCount));
  return {
    offered: sum(recording.offeredByOrigin),
    served: sum(recording.servedByOrigin),
    refused: sum(recording.refusedByOrigin),
  };
}
