/** Answers: passed on, cut, refused. */
import { afterEach, describe, expect, it } from "vitest";
import {
  BODY,
  everything,
  frontPlan,
  held,
  jsonOf,
  KEPT,
  post,
  SSE,
  startFront,
  statusOf,
  stopFronts,
  until,
} from "./fronts.js";

afterEach(stopFronts);

describe("an answer", () => {
  it("is passed on piece by piece, and its writer waits for the reader", async () => {
    const pieces = Array.from({ length: 40 }, (_, i) => Buffer.alloc(100_000, String(i % 10)));
    let waits = 0;
    const front = await startFront(frontPlan(), async (_asked, reply) => {
      reply.begin(200, []);
      for (const piece of pieces) {
        const room = reply.write(piece);
        if (room !== undefined) waits += 1;
        await room;
      }
      reply.end();
    });
    const answer = await front.send(post(BODY));
    expect(answer).toContain("Transfer-Encoding: chunked");
    expect(answer.endsWith("0\r\n\r\n")).toBe(true);
    expect(answer.length).toBeGreaterThan(4_000_000);
    expect(waits).toBeGreaterThan(0);
  });

  it.each([
    ["openai", "/v1/chat/completions", 'data: {"error":{'],
    ["anthropic", "/v1/messages", 'event: error\ndata: {"type":"error"'],
  ])(
    "that breaks off between events ends with an error in the words of %s and no last chunk",
    async (_dialect, path, words) => {
      const front = await startFront(frontPlan(), (_asked, reply) => {
        reply.begin(200, SSE);
        reply.write(Buffer.from("data: 1\n"));
        reply.write(Buffer.from("\n"));
        reply.cut();
        return Promise.resolve();
      });
      const answer = await front.send(post(BODY, { path }));
      expect(answer).toContain(words);
      expect(answer.endsWith("0\r\n\r\n")).toBe(false);
    },
  );

  it("that breaks off within an event just ends, without a last chunk", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const socket = front.open();
    socket.write(KEPT);
    const { reply, done } = await next();
    reply.begin(200, SSE);
    reply.write(Buffer.from("data: 1\n\ndata: 2"));
    await until(socket, "data: 2");
    const rest = everything(socket);
    reply.cut();
    done();
    expect(await rest).toBe("");
  });

  it.each([
    ["longer", "678"],
    ["shorter", "6"],
  ])("that is %s than it said ends its connection with no more than was said", async (_name, more) => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const socket = front.open();
    socket.write(KEPT);
    const { reply, done } = await next();
    reply.begin(200, [["content-length", "7"]]);
    reply.write(Buffer.from("12345"));
    await until(socket, "12345");
    const rest = everything(socket);
    reply.write(Buffer.from(more));
    await new Promise(setImmediate);
    reply.end();
    done();
    expect((await rest).length).toBeLessThan(2);
  });

  it("has no header that could end early, set a cookie or speak for the gateway", async () => {
    const front = await startFront(frontPlan(), (_asked, reply) => {
      reply.begin(
        200,
        [
          ["x-bad", "a\r\nx-injected: 1"],
          ["x bad", "1"],
          ["set-cookie", "a=b"],
          ["x-request-id", "theirs"],
          ["X-Regionsim-Target", "theirs"],
          ["transfer-encoding", "gzip"],
          ["content-length", "2"],
          ["content-length", "3"],
          ["x-fine", "yes"],
        ],
        "de-1",
      );
      reply.write(Buffer.from("ok"));
      reply.end();
      return Promise.resolve();
    });
    const answer = await front.send(post(BODY));
    expect(answer).toMatch(/x-fine: yes/);
    expect(answer.match(/content-length/gi)).toHaveLength(1);
    expect(answer).not.toMatch(/injected|set-cookie|theirs|gzip|x bad/i);
  });

  it("with a status that no answer can have is a bad gateway", async () => {
    for (const status of [101, 199, 600, 999, Number.NaN]) {
      const front = await startFront(frontPlan(), (_asked, reply) => {
        reply.begin(status, []);
        reply.end();
        return Promise.resolve();
      });
      expect(statusOf(await front.send(post(BODY)))).toBe(502);
    }
  });

  it("that is refused says when to come back, in whole seconds and in milliseconds", async () => {
    const front = await startFront(frontPlan(), (_asked, reply) => {
      reply.refuse({ status: 429, cause: "rate_limit_tpm", message: "Later.", retryAfterMs: 1_200.5 });
      return Promise.resolve();
    });
    const answer = await front.send(post(BODY, { path: "/v1/messages" }));
    expect(statusOf(answer)).toBe(429);
    expect(answer).toMatch(/retry-after: 2\r\n/);
    expect(answer).toMatch(/retry-after-ms: 1201\r\n/);
    expect(answer).toMatch(/x-regionsim-cause: rate_limit_tpm\r\n/);
    expect(jsonOf(answer)).toEqual({
      type: "error",
      error: { type: "rate_limit_error", message: "Later.", code: "rate_limit_tpm" },
    });
  });

  it("of an exchange that fails is 500 with nothing of the failure in it", async () => {
    const front = await startFront(frontPlan(), () => Promise.reject(new Error("secret detail")));
    const answer = await front.send(post(BODY));
    expect(statusOf(answer)).toBe(500);
    expect(answer).toContain("policy_error");
    expect(answer).not.toContain("secret");
  });
});
