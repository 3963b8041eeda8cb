/** What strategies are told of endpoints and gateways beside their region: keys of the file form, and what they become. */
import { z } from "zod";
import { type StrategyConfig, type StrategyName, strategyOf } from "../policy/index.js";
import { strategySchema } from "./schemaStrategy.js";
import { count, id, nonNegative, positive } from "./schemaUnits.js";

/** Of an endpoint, as written. */
export interface EndpointPlacingForm {
  readonly zone?: string | undefined;
  readonly capacity?: number | undefined;
  readonly bias?: number | undefined;
}

/** Of a gateway, as written. */
export interface GatewayPlacingForm {
  readonly tier?: number | undefined;
  readonly weight?: number | undefined;
  readonly bias?: number | undefined;
}

/** Of an endpoint, resolved; what is not said is left out. */
export interface EndpointPlacing {
  /** Part of its region; endpoints with the same word stand together. */
  readonly zone?: string;
  /** Calls at once that it does well, for strategies that fill or weigh by it; left out: what its serving allows. */
  readonly capacity?: number;
  /** −99 … 99 percent: how much nearer (above 0) or farther it seems to strategies that go by distance. */
  readonly biasPercent?: number;
}

/** Of a gateway, resolved; what is not said is left out. For an entry that can choose by it. */
export interface GatewayPlacing {
  readonly tier?: number;
  readonly weight?: number;
  readonly biasPercent?: number;
}

const BIAS_RULE = "a number from -99 to 99";
const bias = (): z.ZodType<number> =>
  z
    .number({ error: BIAS_RULE })
    .min(-99, { error: BIAS_RULE, abort: true })
    .max(99, { error: BIAS_RULE, abort: true });

/** Keys of an endpoint. */
export const endpointPlacingFields: {
  zone: z.ZodType<string | undefined>;
  capacity: z.ZodType<number | undefined>;
  bias: z.ZodType<number | undefined>;
} = {
  zone: id().optional().describe("Part of the region it stands in, for strategies that know zones."),
  capacity: positive()
    .optional()
    .describe(
      "Calls at once that it does well, for strategies that fill by it. Default: what its serving allows.",
    ),
  bias: bias()
    .optional()
    .describe(
      "Percent by which it seems nearer, or below 0 farther, than it is. Default 0; for geoproximity.",
    ),
};

/** Keys of a gateway. */
export const gatewayPlacingFields: {
  tier: z.ZodType<number | undefined>;
  weight: z.ZodType<number | undefined>;
  bias: z.ZodType<number | undefined>;
} = {
  tier: count(0, 1000)
    .optional()
    .describe("Lower tiers are used up before higher ones. Default 0; for geo-dns."),
  weight: nonNegative().optional().describe("Share among equals. Default 1; for geo-dns."),
  bias: bias()
    .optional()
    .describe("Percent by which it seems nearer, or below 0 farther, than it is. Default 0; for geo-dns."),
};

/** Strategies by which names can be resolved: they need to know nothing of what is under way. */
const ENTRY_STRATEGIES: readonly StrategyName[] = [
  "nearest",
  "priority",
  "weighted",
  "smooth-weighted",
  "round-robin",
  "geoproximity",
  "envoy-priority",
];

/** How a name service chooses among gateways. */
export const entryStrategySchema: z.ZodType<StrategyConfig> = strategySchema.refine(
  (config) => ENTRY_STRATEGIES.includes(strategyOf(config).name as StrategyName),
  {
    error: `a strategy that knows no loads: one of ${ENTRY_STRATEGIES.join(", ")}`,
    params: { code: "invalid-value" },
  },
);

/** Leaves out what is not said. */
export function resolveEndpointPlacing({ zone, capacity, bias }: EndpointPlacingForm): EndpointPlacing {
  return {
    ...(zone === undefined ? {} : { zone }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(bias === undefined ? {} : { biasPercent: bias }),
  };
}

/** Leaves out what is not said. */
export function resolveGatewayPlacing({ tier, weight, bias }: GatewayPlacingForm): GatewayPlacing {
  return {
    ...(tier === undefined ? {} : { tier }),
    ...(weight === undefined ? {} : { weight }),
    ...(bias === undefined ? {} : { biasPercent: bias }),
  };
}
