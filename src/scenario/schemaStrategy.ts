/**
 * Strategies of the file form: a name alone, or a mapping with its `kind` and options. One schema each; a strategy
 * without one does not compile.
 */
import { z } from "zod";
import {
  type OptionsOf,
  STRATEGIES,
  STRATEGY_NAMES,
  type StrategyConfig,
  type StrategyName,
} from "../policy/index.js";
import {
  clientWeightedSchema,
  envoyLoadAwareSchema,
  envoyLocalityWeightedSchema,
  envoyPrioritySchema,
  envoyZoneAwareSchema,
  leastRequestSchema,
} from "./schemaStrategyEnvoy.js";
import {
  inverseSquarePriceSchema,
  latencyBufferSchema,
  maglevSchema,
  peakEwmaSchema,
  waterfallSchema,
} from "./schemaStrategyOptions.js";

/** The schema of each strategy's options, its `kind` included. */
export const strategyOptionSchemas: { readonly [Name in StrategyName]: z.ZodType<OptionsOf<Name>> } = {
  nearest: plain("nearest", "The smallest round trip."),
  weighted: plain("weighted", "By chance, in proportion to weight."),
  priority: plain("priority", "The earliest in the file."),
  "least-loaded": plain("least-loaded", "The fewest requests under way for its weight."),
  "power-of-two": plain("power-of-two", "The less loaded of two drawn by chance."),
  waterfall: waterfallSchema,
  geoproximity: plain("geoproximity", "The nearest by distance and bias."),
  "latency-buffer": latencyBufferSchema,
  "peak-ewma": peakEwmaSchema,
  "smooth-weighted": plain("smooth-weighted", "In turn, evenly spread in proportion to weight."),
  "inverse-square-price": inverseSquarePriceSchema,
  maglev: maglevSchema,
  "round-robin": plain("round-robin", "In turn."),
  cheapest: plain("cheapest", "The lowest price."),
  "envoy-priority": envoyPrioritySchema,
  "envoy-locality-weighted": envoyLocalityWeightedSchema,
  "envoy-zone-aware": envoyZoneAwareSchema,
  "envoy-load-aware": envoyLoadAwareSchema,
  "least-request": leastRequestSchema,
  "client-weighted": clientWeightedSchema,
};

/** A strategy by name with its defaults, or with options. */
export const strategySchema: z.ZodType<StrategyConfig> = z.union([
  z.enum(STRATEGY_NAMES).transform((name): StrategyConfig => STRATEGIES[name].defaults),
  z.discriminatedUnion(
    "kind",
    STRATEGY_NAMES.map((name) => strategyOptionSchemas[name]) as unknown as Parameters<
      typeof z.discriminatedUnion
    >[1],
  ),
]) as unknown as z.ZodType<StrategyConfig>;

/** A strategy that has no options, or none that a file may set: its defaults. */
function plain<Name extends StrategyName>(name: Name, what: string): z.ZodType<OptionsOf<Name>> {
  return z
    .strictObject({ kind: z.literal(name).describe(what) })
    .transform(() => STRATEGIES[name].defaults) as unknown as z.ZodType<OptionsOf<Name>>;
}
