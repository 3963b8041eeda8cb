/** What one caller (a gateway, or a user's program) knows that keeps it from making things worse. */

import type { Backoff } from "../backoff.js";
import { firstBits } from "../bits.js";
import type {
  BreakerConfig,
  CallerConfig,
  ConcurrencyLimitConfig,
  RetryBudgetConfig,
  ThrottleConfig,
} from "../callerTypes.js";
import { type GuardParts, partOf } from "../parts.js";
import { RESULT_ABANDONED } from "../results.js";
import type { Breaker } from "./breakers/breaker.js";
import type { Budget } from "./budgets/budget.js";
import { Hedges } from "./hedges.js";
import type { ConcurrencyLimit } from "./limits/concurrencyLimit.js";
import { Outliers } from "./outliers.js";
import { isFailure } from "./results.js";
import { type Ramp, ReturningTargets, rampKind } from "./returningTargets.js";
import type { Throttle } from "./throttles/throttle.js";
import { obeyedMs } from "./waitMs.js";

/**
 * All of a caller's policies behind one face, the same for gateways and programs. No clock and no luck inside:
 * `nowMs` never goes back, `u` is uniform in [0, 1). Nothing is allocated after construction.
 *
 * A request goes: {@link firstTry}; then for each try {@link throttles}, a target out of {@link openMask} and
 * {@link roomMask}, {@link started}, {@link finished}, {@link settled}; and before each further try
 * {@link tryRetry} and {@link retryWaitMs}. A try that ends before it has a target (refused, throttled here,
 * given up in its backoff) is settled all the same, without started and finished.
 */
export class Caller {
  readonly config: CallerConfig;
  readonly targetCount: number;
  /** False when nothing but retries is configured: then all but firstTry, settled, tryRetry and retryWaitMs may be skipped. */
  readonly guards: boolean;
  /** Calls started and not finished, by target. */
  readonly inFlight: Int32Array;
  readonly budget: Budget;
  readonly breaker: Breaker;
  readonly outliers: Outliers | null;
  readonly throttle: Throttle;
  /** One per target; empty when nothing limits. */
  readonly limits: readonly ConcurrencyLimit[];
  readonly hedges: Hedges | null;
  readonly returning: ReturningTargets | null;
  /** The targets with fewer calls under way than their limit. */
  room: number;
  readonly #backoff: Backoff;

  constructor(config: CallerConfig, targetCount: number, parts: GuardParts) {
    const { retry, breaker, outlier, throttle, limit, hedge, returning } = config;
    this.config = config;
    this.targetCount = targetCount;
    this.inFlight = new Int32Array(targetCount);
    this.#backoff = partOf<Backoff>(parts.backoffs, "retry.backoff.kind", retry.backoff.kind);
    this.budget = partOf<(config: RetryBudgetConfig) => Budget>(
      parts.budgets,
      "retry.budget.kind",
      retry.budget.kind,
    )(retry.budget);
    this.breaker = partOf<(config: BreakerConfig, targetCount: number) => Breaker>(
      parts.breakers,
      "breaker.kind",
      breaker.kind,
    )(breaker, targetCount);
    this.outliers = outlier === null ? null : new Outliers(outlier, targetCount);
    this.throttle = partOf<(config: ThrottleConfig) => Throttle>(
      parts.throttles,
      "throttle.kind",
      throttle.kind,
    )(throttle);
    const createLimit = partOf<(config: ConcurrencyLimitConfig) => ConcurrencyLimit>(
      parts.limits,
      "limit.kind",
      limit.kind,
    );
    this.limits = limit.kind === "none" ? [] : Array.from({ length: targetCount }, () => createLimit(limit));
    this.hedges = hedge === null ? null : new Hedges(hedge);
    this.returning =
      returning === null
        ? null
        : new ReturningTargets(
            returning,
            targetCount,
            partOf<Ramp>(parts.ramps, "returning.aggression", rampKind(returning)),
          );
    this.room = firstBits(targetCount);
    const kinds = [breaker.kind, throttle.kind, limit.kind];
    this.guards =
      outlier !== null || hedge !== null || returning !== null || kinds.some((kind) => kind !== "none");
  }

  /** Notes a new request that weighs `tokens`, as its first try begins. */
  firstTry(tokens: number, nowMs: number): void {
    this.budget.onFirstTry(tokens, nowMs);
    if (this.hedges !== null) this.hedges.onFirstTry();
  }

