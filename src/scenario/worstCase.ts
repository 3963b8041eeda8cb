/**
 * How long a failure can go on taking requests, reckoned from the configuration alone. Bounds, not estimates: a
 * simulated run stays below them while nothing else is wrong, and a test holds it to that.
 */
import type { Entry, HealthCheck } from "./deployment.js";

/** Longest times after a failure, µs. */
export interface WorstCase {
  /** Until every checker has noticed and answers change. */
  readonly detectUs: number;
  /** Until the last request goes to the dead place because of an answer given before. */
  readonly movedUs: number;
  /** The same where answers are kept longer than they should be. */
  readonly tailUs: number;
}

/** Probes in a row, all failed, that mark a target down which was well before. */
export function failuresToFall({ fall, window }: HealthCheck): number {
  return window == null ? fall : window.size - window.required + 1;
}

/**
 * Longest time from a failure to the result that marks the target down.
 *
 * At a fixed rate the first probe that meets the failure leaves within an interval, each later one an interval after
 * it, and the last has the timeout and its repeats to come back. A re-armed one waits for each answer before the
 * interval begins, that of the probe under way at the failure included.
 */
export function worstDetectUs(check: HealthCheck): number {
  const resultUs = check.timeoutUs * (1 + (check.retries ?? 0));
  const failures = failuresToFall(check);
  return check.schedule === "fixed-rate"
    ? failures * check.intervalUs + resultUs
    : failures * (check.intervalUs + resultUs) + resultUs;
}

/**
 * The worst case of an entry for a gateway that fails; null where nothing would ever notice. An answer given just
 * before is kept for its life; a route that is withdrawn takes its time to move.
 */
export function entryWorstCase(entry: Entry): WorstCase | null {
  if (entry.kind === "direct" || entry.check === null) return null;
  const noticedUs = worstDetectUs(entry.check);
  if (entry.kind === "anycast") {
    const movedUs = noticedUs + entry.convergenceUs;
    return { detectUs: movedUs, movedUs, tailUs: movedUs };
  }
  const keptFactor = entry.tailShare > 0 ? Math.max(1, entry.tailFactor) : 1;
  return {
    detectUs: noticedUs,
    movedUs: noticedUs + entry.ttlUs,
    tailUs: noticedUs + Math.ceil(entry.ttlUs * keptFactor),
  };
}

/** The worst case of a gateway's own checks of endpoints: what it believes it acts on at once. Null without checks. */
export function routingWorstCase(check: HealthCheck | null): WorstCase | null {
  if (check === null) return null;
  const detectUs = worstDetectUs(check);
  return { detectUs, movedUs: detectUs, tailUs: detectUs };
}
