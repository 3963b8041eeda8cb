import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createBudget,
  PAID_NOTHING,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  type RetryBudgetConfig,
  type RetryBudgetKind,
} from "../../src/policy/index.js";
import { budgetContract } from "./callerContracts.js";

const bucket = {
  kind: "token-bucket",
  size: 5,
  deposit: 0.1,
  depositOn: "start",
  fires: "at-least-one",
} as const;
const windowed = { kind: "windowed-ratio", ttlMs: 10_000, minPerS: 0.3, ratio: 0.2 } as const;
const aws = { kind: "aws-standard", capacity: 50, cost: 14, throttleCost: 5 } as const;

const EXAMPLES = {
  none: { kind: "none" },
  ratio: { kind: "ratio", ratio: 0.1 },
  "token-bucket": bucket,
  "failure-rate": { kind: "failure-rate", threshold: 0.1 },
  "grpc-throttle": { kind: "grpc-throttle", maxTokens: 10, tokenRatio: 0.1 },
  "llm-tokens": { kind: "llm-tokens", ratio: 0.2, burstTokens: 25 },
  "windowed-ratio": windowed,
  "concurrent-share": { kind: "concurrent-share", share: 0.2, min: 3 },
  "aws-standard": aws,
} as const satisfies Record<RetryBudgetKind, RetryBudgetConfig>;

for (const [kind, config] of Object.entries(EXAMPLES)) budgetContract(kind, () => createBudget(config));
for (const depositOn of ["start", "success"] as const) {
  budgetContract(`token-bucket that deposits on ${depositOn} and fires above one`, () =>
    createBudget({ ...bucket, depositOn, fires: "more-than-one" }),
  );
}

/** Retries granted in a row until the first refusal, at most `limit`. */
function grantsInARow(config: RetryBudgetConfig, throttled = false, limit = 1000): number {
  const budget = createBudget(config);
  let granted = 0;
  while (granted < limit && budget.tryRetry(10, throttled, 0)) granted += 1;
  return granted;
}

describe("the token bucket", () => {
  it("grants its whole size at first, and one fewer when it fires only above one", () => {
    expect(grantsInARow(bucket)).toBe(5);
    expect(grantsInARow({ ...bucket, fires: "more-than-one" })).toBe(4);
  });

  it("in a whole outage pays for a tenth of retries with deposits on starts, and for none with deposits on successes", () => {
    for (const [depositOn, expected] of [
      ["start", 105],
      ["success", 5],
    ] as const) {
      const budget = createBudget({ ...bucket, depositOn });
      let granted = 0;
      // The start-up credit is spent first, so that no deposit is lost to a full bucket.
      while (budget.tryRetry(1, false, 0)) granted += 1;
      for (let n = 0; n < 1000; n++) {
        budget.onFirstTry(1, n);
        budget.onEnd(RESULT_ERROR, PAID_NOTHING, n);
        if (budget.tryRetry(1, false, n)) granted += 1;
      }
      expect(granted).toBe(expected);
    }
  });

  it("earns from ten successes as many retries as from ten starts", () => {
    const budget = createBudget({ ...bucket, depositOn: "success" });
    while (budget.tryRetry(1, false, 0));
    for (let n = 0; n < 9; n++) budget.onEnd(RESULT_OK, PAID_RETRY, 0);
    budget.onEnd(RESULT_ABANDONED, PAID_NOTHING, 0);
    expect(budget.tryRetry(1, false, 0)).toBe(false);
    budget.onEnd(RESULT_OK, PAID_NOTHING, 0);
    expect(budget.tryRetry(1, false, 0)).toBe(true);
    expect(budget.tryRetry(1, false, 0)).toBe(false);
  });
});

describe("the failure rate", () => {
  it("grants while failures are exactly the threshold of first tries, and not one above", () => {
    const budget = createBudget({ kind: "failure-rate", threshold: 0.1 });
    for (let n = 0; n < 30; n++) budget.onFirstTry(1, 0);
    for (let n = 0; n < 3; n++) budget.onEnd(RESULT_ERROR, PAID_NOTHING, 0);
    expect(budget.tryRetry(1, false, 0)).toBe(true);
    budget.onEnd(RESULT_ABANDONED, PAID_NOTHING, 0);
    expect(budget.tryRetry(1, false, 0)).toBe(true);
    budget.onEnd(RESULT_ERROR, PAID_RETRY, 0);
    expect(budget.tryRetry(1, false, 0)).toBe(false);
  });
});

