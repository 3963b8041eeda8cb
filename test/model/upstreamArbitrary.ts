/** Random scenarios in which gateways have every protection there is, several at once. */
import fc from "fast-check";
import type {
  BreakerConfig,
  CallerConfig,
  ConcurrencyLimitConfig,
  HedgeConfig,
  OutlierConfig,
  QueueConfig,
  RetryBudgetConfig,
  RetryConfig,
  ReturnConfig,
  ThrottleConfig,
} from "../../src/policy/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { anyScenario, BACKOFFS } from "./lawsArbitrary.js";

const budget: fc.Arbitrary<RetryBudgetConfig> = fc.constantFrom<RetryBudgetConfig>(
  { kind: "none" },
  { kind: "ratio", ratio: 0.2 },
  { kind: "token-bucket", size: 10, deposit: 0.1, depositOn: "start", fires: "at-least-one" },
  { kind: "token-bucket", size: 3, deposit: 0.5, depositOn: "success", fires: "more-than-one" },
  { kind: "failure-rate", threshold: 0.3 },
  { kind: "grpc-throttle", maxTokens: 10, tokenRatio: 0.1 },
  { kind: "llm-tokens", ratio: 0.2, burstTokens: 1000 },
  { kind: "windowed-ratio", ttlMs: 5000, minPerS: 1, ratio: 0.2 },
  { kind: "concurrent-share", share: 0.2, min: 2 },
  { kind: "aws-standard", capacity: 50, cost: 5, throttleCost: 10 },
);

const retry: fc.Arbitrary<RetryConfig> = fc.record({
  retries: fc.nat(3),
  budget,
  backoff: fc.record({
    kind: fc.constantFrom(...BACKOFFS),
    baseMs: fc.integer({ min: 0, max: 200 }),
    capMs: fc.integer({ min: 0, max: 1000 }),
  }),
  retryAfter: fc.record({
    obey: fc.boolean(),
    capMs: fc.constantFrom(0, 500, 3000),
    manner: fc.constantFrom("at-least" as const, "beyond-backoff" as const, "jittered" as const),
  }),
});

const breaker: fc.Arbitrary<BreakerConfig> = fc.constantFrom<BreakerConfig>(
  { kind: "none" },
  { kind: "none" },
  { kind: "consecutive", failures: 2, openMs: 1500, halfOpenCalls: 1 },
  { kind: "failure-rate", threshold: 0.4, windowMs: 3000, minCalls: 4, openMs: 2000, halfOpenCalls: 2 },
);

const outlier: fc.Arbitrary<OutlierConfig | null> = fc.constantFrom(null, null, {
  consecutiveFailures: 3,
  ejectionMs: 2000,
  maxEjectionMs: 8000,
  maxShare: 0.5,
});

const throttle: fc.Arbitrary<ThrottleConfig> = fc.constantFrom<ThrottleConfig>(
  { kind: "none" },
  { kind: "none" },
  { kind: "adaptive", k: 1.5, windowMs: 5000 },
  { kind: "success-rate", threshold: 0.9, aggression: 1, windowMs: 5000, maxRejectShare: 0.8 },
);

const limit: fc.Arbitrary<ConcurrencyLimitConfig> = fc.constantFrom<ConcurrencyLimitConfig>(
  { kind: "none" },
  { kind: "none" },
  { kind: "fixed", limit: 3 },
  { kind: "aimd", initial: 4, min: 1, max: 20, backoffRatio: 0.7, slowMs: 800 },
  {
    kind: "gradient",
    initial: 4,
    min: 2,
    max: 20,
    windowMs: 1000,
    bufferShare: 0.25,
    minRttEveryMs: 10_000,
  },
  { kind: "vegas", initial: 5, max: 30, smoothing: 1, decrease: "half" },
);

const hedge: fc.Arbitrary<HedgeConfig | null> = fc.option(
  fc.record({
    afterMs: fc.constantFrom(0, 20, 150, 700),
    extraCalls: fc.constantFrom(1, 1, 2, 3),
    ratio: fc.constantFrom(0.1, 1, Number.POSITIVE_INFINITY),
  }),
  { nil: null },
);

const returning: fc.Arbitrary<ReturnConfig | null> = fc.constantFrom(null, {
  holdMs: 500,
  slowStartMs: 4000,
  aggression: 1,
  minShare: 0.1,
});

const queue: fc.Arbitrary<QueueConfig> = fc.record({
  order: fc.constantFrom("fifo" as const, "lifo" as const, "adaptive-lifo" as const, "priority" as const),
  dropExpired: fc.boolean(),
  codel: fc.constantFrom(null, { targetMs: 20, intervalMs: 200 }),
  shed: fc.constantFrom(null, { step: 0.3, floor: 0.2 }),
});

const caller: fc.Arbitrary<CallerConfig> = fc.record({
  retry,
  breaker,
  outlier,
  throttle,
  limit,
  hedge,
  returning,
});

/** {@link anyScenario} whose gateways protect themselves and others. */
export const anyGuardedScenario: fc.Arbitrary<Scenario> = fc
  .record({
    scenario: anyScenario,
    caller,
    sdkRetry: fc.option(retry, { nil: null }),
    queues: fc.array(queue, { minLength: 4, maxLength: 4 }),
    propagatesDeadlines: fc.boolean(),
  })
  .map(({ scenario, caller, sdkRetry, queues, propagatesDeadlines }) => {
    const { deployment } = scenario;
    return {
      ...scenario,
      deployment: {
        ...deployment,
        caller,
        sdkRetry,
        gateways: deployment.gateways.map((gateway, g) => ({ ...gateway, queue: queues[g]! })),
        routing: { ...deployment.routing, propagatesDeadlines },
      },
    };
  });
