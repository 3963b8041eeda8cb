/** The published retry and throttle results, from callers in a small loop of their own: no model, no scenario. */
import { describe, expect, it } from "vitest";
import {
  ALL_PARTS,
  type BackoffKind,
  Caller,
  type CallerConfig,
  PAID_NOTHING,
  PAID_RETRY,
  PLAIN_CALLER,
  RESULT_ERROR,
  RESULT_OK,
  type RetryBudgetConfig,
} from "../../src/policy/index.js";
import { type Check, num, withChecks } from "./callerReference.js";
import { interval, luck } from "./helpers.js";

/** Checks of this area that need a target with a queue, a clock or layers: they are a scenario's, or the model's. */
const NEEDS_A_TARGET: readonly string[] = ["R-SELFCONS", "R-LAYERS", "R-SRE-10100"];

/** A caller that makes up to `retries` more tries, as its budget allows. */
function retrying(retries: number, budget: RetryBudgetConfig): CallerConfig {
  return { ...PLAIN_CALLER, retry: { ...PLAIN_CALLER.retry, retries, budget } };
}

/** One request whose tries each fail with chance `failure`: how many were made, and whether the last succeeded. */
function callOnce(
  caller: Caller,
  failure: number,
  uniform: () => number,
  nowMs: number,
): { tries: number; ok: boolean } {
  caller.firstTry(1, nowMs);
  for (let tries = 1; ; tries++) {
    const ok = uniform() >= failure;
    caller.settled(ok ? RESULT_OK : RESULT_ERROR, tries === 1 ? PAID_NOTHING : PAID_RETRY, nowMs);
    if (ok || !caller.tryRetry(tries, 1, false, nowMs)) return { tries, ok };
  }
}

/** Attempts per first try, and share served, of 1200 callers with 600 requests each; `widest` is 4 standard errors. */
function loadAndSuccess(
  config: CallerConfig,
  failure: number,
): Readonly<Record<"load" | "success" | "widest", number>> {
  const uniform = luck(40 + 100 * failure);
  const loads: number[] = [];
  const successes: number[] = [];
  for (let client = 0; client < 1200; client++) {
    const caller = new Caller(config, 1, ALL_PARTS);
    let tries = 0;
    let served = 0;
    for (let n = 0; n < 600; n++) {
      const call = callOnce(caller, failure, uniform, 100 * n);
      tries += call.tries;
      served += call.ok ? 1 : 0;
    }
    loads.push(tries / 600);
    successes.push(served / 600);
  }
  const [load, success] = [interval(loads), interval(successes)];
  return { load: load.mean, success: success.mean, widest: Math.max(load.halfWidth, success.halfWidth) };
}

/** What the three families of retries are, by the beginning of their checks' names. */
const RETRYING: Readonly<Record<string, (check: Check) => CallerConfig>> = {
  "R-FIXED3": (check) => retrying(num(check.parameters, "retries"), { kind: "none" }),
  "R-BUCKET10": (check) =>
    // The published loop has no count of tries but the bucket's: a request is tried until it is empty.
    retrying(Number.POSITIVE_INFINITY, {
      kind: "token-bucket",
      size: num(check.parameters, "size"),
      deposit: num(check.parameters, "fill"),
      depositOn: "start",
      fires: "more-than-one",
    }),
  "R-BREAKER10": (check) =>
    retrying(3, { kind: "failure-rate", threshold: num(check.parameters, "threshold") }),
};

/** Sends `offered` tries per unit of capacity through one throttle for 300 s, and measures the 100 s after. */
function throttled(
  k: number,
  offered: number,
  windowMs: number,
): { local: number; sent: number; rejected: number } {
  const capacityPerMs = 0.1;
  const caller = new Caller({ ...PLAIN_CALLER, throttle: { kind: "adaptive", k, windowMs } }, 1, ALL_PARTS);
  const uniform = luck(77);
  const stepMs = 1 / (capacityPerMs * offered);
  let room = 10;
  let [tries, local, accepted, rejected] = [0, 0, 0, 0];
  for (let n = 0; n * stepMs < 400_000; n++) {
    const nowMs = n * stepMs;
    const counted = nowMs >= 300_000 ? 1 : 0;
    room = Math.min(10, room + capacityPerMs * stepMs);
    tries += counted;
    if (caller.throttles(nowMs, uniform())) {
      local += counted;
      continue;
    }
    caller.started(0, nowMs);
    const ok = room >= 1;
    if (ok) room -= 1;
    if (ok) accepted += counted;
    else rejected += counted;
    caller.finished(0, ok ? RESULT_OK : RESULT_ERROR, 0, nowMs);
  }
  const capacity = capacityPerMs * 100_000;
  return { local: local / tries, sent: (tries - local) / capacity, rejected: rejected / accepted };
}

