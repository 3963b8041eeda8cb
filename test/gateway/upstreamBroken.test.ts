import type * as net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { answered, broken, call, type Rules, refused, text, upstreamOf } from "./upstreamCalls.js";
import {
  fakeUpstream,
  type RawServer,
  rawServer,
  secret,
  targetAt,
  type UpstreamAnswer,
} from "./upstreams.js";

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const JSON_TYPE = "content-type: application/json\r\n";
const EVENTS = "content-type: text/event-stream\r\n";

/** A target that answers every request with these bytes. `peer`: its side of the first connection, once it was asked. */
async function liar(bytes: string | Buffer, rules: Rules = {}, key: string | null = null) {
  let asked: (socket: net.Socket) => void = () => undefined;
  const peer = new Promise<net.Socket>((resolve) => {
    asked = resolve;
  });
  const server: RawServer = await rawServer((socket) => {
    socket.write(bytes, () => asked(socket));
  });
  const target = targetAt(server.url, { connections: 2, key: key === null ? null : secret(key) });
  const upstream = upstreamOf([target], rules);
  open.push(upstream, server);
  return { target, upstream, peer };
}

async function provided(answer: UpstreamAnswer, rules: Rules = {}) {
  const provider = await fakeUpstream(answer);
  const target = targetAt(provider.url);
  const upstream = upstreamOf([target], rules);
  open.push(upstream, provider);
  return { provider, target, upstream };
}

describe("an answer that breaks off", () => {
  test("by a reset is told from a complete one, after all that came before it", async () => {
    const { target, upstream } = await provided({ outputTokens: 6, fault: "reset-midway" });
    const answer = await answered(upstream, call(target, { streams: true }));
    const first = await answer.body.next();
    expect(first?.toString()).toContain("chat.completion.chunk");
    expect(await broken(answer)).toBe("BrokenAnswer error connection_refused");
  });

  test("by an end before its last chunk is told from a complete one", async () => {
    const { target, upstream } = await provided({ outputTokens: 6, fault: "end-midway" });
    const answer = await answered(upstream, call(target, { streams: true }));
    expect(await broken(answer)).toMatch(/^BrokenAnswer error/);
  });

  test("by saying nothing more is cut off after the idle time, at the provider too", async () => {
    const rules = { timeouts: { idleMs: 60 } };
    const { target, upstream, provider } = await provided({ outputTokens: 6, fault: "stall-midway" }, rules);
    const answer = await answered(upstream, call(target, { streams: true }));
    expect(await broken(answer)).toBe("BrokenAnswer timeout deadline_in_service");
    await provider.requests[0]!.gone;
  });

  test("by the total time is cut off, though a piece comes now and then", async () => {
    const rules = { timeouts: { totalMs: 120 } };
    const { target, upstream } = await provided({ outputTokens: 1000, betweenMs: 10 }, rules);
    const answer = await answered(upstream, call(target, { streams: true }));
    expect(await broken(answer)).toBe("BrokenAnswer timeout deadline_in_service");
  });

  test("is not too slow while nobody asks for the next piece", async () => {
    const rules = { timeouts: { idleMs: 50 } };
    const { target, upstream } = await provided({ body: "x".repeat(1e6) }, rules);
    const answer = await answered(upstream, call(target));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await broken(answer)).toBe("complete: 1000000");
  });
});

