import { afterEach, describe, expect, test } from "vitest";
import type { TargetPlan } from "../../src/gateway/plan.js";
import type { Upstream } from "../../src/gateway/upstream/upstream.js";
import { answered, call, type Rules, refused, text, upstreamOf } from "./upstreamCalls.js";
import { type FakeUpstream, fakeUpstream, targetAt, type UpstreamAnswer } from "./upstreams.js";

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

interface World {
  readonly provider: FakeUpstream;
  readonly target: TargetPlan;
  readonly upstream: Upstream;
}

async function world(
  answer: UpstreamAnswer = {},
  rest: Partial<TargetPlan> = {},
  rules: Rules = {},
): Promise<World> {
  const provider = await fakeUpstream(answer);
  const target = targetAt(provider.url, rest);
  const upstream = upstreamOf([target], rules);
  open.push(upstream, provider);
  return { provider, target, upstream };
}

describe("a call that nobody wants", () => {
  test("is not made when it is given up before it begins", async () => {
    const { target, upstream, provider } = await world();
    expect(await refused(upstream, call(target, { signal: AbortSignal.abort() }))).toMatchObject({
      outcome: "abandoned",
      cause: "client_abandoned",
    });
    expect(provider.connectionCount()).toBe(0);
  });

  test("ends at the provider too, before an answer", async () => {
    const { target, upstream, provider } = await world({ fault: "silent" });
    const caller = new AbortController();
    const start = refused(upstream, call(target, { signal: caller.signal }));
    await provider.received(1);
    caller.abort();
    expect(await start).toMatchObject({ outcome: "abandoned" });
    await provider.requests[0]!.gone;
  });

  test("ends at the provider too, in the midst of an answer, and the reader learns of it", async () => {
    const { target, upstream, provider } = await world({ outputTokens: 4, fault: "stall-midway" });
    const caller = new AbortController();
    const start = await answered(upstream, call(target, { streams: true, signal: caller.signal }));
    await start.body.next();
    const next = text(start);
    caller.abort();
    await expect(next).rejects.toMatchObject({ name: "BrokenAnswer", refusalCause: "client_abandoned" });
    await provider.requests[0]!.gone;
  });

  test("may be cancelled at any time, more than once", async () => {
    const { target, upstream } = await world();
    const start = await answered(upstream, call(target));
    await text(start);
    start.body.cancel();
    start.body.cancel();
    await expect(start.body.next()).resolves.toBeNull();
  });
});

describe("the connections of a target", () => {
  test("are used again, whatever the answers were", async () => {
    const { target, upstream, provider } = await world({}, { connections: 1 });
    for (const status of [200, 500, 400, 429, 401, 200]) {
      provider.answer({ status });
      const start = await upstream.start(call(target));
      if (start.kind === "answer") await text(start);
    }
    expect([provider.requests.length, provider.connectionCount()]).toEqual([6, 1]);
  });

  test("are no more than the plan says, and calls take turns", async () => {
    const { target, upstream, provider } = await world({ firstByteMs: 5 }, { connections: 2 });
    const all = await Promise.all(
      Array.from({ length: 10 }, async () => text(await answered(upstream, call(target)))),
    );
    expect(all).toHaveLength(10);
    expect(provider.connectionCount()).toBe(2);
  });

  test("never carry a call that was given up before it was sent, and are none the worse for it", async () => {
    const { target, upstream, provider } = await world({}, { connections: 1 });
    const caller = new AbortController();
    const dead = upstream.start(call(target, { path: "/dead", signal: caller.signal }));
    const alive = answered(upstream, call(target, { path: "/alive" }));
    caller.abort();
    expect(await dead).toMatchObject({ outcome: "abandoned" });
    await text(await alive);
    expect(provider.requests.map(({ path }) => path)).toEqual(["/v1/alive"]);
    expect(provider.connectionCount()).toBe(1);
  });

  test("stay good for others when a call is given up in any state", async () => {
    const { target, upstream, provider } = await world({}, { connections: 2 });
    for (let i = 0; i < 20; i++) {
      provider.answer({ outputTokens: 30, betweenMs: 1 });
      const caller = new AbortController();
      const begun = upstream.start(call(target, { streams: true, signal: caller.signal }));
      const other = upstream.start(call(target));
      const third = upstream.start(call(target));
      for (let turns = 0; turns < i; turns++) await new Promise(setImmediate);
      caller.abort();
      await begun;
      for (const start of [await other, await third]) {
        expect(start.kind === "answer" && JSON.parse(await text(start)).object).toBe("chat.completion");
      }
    }
  });

  test("make a call wait in line no longer than for a connection, and that is no fault of the target", async () => {
    const { target, upstream } = await world(
      { fault: "silent" },
      { connections: 1 },
      { timeouts: { connectMs: 60 } },
    );
    const first = upstream.start(call(target));
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "throttled",
      cause: "concurrency_full",
    });
    await upstream.close();
    expect(await first).toMatchObject({ outcome: "error", cause: "connection_refused" });
  });

  test("are gone after close, with every call on them and in line, and no call begins any more", async () => {
    const { target, upstream, provider } = await world(
      { outputTokens: 4, fault: "stall-midway" },
      { connections: 1 },
    );
    const start = await answered(upstream, call(target, { streams: true }));
    const inLine = upstream.start(call(target));
    await upstream.close();
    expect(await inLine).toMatchObject({ outcome: "error", cause: "connection_refused" });
    await expect(text(start)).rejects.toMatchObject({ name: "BrokenAnswer" });
    await provider.requests[0]!.gone;
    expect(await refused(upstream, call(target))).toMatchObject({ cause: "connection_refused" });
  });
});
