import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "vitest";
import { ASK_CLAUDE, endAll, failure, setup } from "./sdkClients.js";

afterEach(endAll);

describe("the anthropic client", () => {
  const claude = { api: "anthropic" } as const;

  test("is answered in one piece, with the endpoint's key in its place", async () => {
    const { de, us, anthropic } = await setup({ outputTokens: 3 }, claude);
    const message = await anthropic().messages.create(ASK_CLAUDE);
    expect(message.content).toMatchObject([{ type: "text", text: "word0 word1 word2 " }]);
    expect(message.usage).toMatchObject({ input_tokens: 7, output_tokens: 3 });
    expect(de.requests[0]!.path).toBe("/v1/messages");
    expect(de.requests[0]!.body).toBe(JSON.stringify(ASK_CLAUDE));
    expect(de.requests[0]!.headers["anthropic-version"]).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(JSON.stringify(de.requests[0])).not.toContain("sk-caller");
    expect(us.requests).toEqual([]);
  });

  test("is streamed to, and goes away in the middle", async () => {
    const { de, regions, anthropic } = await setup({ outputTokens: 20 }, claude);
    const message = await anthropic().messages.stream(ASK_CLAUDE).finalMessage();
    expect(message.usage.output_tokens).toBe(20);
    expect(message.content).toMatchObject([{ text: expect.stringMatching(/^word0 .*word19 $/) }]);
    de.answer({ outputTokens: 10_000, betweenMs: 1 });
    const stream = await anthropic().messages.create({ ...ASK_CLAUDE, stream: true });
    for await (const _ of stream) break;
    await de.requests[1]!.gone;
    await regions.idle();
  });

  test("is told of limits, law, keys and failures in its own words", async () => {
    const { de, anthropic } = await setup({}, claude);
    const told = <E>(kind: abstract new (...args: never[]) => E, origin: "DE" | "CH" = "DE"): Promise<E> =>
      failure(anthropic(origin).messages.create(ASK_CLAUDE), kind);
    expect(await told(Anthropic.APIError, "CH")).toMatchObject({
      status: 451,
      error: { type: "error", error: { type: "permission_error", code: "residency_no_legal_region" } },
    });
    de.answer({ status: 529, body: '{"type":"error","error":{"type":"overloaded_error","message":"x"}}' });
    expect(await told(Anthropic.InternalServerError)).toMatchObject({ status: 502 });
    de.answer({
      status: 401,
      body: '{"type":"error","error":{"type":"authentication_error","message":"bad key"}}',
    });
    const ours = await told(Anthropic.InternalServerError);
    expect(ours.message).not.toContain("bad key");
    de.answer({ status: 429, headers: { "retry-after": "3" }, body: "{}" });
    const limited = await told(Anthropic.RateLimitError);
    expect(limited.error).toMatchObject({ error: { type: "rate_limit_error" } });
  });

  test("waits as Retry-After says and is answered by its own next try", async () => {
    const { de, anthropic } = await setup({}, claude);
    de.answer(() =>
      de.requests.length === 1 ? { status: 429, headers: { "retry-after-ms": "100" }, body: "{}" } : {},
    );
    await anthropic("DE", 2).messages.create(ASK_CLAUDE);
    expect(de.requests).toHaveLength(2);
  });

  test("is not sent to endpoints that speak another dialect", async () => {
    const { de, us, anthropic } = await setup();
    await failure(anthropic("US").messages.create(ASK_CLAUDE), Anthropic.APIError);
    expect([...de.requests, ...us.requests]).toEqual([]);
  });
});
