/** The closed list of strategies: one line here, one in `configs.ts` and one file each. */
import { cheapest } from "./cheapest.js";
import { clientWeighted } from "./clientWeighted.js";
import type { OptionsOf, StrategyConfig, StrategyName } from "./configs.js";
import { envoyLoadAware } from "./envoyLoadAware.js";
import { envoyLocalityWeighted } from "./envoyLocalityWeighted.js";
import { envoyPriority } from "./envoyPriority.js";
import { envoyZoneAware } from "./envoyZoneAware.js";
import { geoproximity } from "./geoproximity.js";
import { inverseSquarePrice } from "./inverseSquarePrice.js";
import { latencyBuffer } from "./latencyBuffer.js";
import { leastLoaded } from "./leastLoaded.js";
import { leastRequest } from "./leastRequest.js";
import { maglev } from "./maglev.js";
import { nearest } from "./nearest.js";
import { peakEwma } from "./peakEwma.js";
import { powerOfTwo } from "./powerOfTwo.js";
import { priority } from "./priority.js";
import { roundRobin } from "./roundRobin.js";
import { smoothWeighted } from "./smoothWeighted.js";
import type { Strategy } from "./strategy.js";
import { waterfall } from "./waterfall.js";
import { weighted } from "./weighted.js";

export type { OptionsOf, StrategyConfig, StrategyName } from "./configs.js";

/** Strategies by name. */
export type Strategies = { readonly [Name in StrategyName]: Strategy<OptionsOf<Name>> };

/** Every strategy by name; leaving one out does not compile. */
export const STRATEGIES: Strategies = {
  nearest,
  weighted,
  priority,
  "least-loaded": leastLoaded,
  "power-of-two": powerOfTwo,
  waterfall,
  geoproximity,
  "latency-buffer": latencyBuffer,
  "peak-ewma": peakEwma,
  "smooth-weighted": smoothWeighted,
  "inverse-square-price": inverseSquarePrice,
  maglev,
  "round-robin": roundRobin,
  cheapest,
  "envoy-priority": envoyPriority,
  "envoy-locality-weighted": envoyLocalityWeighted,
  "envoy-zone-aware": envoyZoneAware,
  "envoy-load-aware": envoyLoadAware,
  "least-request": leastRequest,
  "client-weighted": clientWeighted,
};

/** The names, in the order of the registry. The mark lets bundlers leave the registry out with them. */
export const STRATEGY_NAMES: readonly StrategyName[] = /* @__PURE__ */ Object.keys(
  STRATEGIES,
) as StrategyName[];

/** A strategy by name, or with options, as options. Undefined when there is no such strategy. */
export function strategyConfig(strategy: StrategyName | StrategyConfig): StrategyConfig | undefined {
  return strategyConfigOf(STRATEGIES, strategy);
}

/** As {@link strategyConfig}, among some of the strategies. */
export function strategyConfigOf(
  strategies: Partial<Strategies>,
  strategy: StrategyName | StrategyConfig,
): StrategyConfig | undefined {
  const kind = typeof strategy === "string" ? strategy : strategy.kind;
  if (!Object.hasOwn(strategies, kind)) return undefined;
  return typeof strategy === "string" ? strategies[kind]!.defaults : strategy;
}

/** The strategy of a configuration, whatever its options are. */
export function strategyOf(config: StrategyConfig): Strategy {
  return STRATEGIES[config.kind] as Strategy;
}
