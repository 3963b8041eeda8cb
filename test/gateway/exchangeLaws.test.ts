import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { type CallerConfig, PLAIN_CALLER, type PolicyConfig } from "../../src/policy/index.js";
import { config, target } from "../policy/helpers.js";
import { asked, EU_RULE, plan, targetPlan, type World, world } from "./exchangeWorld.js";
import { type Behaviour, openBodies, RecordedReply } from "./scripted.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
  openBodies.clear();
});

const UNSAID = { requests: Number.NaN, tokens: Number.NaN };
const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  kind: fc.constantFrom(
    "answers",
    "answers",
    "breaks",
    "fails",
    "throttles",
    "times-out",
    "silent",
    "throws",
  ),
  afterMs: fc.integer({ min: 0, max: 200 }),
  status: fc.constantFrom(200, 200, 400, 404),
  pieces: fc.integer({ min: 0, max: 4 }),
  usage: fc.constantFrom(null, { inputTokens: 5, cachedTokens: 9, outputTokens: 7 }),
  retryAfterMs: fc.constantFrom(0, 0, 30, 2000),
  isDeaf: fc.boolean(),
  limits: fc.constantFrom(UNSAID, UNSAID, { requests: 0, tokens: 50 }),
});

const caller: fc.Arbitrary<CallerConfig> = fc
  .record({
    retries: fc.integer({ min: 0, max: 3 }),
    budget: fc.constantFrom<CallerConfig["retry"]["budget"]>(
      { kind: "none" },
      { kind: "ratio", ratio: 0.5 },
      { kind: "concurrent-share", share: 0.5, min: 1 },
      { kind: "aws-standard", capacity: 20, cost: 5, throttleCost: 1 },
    ),
    hedge: fc.constantFrom(
      null,
      { afterMs: 20, extraCalls: 2, ratio: 1 },
      { afterMs: 0, extraCalls: 1, ratio: 1 },
    ),
    breaker: fc.constantFrom<CallerConfig["breaker"]>(
      { kind: "none" },
      { kind: "consecutive", failures: 2, openMs: 300, halfOpenCalls: 1 },
    ),
    throttle: fc.constantFrom<CallerConfig["throttle"]>({ kind: "none" }),
    limit: fc.constantFrom<CallerConfig["limit"]>({ kind: "none" }, { kind: "fixed", limit: 2 }),
  })
  .map(({ retries, budget, ...guards }) => ({
    ...PLAIN_CALLER,
    ...guards,
    retry: {
      ...PLAIN_CALLER.retry,
      retries,
      budget,
      backoff: { kind: "full-jitter", baseMs: 20, capMs: 100 },
    },
  }));

const policy = (failOpen: boolean, limited: boolean): PolicyConfig =>
  config(
    [
      target(
        "us",
        "US",
        limited ? { requestsPerMin: 600, requestBurst: 2, tokensPerMin: 60_000, tokenBurst: 500 } : {},
      ),
      target("de", "DE"),
      target("fr", "FR", { models: ["n"], data: { processing: ["FR"], logs: ["FR"] } }),
    ],
    {
      rules: [EU_RULE],
      failOpen,
      models: ["m", "n"],
      fallbacks: { m: ["n"] },
      waitForLimitsMs: limited ? 300 : 0,
      strategy: "power-of-two",
    },
  );

const gateway: fc.Arbitrary<GatewayPlan> = fc
  .record({
    caller,
    concurrency: fc.constantFrom(1, 3, 100),
    queueLimit: fc.constantFrom(0, 2, 100),
    failOpen: fc.boolean(),
    limited: fc.boolean(),
    burndown: fc.constantFrom(1, 5),
    mayHold: fc.boolean(),
  })
  .map(({ failOpen, limited, burndown, mayHold, ...rest }) => {
    const rules = policy(failOpen, limited);
    const targets = rules.targets.map(({ id }, i) =>
      targetPlan(id, i === 1 ? { outputBurndown: burndown } : {}),
    );
    return plan(rules, { ...rest, targets, mayHold: () => mayHold, holdPollMs: 50 });
  });

interface Arrival {
  readonly afterMs: number;
  readonly origin: string;
  /** The caller goes away so long after it came; null: it stays. */
  readonly leavesAfterMs: number | null;
  readonly roomAfterMs: number | null;
}

const arrival: fc.Arbitrary<Arrival> = fc.record({
  afterMs: fc.integer({ min: 0, max: 100 }),
  origin: fc.constantFrom("DE", "US", "BR", "nowhere"),
  leavesAfterMs: fc.option(fc.integer({ min: 0, max: 400 })),
  roomAfterMs: fc.constantFrom(null, null, 10),
});

/** Lets all arrive, and all callers leave in the end: whatever is still silent then must not be waited for. */
async function runAll(one: World, arrivals: readonly Arrival[]): Promise<readonly RecordedReply[]> {
  const replies: Promise<RecordedReply>[] = [];
  for (const { afterMs, origin, leavesAfterMs, roomAfterMs } of arrivals) {
    await vi.advanceTimersByTimeAsync(afterMs);
    const gone = new AbortController();
    setTimeout(() => gone.abort(), leavesAfterMs ?? 60_000);
    const request = asked({ origin, gone: gone.signal, headers: [["x-origin", origin]] });
    replies.push(one.send(request, new RecordedReply(roomAfterMs)));
  }
  await vi.advanceTimersByTimeAsync(200_000);
  return Promise.all(replies);
}

describe("whatever targets and callers do", () => {
  it("every request ends in one reply, every route is settled once, every try ends once, and nothing leaves its mask", async () => {
    const totals = { served: 0, refused: 0, cut: 0, abandoned: 0, hedges: 0, calls: 0 };
    await fc.assert(
      fc.asyncProperty(
        gateway,
        fc.array(arrival, { minLength: 1, maxLength: 12 }),
        fc.array(behaviour, { minLength: 1, maxLength: 20 }),
        async (gatewayPlan, arrivals, behaviours) => {
          const one = world(gatewayPlan, (_, n) => behaviours[n % behaviours.length]!);
          const replies = await runAll(one, arrivals);
          expect(one.bugs).toEqual([]);
          expect(replies.map(({ ends }) => ends.length)).toEqual(replies.map(() => 1));
          expect(one.ended).toHaveLength(arrivals.length);
          expect([one.counted.unsettled(), one.counted.openTries(), one.counted.openGrants()]).toEqual([
            0, 0, 0,
          ]);
          expect([one.admission.inFlight, one.admission.waiting]).toEqual([0, 0]);
          expect([...one.runtime.callsUnderWay]).toEqual([0, 0, 0]);
          expect(openBodies.size).toBe(0);
          expect(one.callsEnded).toHaveLength(one.seen.length);
          expect(one.ended.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(one.seen.length);
          for (const { target: id, plan: call } of one.seen) {
            const origin = call.headers[0]?.[1];
            expect(origin === "DE" ? ["de", "fr"] : ["us", "de", "fr"]).toContain(id);
            expect(origin).not.toBe("nowhere");
          }
          for (const { ending } of one.ended) totals[ending] += 1;
          totals.calls += one.seen.length;
          totals.hedges += one.callsEnded.filter(({ isHedge }) => isHedge).length;
        },
      ),
      { seed: 6, numRuns: 120 },
    );
    // Each of it did happen, or the law would say little.
    for (const count of Object.values(totals)) expect(count).toBeGreaterThan(20);
  });
});
