/** How long to wait before a retry, when the failed try may have been told how long. */
import { backoffMs } from "../backoff.js";
import type { RetryConfig } from "../callerTypes.js";

/**
 * The wait before retry number `retryNumber` (1 is the first). `previousWaitMs` is the wait before the retry
 * before, or anything up to the base when there was none; `retryAfterMs` is what the failed try was answered,
 * 0 for nothing. Uses at most the one draw `u`, uniform in [0, 1).
 */
export function waitMs(
  config: RetryConfig,
  retryNumber: number,
  previousWaitMs: number,
  retryAfterMs: number,
  u: number,
): number {
  const { kind, baseMs, capMs } = config.backoff;
  const ownMs = backoffMs(kind, baseMs, capMs, retryNumber, previousWaitMs, u);
  return obeyedMs(config, ownMs, retryAfterMs, u);
}

/** The wait that a Retry-After makes of the caller's own. */
export function obeyedMs(
  { retryAfter }: RetryConfig,
  ownMs: number,
  retryAfterMs: number,
  u: number,
): number {
  if (!retryAfter.obey || !(retryAfterMs > 0)) return ownMs;
  switch (retryAfter.manner ?? "at-least") {
    case "at-least":
      return Math.max(ownMs, Math.min(retryAfterMs, retryAfter.capMs));
    case "beyond-backoff":
      return Math.max(ownMs, Math.min(retryAfterMs, ownMs + retryAfter.capMs));
    case "exactly":
      return retryAfterMs > retryAfter.capMs ? ownMs : retryAfterMs;
    case "jittered":
      return retryAfterMs > retryAfter.capMs ? ownMs : retryAfterMs * (1 + 0.5 * u);
  }
}
