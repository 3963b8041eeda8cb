import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { PLAIN_QUEUE, type Router } from "../../src/policy/index.js";
import { config, target } from "../policy/helpers.js";
import { asked, EU_RULE, plan, retrying, TWO_REGIONS, targetPlan, world } from "./exchangeWorld.js";
import { type Behaviour, openBodies, RecordedReply } from "./scripted.js";

const ANSWERS: Behaviour = { kind: "answers", afterMs: 5 };
const FAILS: Behaviour = { kind: "fails", afterMs: 5 };

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

  it("is not held where nobody said that it may be", async () => {
    const one = world(plan(LIMITED), () => ({ kind: "answers", afterMs: 0 }));
    await within(5, one.send(asked()));
    const reply = await within(5, one.send(asked()));
    expect([reply.refusal?.cause, one.seen.length]).toEqual(["rate_limit_rpm", 1]);
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

  it("goes no further than the caller wishes among those that speak its dialect", async () => {
    const targets = [
      targetPlan("us"),
      targetPlan("de"),
      targetPlan("fr"),
      targetPlan("ie", { api: "anthropic" }),
    ];
    const policy = config([target("us", "US"), target("de", "DE"), target("fr", "FR"), target("ie", "IE")]);
    for (const [only, served] of [
      [["fr"], ["fr"]],
      [["ie", "de"], ["de"]],
      [["ie"], []],
    ] as const) {
      const one = world(plan(policy, { targets }), () => ANSWERS);
      await within(100, one.send(asked({ only })));
      expect(one.seen.map(({ target }) => target)).toEqual(served);
    }
  });

  it("goes nowhere when the caller's own wish leaves nothing, and says so as the caller's mistake", async () => {
    const one = world(plan(TWO_REGIONS), () => ANSWERS);
    const reply = await within(100, one.send(asked({ only: ["nowhere"] })));
    expect(reply.refusal).toMatchObject({ status: 400, code: "narrowed_to_nothing" });
    expect(one.ended).toMatchObject([{ ending: "refused", status: 400, code: "narrowed_to_nothing" }]);
    const unlawful = await within(100, one.send(asked({ origin: "DE", only: ["us"] })));
    expect(unlawful.refusal).toMatchObject({ status: 451, cause: "residency_no_legal_region" });
    expect(unlawful.refusal).not.toHaveProperty("code");
    expect(one.seen).toHaveLength(0);
  });

  it.each([
    ["nothing at all", "anthropic", "DE", ["openai", "openai"]],
    ["nothing at all", "openai", "US", ["anthropic", "anthropic"]],
    ["nothing that is lawful", "anthropic", "DE", ["anthropic", "openai"]],
  ] as const)("where %s speaks %s, is the caller's mistake", async (_what, dialect, origin, apis) => {
    const targets = [targetPlan("us", { api: apis[0] }), targetPlan("de", { api: apis[1] })];
    const one = world(plan(TWO_REGIONS, { targets }), () => ANSWERS);
    const { refusal } = await within(100, one.send(asked({ dialect, origin, only: undefined })));
    expect(refusal).toMatchObject({ status: 400, code: "dialect_not_served", retryAfterMs: 0 });
    expect(one.ended).toMatchObject([{ ending: "refused", status: 400, code: "dialect_not_served" }]);
    expect(one.seen).toEqual([]);
  });

  it("is no mistake of the caller's where nothing is lawful", async () => {
    const rules = [{ ...EU_RULE, require: { processing: ["CH"] } }];
    const targets = [targetPlan("us", { api: "anthropic" }), targetPlan("de", { api: "anthropic" })];
    const one = world(plan({ ...TWO_REGIONS, rules }, { targets }), () => ANSWERS);
    const { refusal } = await within(100, one.send(asked({ origin: "DE", only: [] })));
    expect(refusal).toMatchObject({ status: 451, cause: "residency_no_legal_region" });
    expect(refusal).not.toHaveProperty("code");
    expect(one.ended).toMatchObject([{ status: 451, cause: "residency_no_legal_region" }]);
  });
});

describe("a refusal while one target is taken out of use and the other is down", () => {
  it("claims of those that are up alone that they were taken out of use", async () => {
    const policy = { ...TWO_REGIONS, health: { fall: 1, rise: 1 } };
    const one = world(plan(policy), () => ANSWERS);
    one.runtime.router.drain("us", true);
    one.runtime.router.probe("de", false, 0);
    const { refusal } = await within(100, one.send(asked()));
    expect(refusal).toMatchObject({ cause: "evacuating", message: expect.stringContaining("and is up") });
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

  it("are not kept by who takes a little of its answer now and then, long after its target was done", async () => {
    const one = world(plan(TWO_REGIONS), () => ({ kind: "answers", afterMs: 0, pieces: 100 }));
    const sent = one.send(asked(), new RecordedReply(9_000));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(one.admission.inFlight).toBe(1);
    const reply = await within(2_000, sent);
    expect([reply.ends, one.admission.inFlight]).toEqual([["cut"], 0]);
    expect(one.ended[0]).toMatchObject({ ending: "abandoned", cause: "client_abandoned" });
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

describe("a model whose prompts the gateway may not read", () => {
  it("is refused as unlawful once the body has named it, and nothing is asked of any target", async () => {
    const mayRead: GatewayPlan["mayRead"] = (_identity, model) => model === null || model === "other";
    const one = world(plan(TWO_REGIONS, { mayRead }), () => ANSWERS);
    const reply = await within(10, one.send(asked()));
    expect(reply.refusal).toMatchObject({ status: 451, cause: "residency_no_legal_region" });
    expect([one.seen, one.admission.inFlight]).toEqual([[], 0]);
  });
});
