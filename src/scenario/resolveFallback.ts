/** What a gateway does when nothing may take a request now, in the words of {@link Routing}. */
import type { Routing } from "./deployment.js";
import type { FallbackForm } from "./schemaFallback.js";

/** What was written; nothing where all is as if nothing had been. */
export function resolveFallback({
  fallback = {},
  wait,
  poll,
}: FallbackForm): Pick<Routing, "fallbacks" | "waitForLimitsMs" | "holdPollUs"> {
  return {
    ...(Object.keys(fallback).length === 0 ? {} : { fallbacks: fallback }),
    ...(wait === 0 ? {} : { waitForLimitsMs: wait }),
    ...(poll === DEFAULT_POLL_US ? {} : { holdPollUs: poll }),
  };
}

/** One second: a rule is waited for until an operator or a probe changes something, and probes are seconds apart. */
export const DEFAULT_POLL_US = 1_000_000;
