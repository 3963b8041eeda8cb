/** When to stop calling a target that fails. */

/**
 * One breaker per target, all in one object. Closed, a target may be called; open, it may not for `openMs`;
 * then it is half-open: a limited number of calls may be made, and if all of them succeed it closes, while
 * one failure opens it for another `openMs`. Results of calls that started before the last change of state
 * say nothing about the target as it is now and are not counted.
 */
export interface Breaker {
  /** The targets that may be called now. */
  mayCallMask(nowMs: number): number;
  /** Notes a call as it starts, to a target of the mask or not. */
  onStart(target: number, nowMs: number): void;
  /** Notes the end (one of RESULT_*) of a call that started at `startedMs`. */
  onEnd(target: number, result: number, startedMs: number, nowMs: number): void;
  /** The caller died: the calls it had under way will not be told of, its beliefs stay. */
  forgetCalls(): void;
}

/** How long a breaker stays open and how it closes again: the same for every kind. */
export interface ReopenConfig {
  readonly openMs: number;
  readonly halfOpenCalls: number;
}
