/** How long to wait before a retry. */
import { log } from "../math/index.js";

/** The ways of waiting, as written in a scenario. */
export const BACKOFF_KINDS = [
  "none",
  "exponential",
  "equal-jitter",
  "full-jitter",
  "decorrelated-jitter",
  "exponential-random",
  "twenty-percent-jitter",
] as const;

/** One of {@link BACKOFF_KINDS}. */
export type BackoffKind = (typeof BACKOFF_KINDS)[number];

/** The wait before retry number `attempt` (1 is the first) by one kind, as {@link backoffMs} says. */
export type Backoff = (
  baseMs: number,
  capMs: number,
  attempt: number,
  previousMs: number,
  u: number,
) => number;

/** Every kind; leaving one out does not compile. */
export const BACKOFFS: Readonly<Record<BackoffKind, Backoff>> = {
  none: () => 0,
  exponential: doubledMs,
  "equal-jitter": equalJitterMs,
  "full-jitter": fullJitterMs,
  "decorrelated-jitter": decorrelatedJitterMs,
  "exponential-random": (baseMs, capMs, _attempt, _previousMs, u) => Math.min(capMs, -baseMs * log(1 - u)),
  "twenty-percent-jitter": twentyPercentJitterMs,
};

/** All but `exponential-random`, which needs a logarithm. */
export const LIGHT_BACKOFFS: Readonly<Partial<Record<BackoffKind, Backoff>>> = {
  none: () => 0,
  exponential: doubledMs,
  "equal-jitter": equalJitterMs,
  "full-jitter": fullJitterMs,
  "decorrelated-jitter": decorrelatedJitterMs,
  "twenty-percent-jitter": twentyPercentJitterMs,
};

/**
 * The wait before retry number `attempt` (1 is the first retry), never above `capMs` but for
 * `twenty-percent-jitter`, whose jitter goes on top of the cap.
 *
 * With `e = min(cap, base · 2^(attempt-1))`: `exponential` waits e, `equal-jitter` between e/2 and e,
 * `full-jitter` between 0 and e. `decorrelated-jitter` waits between the base and three times the
 * previous wait (`previousMs`, the base before the first). `exponential-random` draws from the
 * exponential distribution with mean `base`, whatever the attempt. `twenty-percent-jitter` (gRPC) waits
 * between 0.8 e and 1.2 e. Every kind uses at most the one draw `u`, uniform in [0, 1).
 *
 * The first retry has exponent 0, as in gRPC and in the AWS SDK's `base · 2^i` with i from 0. A source that
 * begins with base · 2, such as the AWS backoff simulator, is this with twice the base.
 */
export function backoffMs(
  kind: BackoffKind,
  baseMs: number,
  capMs: number,
  attempt: number,
  previousMs: number,
  u: number,
): number {
  return BACKOFFS[kind](baseMs, capMs, attempt, previousMs, u);
}

/** base · 2^(attempt-1), not above the cap; without one it ends at the largest double, so that no draw gives NaN. */
function doubledMs(baseMs: number, capMs: number, attempt: number): number {
  const topMs = Math.min(capMs, Number.MAX_VALUE);
  let waitMs = baseMs;
  for (let n = 1; n < attempt && waitMs > 0 && waitMs < topMs; n++) waitMs *= 2;
  return Math.min(topMs, waitMs);
}

function equalJitterMs(
  baseMs: number,
  capMs: number,
  attempt: number,
  _previousMs: number,
  u: number,
): number {
  return doubledMs(baseMs, capMs, attempt) * (0.5 + 0.5 * u);
}

function fullJitterMs(
  baseMs: number,
  capMs: number,
  attempt: number,
  _previousMs: number,
  u: number,
): number {
  return doubledMs(baseMs, capMs, attempt) * u;
}

function decorrelatedJitterMs(
  baseMs: number,
  capMs: number,
  _attempt: number,
  previousMs: number,
  u: number,
): number {
  const highMs = 3 * Math.max(previousMs, baseMs);
  return Math.min(capMs, baseMs + u * (highMs - baseMs));
}

function twentyPercentJitterMs(
  baseMs: number,
  capMs: number,
  attempt: number,
  _previousMs: number,
  u: number,
): number {
  return doubledMs(baseMs, capMs, attempt) * (0.8 + 0.4 * u);
}
