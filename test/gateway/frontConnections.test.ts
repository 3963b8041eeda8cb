/** Connections over time: slow callers, readers that stop, pipelining, the end. */
import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  BODY,
  BOUNDS,
  everything,
  frontPlan,
  get,
  gone,
  held,
  KEPT,
  post,
  SSE,
  startFront,
  statusOf,
  stopFronts,
  until,
} from "./fronts.js";

afterEach(stopFronts);

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
