import { describe, expect, it } from "vitest";
import {
  type ConcurrencyLimitConfig,
  type ConcurrencyLimitKind,
  createLimit,
} from "../../src/policy/index.js";
import { limitContract } from "./callerContracts.js";

const range = { initial: 20, min: 2, max: 40 } as const;
const aimd = { kind: "aimd", ...range, backoffRatio: 0.9, slowMs: 5000 } as const;
const gradient = {
  kind: "gradient",
  ...range,
  windowMs: 1000,
  bufferShare: 0.25,
  minRttEveryMs: 10_000,
} as const;
const gradient2 = {
  kind: "gradient2",
  initial: 20,
  min: 20,
  max: 200,
  smoothing: 0.2,
  queueSize: 4,
  longWindow: 600,
  tolerance: 1.5,
} as const;
const vegas = { kind: "vegas", initial: 10, max: 1000, smoothing: 1, decrease: "log10" } as const;

const EXAMPLES = {
  none: [{ kind: "none" }, 1, Number.POSITIVE_INFINITY],
  fixed: [{ kind: "fixed", limit: 7 }, 7, 7],
  aimd: [aimd, 2, 40],
  gradient: [gradient, 2, 40],
  gradient2: [gradient2, 20, 200],
  vegas: [vegas, 1, 1000],
} as const satisfies Record<ConcurrencyLimitKind, readonly [ConcurrencyLimitConfig, number, number]>;

for (const [kind, [config, min, max]] of Object.entries(EXAMPLES)) {
  limitContract(kind, { min, max }, () => createLimit(config));
}
limitContract("vegas that halves", { min: 1, max: 1000 }, () =>
  createLimit({ ...vegas, smoothing: 0.5, decrease: "half" }),
);

describe("limits", () => {
  it("refuse ends that contradict each other", () => {
    expect(() => createLimit({ ...aimd, initial: 1 })).toThrow(RangeError);
    expect(() => createLimit({ ...gradient, max: 19 })).toThrow(RangeError);
    expect(() => createLimit({ ...gradient2, min: 0 })).toThrow(RangeError);
    expect(() => createLimit({ kind: "fixed", limit: 0 })).toThrow(RangeError);
  });
});

describe("aimd", () => {
  it("falls by a tenth, rounded down, after a drop or an answer slower than it allows", () => {
    const limit = createLimit(aimd);
    limit.onSample(10, 20, true, 0);
    expect(limit.limit).toBe(18);
    limit.onSample(5000, 18, false, 0);
    expect(limit.limit).toBe(19);
    limit.onSample(5001, 18, false, 0);
    expect(limit.limit).toBe(17);
  });

  it("grows only while at least half of it is in use", () => {
    const limit = createLimit(aimd);
    limit.onSample(10, 9, false, 0);
    expect(limit.limit).toBe(20);
    limit.onSample(10, 10, false, 0);
    expect(limit.limit).toBe(21);
  });
});

/** A closed loop of one server with `places` places of 100 ms each: every call over the limit is not made. */
function settle(config: ConcurrencyLimitConfig, places: number, samples: number): number[] {
  const limit = createLimit(config);
  const seen: number[] = [];
  let nowMs = 0;
  for (let n = 0; n < samples; n++) {
    const inFlight = limit.limit;
    const rttMs = 100 * Math.max(1, inFlight / places);
    nowMs += rttMs / inFlight;
    limit.onSample(rttMs, inFlight, false, nowMs);
    seen.push(limit.limit);
  }
  return seen;
}

