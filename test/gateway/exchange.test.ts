import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { PLAIN_CALLER } from "../../src/policy/index.js";
import { asked, plan, retrying, TWO_REGIONS, targetPlan, world } from "./exchangeWorld.js";
import { type Behaviour, openBodies, RecordedReply } from "./scripted.js";

const ANSWERS: Behaviour = { kind: "answers", afterMs: 5 };
const FAILS: Behaviour = { kind: "fails", afterMs: 5 };
const SILENT: Behaviour = { kind: "silent", afterMs: 0 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
  const left = openBodies.size;
  openBodies.clear();
  expect(left).toBe(0);
});

/** What a promise comes to within so much of the pretended time. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(ms);
  return promise;
}

function hedging(afterMs: number, extraCalls = 1): GatewayPlan["caller"] {
  return { ...PLAIN_CALLER, hedge: { afterMs, extraCalls, ratio: 1 } };
}

describe("an exchange", () => {
  it("passes an answer on byte for byte and tells who served it", async () => {
    const one = world(plan(TWO_REGIONS), () => ({
      ...ANSWERS,
      usage: { inputTokens: 7, cachedTokens: 0, outputTokens: 3 },
    }));
    const reply = await within(100, one.send(asked()));
    expect(reply.text).toBe("piece 0\npiece 1\n");
    expect(reply.ends).toEqual(["ended"]);
    expect(one.ended).toMatchObject([
      { ending: "served", status: 200, target: 0, model: "m", attempts: 1, cause: null },
    ]);
    expect(one.ended[0]?.firstByteMs).toBe(5);
    expect(one.counted.settled).toMatchObject([
      { outcome: "ok", tokensReserved: 110, tokensUsed: 10, endsTry: true },
    ]);
    expect(one.admission.inFlight).toBe(0);
  });

  it("estimates what was used where the target never said, with the target's own weight of an output token", async () => {
    const targets = [targetPlan("us", { outputBurndown: 5 }), targetPlan("de")];
    const one = world(plan(TWO_REGIONS, { targets }), () => ANSWERS);
    await within(100, one.send(asked()));
    expect(one.counted.settled).toMatchObject([{ tokensReserved: 510, tokensUsed: 20 }]);
  });

  it("sets nothing aside for what a target found wrong with the request, and passes its words on", async () => {
    const one = world(plan(TWO_REGIONS, { caller: retrying(2) }), () => ({ ...ANSWERS, status: 400 }));
    const reply = await within(100, one.send(asked()));
    expect([reply.status, reply.ends]).toEqual([400, ["ended"]]);
    expect(one.counted.settled).toMatchObject([{ outcome: "ok", tokensUsed: 0 }]);
    expect(one.seen).toHaveLength(1);
  });

  it("tries another region after a failure, where a retry is granted", async () => {
    const one = world(plan(TWO_REGIONS, { caller: retrying(1) }), (id) => (id === "us" ? FAILS : ANSWERS));
    const reply = await within(100, one.send(asked()));
    expect(one.seen.map((call) => call.target)).toEqual(["us", "de"]);
    expect(reply.ends).toEqual(["ended"]);
    expect(one.ended).toMatchObject([{ target: 1, attempts: 2 }]);
    expect(one.callsEnded.map(({ outcome, status }) => [outcome, status])).toEqual([
      ["error", 500],
      ["ok", 200],
    ]);
  });

  it("never leaves the lawful region, however often that one fails", async () => {
    const one = world(plan(TWO_REGIONS, { caller: retrying(3) }), (id) => (id === "de" ? FAILS : ANSWERS));
    const reply = await within(1000, one.send(asked({ origin: "DE" })));
    expect(one.seen.map((call) => call.target)).toEqual(["de", "de", "de", "de"]);
    expect(reply.refusal).toMatchObject({ status: 502, cause: "server_error" });
  });

  it.each([451, 503] as const)(
    "refuses with %i what may lawfully go only where all is down",
    async (residencyStatus) => {
      const one = world(plan(TWO_REGIONS, { residencyStatus }), () => ANSWERS);
      one.runtime.router.probe("de", false, 0);
      const reply = await within(100, one.send(asked({ origin: "DE" })));
      expect(reply.refusal).toMatchObject({ status: residencyStatus, cause: "residency_no_legal_region" });
      expect(one.seen).toHaveLength(0);
      const other = await within(100, one.send(asked({ origin: "US" })));
      expect(other.ends).toEqual(["ended"]);
    },
  );

  it("tells the last failure's own cause when tries are used up: a limit with its Retry-After", async () => {
    const one = world(plan(TWO_REGIONS), () => ({ kind: "throttles", afterMs: 5, retryAfterMs: 2500 }));
    const reply = await within(100, one.send(asked()));
    expect(reply.refusal).toMatchObject({ status: 429, cause: "rate_limit_rpm", retryAfterMs: 2500 });
    expect(one.counted.settled[0]?.retryAtMs).toBeCloseTo((one.counted.settled[0]?.nowMs ?? 0) + 2500, 6);
  });

  it("goes elsewhere at once in spite of a Retry-After, and waits for it where there is nowhere else", async () => {
    const script = (_: string, n: number): Behaviour =>
      n === 0 ? { kind: "throttles", afterMs: 0, retryAfterMs: 3000 } : ANSWERS;
    const one = world(plan(TWO_REGIONS, { caller: retrying(1) }), script);
    await within(100, one.send(asked()));
    expect(one.seen.map((call) => call.target)).toEqual(["us", "de"]);
    const two = world(plan(TWO_REGIONS, { caller: retrying(1) }), script);
    const sent = two.send(asked({ origin: "DE" }));
    await vi.advanceTimersByTimeAsync(2990);
    expect(two.seen).toHaveLength(1);
    await within(100, sent);
    expect(two.seen.map((call) => call.target)).toEqual(["de", "de"]);
  });

  it("lets the last answer stand when the budget pays for no retry", async () => {
    const caller = retrying(3, {
      budget: { kind: "token-bucket", size: 0, deposit: 0, depositOn: "start", fires: "at-least-one" },
    });
    const one = world(plan(TWO_REGIONS, { caller }), () => FAILS);
    const reply = await within(100, one.send(asked()));
    expect(one.seen).toHaveLength(1);
    expect(reply.refusal).toMatchObject({ status: 502, cause: "server_error" });
  });

  it("tries nothing again after the first byte: what breaks off then is cut", async () => {
    const one = world(plan(TWO_REGIONS, { caller: retrying(3) }), () => ({ kind: "breaks", afterMs: 5 }));
    const reply = await within(100, one.send(asked()));
    expect(reply.text).toBe("piece 0\npiece 1\n");
    expect(reply.ends).toEqual(["cut"]);
    expect(one.seen).toHaveLength(1);
    expect(one.ended).toMatchObject([{ ending: "cut", cause: "server_error", status: 200 }]);
    expect(one.counted.settled).toMatchObject([{ outcome: "error", tokensUsed: 12 }]);
  });

  it("asks for the next piece only when the caller has taken the last", async () => {
    const one = world(plan(TWO_REGIONS), () => ({ kind: "answers", afterMs: 0, pieces: 5 }));
    const reply = new RecordedReply(1000);
    const sent = one.send(asked(), reply);
    await vi.advanceTimersByTimeAsync(2500);
    expect(reply.text).toBe("piece 0\npiece 1\npiece 2\n");
    await within(10_000, sent);
    expect(reply.ends).toEqual(["ended"]);
  });
});

describe("a caller that goes away", () => {
  it.each([
    ["before an answer", SILENT, 100],
    ["in the middle of one", { kind: "answers", afterMs: 60, pieces: 9 } as const, 100],
    ["while it waits for a retry", FAILS, 200],
  ])("ends its call at once and settles it as abandoned: %s", async (_, behaviour, afterMs) => {
    const backoff = { kind: "exponential", baseMs: 5000, capMs: 5000 } as const;
    const one = world(plan(TWO_REGIONS, { caller: retrying(1, { backoff }) }), () => behaviour);
    const gone = new AbortController();
    const sent = one.send(asked({ gone: gone.signal }));
    await vi.advanceTimersByTimeAsync(afterMs);
    gone.abort();
    const reply = await within(0, sent);
    expect(reply.ends).toEqual(["cut"]);
    expect(one.seen.every(({ plan: call }) => call.signal.aborted || behaviour === FAILS)).toBe(true);
    expect(one.ended).toMatchObject([{ ending: "abandoned", cause: "client_abandoned" }]);
    expect([one.counted.unsettled(), one.admission.inFlight, one.seen.length]).toEqual([0, 0, 1]);
    expect(one.counted.settled.at(-1)?.outcome).toBe(behaviour === FAILS ? "error" : "abandoned");
  });
});

describe("hedged calls", () => {
  it("let the first good start win and give the others up, of which none ends the try", async () => {
    const one = world(plan(TWO_REGIONS, { caller: hedging(50) }), (id) => (id === "us" ? SILENT : ANSWERS));
    const reply = await within(200, one.send(asked()));
    expect(one.seen.map((call) => [call.target, call.plan.signal.aborted])).toEqual([
      ["us", true],
      ["de", false],
    ]);
    expect(reply.ends).toEqual(["ended"]);
    expect(one.counted.settled.map(({ target: id, outcome, endsTry }) => [id, outcome, endsTry])).toEqual([
      ["us", "abandoned", false],
      ["de", "ok", true],
    ]);
    expect(one.callsEnded.map(({ isHedge }) => isHedge)).toEqual([false, true]);
  });

  it("are waited for when the first has failed, and the last to fail speaks for the try", async () => {
    const script = (id: string): Behaviour =>
      id === "us" ? { kind: "fails", afterMs: 100 } : { kind: "times-out", afterMs: 100 };
    const one = world(plan(TWO_REGIONS, { caller: hedging(50) }), script);
    const reply = await within(200, one.send(asked()));
    expect(one.counted.settled.map(({ target: id, endsTry }) => [id, endsTry])).toEqual([
      ["us", false],
      ["de", true],
    ]);
    expect(reply.refusal).toMatchObject({ status: 504, cause: "deadline_in_service" });
  });

  it("do not go where the law forbids, however long the first takes", async () => {
    const one = world(plan(TWO_REGIONS, { caller: hedging(50) }), () => ({ kind: "answers", afterMs: 300 }));
    await within(2000, one.send(asked({ origin: "DE" })));
    expect(one.seen.map((call) => call.target)).toEqual(["de"]);
  });
});