describe("the budget in model tokens", () => {
  it("keeps the tokens of retries within ratio · tokens of first tries + burst over any stretch", () => {
    const op = fc.record({ first: fc.boolean(), tokens: fc.constantFrom(1, 7, 100, 2000) });
    const ratios = fc.constantFrom(0, 0.1, 0.2, 1);
    fc.assert(
      fc.property(ratios, fc.array(op, { maxLength: 200 }), fc.nat(200), (ratio, ops, from) => {
        const budget = createBudget({ kind: "llm-tokens", ratio, burstTokens: 500 });
        let first = 0;
        let retried = 0;
        ops.forEach(({ first: isFirst, tokens }, i) => {
          if (isFirst) budget.onFirstTry(tokens, i);
          const granted = !isFirst && budget.tryRetry(tokens, false, i);
          if (i < from) return;
          first += isFirst ? tokens : 0;
          retried += granted ? tokens : 0;
          expect(retried).toBeLessThanOrEqual(ratio * first + 500 + 1e-3);
        });
      }),
      { seed: 20261102, numRuns: 1000 },
    );
  });

  it("refuses a long prompt what it grants ten short ones, and never retries one above the burst", () => {
    const budget = createBudget({ kind: "llm-tokens", ratio: 0.1, burstTokens: 1000 });
    expect(budget.tryRetry(1001, false, 0)).toBe(false);
    for (let n = 0; n < 10; n++) expect(budget.tryRetry(100, false, 0)).toBe(true);
    for (let n = 0; n < 10; n++) budget.onFirstTry(100, 0);
    expect(budget.tryRetry(1000, false, 0)).toBe(false);
    expect(budget.tryRetry(100, false, 0)).toBe(true);
    expect(budget.tryRetry(1, false, 0)).toBe(false);
  });
});

describe("the windowed ratio", () => {
  it("grants its reserve in a row, and it again once the window has passed, saving up nothing", () => {
    const budget = createBudget(windowed);
    for (const nowMs of [0, 10_000, 100_000]) {
      expect([1, 2, 3, 4].map(() => budget.tryRetry(1, false, nowMs))).toEqual([true, true, true, false]);
      expect(budget.tryRetry(1, false, nowMs + 8999)).toBe(false);
    }
  });

  it("earns one retry for five first tries until these are forgotten", () => {
    const none = { ...windowed, minPerS: 0 };
    const budget = createBudget(none);
    for (let n = 0; n < 4; n++) budget.onFirstTry(1, 0);
    expect(budget.tryRetry(1, false, 0)).toBe(false);
    budget.onFirstTry(1, 0);
    const later = createBudget(none);
    for (let n = 0; n < 5; n++) later.onFirstTry(1, 0);
    expect(budget.tryRetry(1, false, 9999)).toBe(true);
    expect(budget.tryRetry(1, false, 9999)).toBe(false);
    expect(later.tryRetry(1, false, 10_000)).toBe(false);
  });
});

describe("the concurrent share", () => {
  it("counts a retry from its grant to its end, so a backoff holds its place", () => {
    const budget = createBudget({ kind: "concurrent-share", share: 0.2, min: 1 });
    budget.onFirstTry(1, 0);
    expect(budget.tryRetry(1, false, 0)).toBe(true);
    expect(budget.tryRetry(1, false, 60_000)).toBe(false);
    budget.onEnd(RESULT_ABANDONED, PAID_RETRY, 60_000);
    expect(budget.tryRetry(1, false, 60_000)).toBe(true);
  });
});

describe("the AWS SDKs' bucket", () => {
  it("gets back from a success what its own retry cost, or 1 from a first try", () => {
    for (const [paid, refund] of [
      [PAID_NOTHING, 1],
      [PAID_RETRY, 14],
      [PAID_THROTTLED_RETRY, 5],
    ] as const) {
      // Full, 3 retries leave 8 of 50: too few for a retry, enough for one after a throttled try.
      const budget = createBudget(aws);
      expect([1, 2, 3, 4].map(() => budget.tryRetry(1, false, 0))).toEqual([true, true, true, false]);
      budget.onEnd(RESULT_ERROR, paid, 0);
      budget.onEnd(RESULT_OK, paid, 0);
      expect(budget.tryRetry(1, false, 0)).toBe(8 + refund >= 14);
    }
  });

  it("never holds more than its capacity", () => {
    const budget = createBudget(aws);
    for (let n = 0; n < 100; n++) budget.onEnd(RESULT_OK, PAID_RETRY, 0);
    expect([1, 2, 3, 4].map(() => budget.tryRetry(1, false, 0))).toEqual([true, true, true, false]);
    expect(grantsInARow(aws, true)).toBe(10);
  });
});
