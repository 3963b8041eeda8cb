/** The closed list of concurrency limits: one line here and one file each. */
import type { ConcurrencyLimitConfig, ConcurrencyLimitKind } from "../../callerTypes.js";
import { AimdLimit } from "./aimd.js";
import type { ConcurrencyLimit } from "./concurrencyLimit.js";
import { FixedLimit } from "./fixed.js";
import { GradientLimit } from "./gradient.js";
import { Gradient2Limit } from "./gradient2.js";
import { NoLimit } from "./none.js";
import { VegasLimit } from "./vegas.js";

/** Makers of concurrency limits by kind. */
export type LimitMakers = {
  readonly [K in ConcurrencyLimitKind]: (
    config: Extract<ConcurrencyLimitConfig, { readonly kind: K }>,
  ) => ConcurrencyLimit;
};

/** Every concurrency limit by kind; leaving one out does not compile. */
export const LIMITS: LimitMakers = {
  none: () => new NoLimit(),
  fixed: (config) => new FixedLimit(config),
  aimd: (config) => new AimdLimit(config),
  gradient: (config) => new GradientLimit(config),
  gradient2: (config) => new Gradient2Limit(config),
  vegas: (config) => new VegasLimit(config),
};

/** One target's limit as configured, before anything happened. */
export function createLimit(config: ConcurrencyLimitConfig): ConcurrencyLimit {
  // The list's type ties each kind to its configuration; a call through a union cannot say so.
  return (LIMITS[config.kind] as (config: ConcurrencyLimitConfig) => ConcurrencyLimit)(config);
}
