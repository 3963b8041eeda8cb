/** What a caller gets through the front, and what it is told. */
import { afterEach, describe, expect, it } from "vitest";
import { GERMAN, post, startFront, statusOf, stopFronts } from "./fronts.js";

afterEach(stopFronts);

describe("a good request", () => {
  it("reaches the exchange as it came, with what the gateway must know of it", async () => {
    const front = await startFront();
    const body =
      '{ "messages":[{"role":"user","content":"ü"}], "model" : "small" ,"max_tokens":50,"stream":true}';
    const answer = await front.send(post(body, { headers: ["OpenAI-Beta: x=1", "User-Agent: t"] }));
    expect(statusOf(answer)).toBe(200);
    expect(answer).toMatch(/x-request-id: req-[0-9a-f]{12}-1\r\n/);
    expect(answer).toContain("x-regionsim-target: de-1\r\n");
    expect(answer).toContain('{"ok":true}');
    const [asked] = front.asked;
    expect(asked).toMatchObject({
      id: 1,
      caller: { identity: GERMAN, name: "public" },
      dialect: "openai",
      operation: "chat",
      path: "/chat/completions",
      model: "small",
      streams: true,
      tokensIn: Math.ceil(Buffer.byteLength(body) / 4),
      tokensOutMax: 50,
      only: undefined,
      stickyKey: -1,
    });
    expect(asked!.body.toString()).toBe(body);
    expect(asked!.body.toString("utf8", ...asked!.modelSpan)).toBe('"small"');
    expect(asked!.headers).toEqual([
      ["content-type", "application/json"],
      ["openai-beta", "x=1"],
      ["user-agent", "t"],
    ]);
  });
});
