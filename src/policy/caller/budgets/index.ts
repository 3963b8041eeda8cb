/** The closed list of retry budgets: one line here and one file each. */
import type { RetryBudgetConfig, RetryBudgetKind } from "../../callerTypes.js";
import { AwsStandardBudget } from "./awsStandard.js";
import type { Budget } from "./budget.js";
import { ConcurrentShareBudget } from "./concurrentShare.js";
import { FailureRateBudget } from "./failureRate.js";
import { GrpcThrottleBudget } from "./grpcThrottle.js";
import { LlmTokensBudget } from "./llmTokens.js";
import { NoBudget } from "./none.js";
import { RatioBudget } from "./ratio.js";
import { TokenBucketBudget } from "./tokenBucket.js";
import { WindowedRatioBudget } from "./windowedRatio.js";

/** Makers of retry budgets by kind. */
export type BudgetMakers = {
  readonly [K in RetryBudgetKind]: (config: Extract<RetryBudgetConfig, { readonly kind: K }>) => Budget;
};

/** Every retry budget by kind; leaving one out does not compile. */
export const BUDGETS: BudgetMakers = {
  none: () => new NoBudget(),
  ratio: (config) => new RatioBudget(config),
  "token-bucket": (config) => new TokenBucketBudget(config),
  "failure-rate": (config) => new FailureRateBudget(config),
  "grpc-throttle": (config) => new GrpcThrottleBudget(config),
  "llm-tokens": (config) => new LlmTokensBudget(config),
  "windowed-ratio": (config) => new WindowedRatioBudget(config),
  "concurrent-share": (config) => new ConcurrentShareBudget(config),
  "aws-standard": (config) => new AwsStandardBudget(config),
};

/** A budget as configured, before anything happened. */
export function createBudget(config: RetryBudgetConfig): Budget {
  // The list's type ties each kind to its configuration; a call through a union cannot say so.
  return (BUDGETS[config.kind] as (config: RetryBudgetConfig) => Budget)(config);
}
