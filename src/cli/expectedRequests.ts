import type { Scenario } from "../scenario/scenario.js";

/**
 * Runs expected to be this short are done where we stand: starting a thread would take longer than the
 * run, and Ctrl-C waits no longer than a tenth of a second.
 */
export const SHORT_REQUESTS = 20_000;

/** First attempts to expect, surges left out: an order of magnitude is enough here. */
export function expectedRequests({ workload, durationUs }: Scenario): number {
  if (workload.trace !== null) return workload.trace.arrivalUs.length;
  let requests = 0;
  for (const { startsUs, perSecond } of workload.sites) {
    perSecond.forEach((rate, i) => {
      const endUs = Math.min(startsUs[i + 1] ?? durationUs, durationUs);
      requests += rate * Math.max(0, (endUs - (startsUs[i] ?? 0)) / 1e6);
    });
  }
  return requests;
}
