import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { PLAIN_CALLER, PLAIN_QUEUE, type Router } from "../../src/policy/index.js";
import { config, target } from "../policy/helpers.js";
import {
  asked,
  type Behaviour,
  openBodies,
  plan,
  RecordedReply,
  retrying,
  TWO_REGIONS,
  targetPlan,
  world,
} from "./exchangeWorld.js";

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

describe("a request that is held", () => {
  const LIMITED = config([target("us", "US", { requestsPerMin: 60, requestBurst: 1 })], {
    waitForLimitsMs: 5000,
  });

  it("waits for the limit to pass where it may wait", async () => {
    const one = world(plan(LIMITED, { mayHold: () => true }), () => ({ kind: "answers", afterMs: 0 }));
    await within(5, one.send(asked()));
    const sent = one.send(asked());
    await vi.advanceTimersByTimeAsync(900);
    expect(one.seen).toHaveLength(1);
    const reply = await within(200, sent);
    expect(reply.ends).toEqual(["ended"]);
  });

  it("is refused with the cause it would have been held for where it may not, and told when to come back", async () => {
    const one = world(plan(LIMITED, { mayHold: () => false }), () => ({ kind: "answers", afterMs: 0 }));
    await within(5, one.send(asked()));
    const reply = await within(5, one.send(asked()));
    expect(reply.refusal).toMatchObject({ status: 429, cause: "rate_limit_rpm" });
    expect(reply.refusal?.retryAfterMs).toBeGreaterThan(900);
  });

  it("gives its place back when its caller goes away", async () => {
    const one = world(plan(LIMITED, { mayHold: () => true }), () => ({ kind: "answers", afterMs: 0 }));
    await within(5, one.send(asked()));
    const gone = new AbortController();
    const sent = one.send(asked({ gone: gone.signal }));
    await vi.advanceTimersByTimeAsync(100);
    expect(one.admission.inFlight).toBe(1);
    gone.abort();
    const reply = await within(0, sent);
    expect([reply.ends, one.admission.inFlight, one.seen.length]).toEqual([["cut"], 0, 1]);
  });
});

describe("what is sent to a target", () => {
  const RENAMED = [
    targetPlan("us", {
      upstreamModels: new Map([
        ["m", 'the "one"'],
        ["n", "enn"],
      ]),
    }),
    targetPlan("de"),
  ];

  it("names the model as the target calls it, and keeps every other byte", async () => {
    const one = world(plan(TWO_REGIONS, { targets: RENAMED }), () => ANSWERS);
    const text = '{ "x" : "é", "model"  :"m" , "y":1.0}';
    const body = Buffer.from(text);
    const start = body.indexOf('"m"');
    await within(100, one.send(asked({ body, modelSpan: [start, start + 3] })));
    expect(one.seen[0]?.plan.body.toString()).toBe('{ "x" : "é", "model"  :"the \\"one\\"" , "y":1.0}');
  });

  it("is the very body that came where the name is the same", async () => {
    const one = world(plan(TWO_REGIONS), () => ANSWERS);
    const request = asked();
    await within(100, one.send(request));
    expect(one.seen[0]?.plan.body).toBe(request.body);
  });

  it("names the fallback model where that is to answer", async () => {
    const both = config([target("us", "US"), target("de", "DE", { models: ["n"] })], {
      models: ["m", "n"],
      fallbacks: { m: ["n"] },
    });
    const one = world(plan(both, { caller: retrying(1) }), (id) => (id === "us" ? FAILS : ANSWERS));
    await within(100, one.send(asked()));
    expect(one.seen.map((call) => call.plan.body.toString())).toEqual([
      '{"model":"m","messages":[]}',
      '{"model":"n","messages":[]}',
    ]);
    expect(one.ended).toMatchObject([{ model: "n" }]);
  });

  it("goes only to targets that speak the dialect of the request", async () => {
    const targets = [targetPlan("us"), targetPlan("de", { api: "anthropic" })];
    const one = world(plan(TWO_REGIONS, { targets }), () => ANSWERS);
    await within(100, one.send(asked({ dialect: "anthropic" })));
    expect(one.seen.map((call) => call.target)).toEqual(["de"]);
  });

  it("goes nowhere when the caller's own wish leaves nothing, and says so as the caller's mistake", async () => {
    const one = world(plan(TWO_REGIONS), () => ANSWERS);
    const reply = await within(100, one.send(asked({ only: ["nowhere"] })));
    expect(reply.refusal).toMatchObject({ status: 400, cause: "policy_error" });
    const unlawful = await within(100, one.send(asked({ origin: "DE", only: ["us"] })));
    expect(unlawful.refusal).toMatchObject({ status: 451, cause: "residency_no_legal_region" });
    expect(one.seen).toHaveLength(0);
  });
});

