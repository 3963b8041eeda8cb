/** Connections over time: bodies, expectations, slow callers, readers that stop, cut answers, ends. */
import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Asked, Exchange, Reply } from "../../src/gateway/exchange.js";
import {
  answerOk,
  BOUNDS,
  everything,
  frontPlan,
  get,
  jsonOf,
  listenerPlan,
  post,
  startFront,
  statusOf,
  stopFronts,
  until,
} from "./fronts.js";

const BODY = '{"model":"small"}';
const KEPT = post(BODY).replace("Connection: close\r\n", "");
const SSE = [["content-type", "text/event-stream"]] as const;

afterEach(stopFronts);

/** An exchange that hands its reply over instead of answering. */
function held(): {
  exchange: Exchange;
  next: () => Promise<{ asked: Asked; reply: Reply; done: () => void }>;
} {
  type Held = { asked: Asked; reply: Reply; done: () => void };
  const waiting: ((one: Held) => void)[] = [];
  const there: Held[] = [];
  return {
    exchange: (asked, reply) =>
      new Promise((done) => {
        const one = { asked, reply, done };
        const first = waiting.shift();
        if (first === undefined) there.push(one);
        else first(one);
      }),
    next: () =>
      new Promise((resolve) => {
        const first = there.shift();
        if (first === undefined) waiting.push(resolve);
        else resolve(first);
      }),
  };
}

const gone = (signal: AbortSignal): Promise<unknown> =>
  signal.aborted ? Promise.resolve() : once(signal, "abort");

describe("a body", () => {
  it("may come in chunks and in pieces, and is handed on as one", async () => {
    const front = await startFront();
    const socket = front.open();
    const head = post("").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    socket.write(`${head}5\r\n{"mod\r\n`);
    socket.write("c;name=value\r\n");
    setImmediate(() => socket.write('el":"small"}\r\n0\r\nX-Trailer: x\r\n\r\n'));
    expect(statusOf(await everything(socket))).toBe(200);
    expect(front.asked[0]!.body.toString()).toBe(BODY);
    expect(front.asked[0]!.headers.map(([name]) => name)).not.toContain("x-trailer");
  });

  it("that turns out too long is refused with 413 and read no further", async () => {
    const front = await startFront();
    const socket = front.open();
    socket.write(post("").replace("Content-Length: 0", "Transfer-Encoding: chunked"));
    for (let i = 0; i < 3; i += 1) socket.write(`2000\r\n${" ".repeat(0x2000)}\r\n`);
    expect(statusOf(await everything(socket))).toBe(413);
    expect(front.turnedAway).toEqual(["body-too-long"]);
  });

  it("whose chunks stop making sense is refused with 400 while it is read", async () => {
    const front = await startFront();
    const socket = front.open();
    socket.write(post("").replace("Content-Length: 0", "Transfer-Encoding: chunked"));
    socket.write('5\r\n{"mod\r\n');
    setImmediate(() => socket.write("oops\r\n"));
    expect(statusOf(await everything(socket))).toBe(400);
    expect([front.turnedAway, front.asked]).toEqual([["bad-chunk"], []]);
  });

  it("that ends before its length is nobody's request", async () => {
    const front = await startFront();
    const socket = front.open();
    socket.end(post(BODY).slice(0, -5));
    await everything(socket);
    expect(front.asked).toEqual([]);
    expect(statusOf(await front.send(post(BODY)))).toBe(200);
  });

  it("is asked for by 100 Continue only once caller and law allow it", async () => {
    const expecting = post(BODY, { headers: ["Expect: 100-continue"] }).slice(0, -BODY.length);
    const front = await startFront();
    const socket = front.open();
    socket.write(expecting);
    await until(socket, "HTTP/1.1 100 Continue\r\n\r\n");
    socket.write(BODY);
    expect(await until(socket, '{"ok":true}')).toContain("HTTP/1.1 200 OK");

    const nowhere = await startFront(frontPlan(), answerOk, { reachableAny: () => false });
    expect((await nowhere.send(expecting)).startsWith("HTTP/1.1 451")).toBe(true);
    const unknown = await startFront(
      frontPlan({ listeners: [listenerPlan({ identity: { from: "api-key", records: new Map() } })] }),
    );
    expect((await unknown.send(expecting)).startsWith("HTTP/1.1 401")).toBe(true);
    expect([...nowhere.asked, ...unknown.asked]).toEqual([]);
  });
});

