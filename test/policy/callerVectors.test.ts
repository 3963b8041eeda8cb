/** The published vectors of the caller's mechanisms, one check per vector, and why the others are not here. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WINDOW_BUCKETS } from "../../src/policy/caller/windowCounts.js";
import {
  ALL_PARTS,
  adaptiveRejectShare,
  type BackoffKind,
  type Breaker,
  Caller,
  type ConcurrencyLimit,
  createBreaker,
  createBudget,
  createLimit,
  gradientStep,
  PAID_NOTHING,
  PAID_RETRY,
  PLAIN_CALLER,
  RESULT_ERROR,
  RESULT_OK,
  type RetryAfterManner,
  type RetryConfig,
  rampFactor,
  successRateRejectShare,
  TokenBuckets,
  waitMs,
} from "../../src/policy/index.js";
import { num, nums, type VectorCase, withVectors } from "./callerReference.js";

/** Just below 1, the unluckiest draw there is. */
const TOP = 1 - 2 ** -53;

/** Vectors that another file checks, by the file, relative to this folder. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "portkey-weights": "strategiesVectors.test.ts",
  "openrouter-inverse-square": "strategiesVectors.test.ts",
  "route53-weights": "strategiesVectors.test.ts",
  "route53-geoproximity": "strategiesVectors.test.ts",
  "frontdoor-latency-weight": "strategiesVectors.test.ts",
  // And once more as LiteLLM's own router has it, in model/foreign/litellm.test.ts.
  "litellm-latency-buffer": "strategiesVectors.test.ts",
  "peak-ewma": "strategiesVectors.test.ts",
  "envoy-least-request-weight": "envoyVectors.test.ts",
  "envoy-cswrr": "envoyVectors.test.ts",
  "istio-locality-priority": "envoyVectors.test.ts",
  "failover-clock": "../scenario/failoverClocks.test.ts",
  "litellm-cooldown": "../model/foreign/litellm.test.ts",
};

/** What of the vectors checked here these policies cannot say, and why. */
const NOT_EXPRESSIBLE: Readonly<Record<string, string>> = {
  "portkey-retry":
    "a sum of waits above 60 s ends the request there; here the request's deadline and its tries do",
  "full-jitter":
    "a base of 1 s after a throttled try: a backoff has one base, and the Retry-After lengthens it",
  cockatiel:
    "its decorrelated jitter is another law of the same name; ours is the AWS one, with the same ends",
  "litellm-retry-sleep":
    "no wait while another target is healthy, and a jitter on its exponential not stated",
  "netflix-vegas":
    "the default limit of 20 and of 1000 are defaults of the library; here they are written down",
};

function retry(
  kind: BackoffKind,
  baseMs: number,
  capMs: number,
  after: { readonly manner?: RetryAfterManner; readonly capMs: number } = { capMs: Number.POSITIVE_INFINITY },
): RetryConfig {
  return {
    retries: 10,
    budget: { kind: "none" },
    backoff: { kind, baseMs, capMs },
    retryAfter: { obey: true, ...after },
  };
}

/** The first case; a vector without one is a failure. */
function first(cases: readonly VectorCase[]): VectorCase {
  const [found] = cases;
  if (found === undefined) throw new Error("a vector has no case");
  return found;
}

/** The limit after each (round trip, in flight) sample, with nothing dropped. */
function limitsAfter(limit: ConcurrencyLimit, samples: readonly (readonly [number, number])[]): number[] {
  return samples.map(([rttMs, inFlight]) => {
    limit.onSample(rttMs, inFlight, false, 0);
    return limit.limit;
  });
}

/** Calls made and failed, one after the other, until the only target may not be called; 1000 at most. */
function failuresToOpen(breaker: Breaker): number {
  let n = 0;
  while (breaker.mayCallMask(0) === 1 && n < 1000) {
    breaker.onStart(0, 0);
    breaker.onEnd(0, RESULT_ERROR, 0, 0);
    n += 1;
  }
  return n;
}

