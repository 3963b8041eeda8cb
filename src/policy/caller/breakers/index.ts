/** The closed list of breakers: one line here and one file each. */
import type { BreakerConfig, BreakerKind } from "../../callerTypes.js";
import type { Breaker } from "./breaker.js";
import { ConsecutiveBreaker } from "./consecutive.js";
import { FailureRateBreaker } from "./failureRate.js";
import { NoBreaker } from "./none.js";

/** Makers of breakers by kind. */
export type BreakerMakers = {
  readonly [K in BreakerKind]: (
    config: Extract<BreakerConfig, { readonly kind: K }>,
    targetCount: number,
  ) => Breaker;
};

/** Every breaker by kind; leaving one out does not compile. */
export const BREAKERS: BreakerMakers = {
  none: (_config, targetCount) => new NoBreaker(targetCount),
  consecutive: (config, targetCount) => new ConsecutiveBreaker(config, targetCount),
  "failure-rate": (config, targetCount) => new FailureRateBreaker(config, targetCount),
};

/** Breakers as configured, all closed. */
export function createBreaker(config: BreakerConfig, targetCount: number): Breaker {
  // The list's type ties each kind to its configuration; a call through a union cannot say so.
  return (BREAKERS[config.kind] as (config: BreakerConfig, targetCount: number) => Breaker)(
    config,
    targetCount,
  );
}