describe("a request that no region may lawfully take", () => {
  it("is told so although it sends more than a socket holds, and none of it is read as a request", async () => {
    const plan = frontPlan({ residencyStatus: 451, bounds: { ...BOUNDS, bodyBytes: 50_000_000 } });
    const front = await startFront(plan, answerOk, { reachableAny: () => false });
    const socket = front.open();
    const answer = everything(socket);
    const body = `{"model":"small","p":"${"x".repeat(8_000_000)}"}`;
    socket.write(post(body));
    expect(statusOf(await answer)).toBe(451);
    expect(await answer).toContain("connection: close");
    expect(jsonOf(await answer)).toEqual({
      error: {
        message: expect.any(String),
        type: "permission_error",
        code: "residency_no_legal_region",
        param: null,
      },
    });
    expect([front.asked, front.turnedAway]).toEqual([[], ["no-legal-region"]]);
  });

  it("is told with 503 where the operator wants that", async () => {
    const front = await startFront(frontPlan({ residencyStatus: 503 }), answerOk, {
      reachableAny: () => false,
    });
    const answer = await front.send(post(BODY, { path: "/v1/messages" }));
    expect(statusOf(answer)).toBe(503);
    expect(jsonOf(answer)).toMatchObject({ type: "error", error: { code: "residency_no_legal_region" } });
  });
});

