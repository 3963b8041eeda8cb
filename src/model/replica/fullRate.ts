import type { ReplicaShape } from "./types.js";

/**
 * Calls that one replica can serve, per second of time, at its best batch held for ever; 0 if it cannot hold one.
 * What is computed twice after preemptions is not counted: a replica short of memory stays under this.
 *
 * With c sequences of equal lengths in the batch, a token of each takes base + decode·c + kv·c·(prompt + output/2) +
 * prefill·c·prompt/output, the last term being its share of the prompts computed meanwhile. More sequences are
 * never slower, so c is as large as sequences, memory (half a block of each is empty on average) and the tokens of
 * a step (c decodes and c·prompt/output prompt tokens) allow. Prompts found in a cache are not computed: give the
 * share that is computed as `computedShare`.
 */
export function fullRatePerS(
  shape: ReplicaShape,
  meanPromptTokens: number,
  meanOutputTokens: number,
  computedShare = 1,
): number {
  const { baseUs, prefillUsPerToken, decodeUsPerSequence, kvUsPerToken } = shape.stepTime;
  const sequences = fullSequences(shape, meanPromptTokens, meanOutputTokens, computedShare);
  if (sequences === 0) return 0;
  const context = meanPromptTokens + meanOutputTokens / 2;
  const computedPerOutput = (meanPromptTokens * computedShare) / meanOutputTokens;
  const perSequenceUs = decodeUsPerSequence + kvUsPerToken * context + prefillUsPerToken * computedPerOutput;
  return (sequences * 1e6) / (meanOutputTokens * (baseUs + sequences * perSequenceUs));
}

/** Sequences in the best batch of one replica, fractions and all; 0 if it cannot hold one. */
export function fullSequences(
  shape: ReplicaShape,
  meanPromptTokens: number,
  meanOutputTokens: number,
  computedShare = 1,
): number {
  const byMemory = shape.kvTokens / (meanPromptTokens + meanOutputTokens / 2 + shape.kvBlockTokens / 2);
  if (byMemory < 1) return 0;
  const byTokens = shape.maxBatchedTokens / (1 + (meanPromptTokens * computedShare) / meanOutputTokens);
  return Math.min(shape.maxSequences, byMemory, byTokens);
}