describe("gradient", () => {
  it("holds a server of 20 places near 20 + buffer + headroom, and comes back after measuring anew", () => {
    const seen = settle({ ...gradient, max: 1000, minRttEveryMs: 60_000 }, 20, 60_000);
    // At a fixed point L = g·L + √(g·L) with g = 125/(5·L): g·L = 25, so L = 30 before rounding down.
    const steady = seen.slice(-20_000).filter((limit) => limit > 2);
    expect(Math.min(...steady)).toBeGreaterThanOrEqual(28);
    expect(Math.max(...steady)).toBeLessThanOrEqual(30);
    expect(seen.slice(-20_000)).toContain(2);
  });

  it("begins at its least, and goes to its initial limit once it has measured", () => {
    const limit = createLimit(gradient);
    expect(limit.limit).toBe(2);
    limit.onSample(100, 1, false, 0);
    expect(limit.limit).toBe(2);
    limit.onSample(100, 1, false, 1000);
    expect(limit.limit).toBe(20);
  });

  it("halves at most, and takes a fast refusal for no sign of room", () => {
    const limit = createLimit(gradient);
    limit.onSample(100, 1, false, 0);
    limit.onSample(100, 1, false, 1000);
    for (let nowMs = 1000; nowMs < 9000; nowMs += 50) limit.onSample(1, 1, true, nowMs);
    expect(limit.limit).toBe(20);
    limit.onSample(60_000, 1, true, 9000);
    limit.onSample(60_000, 1, true, 10_000);
    expect(limit.limit).toBe(13);
  });

  it("measures anew by neither what was sent before it began to nor what was dropped", () => {
    const limit = createLimit({ ...gradient, max: 1000 });
    for (const nowMs of [0, 1000, 20_000, 21_000]) limit.onSample(100, 1, false, nowMs);
    expect(limit.limit).toBe(2);
    for (const nowMs of [21_100, 25_000]) limit.onSample(5000, 1, false, nowMs);
    for (const nowMs of [25_000, 27_000]) limit.onSample(3000, 1, true, nowMs);
    expect(limit.limit).toBe(2);
    for (const nowMs of [27_050, 28_050]) limit.onSample(100, 1, false, nowMs);
    // 20 once up by 1.25 and its root; with seconds taken for the smallest round trip it would go up by 2.
    expect(limit.limit).toBe(30);
    for (const nowMs of [28_100, 29_100]) limit.onSample(100, 1, false, nowMs);
    expect(limit.limit).toBe(Math.floor(1.25 * 30 + Math.sqrt(1.25 * 30)));
  });
});

describe("gradient2", () => {
  it("creeps up by a fifth of its queue with every sample while round trips stay as they are", () => {
    const limit = createLimit(gradient2);
    const seen = [1, 2, 3, 4, 5].map(() => {
      limit.onSample(100, 200, false, 0);
      return limit.limit;
    });
    expect(seen).toEqual([20, 21, 22, 23, 24]);
  });

  it("stays while less than half of it is in use", () => {
    const limit = createLimit(gradient2);
    for (let n = 0; n < 100; n++) limit.onSample(100, 9, false, 0);
    expect(limit.limit).toBe(20);
  });

  it("falls when round trips are three times the long average", () => {
    const limit = createLimit(gradient2);
    for (let n = 0; n < 300; n++) limit.onSample(100, 300, false, 0);
    expect(limit.limit).toBe(200);
    limit.onSample(300, 300, false, 0);
    // Long is 100 + 2/601 · 200; 0.8 · 200 + 0.2 · (200 · 1.5 · long / 300 + 4) = 180.9.
    expect(limit.limit).toBe(180);
  });
});

describe("vegas", () => {
  it("keeps 6 to 12 calls queued at a server of 100 places, until it measures under its own load", () => {
    const seen = settle(vegas, 100, 6000);
    // Digits of a limit from 100 to 999 are 2: between 3 · 2 and 6 · 2 calls queued it stays.
    const first = seen.slice(500, 2000);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(106);
    expect(Math.max(...first)).toBeLessThanOrEqual(113);
    // After some 22.5 · 110 samples a round trip with a queue in it is taken for the smallest, as in the original.
    expect(Math.max(...seen.slice(3000))).toBeGreaterThan(113);
  });

  it("takes a drop for a queue, however fast it was", () => {
    const limit = createLimit(vegas);
    limit.onSample(10, 10, false, 0);
    limit.onSample(10, 10, true, 0);
    expect(limit.limit).toBe(9);
  });
});