describe("an answer that lies", () => {
  const head = "HTTP/1.1 200 OK\r\n";

  test.each([
    ["a length longer than its body", `${head}${JSON_TYPE}content-length: 100\r\n\r\n{"a":1}`],
    [
      "a last chunk that never comes",
      `${head}${JSON_TYPE}transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n`,
    ],
    [
      "a chunk longer than it says",
      `${head}${JSON_TYPE}transfer-encoding: chunked\r\n\r\n3\r\n{"a":1}\r\n0\r\n\r\n`,
    ],
    [
      "a chunk size that is no number",
      `${head}${JSON_TYPE}transfer-encoding: chunked\r\n\r\n3\r\n{"a\r\nzz\r\n`,
    ],
  ])("with %s never seems complete", async (_name, bytes) => {
    const { target, upstream, peer } = await liar(bytes);
    const starting = upstream.start(call(target));
    (await peer).end();
    const start = await starting;
    if (start.kind === "answer") expect(await broken(start)).toMatch(/^BrokenAnswer error/);
    else expect(start.outcome).toBe("error");
  });

  test.each([
    ["two lengths", `${head}content-length: 3\r\ncontent-length: 5\r\n\r\n12345`],
    [
      "a length and chunks",
      `${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n`,
    ],
    ["bytes that are no HTTP", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["a line feed in a header", `${head}x-a: b\nx-c\r\n\r\n`],
    ["a null byte in a header", `${head}x-a: b\0c\r\ncontent-length: 0\r\n\r\n`],
    [
      "a switch of protocols nobody asked for",
      "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ],
    ["a permission to go on nobody asked for", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["headers without end", `${head}${"x-a: 0123456789\r\n".repeat(2000)}`],
  ])("with %s is an error, and the next call is none the worse", async (_name, bytes) => {
    let isFirst = true;
    const server = await rawServer((socket) => {
      socket.write(isFirst ? bytes : `${head}content-length: 2\r\n\r\nok`);
      isFirst = false;
    });
    const target = targetAt(server.url, { connections: 1 });
    const upstream = upstreamOf([target]);
    open.push(upstream, server);
    const start = await upstream.start(call(target));
    if (start.kind === "answer") await broken(start);
    else expect(start).toMatchObject({ outcome: "error" });
    expect(await text(await answered(upstream, call(target)))).toBe("ok");
  });

  test("with an answer before any question does not answer the question", async () => {
    const server = await rawServer((socket, bytes) => {
      if (!bytes.includes("POST")) return;
      socket.write(`${head}content-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`);
    });
    const target = targetAt(server.url, { connections: 1 });
    const upstream = upstreamOf([target]);
    open.push(upstream, server);
    for (let i = 0; i < 3; i++) {
      const start = await upstream.start(call(target));
      if (start.kind === "answer") expect(await text(start)).toBe("ok");
    }
  });

  test("that is longer than allowed is not begun when it says so, and cut off when it does not", async () => {
    const rules = { bounds: { answerBytes: 1000 } };
    const said = await provided({ body: "x".repeat(2000), headers: { "content-length": "2000" } }, rules);
    expect(await refused(said.upstream, call(said.target))).toMatchObject({
      outcome: "error",
      cause: "server_error",
    });
    const unsaid = await liar(`${head}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n`, rules);
    const answer = await answered(unsaid.upstream, call(unsaid.target));
    (await unsaid.peer).write(`7d0\r\n${"x".repeat(2000)}\r\n`);
    expect(await broken(answer)).toBe("BrokenAnswer error server_error");
  });

  test("with an event that never ends is cut off", async () => {
    const { target, upstream, peer } = await liar(`${head}${EVENTS}\r\ndata: ok\n\n`, {
      bounds: { eventBytes: 1000 },
    });
    const answer = await answered(upstream, call(target, { streams: true }));
    const socket = await peer;
    const more = setInterval(() => socket.write(`data: ${"x".repeat(300)}\n`), 2);
    expect(await broken(answer)).toBe("BrokenAnswer error server_error");
    clearInterval(more);
  });
});

describe("an answer that ends with its connection", () => {
  const head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";

  test("is complete when it ends where a text or an event may end", async () => {
    for (const whole of [`${JSON_TYPE}\r\n{"a":[1]}\n`, `${EVENTS}\r\ndata: a\n\ndata: b\n\n`]) {
      const { target, upstream, peer } = await liar(head + whole);
      const answer = await answered(upstream, call(target));
      (await peer).end();
      expect(await broken(answer)).toMatch(/^complete/);
    }
  });

  test("has broken off when it ends within one, or by a reset", async () => {
    for (const [part, end] of [
      [`${JSON_TYPE}\r\n{"a":[1]`, "end"],
      [`${JSON_TYPE}\r\n{"a":"[1]}`, "end"],
      [`${EVENTS}\r\ndata: a\n\ndata: b`, "end"],
      [`${EVENTS}\r\ndata: a\n\ndata: b\n\n`, "resetAndDestroy"],
    ] as const) {
      const { target, upstream, peer } = await liar(head + part);
      const answer = await answered(upstream, call(target));
      (await peer)[end]();
      expect(await broken(answer)).toBe("BrokenAnswer error connection_refused");
    }
  });
});

describe("an answer that tells the key it was sent", () => {
  const KEY = "sk-test-0123456789";
  const HEAD = `HTTP/1.1 400 Bad\r\nx-echo: Bearer ${KEY}\r\nconnection: close\r\n\r\n`;

  test("is not passed on, wherever the key is cut", async () => {
    for (const at of [0, 1, 9, 17]) {
      const { target, upstream, peer } = await liar(`${HEAD}no such key: ${KEY.slice(0, at)}`, {}, KEY);
      const answer = await answered(upstream, call(target));
      expect([answer.status, JSON.stringify(answer.headers).includes(KEY)]).toEqual([400, false]);
      (await peer).end(`${KEY.slice(at)}!`);
      expect(`${await answer.body.next()}`).toBe("no such key: ");
      expect(await broken(answer)).toBe("BrokenAnswer error server_error");
    }
  });

  test("is no answer at all when it begins with it", async () => {
    const { target, upstream } = await liar(`${HEAD}${KEY} is no key`, {}, KEY);
    expect(await refused(upstream, call(target))).toMatchObject({ cause: "server_error" });
  });

  test("is whole when it only begins like one", async () => {
    const { target, upstream, peer } = await liar(`${HEAD}no sk-test-01`, {}, KEY);
    const answer = await answered(upstream, call(target));
    (await peer).end("sk-te");
    expect(await text(answer)).toBe("no sk-test-01sk-te");
  });
});

describe("back-pressure", () => {
  const MIB = Buffer.alloc(1 << 20, "x");

  test("stops the provider when nobody reads, and loses nothing when somebody does", async () => {
    let written = 0;
    const server = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${32 * MIB.length}\r\n\r\n`);
      const more = (): void => {
        for (let room = true; room && written < 32; written++) room = socket.write(MIB);
        if (written < 32) socket.once("drain", more);
      };
      more();
    });
    const target = targetAt(server.url);
    const upstream = upstreamOf([target]);
    open.push(upstream, server);
    const answer = await answered(upstream, call(target));
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What the two kernels hold for a connection on loopback is below this by far.
    expect(written).toBeLessThan(24);
    let bytes = 0;
    for (let piece = await answer.body.next(); piece !== null; piece = await answer.body.next()) {
      expect(piece.length).toBeLessThanOrEqual(4 * 65_536);
      bytes += piece.length;
    }
    expect(bytes).toBe(32 * MIB.length);
  });

  test.each([
    "connection: close\r\n",
    "content-length: 99999999\r\n",
    "connection: close\r\ntransfer-encoding: chunked\r\n",
  ])("is no way to bring the process down: a reset while nobody reads an answer with %j", async (framing) => {
    const failures: unknown[] = [];
    const caught = (error: unknown): void => void failures.push(error);
    process.on("uncaughtException", caught);
    const body = framing.includes("chunked") ? "186a0\r\n" : "";
    for (const bytes of [10_000, 70_000, 90_000]) {
      const { target, upstream, peer } = await liar(
        `HTTP/1.1 200 OK\r\n${framing}\r\n${body}${"x".repeat(bytes)}`,
      );
      const answer = await answered(upstream, call(target));
      (await peer).resetAndDestroy();
      for (let turns = 0; turns < 4; turns++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        await answer.body.next().catch(() => null);
      }
    }
    process.off("uncaughtException", caught);
    expect(failures).toEqual([]);
  });

  test("leaves no connection shut for the call after", async () => {
    const body = "x".repeat(200_000);
    const { target, upstream } = await liar(`HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n${body}`);
    for (let i = 0; i < 5; i++) {
      const answer = await answered(upstream, call(target));
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect((await text(answer)).length).toBe(200_000);
    }
  });
});
