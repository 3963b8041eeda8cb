/**
 * The routing and residency policy that production imports and the simulator runs. Pure and
 * synchronous: time and luck are arguments, state changes only in the reducers.
 * @module regionsim/policy
 */
export { BACKOFF_KINDS, type Backoff, type BackoffKind, backoffMs } from "./backoff.js";
export { bitAt, bitCount, firstBits, lowestBit, MAX_TARGETS } from "./bits.js";
export type { Breaker } from "./caller/breakers/breaker.js";
export { BREAKERS, createBreaker } from "./caller/breakers/index.js";
export {
  type Budget,
  PAID_NOTHING,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
} from "./caller/budgets/budget.js";
export { BUDGETS, createBudget } from "./caller/budgets/index.js";
export { Caller } from "./caller/caller.js";
export { Hedges } from "./caller/hedges.js";
export type { ConcurrencyLimit } from "./caller/limits/concurrencyLimit.js";
export { gradientStep } from "./caller/limits/gradient.js";
export { createLimit, LIMITS } from "./caller/limits/index.js";
export { Outliers } from "./caller/outliers.js";
export { type Ramp, ReturningTargets, rampFactor, straightRamp } from "./caller/returningTargets.js";
export { adaptiveRejectShare } from "./caller/throttles/adaptive.js";
export { createThrottle, THROTTLES } from "./caller/throttles/index.js";
export { successRateRejectShare } from "./caller/throttles/successRate.js";
export type { Throttle } from "./caller/throttles/throttle.js";
export { waitMs } from "./caller/waitMs.js";
export {
  type BreakerConfig,
  type BreakerKind,
  type CallerConfig,
  type ConcurrencyLimitConfig,
  type ConcurrencyLimitKind,
  type HedgeConfig,
  type OutlierConfig,
  PLAIN_CALLER,
  PLAIN_QUEUE,
  type QueueConfig,
  type RetryAfterManner,
  type RetryBudgetConfig,
  type RetryBudgetKind,
  type RetryConfig,
  type ReturnConfig,
  type ThrottleConfig,
  type ThrottleKind,
} from "./callerTypes.js";
export {
  CAUSE_CIRCUIT_OPEN,
  CAUSE_CONCURRENCY,
  CAUSE_DEADLINE_IN_QUEUE,
  CAUSE_EVACUATING,
  CAUSE_LOAD_SHED,
  CAUSE_LOCAL_THROTTLE,
  CAUSE_LOG_SINK,
  CAUSE_NO_HEALTHY,
  CAUSE_NONE,
  CAUSE_POLICY_ERROR,
  CAUSE_RATE_REQUESTS,
  CAUSE_RATE_TOKENS,
  CAUSE_RESIDENCY,
  CAUSE_RETRY_BUDGET,
  causeCode,
  EXCLUSIONS,
  type Exclusion,
  REASON_BREAKER,
  REASON_COOLDOWN,
  REASON_CROWDED,
  REASON_DRAINED,
  REASON_FAILED_OPEN,
  REASON_FALLBACK,
  REASON_HEALTH,
  REASON_NARROWED,
  REASON_QUOTA,
  REASON_RESIDENCY,
  REASON_SPILL_CAPPED,
  REASON_SPILLED,
  REASON_TRIED_AGAIN,
  REASON_TRIED_AVOIDED,
  REASONS,
  REFUSAL_CAUSES,
  type Reason,
  type RefusalCause,
  reasonNames,
} from "./causes.js";
export { compilePolicy, compileWith, type Policy, reachable } from "./compile.js";
export { decide } from "./decide.js";
export {
  type CandidateExplanation,
  type Explanation,
  explain,
  targetNames,
  violationText,
} from "./explain.js";
export { HealthTracker, type HealthWindow, quorumUp } from "./healthTracker.js";
export { beginStep, journaledRouter, lawfulOf, routeStep } from "./journal.js";
export { readStep, stepLine, TornLine } from "./journalLines.js";
export {
  type Beginning,
  type ByTarget,
  JOURNAL_VERSION,
  type Masks,
  type RouteStep,
  type Step,
} from "./journalTypes.js";
export { barredByLogs } from "./logCause.js";
export { type MeterConfig, Meters, reservedTokens, usedTokens, WITHIN_METERS } from "./meters.js";
export { ALL_PARTS, COMMON_PARTS, type GuardParts, type Parts } from "./parts.js";
export { CoDel } from "./queue/codel.js";
export { expired, LinePolicy } from "./queue/linePolicy.js";
export {
  ADAPTIVE_LIFO_INTERVAL_MS,
  type LineOrder,
  QUEUE_ORDERS,
  type QueueOrder,
  takesNewest,
} from "./queue/orders.js";
export { sheds, shedThreshold } from "./queue/shed.js";
export { createReplay, type Difference, Replay, type ReplayCounts } from "./replay.js";
export {
  type Concern,
  type Fault,
  firstViolation,
  ruleApplies,
  ruleViolation,
  useOf,
  type Violation,
} from "./residency.js";
export {
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_THROTTLED_TOKENS,
  RESULT_TIMEOUT,
} from "./results.js";
export { RETRY_BURST, RetryBudget } from "./retryBudget.js";
export { createRouter } from "./router.js";
export { routerOnClock } from "./routerClock.js";
export type {
  Answer,
  Ask,
  BeliefMasks,
  Outcome,
  RetryAnswer,
  RetryGrant,
  RetryQuestion,
  Router,
  Settlement,
} from "./routerTypes.js";
export {
  type AttemptEnd,
  adoptBelief,
  createState,
  onProbe,
  onResult,
  type PolicyState,
  reserve,
  type Sent,
  setDegraded,
  setDrained,
  setExcluded,
} from "./state.js";
export {
  choosePriority,
  createShares,
  envoyLoads,
  type LoadOptions,
  linearPriority,
  type PriorityCounts,
  type PriorityShares,
  shareByHealth,
} from "./strategies/envoyLoads.js";
export {
  type OptionsOf,
  STRATEGIES,
  STRATEGY_NAMES,
  type Strategies,
  type StrategyConfig,
  type StrategyName,
  strategyConfig,
  strategyOf,
} from "./strategies/index.js";
export {
  type IstioFailover,
  type IstioLocality,
  istioDistribute,
  istioPriority,
  istioTiers,
} from "./strategies/istioLocality.js";
export { isPrime } from "./strategies/maglev.js";
export type {
  Draw,
  Ended,
  Fleet,
  Picker,
  Reach,
  Sets,
  Strategy,
  StrategyTarget,
} from "./strategies/strategy.js";
export { TokenBuckets } from "./tokenBuckets.js";
export { type Host, type Leg, outcomeOf, Trip, type TripAsk } from "./trip.js";
export {
  type Belief,
  CHANNELS,
  type Channel,
  type ChannelPlaces,
  type ChannelUse,
  createDecision,
  type Decision,
  HOLD,
  NO_TARGET,
  type PolicyConfig,
  PolicyError,
  type PolicyTarget,
  REFUSE,
  type ResidencyRule,
  ROUTE,
  type RoutingRequest,
  type TransferGround,
} from "./types.js";
export { type Comparison, WhatIf } from "./whatIf.js";