describe("a slow caller", () => {
  const QUICK = { ...BOUNDS, headersMs: 120, bodyMs: 240, stalledMs: 150 };

  it.each([
    ["whose headers do not end", "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n"],
    ["whose body does not end", post(BODY).slice(0, -1)],
  ])("%s is told 408", async (_name, text) => {
    const front = await startFront(frontPlan({ bounds: QUICK }));
    expect(statusOf(await front.send(text))).toBe(408);
    expect([front.turnedAway, front.asked]).toEqual([["too-slow"], []]);
  });

  it("who says nothing at all is hung up on", async () => {
    const front = await startFront(frontPlan({ bounds: QUICK }));
    expect(await front.send("")).toBe("");
    expect(front.turnedAway).toEqual(["too-slow"]);
  });

  it("who waits for a slow answer longer than a reader may stall is left alone", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan({ bounds: QUICK }), exchange);
    const socket = front.open();
    socket.write(KEPT);
    const { asked, reply, done } = await next();
    await new Promise((resolve) => setTimeout(resolve, 3 * QUICK.stalledMs));
    expect(asked.gone.aborted).toBe(false);
    reply.refuse({ status: 503, cause: "no_healthy_region", message: "x", retryAfterMs: 0 });
    done();
    expect(statusOf(await until(socket, "no_healthy_region"))).toBe(503);
  });

  it("who takes nothing of an answer is hung up on, and its request abandoned", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan({ bounds: QUICK }), exchange);
    const socket = front.open().pause();
    socket.write(KEPT);
    const { asked, reply, done } = await next();
    reply.begin(200, SSE);
    const piece = Buffer.alloc(65_536, "x");
    const pour = async (): Promise<void> => {
      for (let i = 0; i < 1_000; i += 1) await reply.write(piece);
    };
    await expect(pour()).rejects.toThrow("the caller has gone");
    expect([asked.gone.aborted, front.turnedAway]).toEqual([true, ["stalled-reader"]]);
    done();
  });

  it("who does not take the end of an answer is hung up on", async () => {
    const front = await startFront(frontPlan({ bounds: QUICK }), (_asked, reply) => {
      reply.begin(200, []);
      reply.write(Buffer.alloc(30_000_000, "x"));
      reply.end();
      return Promise.resolve();
    });
    const socket = front.open().pause();
    socket.write(KEPT);
    await vi.waitUntil(() => front.turnedAway.length > 0, 10_000);
    expect(front.turnedAway).toEqual(["stalled-reader"]);
  });
});

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

  it("is cut when it is longer or shorter than it said", async () => {
    const lengths: string[] = [];
    for (const pieces of [["12345", "678"], ["123"]]) {
      const front = await startFront(frontPlan(), (_asked, reply) => {
        reply.begin(200, [["content-length", "7"]]);
        for (const piece of pieces) reply.write(Buffer.from(piece));
        reply.end();
        return Promise.resolve();
      });
      const answer = await front.send(post(BODY));
      lengths.push(answer.slice(answer.indexOf("\r\n\r\n") + 4));
    }
    expect(lengths.every((text) => text.length < 7)).toBe(true);
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

describe("a connection", () => {
  it("carries one request after the other, and pipelined ones in their order", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const socket = front.open();
    socket.write(KEPT + KEPT);
    const first = await next();
    const second = await next();
    const both = until(socket, "second");
    for (const [one, text] of [
      [second, "second"],
      [first, "first"],
    ] as const) {
      one.reply.begin(200, [["content-length", String(text.length)]]);
      one.reply.write(Buffer.from(text));
      one.reply.end();
      one.done();
    }
    expect((await both).indexOf("first")).toBeGreaterThan(0);
    socket.write(KEPT);
    expect((await next()).asked.id).toBe(3);
  });

  it("with too many requests at once is hung up on, and all of them are abandoned", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const socket = front.open();
    socket.write(KEPT);
    const first = await next();
    socket.write(KEPT.repeat(40));
    await everything(socket);
    await gone(first.asked.gone);
    expect(front.turnedAway).toContain("too-many-requests");
    expect(front.asked.length).toBeLessThanOrEqual(16);
    expect(front.asked.every((asked) => asked.gone.aborted)).toBe(true);
  });

  it("that is closed by its caller aborts all requests on it, those in line too", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const socket = front.open();
    socket.write(KEPT + KEPT);
    const all = [await next(), await next()];
    socket.destroy();
    await Promise.all(all.map(({ asked }) => gone(asked.gone)));
    for (const { reply, done } of all) {
      reply.begin(200, []);
      await expect(reply.write(Buffer.from("x"))).rejects.toThrow("gone");
      reply.end();
      done();
    }
  });

  it("whose request was answered in full has not lost its caller", async () => {
    const front = await startFront();
    await front.send(post(BODY));
    await front.front.close(0);
    expect(front.asked[0]!.gone.aborted).toBe(false);
  });

  it("on which nonsense follows a request never answers the request with it", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const socket = front.open();
    socket.write(`${KEPT}nonsense\r\n\r\n`);
    const all = everything(socket);
    const { asked } = await next();
    expect(await all).toBe("");
    expect(asked.gone.aborted).toBe(true);
  });

  it("beyond the bound is not taken", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan({ bounds: { ...BOUNDS, connections: 1 } }), exchange);
    front.open().write(KEPT);
    await next();
    expect(await front.send(get("/v1/models"))).toBe("");
    expect(front.turnedAway).toEqual(["too-many-connections"]);
  });
});

describe("an end", () => {
  it("lets what is under way finish, says so, and takes nothing new", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const [idle, begun, waiting] = [front.open(), front.open(), front.open()];
    idle.write(get("/v1/models").replace("Connection: close\r\n", ""));
    await until(idle, "list");
    begun.write(KEPT);
    const early = await next();
    early.reply.begin(200, SSE);
    early.reply.write(Buffer.from("data: 1\n\n"));
    await until(begun, "data: 1");
    waiting.write(KEPT);
    const late = await next();
    const answers = [everything(idle), everything(begun), everything(waiting)];
    const closed = front.front.close(60_000);
    expect(await answers[0]).toBe("");
    for (const { reply, done } of [early, late]) {
      if (!reply.began) reply.begin(200, []);
      reply.write(Buffer.from("data: 2\n\n"));
      reply.end();
      done();
    }
    await closed;
    expect(await answers[1]).toContain("data: 2\n\n\r\n0\r\n\r\n");
    expect(await answers[2]).toMatch(/connection: close/i);
    await expect(once(front.open(), "connect")).rejects.toThrow();
  });

  it("cuts what does not finish in time", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const socket = front.open();
    socket.write(KEPT);
    const { asked } = await next();
    await front.front.close(30);
    await gone(asked.gone);
    expect(asked.gone.aborted).toBe(true);
  });
});
