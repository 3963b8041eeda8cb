import OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import { PLAIN_CALLER } from "../../src/policy/index.js";
import { retrying } from "./exchangeWorld.js";
import { KEYS } from "./regions.js";
import { ASK, endAll, ending, failure, setup } from "./sdkClients.js";

afterEach(endAll);

describe("the openai client", () => {
  test("is answered in one piece, with the endpoint's key and not its own", async () => {
    const { de, us, openai } = await setup({ outputTokens: 3 });
    const { data, response } = await openai().chat.completions.create(ASK).withResponse();
    expect(data.choices[0]!.message.content).toBe("word0 word1 word2 ");
    expect(data.usage?.total_tokens).toBe(10);
    expect(response.headers.get("x-regionsim-target")).toBe("de");
    expect(us.requests).toHaveLength(0);
    expect(de.requests[0]!.headers.authorization).toBe(`Bearer ${KEYS.de}`);
    expect(JSON.stringify(de.requests[0])).not.toContain("sk-caller");
  });

  test("is streamed to, event by event and to the usage at the end", async () => {
    const { openai } = await setup({ outputTokens: 40 });
    const stream = await openai().chat.completions.create({
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    expect(text.split(" ")).toHaveLength(41);
    expect(usage?.completion_tokens).toBe(40);
  });

  test("has its tools, its odd members and its unicode passed on untouched", async () => {
    const { de, openai } = await setup();
    const parameters = {
      type: "object",
      properties: { where: { type: "string", enum: ["Zürich", "東京"] } },
    };
    const params = {
      ...ASK,
      tools: [{ type: "function" as const, function: { name: "look", parameters } }],
      metadata: { origin: "US", nested: '\u0000\\"' },
      seed: 12345678901234,
      temperature: 0.1,
    };
    await openai().chat.completions.create(params);
    expect(de.requests[0]!.body).toBe(JSON.stringify(params));
  });

  test("has embeddings and responses", async () => {
    const { de, us, openai } = await setup();
    const floats = Buffer.from(new Float32Array([0.5, -0.25]).buffer).toString("base64");
    const embedding = {
      object: "list",
      model: "embed",
      data: [{ object: "embedding", index: 0, embedding: floats }],
    };
    de.answer({ body: JSON.stringify({ ...embedding, usage: { prompt_tokens: 3, total_tokens: 3 } }) });
    const { data } = await openai().embeddings.create({ model: "embed", input: "Grüße" });
    expect(data[0]!.embedding).toEqual([0.5, -0.25]);
    const content = [{ type: "output_text", text: "well 👋", annotations: [] }];
    const output = [{ type: "message", id: "1", role: "assistant", status: "completed", content }];
    de.answer({ body: JSON.stringify({ id: "r", object: "response", output, usage: { input_tokens: 1 } }) });
    expect((await openai().responses.create({ model: "m", input: "hi" })).output_text).toBe("well 👋");
    const delta = { type: "response.output_text.delta", delta: "ünd", item_id: "1", output_index: 0 };
    de.answer({
      headers: { "content-type": "text/event-stream" },
      body: `event: response.output_text.delta\r\ndata: ${JSON.stringify(delta)}\r\n\r\n`,
    });
    const events = await openai().responses.create({ model: "m", input: "hi", stream: true });
    const texts: string[] = [];
    for await (const event of events)
      if (event.type === "response.output_text.delta") texts.push(event.delta);
    expect(texts).toEqual(["ünd"]);
    expect(de.requests.map(({ path }) => path)).toEqual(["/v1/embeddings", "/v1/responses", "/v1/responses"]);
    expect(us.requests).toHaveLength(0);
  });

  test("lists the models that have a lawful endpoint for it, and no others", async () => {
    const { openai } = await setup();
    const ids = async (origin: "DE" | "US" | "CH"): Promise<readonly string[]> => {
      const list: string[] = [];
      for await (const model of openai(origin).models.list()) list.push(model.id);
      return list.sort();
    };
    expect(await ids("US")).toEqual(["embed", "m", "us-only"]);
    expect(await ids("DE")).toEqual(["embed", "m"]);
    expect(await ids("CH")).toEqual([]);
    expect((await openai("US").models.retrieve("us-only")).id).toBe("us-only");
    await failure(openai("DE").models.retrieve("us-only"), OpenAI.NotFoundError);
  });

  test("goes away in the middle of a stream, and so does the call to the endpoint", async () => {
    const { de, regions, openai } = await setup({ outputTokens: 10_000, betweenMs: 1 });
    const stream = await openai().chat.completions.create({ ...ASK, stream: true });
    for await (const _ of stream) break;
    await de.requests[0]!.gone;
    await regions.idle();
    expect(de.requests[0]!.isGone).toBe(true);
  });

  test("goes away before an answer, and so does the call to the endpoint", async () => {
    const { de, regions, openai } = await setup({ fault: "silent" });
    const controller = new AbortController();
    const asked = openai().chat.completions.create(ASK, { signal: controller.signal });
    await de.received(1);
    controller.abort();
    await failure(asked, OpenAI.APIUserAbortError);
    await de.requests[0]!.gone;
    await regions.idle();
  });

  test("waits as Retry-After says and is answered by its own next try", async () => {
    const { de, openai } = await setup();
    de.answer(() =>
      de.requests.length === 1 ? { status: 429, headers: { "retry-after-ms": "150" }, body: "{}" } : {},
    );
    const startedMs = performance.now();
    const answer = await openai("DE", 2).chat.completions.create(ASK);
    expect(performance.now() - startedMs).toBeGreaterThan(140);
    expect(answer.choices).toHaveLength(1);
    expect(de.requests).toHaveLength(2);
  });

  test("is told of a rate limit as one, with the time to wait and the gateway's own words", async () => {
    const { openai } = await setup({
      status: 429,
      headers: { "retry-after": "7" },
      body: '{"error":{"message":"organization org-ours is over its limit"}}',
    });
    const error = await failure(openai().chat.completions.create(ASK), OpenAI.RateLimitError);
    expect(error).toMatchObject({ status: 429, code: "rate_limit_rpm", type: "rate_limit_error" });
    expect(Number(error.headers?.get("retry-after"))).toBeGreaterThanOrEqual(6);
    expect(error.message).not.toContain("org-ours");
  });

  test("never hears of a failure that another lawful endpoint makes good", async () => {
    const { de, us, openai } = await setup({}, { plan: { caller: retrying(2) } });
    us.answer({ status: 500, body: "{}" });
    const { response } = await openai("US").chat.completions.create(ASK).withResponse();
    expect(response.headers.get("x-regionsim-target")).toBe("de");
    await us.close();
    ending.splice(1, 1);
    const stream = await openai("US").chat.completions.create({ ...ASK, stream: true });
    let chunks = 0;
    for await (const _ of stream) chunks += 1;
    expect(chunks).toBeGreaterThan(2);
    expect(de.requests).toHaveLength(2);
  });

  test("is answered by its own next try after a 5xx", async () => {
    const { de, openai } = await setup({}, { plan: { caller: PLAIN_CALLER } });
    de.answer(() => (de.requests.length === 1 ? { status: 503, body: "{}" } : {}));
    await openai("DE", 1).chat.completions.create(ASK);
    expect(de.requests).toHaveLength(2);
    de.answer({ status: 500, body: "{}" });
    const error = await failure(openai().chat.completions.create(ASK), OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 502, code: "server_error" });
  });

  test("is told by a 451 that no endpoint may lawfully answer, once", async () => {
    const { de, us, openai } = await setup();
    const error = await failure(openai("CH", 3).chat.completions.create(ASK), OpenAI.APIError);
    expect(error).toMatchObject({ status: 451, code: "residency_no_legal_region" });
    expect(error.message).toContain("lawfully");
    expect([...de.requests, ...us.requests]).toEqual([]);
  });

  test("is refused, not rerouted, while the only lawful endpoint is away", async () => {
    const { de, us, openai } = await setup({}, { plan: { caller: retrying(2) } });
    de.answer({ fault: "reset" });
    const error = await failure(openai().chat.completions.create(ASK), OpenAI.APIError);
    expect(error.status).toBeGreaterThanOrEqual(500);
    expect(us.requests).toEqual([]);
  });

  test("gets an endpoint's own word on a bad request, and 404 for a model it may not use", async () => {
    const { us, openai } = await setup({
      status: 400,
      body: '{"error":{"message":"temperature is too high","type":"invalid_request_error","code":"x","param":"t"}}',
    });
    const error = await failure(openai().chat.completions.create(ASK), OpenAI.BadRequestError);
    expect(error).toMatchObject({ message: "400 temperature is too high", param: "t" });
    for (const model of ["us-only", "gpt-0"]) {
      const missing = await failure(openai().chat.completions.create({ ...ASK, model }), OpenAI.APIError);
      expect([404, 451]).toContain(missing.status);
    }
    expect(us.requests).toEqual([]);
  });

  test("can tell a stream that broke off from one that is complete", async () => {
    const { openai } = await setup({ outputTokens: 40, fault: "reset-midway" });
    const stream = await openai().chat.completions.create({ ...ASK, stream: true });
    const read = async (): Promise<void> => {
      for await (const _ of stream);
    };
    await failure(read(), Error);
  });

  test("reads an answer of megabytes, and characters that are split between pieces", async () => {
    const content = "🐘ü漢".repeat(300_000);
    const body = JSON.stringify({ id: "1", object: "chat.completion", choices: [{ message: { content } }] });
    const { de, openai } = await setup({ body });
    const answer = await openai().chat.completions.create(ASK);
    expect(answer.choices[0]!.message.content === content).toBe(true);
    const data = JSON.stringify({ choices: [{ index: 0, delta: { content: "🐘".repeat(1001) } }] });
    const events = Buffer.from(`data: ${data}\n\ndata: [DONE]\n\n`);
    de.answer({ headers: { "content-type": "text/event-stream" }, body: events });
    const stream = await openai().chat.completions.create({ ...ASK, stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text === "🐘".repeat(1001)).toBe(true);
  });
});
