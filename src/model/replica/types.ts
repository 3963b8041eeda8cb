import type { StepTime } from "../../scenario/serving.js";

/** What one replica can do: the parts of a `replicas` serving that a single machine has. */
export interface ReplicaShape {
  readonly stepTime: StepTime;
  /** Sequences worked on at once; never more than `maxBatchedTokens` are, since each decodes a token a step. */
  readonly maxSequences: number;
  /** Tokens of one step: decodes and prompt chunks together. */
  readonly maxBatchedTokens: number;
  /** Memory in tokens of context; what is left over from whole blocks is not used. */
  readonly kvTokens: number;
  readonly kvBlockTokens: number;
}

/** Who hears of tokens. `call` is what `add` was told; `atUs` the boundary, rounded up to whole µs. */
export interface ReplicaSink {
  /** Once per call, even when the call is preempted later. */
  firstToken(call: number, atUs: number): void;
  /** After `firstToken`; the job id may be given to another call from here on. */
  finished(call: number, atUs: number): void;
  /**
   * A call that has not been in the batch before is about to join it; false takes it out of the line instead, and
   * nothing more is heard of it. The next in line takes its place in the same step. Without it all are admitted. Unlike the
   * others it must not remove calls of this replica.
   */
  admits?(call: number, atUs: number): boolean;
}

/**
 * Whether a sequence fits in the memory of an otherwise empty replica. The last token is never held, since
 * nothing is computed from it. A scenario in which some sequence does not fit is refused when it is loaded.
 */
export function fitsAlone(shape: ReplicaShape, promptTokens: number, outputTokens: number): boolean {
  const blocks = Math.floor(shape.kvTokens / shape.kvBlockTokens);
  return Math.ceil((promptTokens + outputTokens - 1) / shape.kvBlockTokens) <= blocks;
}
