import * as net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { TargetPlan } from "../../src/gateway/plan.js";
import type { Upstream } from "../../src/gateway/upstream/upstream.js";
import { answered, call, type Rules, refused, text, upstreamOf } from "./upstreamCalls.js";
import {
  type FakeUpstream,
  fakeUpstream,
  listen,
  secret,
  targetAt,
  type UpstreamAnswer,
} from "./upstreams.js";

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

/** A port of loopback on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("an answer that comes", () => {
  test("as JSON is passed on byte for byte, and what was counted is known at its end", async () => {
    const { target, upstream } = await world({ inputTokens: 11, outputTokens: 3, cachedTokens: 4 });
    const answer = await answered(upstream, call(target));
    expect(answer.status).toBe(200);
    expect(JSON.parse(await text(answer)).choices[0].message.content).toBe("word0 word1 word2 ");
    expect(answer.body.usage()).toEqual({ inputTokens: 11, cachedTokens: 4, outputTokens: 3 });
  });

  test("as a stream begins with its first event, long before its last", async () => {
    const { target, upstream, provider } = await world({ outputTokens: 4, fault: "stall-midway" });
    const answer = await answered(upstream, call(target, { streams: true }));
    expect((await answer.body.next())?.toString()).toMatch(/^data: /);
    expect(answer.body.usage()).toBeNull();
    answer.body.cancel();
    await provider.requests[0]!.gone;
  });

  test("as a stream of Anthropic is counted from its first and its last event together", async () => {
    const answer = { inputTokens: 100, cachedTokens: 60, outputTokens: 5 };
    const { target, upstream } = await world(answer, { api: "anthropic" });
    const start = await answered(upstream, call(target, { path: "/messages", streams: true }));
    expect(await text(start)).toContain("event: message_stop");
    expect(start.body.usage()).toEqual({ inputTokens: 100, cachedTokens: 60, outputTokens: 5 });
  });

  test("without a count is estimated by its events with words", async () => {
    const { target, upstream } = await world({ outputTokens: 9, countsTokens: false });
    const start = await answered(upstream, call(target, { streams: true }));
    await text(start);
    expect(start.body.usage()).toBeNull();
    expect(start.body.outputTokensSeen()).toBe(9);
  });

  test("as a caller's own mistake is passed on with its body", async () => {
    const { target, upstream } = await world({ status: 400, body: '{"error":{"message":"no such field"}}' });
    const start = await answered(upstream, call(target));
    expect([start.status, await text(start)]).toEqual([400, '{"error":{"message":"no such field"}}']);
  });

  test("without a body ends at once", async () => {
    const { target, upstream } = await world({ status: 204, body: "" });
    const start = await answered(upstream, call(target));
    expect([start.status, await start.body.next(), await start.body.next()]).toEqual([204, null, null]);
  });

  test("says what is left of the limits", async () => {
    const headers = { "x-ratelimit-remaining-requests": "41", "x-ratelimit-remaining-tokens": "90000" };
    const { target, upstream } = await world({ headers });
    expect((await answered(upstream, call(target))).limits).toEqual({ requests: 41, tokens: 90_000 });
  });
});

describe("what is sent", () => {
  test("goes below the target's url, with the key in its own header and nobody else's", async () => {
    const { target, upstream, provider } = await world({}, { key: secret("k-own\n"), keyHeader: "api-key" });
    const headers = [
      ["Authorization", "Bearer caller"],
      ["X-Api-Key", "caller"],
      ["API-KEY", "caller"],
      ["Cookie", "caller"],
      ["X-Mine", "kept"],
      ["Bad", "a\r\nInjected: yes"],
    ] as const;
    await text(await answered(upstream, call(target, { headers })));
    const [sent] = provider.requests;
    expect(sent!.path).toBe("/v1/chat/completions");
    expect(sent!.headers).toMatchObject({
      "api-key": "k-own",
      "x-mine": "kept",
      "accept-encoding": "identity",
      "content-type": "application/json",
      host: `127.0.0.1:${provider.port}`,
    });
    expect(JSON.stringify(sent!.headers)).not.toMatch(/caller|Injected/i);
  });

  test("to Anthropic names a version of its API: the caller's, or one that works", async () => {
    const { target, upstream, provider } = await world(
      {},
      { api: "anthropic", key: secret("k"), keyHeader: "x-api-key" },
    );
    await text(await answered(upstream, call(target)));
    await text(await answered(upstream, call(target, { headers: [["Anthropic-Version", "2030-01-01"]] })));
    expect(provider.requests.map(({ headers }) => headers["anthropic-version"])).toEqual([
      "2023-06-01",
      "2030-01-01",
    ]);
    expect(provider.requests[0]!.headers["x-api-key"]).toBe("k");
  });
});

describe("a call fails", () => {
  test("as refused where nobody listens", async () => {
    const target = targetAt(`http://127.0.0.1:${await deadPort()}/v1`);
    const upstream = upstreamOf([target]);
    open.push(upstream);
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "error",
      cause: "connection_refused",
      status: 0,
    });
  });

  test("as refused when the connection is reset instead of an answer", async () => {
    const { target, upstream } = await world({ fault: "reset" });
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "error",
      cause: "connection_refused",
    });
  });

  test("as a black hole when nothing comes in time", async () => {
    const { target, upstream, provider } = await world(
      { fault: "silent" },
      {},
      { timeouts: { firstTokenMs: 60 } },
    );
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "timeout",
      cause: "deadline_in_service",
    });
    await provider.requests[0]!.gone;
  });

  test("as too slow when headers come and no body", async () => {
    const { target, upstream } = await world(
      { fault: "headers-only" },
      {},
      { timeouts: { firstTokenMs: 60 } },
    );
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "timeout",
      cause: "deadline_in_service",
      status: 200,
    });
  });

  test("when its total time is over, though its first byte may take longer", async () => {
    const { target, upstream } = await world({ fault: "silent" }, {}, { timeouts: { totalMs: 60 } });
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "timeout",
      cause: "deadline_in_service",
    });
  });

  test.each([
    [500, "error", "server_error"],
    [503, "error", "server_error"],
    [529, "error", "server_error"],
    [408, "error", "server_error"],
    [401, "error", "server_error"],
    [403, "error", "server_error"],
    [301, "error", "server_error"],
    [304, "error", "server_error"],
    [429, "throttled", "rate_limit_rpm"],
  ] as const)("on status %i as %s", async (status, outcome, cause) => {
    const { target, upstream } = await world({ status, body: "the key k-own is wrong" });
    expect(await refused(upstream, call(target))).toMatchObject({ outcome, cause, status });
  });

  test("as a redirect that is not followed", async () => {
    const elsewhere = await fakeUpstream();
    open.push(elsewhere);
    const { target, upstream } = await world({ status: 307, headers: { location: elsewhere.url } });
    expect(await refused(upstream, call(target))).toMatchObject({ outcome: "error", status: 307 });
    expect(elsewhere.requests).toEqual([]);
  });

  test("as short of tokens when its 429 says so in words, and waits as long as it is told", async () => {
    const body = JSON.stringify({ error: { message: "Rate limit reached on tokens per min (TPM)" } });
    const { target, upstream } = await world({ status: 429, body, headers: { "retry-after": "2.5" } });
    expect(await refused(upstream, call(target))).toMatchObject({
      cause: "rate_limit_tpm",
      retryAfterMs: 2500,
    });
  });

  test("as short of tokens when its headers say so, without waiting for the body", async () => {
    const headers = { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0.5s" };
    const { target, upstream } = await world({ status: 429, headers, fault: "headers-only" });
    expect(await refused(upstream, call(target))).toMatchObject({
      cause: "rate_limit_tpm",
      retryAfterMs: 360_500,
      limits: { tokens: 0 },
    });
  });

  test("as short of requests when the body of its 429 never comes", async () => {
    const { target, upstream } = await world({ status: 429, fault: "headers-only" });
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "throttled",
      cause: "rate_limit_rpm",
    });
  });
});