const CHECKS: Readonly<Record<string, (cases: readonly VectorCase[]) => void>> = {
  "slow-start": (cases) => {
    for (const c of cases) {
      const aggression = num(c, "aggression");
      const config = { holdMs: 0, slowStartMs: 1000 * num(c, "window_s"), aggression, minShare: 0.1 };
      expect(rampFactor(config, 1000 * num(c, "t_s"))).toBeCloseTo(num(c, "factor"), 12);
    }
  },

  "grpc-retry-throttle": (cases) => {
    for (const c of cases) {
      const [maxTokens, tokenRatio] = [num(c, "maxTokens"), num(c, "ratio")];
      const budget = createBudget({ kind: "grpc-throttle", maxTokens, tokenRatio });
      for (let n = 0; n < 5; n++) budget.onEnd(RESULT_ERROR, PAID_NOTHING, 0);
      const successes = String(c.events).includes("10 successes") ? 10 : 0;
      for (let n = 0; n < successes; n++) budget.onEnd(RESULT_OK, PAID_NOTHING, 0);
      expect(budget).toMatchObject({ tokens: expect.closeTo(num(c, "tokens"), 9) as number });
      expect(budget.tryRetry(1, false, 0)).toBe(c.retriesAllowed);
    }
  },

  "grpc-hedging": (cases) => {
    for (const c of cases) {
      const extraCalls = num(c, "maxAttempts") - 1;
      const hedge = { afterMs: num(c, "hedgingDelay_ms"), extraCalls, ratio: Number.POSITIVE_INFINITY };
      const caller = new Caller({ ...PLAIN_CALLER, hedge }, 4, ALL_PARTS);
      const sendAtMs = [1];
      for (let dueMs = 1; Number.isFinite(dueMs); ) {
        dueMs = (sendAtMs.at(-1) ?? 0) + caller.hedgeAfterMs(sendAtMs.length);
        if (Number.isFinite(dueMs) && caller.tryHedge()) sendAtMs.push(dueMs);
      }
      expect(sendAtMs).toEqual(nums(c, "sendAt_ms"));
    }
  },

  "grpc-backoff": (cases) => {
    for (const c of cases) {
      expect(num(c, "mult")).toBe(2);
      const config = retry("twenty-percent-jitter", 1000 * num(c, "initial"), 1000 * num(c, "max"));
      expect(waitMs(config, num(c, "n"), 0, 0, 0)).toBeCloseTo(1000 * num(c, "lo"), 9);
      expect(waitMs(config, num(c, "n"), 0, 0, TOP)).toBeCloseTo(1000 * num(c, "hi"), 9);
    }
  },

  "finagle-retry-budget": (cases) => {
    for (const c of cases) {
      const ttlMs = 1000 * num(c, "ttl_s");
      const [minPerS, ratio] = [num(c, "minRetriesPerSec"), num(c, "percentCanRetry")];
      const budget = createBudget({ kind: "windowed-ratio", ttlMs, minPerS, ratio });
      let granted = 0;
      while (granted < 1000 && budget.tryRetry(1, false, 0)) granted += 1;
      expect(granted).toBe(num(c, "initialBalance"));
      // A deposit of 1000 against a withdrawal of 5000: five first tries for one retry.
      for (let n = 0; n < 25; n++) budget.onFirstTry(1, 0);
      expect([1, 2, 3, 4, 5, 6].filter(() => budget.tryRetry(1, false, 0))).toHaveLength(5);
    }
  },

  "envoy-retry-budget": (cases) => {
    for (const c of cases) {
      const underWay = num(c, "active") + num(c, "pending");
      const [share, min, limit] = [num(c, "budget_percent") / 100, num(c, "min"), num(c, "limit")];
      // Many first tries pay for `limit` retries; as many of them end, and `underWay` are left.
      const budget = createBudget({ kind: "concurrent-share", share, min });
      for (let n = 0; n < 1000; n++) budget.onFirstTry(1, 0);
      for (let n = 0; n < limit; n++) expect(budget.tryRetry(1, false, 0)).toBe(true);
      for (let n = 0; n < 1000 + limit - underWay; n++) budget.onEnd(RESULT_OK, PAID_NOTHING, 0);
      expect(budget.tryRetry(1, false, 0)).toBe(false);
      budget.onEnd(RESULT_ERROR, PAID_RETRY, 0);
      budget.onFirstTry(1, 0);
      expect(budget.tryRetry(1, false, 0)).toBe(true);
    }
  },

  "aws-sdk-standard": (cases) => {
    for (const c of cases) {
      const [capacity, cost, throttleCost] = [num(c, "capacity"), num(c, "cost"), num(c, "throttleCost")];
      for (const throttled of [false, true]) {
        const budget = createBudget({ kind: "aws-standard", capacity, cost, throttleCost });
        let granted = 0;
        while (granted < 1000 && budget.tryRetry(1, throttled, 0)) granted += 1;
        expect(granted).toBe(num(c, throttled ? "throttleRetriesBeforeEmpty" : "retriesBeforeEmpty"));
      }
    }
  },

  "full-jitter": (cases) => {
    for (const c of cases) {
      const config = retry("full-jitter", num(c, "base"), 20_000, { manner: "beyond-backoff", capMs: 5000 });
      const number = num(c, "i") + 1;
      expect(waitMs(config, number, 0, 0, 0)).toBe(num(c, "lo"));
      expect(waitMs(config, number, 0, 0, TOP)).toBeCloseTo(num(c, "hi"), 9);
      // Retry-After clamped to [delay, delay + 5 s].
      const ownMs = waitMs(config, number, 0, 0, 0.5);
      expect([1, ownMs + 1000, 60_000].map((afterMs) => waitMs(config, number, 0, afterMs, 0.5))).toEqual([
        Math.max(1, ownMs),
        ownMs + 1000,
        ownMs + 5000,
      ]);
    }
  },

  "portkey-retry": (cases) => {
    const backoffS = nums(first(cases), "backoff_s");
    const config = retry("exponential", 1000, Number.POSITIVE_INFINITY);
    expect(backoffS.map((_, i) => waitMs(config, i + 1, 0, 0, 0.5) / 1000)).toEqual(backoffS);
  },

  "envoy-ratelimited-backoff": (cases) => {
    const config = retry("exponential", 25, 250, { manner: "jittered", capMs: 300_000 });
    for (const c of cases) {
      const resetMs = 1000 * num(c, "reset_s");
      const ignored = c.lo === undefined;
      expect(waitMs(config, 1, 0, resetMs, 0)).toBe(ignored ? 25 : 1000 * num(c, "lo"));
      expect(waitMs(config, 1, 0, resetMs, TOP)).toBeCloseTo(ignored ? 25 : 1000 * num(c, "hi"), 9);
    }
  },

  "envoy-admission-control": (cases) => {
    for (const c of cases) {
      const { threshold, aggression } = { threshold: num(c, "threshold"), aggression: num(c, "aggression") };
      const share = successRateRejectShare(num(c, "n"), num(c, "success"), { threshold, aggression });
      expect(share).toBeCloseTo(num(c, "p"), 6);
    }
  },

  "envoy-adaptive-concurrency": (cases) => {
    for (const c of cases) {
      const window = {
        minRttMs: num(c, "minRTT_ms"),
        bufferShare: 0.25,
        sampleRttMs: num(c, "sampleRTT_ms"),
      };
      const next = num(c, "gradient") * num(c, "limit");
      expect(gradientStep(num(c, "limit"), window)).toBe(Math.floor(next + Math.sqrt(next)));
    }
  },

  "netflix-gradient2": (cases) => {
    const c = first(cases);
    const limit = createLimit({
      kind: "gradient2",
      initial: num(c, "initial"),
      min: 1,
      max: num(c, "max"),
      smoothing: num(c, "smoothing"),
      queueSize: num(c, "queue"),
      longWindow: num(c, "longWindow"),
      tolerance: num(c, "tolerance"),
    });
    // Ratio 1 gives 0.2 · queue more.
    expect(limitsAfter(limit, [[100, 20]])).toEqual([Math.floor(20 + 0.2 * 4)]);
    // The long average is the plain mean of the two round trips as yet, so the ratio is 1.5 · 50,050 / 100,000.
    const ratio = (num(c, "tolerance") * 50_050) / 100_000;
    expect(limitsAfter(limit, [[100_000, 20]])).toEqual([Math.floor(0.8 * 20.8 + 0.2 * (ratio * 20.8 + 4))]);
    // A long average twice a round trip is out of date, and loses a twentieth with each sample.
    limitsAfter(limit, [[100, 1]]);
    expect(limit).toMatchObject({ longMs: expect.closeTo((0.95 * 100_200) / 3, 6) as number });
  },

  "netflix-vegas": (cases) => {
    for (const c of cases) {
      const [initial, max, limits] = [num(c, "initial"), num(c, "max"), nums(c, "limits")];
      const smoothing = c.smoothing === undefined ? 1 : num(c, "smoothing");
      const decrease = c.decrease === "halve" ? ("half" as const) : ("log10" as const);
      const limit = createLimit({ kind: "vegas", initial, max, smoothing, decrease });
      // Where the source states no samples: the same round trip with over half in use, or twice the first.
      const unstated = limits.map((_, i): [number, number] => [
        decrease === "half" && i > 0 ? 20 : 10,
        initial,
      ]);
      const samples = (c.samples ?? unstated) as readonly (readonly [number, number])[];
      expect(limitsAfter(limit, samples)).toEqual(limits);
    }
  },

  "netflix-aimd": (cases) => {
    for (const c of cases) {
      const max = c.max === undefined ? 200 : num(c, "max");
      const initial = num(c, "initial");
      const limit = createLimit({ kind: "aimd", initial, min: 1, max, backoffRatio: 0.9, slowMs: 5000 });
      // The second case begins at 21 of which 10 are in use: at its end, and not in use by half.
      expect(limitsAfter(limit, [[10, num(c, "inflight")]])).toEqual([num(c, "result")]);
    }
  },

  opossum: (cases) => {
    const c = first(cases);
    expect(WINDOW_BUCKETS).toBe(num(c, "rollingCountBuckets"));
    const config = {
      kind: "failure-rate",
      threshold: num(c, "errorThresholdPercentage") / 100,
      windowMs: num(c, "rollingCountTimeout"),
      minCalls: num(c, "volumeThreshold"),
      openMs: num(c, "resetTimeout"),
      halfOpenCalls: 1,
    } as const;
    const breaker = createBreaker(config, 1);
    breaker.onEnd(0, RESULT_OK, 0, 0);
    // One of two is not more than half; two of three are.
    expect(c.strictGreater).toBe(true);
    expect(failuresToOpen(breaker)).toBe(2);
    expect(breaker.mayCallMask(num(c, "resetTimeout") - 1)).toBe(0);
    expect(breaker.mayCallMask(num(c, "resetTimeout"))).toBe(1);
  },

  cockatiel: (cases) => {
    const [row, , backoff] = cases as readonly [VectorCase, VectorCase, VectorCase];
    const opens = { kind: "consecutive", failures: num(row, "n"), openMs: 10_000, halfOpenCalls: 1 } as const;
    expect(failuresToOpen(createBreaker(opens, 1))).toBe(num(row, "opensAt"));
    const rate = { threshold: 0.2, windowMs: 10_000, minCalls: 50, openMs: 10_000, halfOpenCalls: 1 };
    const sampling = createBreaker({ kind: "failure-rate", ...rate }, 1);
    for (let n = 0; n < 40; n++) sampling.onEnd(0, RESULT_OK, 0, 0);
    // 10 of 50 are not more than a fifth, 11 of 51 are; below 5 a second for 10 s nothing opens.
    expect(failuresToOpen(sampling)).toBe(11);
    const config = retry("decorrelated-jitter", num(backoff, "initial"), num(backoff, "max"));
    expect(waitMs(config, 1, 0, 0, 0)).toBe(num(backoff, "initial"));
    expect(waitMs(config, 9, num(backoff, "max"), 0, TOP)).toBe(num(backoff, "max"));
  },

  "post-charge-token-bucket": (cases) => {
    for (const c of cases) {
      const bucket = new TokenBuckets(1);
      bucket.configure(0, num(c, "limit"), num(c, "limit"));
      bucket.take(0, 1, 0);
      // More than the bucket holds is let in once it is full, as if nobody had known its size before.
      const [tokens, fullMs] = [num(c, "request_tokens"), 60_000 / num(c, "limit")];
      expect(bucket.has(0, tokens, 10)).toBe(false);
      expect(bucket.take(0, tokens, fullMs)).toBe(c.admitted);
      expect(bucket.level(0, fullMs)).toBeCloseTo(num(c, "balanceAfter"), 9);
      expect(bucket.has(0, 1, fullMs)).toBe(false);
    }
  },

  "azure-openai-rpm": (cases) => {
    for (const c of cases) {
      const [rpm, tpm] = [num(c, "rpm"), num(c, "tpm")];
      const buckets = new TokenBuckets(2);
      buckets.configure(0, rpm, rpm);
      buckets.configure(1, tpm, tpm);
      // The ratio is that of a mean call, so calls of that size find both limits at once.
      const tokens = 1000 / 6;
      for (let n = 0; n < rpm; n++)
        expect(buckets.take(0, 1, 0) && buckets.take(1, tokens - 1e-9, 0)).toBe(true);
      expect([buckets.has(0, 1, 0), buckets.has(1, tokens, 0)]).toEqual([false, false]);
    }
  },

  "litellm-retry-sleep": (cases) => {
    const config = retry("equal-jitter", 500, 8000, { manner: "exactly", capMs: 60_000 });
    const seconds = cases.filter((c) => c.retry_after !== undefined);
    expect(seconds).toHaveLength(3);
    for (const c of seconds) {
      const waitedMs = waitMs(config, 2, 0, 1000 * num(c, "retry_after"), 0.5);
      expect(waitedMs).toBe(typeof c.sleep === "number" ? 1000 * c.sleep : 750);
    }
  },
};

