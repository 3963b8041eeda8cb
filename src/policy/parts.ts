/**
 * What a router can be made of. Each list holds some of the kinds that a configuration may name: what is not handed
 * over is not bundled, and a configuration that names it is refused.
 */
import { BACKOFFS, type Backoff, type BackoffKind, LIGHT_BACKOFFS } from "./backoff.js";
import { ConsecutiveBreaker } from "./caller/breakers/consecutive.js";
import { BREAKERS, type BreakerMakers } from "./caller/breakers/index.js";
import { NoBreaker } from "./caller/breakers/none.js";
import { BUDGETS, type BudgetMakers } from "./caller/budgets/index.js";
import { LlmTokensBudget } from "./caller/budgets/llmTokens.js";
import { NoBudget } from "./caller/budgets/none.js";
import { RatioBudget } from "./caller/budgets/ratio.js";
import { TokenBucketBudget } from "./caller/budgets/tokenBucket.js";
import { AimdLimit } from "./caller/limits/aimd.js";
import { FixedLimit } from "./caller/limits/fixed.js";
import { LIMITS, type LimitMakers } from "./caller/limits/index.js";
import { NoLimit } from "./caller/limits/none.js";
import { RAMPS, type Ramp, type RampKind, straightRamp } from "./caller/returningTargets.js";
import { THROTTLES, type ThrottleMakers } from "./caller/throttles/index.js";
import { NoThrottle } from "./caller/throttles/none.js";
import { cheapest } from "./strategies/cheapest.js";
import { STRATEGIES, type Strategies } from "./strategies/index.js";
import { leastLoaded } from "./strategies/leastLoaded.js";
import { nearest } from "./strategies/nearest.js";
import { powerOfTwo } from "./strategies/powerOfTwo.js";
import { priority } from "./strategies/priority.js";
import { roundRobin } from "./strategies/roundRobin.js";
import { weighted } from "./strategies/weighted.js";
import { PolicyError } from "./types.js";

/** What a caller's guards are made of, by kind. */
export interface GuardParts {
  readonly backoffs: Partial<Readonly<Record<BackoffKind, Backoff>>>;
  readonly budgets: Partial<BudgetMakers>;
  readonly breakers: Partial<BreakerMakers>;
  readonly limits: Partial<LimitMakers>;
  readonly throttles: Partial<ThrottleMakers>;
  readonly ramps: Partial<Readonly<Record<RampKind, Ramp>>>;
}

/** What a router is made of, by kind. */
export interface Parts extends GuardParts {
  readonly strategies: Partial<Strategies>;
}

/** Every kind there is: for gateways that run whatever a deployment says. */
export const ALL_PARTS: Parts = {
  strategies: STRATEGIES,
  backoffs: BACKOFFS,
  budgets: BUDGETS,
  breakers: BREAKERS,
  limits: LIMITS,
  throttles: THROTTLES,
  ramps: RAMPS,
};

/**
 * The kinds that fit in a small bundle. Left out is what needs logarithms, powers or exponentials (strategies that go
 * by measured latency, curved ramps, one backoff), what counts over sliding windows, what imitates one other system
 * (Envoy, gRPC, OpenRouter, Route 53, AWS, Finagle), and some strategies and adaptive limits that take much text.
 */
export const COMMON_PARTS: Parts = {
  strategies: {
    nearest,
    weighted,
    priority,
    "least-loaded": leastLoaded,
    "power-of-two": powerOfTwo,
    "round-robin": roundRobin,
    cheapest,
  },
  backoffs: LIGHT_BACKOFFS,
  budgets: {
    none: () => new NoBudget(),
    ratio: (config) => new RatioBudget(config),
    "token-bucket": (config) => new TokenBucketBudget(config),
    "llm-tokens": (config) => new LlmTokensBudget(config),
  },
  breakers: {
    none: (_config, targetCount) => new NoBreaker(targetCount),
    consecutive: (config, targetCount) => new ConsecutiveBreaker(config, targetCount),
  },
  limits: {
    none: () => new NoLimit(),
    fixed: (config) => new FixedLimit(config),
    aimd: (config) => new AimdLimit(config),
  },
  throttles: { none: () => new NoThrottle() },
  ramps: { straight: straightRamp },
};

/**
 * What a list has for the kind that `path` asks for. The lists' types tie each kind to its configuration; a look-up
 * by a kind that is only known when it runs cannot say so, hence `Part`.
 */
export function partOf<Part>(list: object, path: string, kind: string): Part {
  if (!Object.hasOwn(list, kind)) {
    const names = Object.keys(list).join(", ");
    throw new PolicyError([
      `${path} is not among the parts: "${kind}" (one of ${names}; ALL_PARTS has more)`,
    ]);
  }
  return (list as Readonly<Record<string, Part>>)[kind]!;
}
