/** The closed list of throttles: one line here and one file each. */
import type { ThrottleConfig, ThrottleKind } from "../../callerTypes.js";
import { AdaptiveThrottle } from "./adaptive.js";
import { NoThrottle } from "./none.js";
import { SuccessRateThrottle } from "./successRate.js";
import type { Throttle } from "./throttle.js";

/** Makers of throttles by kind. */
export type ThrottleMakers = {
  readonly [K in ThrottleKind]: (config: Extract<ThrottleConfig, { readonly kind: K }>) => Throttle;
};

/** Every throttle by kind; leaving one out does not compile. */
export const THROTTLES: ThrottleMakers = {
  none: () => new NoThrottle(),
  adaptive: (config) => new AdaptiveThrottle(config),
  "success-rate": (config) => new SuccessRateThrottle(config),
};

/** A throttle as configured, before anything happened. */
export function createThrottle(config: ThrottleConfig): Throttle {
  // The list's type ties each kind to its configuration; a call through a union cannot say so.
  return (THROTTLES[config.kind] as (config: ThrottleConfig) => Throttle)(config);
}