describe("published vectors", () => {
  withVectors((vectors) => {
    for (const [id, check] of Object.entries(CHECKS)) {
      it(`${id} comes out as published`, () => {
        const vector = vectors.find((v) => v.id === id);
        expect(vector, `the reference has no vector ${id}`).toBeDefined();
        check(vector?.cases ?? []);
      });
    }

    it("are all checked here or belong to another room, and what cannot be said has a reason", () => {
      expect(vectors.map((v) => v.id).sort()).toEqual(
        [...Object.keys(CHECKS), ...Object.keys(ELSEWHERE)].sort(),
      );
      for (const id of Object.keys(NOT_EXPRESSIBLE)) expect(Object.keys(CHECKS)).toContain(id);
    });
  });

  it("that another file checks are named there", () => {
    for (const [id, file] of Object.entries(ELSEWHERE)) {
      expect(readFileSync(join(import.meta.dirname, file), "utf8"), `${id} in ${file}`).toContain(`"${id}"`);
    }
  });

  it("the SRE book's chance of a local refusal at K = 2 is 0 at half accepted, and near 1 − 2/x at x times over", () => {
    expect(adaptiveRejectShare(1000, 500, 2)).toBe(0);
    expect(adaptiveRejectShare(1_000_000, 200_000, 2)).toBeCloseTo(0.6, 5);
  });
});
