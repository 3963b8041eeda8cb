/** The closed list of strategies: one line here and one file each. */
import { leastLoaded } from "./leastLoaded.js";
import { nearest } from "./nearest.js";
import { powerOfTwo } from "./powerOfTwo.js";
import { priority } from "./priority.js";
import type { Strategy } from "./strategy.js";
import { weighted } from "./weighted.js";

/** A strategy's name as written in a scenario. */
export type StrategyName = "nearest" | "weighted" | "priority" | "least-loaded" | "power-of-two";

/** Every strategy by name; leaving one out does not compile. */
export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  nearest,
  weighted,
  priority,
  "least-loaded": leastLoaded,
  "power-of-two": powerOfTwo,
};

/** The names, in the order of the registry. */
export const STRATEGY_NAMES: readonly StrategyName[] = Object.keys(STRATEGIES) as StrategyName[];