describe("the gateway's own places", () => {
  it("are held until the answer has been passed on, and go to the next in line", async () => {
    const one = world(plan(TWO_REGIONS, { concurrency: 1, queueLimit: 1 }), () => ({
      kind: "answers",
      afterMs: 50,
      pieces: 2,
    }));
    const replies = [one.send(asked()), one.send(asked()), one.send(asked())];
    await vi.advanceTimersByTimeAsync(0);
    expect([one.admission.inFlight, one.admission.waiting]).toEqual([1, 1]);
    const [first, second, third] = await within(1000, Promise.all(replies));
    expect([first?.ends, second?.ends]).toEqual([["ended"], ["ended"]]);
    expect(third?.refusal).toMatchObject({ status: 503, cause: "queue_full" });
    // Two pieces and the end of each: three waits less the first piece, which the start brings.
    expect(one.ended.map(({ totalMs }) => totalMs)).toEqual([0, 150, 300]);
  });

  it("refuse as full where there is no line", async () => {
    const one = world(plan(TWO_REGIONS, { concurrency: 1, queueLimit: 0 }), () => ANSWERS);
    const [, second] = await within(100, Promise.all([one.send(asked()), one.send(asked())]));
    expect(second?.refusal).toMatchObject({ status: 503, cause: "concurrency_full" });
  });

  it("serve the urgent first, and turn the less urgent away before they are full", async () => {
    const queue = { ...PLAIN_QUEUE, order: "priority", shed: { step: 0.5, floor: 0.1 } } as const;
    const classes = ["chat", "batch"].map((id, priority) => ({
      id,
      tenant: "default",
      maxOutputTokens: 1,
      priority,
    }));
    const policy = { ...TWO_REGIONS, dataClasses: ["chat", "batch"] };
    const one = world(plan(policy, { concurrency: 1, queueLimit: 3, queue, classes }), () => ANSWERS);
    const batch = (): ReturnType<typeof asked> =>
      asked({ caller: { identity: { origin: "US", dataClass: "batch", tenant: "default" }, name: "b" } });
    const sent = [asked(), batch(), asked(), batch()].map((request) => one.send(request));
    const replies = await within(1000, Promise.all(sent));
    expect(replies[3]?.refusal).toMatchObject({ status: 503, cause: "load_shed" });
    const order = one.ended
      .filter(({ ending }) => ending === "served")
      .map((e) => e.asked.caller.identity.dataClass);
    expect(order).toEqual(["chat", "chat", "batch"]);
  });

  it("lose nobody who leaves the line", async () => {
    const one = world(plan(TWO_REGIONS, { concurrency: 1 }), () => ANSWERS);
    const gone = new AbortController();
    const sent = [one.send(asked()), one.send(asked({ gone: gone.signal })), one.send(asked())];
    await vi.advanceTimersByTimeAsync(0);
    gone.abort();
    const replies = await within(1000, Promise.all(sent));
    expect(replies.map(({ ends }) => ends)).toEqual([["ended"], ["cut"], ["ended"]]);
    expect([one.seen.length, one.admission.inFlight, one.admission.waiting]).toEqual([2, 0, 0]);
  });
});

describe("a mistake of our own", () => {
  it("ends its request with 500 and nothing of what went wrong, and is told to those who mend it", async () => {
    const broken = (router: Router): Router => ({
      ...router,
      route: () => {
        throw new Error("secret internals");
      },
    });
    const one = world(plan(TWO_REGIONS), () => ANSWERS, broken);
    const reply = await within(100, one.send(asked()));
    expect(reply.refusal).toMatchObject({ status: 500, cause: "policy_error" });
    expect(JSON.stringify(reply.refusal)).not.toContain("secret");
    expect(one.bugs).toHaveLength(1);
    expect(one.admission.inFlight).toBe(0);
  });

  it("in a call counts as the target's failure, so that the request is tried elsewhere", async () => {
    const one = world(plan(TWO_REGIONS, { caller: retrying(1) }), (id) =>
      id === "us" ? { kind: "throws", afterMs: 0 } : ANSWERS,
    );
    const reply = await within(100, one.send(asked()));
    expect(reply.ends).toEqual(["ended"]);
    expect(one.counted.unsettled()).toBe(0);
  });
});