  /** The targets that may be called now as far as breakers, ejections and returns allow; `u` is the request's. */
  openMask(nowMs: number, u: number): number {
    let mask = this.breaker.mayCallMask(nowMs);
    if (this.outliers !== null) mask &= this.outliers.inUseMask(nowMs);
    if (this.returning !== null) mask &= this.returning.admitsMask(nowMs, u);
    return mask;
  }

  /** The targets whose concurrency limit has room for one more call. */
  roomMask(): number {
    return this.room;
  }

  /** Whether the throttle refuses this try. Counts it as attempted either way, so ask once per try. */
  throttles(nowMs: number, u: number): boolean {
    return this.throttle.refuses(nowMs, u);
  }

  /** Notes a call to a target as it is sent: a first try, a retry or a hedge. */
  started(target: number, nowMs: number): void {
    this.#assertTarget(target);
    this.inFlight[target]! += 1;
    this.breaker.onStart(target, nowMs);
    this.#updateRoom(target);
  }

  /**
   * Notes the end of a call (one of RESULT_*), `rttMs` after it was {@link started}. A call given up by this
   * caller, as a losing hedge is, ends as RESULT_ABANDONED and teaches nothing.
   */
  finished(target: number, result: number, rttMs: number, nowMs: number): void {
    this.#assertTarget(target);
    const inFlight = this.inFlight[target]!;
    if (inFlight <= 0) throw new RangeError(`bug: target ${target} finished more often than started`);
    this.inFlight[target] = inFlight - 1;
    this.breaker.onEnd(target, result, nowMs - rttMs, nowMs);
    if (this.outliers !== null) this.outliers.onEnd(target, result, nowMs - rttMs, nowMs);
    this.throttle.onEnd(result, nowMs);
    if (this.limits.length > 0 && result !== RESULT_ABANDONED) {
      this.limits[target]!.onSample(rttMs, inFlight, isFailure(result), nowMs);
    }
    this.#updateRoom(target);
  }

  /** Notes that a target which was believed down is believed up again. */
  believedUp(target: number, nowMs: number): void {
    this.#assertTarget(target);
    if (this.returning !== null) this.returning.onBack(target, nowMs);
  }

  /**
   * Notes the end of a try for the retry budget: its result (one of RESULT_*) and how it was paid for (one of
   * PAID_*: nothing for a first try). Once per try, before the next is asked for; hedges are not tries.
   */
  settled(result: number, paid: number, nowMs: number): void {
    this.budget.onEnd(result, paid, nowMs);
  }

  /** Spends a retry, after `triesSoFar` tries of which the last was throttled or not; says whether it may be made. */
  tryRetry(triesSoFar: number, tokens: number, throttled: boolean, nowMs: number): boolean {
    return triesSoFar <= this.config.retry.retries && this.budget.tryRetry(tokens, throttled, nowMs);
  }

  /** How long to wait before retry number `retryNumber` (1 is the first); `retryAfterMs` is 0 when none was said. */
  retryWaitMs(retryNumber: number, previousWaitMs: number, retryAfterMs: number, u: number): number {
    const { retry } = this.config;
    const { baseMs, capMs } = retry.backoff;
    const ownMs = this.#backoff(baseMs, capMs, retryNumber, previousWaitMs, u);
    return obeyedMs(retry, ownMs, retryAfterMs, u);
  }

  /** How long after the last of `callsSoFar` calls of a try (1 is the first alone) to hedge; Infinity for never. */
  hedgeAfterMs(callsSoFar: number): number {
    return this.hedges === null ? Number.POSITIVE_INFINITY : this.hedges.afterMs(callsSoFar);
  }

  /** Spends a hedge if there is one to spend; says whether it may be sent. */
  tryHedge(): boolean {
    return this.hedges?.tryHedge() ?? false;
  }

  /** The caller died and its calls with it: nothing is under way, and what it has learned stays. */
  forgetCalls(): void {
    this.inFlight.fill(0);
    this.breaker.forgetCalls();
    this.budget.forgetCalls();
    for (let target = 0; target < this.targetCount; target++) this.#updateRoom(target);
  }

  #updateRoom(target: number): void {
    if (this.limits.length === 0) return;
    if (this.inFlight[target]! < this.limits[target]!.limit) this.room |= 1 << target;
    else this.room &= ~(1 << target);
  }

  #assertTarget(target: number): void {
    if (target >= 0 && target < this.targetCount) return;
    throw new RangeError(`bug: target must be an index below ${this.targetCount}, got ${target}`);
  }
}