/** The published contention of writers of one row: when the last has written, and after how many writes. */
function contend(kind: BackoffKind, clients: number, seed: number): { timeMs: number; writes: number } {
  const uniform = luck(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const netMs = (): number => Math.abs(10 + 2 * normal());
  // The published base is 5 and its first wait already doubled; decorrelated waits have no exponent.
  const baseMs = kind === "decorrelated-jitter" ? 5 : 10;
  const caller = new Caller(
    { ...PLAIN_CALLER, retry: { ...PLAIN_CALLER.retry, backoff: { kind, baseMs, capMs: 2000 } } },
    1,
    ALL_PARTS,
  );
  const dueMs = Float64Array.from({ length: clients }, netMs);
  const retries = new Int32Array(clients);
  const waitedMs = new Float64Array(clients);
  /** The version each client read and will write against; −1 while its read is on the way. */
  const read = new Int32Array(clients).fill(-1);
  let [version, writes, timeMs, left] = [0, 0, 0, clients];
  while (left > 0) {
    let next = 0;
    for (let i = 1; i < clients; i++) if (dueMs[i]! < dueMs[next]!) next = i;
    const nowMs = dueMs[next]!;
    if (read[next]! < 0) {
      read[next] = version;
      dueMs[next] = nowMs + netMs() + netMs();
      continue;
    }
    writes += 1;
    if (read[next] === version) {
      version += 1;
      left -= 1;
      timeMs = nowMs + netMs();
      dueMs[next] = Number.POSITIVE_INFINITY;
      continue;
    }
    retries[next]! += 1;
    waitedMs[next] = caller.retryWaitMs(retries[next]!, waitedMs[next]!, 0, uniform());
    read[next] = -1;
    dueMs[next] = nowMs + netMs() + netMs() + waitedMs[next]!;
  }
  return { timeMs, writes };
}

const JITTERS: Readonly<Record<string, BackoffKind>> = {
  None: "none",
  Exponential: "exponential",
  EqualJitter: "equal-jitter",
  FullJitter: "full-jitter",
  Decorr: "decorrelated-jitter",
};

/** Mean time and writes of many runs, each with its own seed; few clients vary more, and are cheap. */
function contention(
  kind: BackoffKind,
  clients: number,
): Readonly<Record<"time" | "calls", ReturnType<typeof interval>>> {
  const runs = Array.from({ length: clients >= 50 ? 250 : 1500 }, (_, run) =>
    contend(kind, clients, 10_000 * clients + run),
  );
  return { time: interval(runs.map((run) => run.timeMs)), calls: interval(runs.map((run) => run.writes)) };
}

/** Mean ± half-width lies within `share` of what was published, and is narrow enough to mean it. */
function expectNear(seen: ReturnType<typeof interval>, published: number, share: number): void {
  const words = `${seen.mean} ± ${seen.halfWidth}, published ${published}`;
  expect(seen.halfWidth, words).toBeLessThan(share * published);
  expect(Math.abs(seen.mean - published), words).toBeLessThan(share * published);
}

function retryTests(checks: readonly Check[]): void {
  for (const [family, configOf] of Object.entries(RETRYING)) {
    for (const check of checks.filter(({ id }) => id.startsWith(`${family}-`))) {
      const { value } = check.tolerance;
      it(`${check.id} has the published load and success, within ${value}`, () => {
        const failure = Number(check.id.slice(check.id.indexOf("-p") + 2));
        const seen = loadAndSuccess(configOf(check), failure);
        const words = JSON.stringify(seen);
        expect(seen.widest, words).toBeLessThan(value);
        expect(Math.abs(seen.load - num(check.expected, "load")), words).toBeLessThan(value);
        expect(Math.abs(seen.success - num(check.expected, "success")), words).toBeLessThan(value);
      });
    }
  }
}

function throttleTests(checks: readonly Check[]): void {
  for (const check of checks.filter(({ id }) => id.startsWith("R-THROTTLE-"))) {
    it(`${check.id} sends and refuses as published, within ${check.tolerance.value}`, () => {
      const { parameters, expected, tolerance } = check;
      const windowMs = 1000 * num(parameters, "windowS");
      const seen = throttled(num(parameters, "K"), num(parameters, "offeredOverCapacity"), windowMs);
      const words = JSON.stringify(seen);
      expect(Math.abs(seen.local - num(expected, "localRejectFraction")), words).toBeLessThan(
        tolerance.value,
      );
      expect(Math.abs(seen.sent - num(expected, "sentOverCapacity")), words).toBeLessThan(tolerance.value);
      expect(Math.abs(seen.rejected - num(expected, "rejectedPerAccepted")), words).toBeLessThan(
        tolerance.value,
      );
    });
  }
}

function grpcTest(checks: readonly Check[]): void {
  it("R-GRPC-A6: five failures in a row end retries, and one success brings them back", () => {
    const check = checks.find(({ id }) => id === "R-GRPC-A6");
    const [maxTokens, tokenRatio] = ["maxTokens", "tokenRatio"].map((f) => num(check?.parameters ?? {}, f));
    const caller = new Caller(
      retrying(100, { kind: "grpc-throttle", maxTokens: maxTokens ?? 0, tokenRatio: tokenRatio ?? 0 }),
      1,
      ALL_PARTS,
    );
    let failures = 0;
    do {
      caller.settled(RESULT_ERROR, PAID_NOTHING, 0);
      failures += 1;
    } while (caller.tryRetry(1, 1, false, 0) && failures < 100);
    expect(failures).toBe(num(check?.expected ?? {}, "retriesAllowedUntilConsecutiveFailures"));
    caller.settled(RESULT_OK, PAID_NOTHING, 0);
    expect(caller.tryRetry(1, 1, false, 0)).toBe(true);
  });
}

function jitterTests(checks: readonly Check[]): void {
  for (const check of checks.filter(({ id }) => /^R-JITTER-\w+-\d+$/.test(id))) {
    it(`${check.id}: time within 10 %, writes within 3 %`, () => {
      const kind = JITTERS[String(check.parameters.algorithm)];
      const { time, calls } = contention(kind ?? "none", num(check.parameters, "clients"));
      expectNear(time, num(check.expected, "meanCompletionTime"), 0.1);
      expectNear(calls, num(check.expected, "meanTotalCalls"), 0.03);
    }, 60_000);
  }

  it("R-JITTER-ORDER: writes and times rank as published at 100 clients, all but the closest pair by more than both half-widths", () => {
    const seen = Object.fromEntries(
      Object.entries(JITTERS).map(([name, kind]) => [name, contention(kind, 100)]),
    );
    const follows = (field: "time" | "calls", less: string, more: string): void => {
      const [a, b] = [seen[less]?.[field], seen[more]?.[field]];
      if (a === undefined || b === undefined) throw new Error(`no ${less} or ${more}`);
      expect(a.mean + a.halfWidth, `${field} of ${less} and ${more}`).toBeLessThan(b.mean - b.halfWidth);
    };
    // Published 796 and 812: closer than 250 runs can tell for sure, so only the means are ranked.
    expect(seen.FullJitter?.calls.mean).toBeLessThan(seen.EqualJitter?.calls.mean ?? 0);
    follows("calls", "FullJitter", "Decorr");
    follows("calls", "EqualJitter", "Decorr");
    follows("calls", "Decorr", "Exponential");
    follows("calls", "Exponential", "None");
    follows("time", "None", "Decorr");
    follows("time", "None", "FullJitter");
    follows("time", "Decorr", "EqualJitter");
    follows("time", "FullJitter", "EqualJitter");
    follows("time", "EqualJitter", "Exponential");
    const [full, none] = [seen.FullJitter?.calls.mean ?? 0, seen.None?.calls.mean ?? 0];
    expect(Math.abs(1 - full / none - 0.67), `${full} of ${none}`).toBeLessThan(0.02);
  }, 60_000);
}

describe("published results of retries and throttles", () => {
  withChecks((all) => {
    const checks = all.filter(({ area }) => area === "retry");
    retryTests(checks);
    throttleTests(checks);
    grpcTest(checks);
    jitterTests(checks);

    it("are all of the area, but those that need a target of their own", () => {
      const here = [...Object.keys(RETRYING), "R-THROTTLE", "R-GRPC-A6", "R-JITTER", ...NEEDS_A_TARGET];
      const missed = checks.filter(
        ({ id }) => !here.some((family) => id === family || id.startsWith(`${family}-`)),
      );
      expect(missed.map(({ id }) => id)).toEqual([]);
      for (const family of here)
        expect(
          checks.some(({ id }) => id.startsWith(family)),
          family,
        ).toBe(true);
    });
  });
});
