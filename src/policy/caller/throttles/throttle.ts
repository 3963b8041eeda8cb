/** Refusing at the caller, by chance, what would be refused anyway. */

/** One throttle for all of a caller's tries, whatever their target. */
export interface Throttle {
  /** Whether this try is refused before anything is sent; decided by `u`, uniform in [0, 1). Counts the try. */
  refuses(nowMs: number, u: number): boolean;
  /** Notes the end (one of RESULT_*) of a try that was not refused. */
  onEnd(result: number, nowMs: number): void;
}
