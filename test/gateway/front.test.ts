/** What a caller gets through the front, and what it is told. */

import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { createSecret } from "../../src/gateway/secret.js";
import { CA, SERVER_CERT, SERVER_KEY, STRANGER_CERT, STRANGER_KEY } from "./certificates.js";
import {
  BODY,
  BOUNDS,
  everything,
  frontPlan,
  GERMAN,
  get,
  held,
  jsonOf,
  KEPT,
  listenerPlan,
  post,
  type RunningFront,
  startFront,
  statusOf,
  stopFronts,
  until,
} from "./fronts.js";

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

describe("a path", () => {
  it.each([
    ["/v1/chat/completions", "chat", "openai", "/chat/completions"],
    ["/v1/completions", "completions", "openai", "/completions"],
    ["/v1/responses", "responses", "openai", "/responses"],
    ["/v1/embeddings", "embeddings", "openai", "/embeddings"],
    ["/v1/messages", "messages", "anthropic", "/messages"],
    ["/v1/messages?beta=true", "messages", "anthropic", "/messages?beta=true"],
    ["/v1/messages?beta=true&x=1", "messages", "anthropic", "/messages"],
    ["/v1/chat/completions?origin=US&api-version=1", "chat", "openai", "/chat/completions"],
  ])("%s asks for %s in the dialect %s", async (path, operation, dialect, passed) => {
    const front = await startFront();
    expect(statusOf(await front.send(post(BODY, { path })))).toBe(200);
    expect(front.asked[0]).toMatchObject({ operation, dialect, path: passed });
  });

  it.each([
    "/",
    "/v1",
    "/v1/files",
    "/v1/chat/completions/",
    "/v1/chat/completions/x",
    "/V1/chat/completions",
    "/metrics",
    "/admin",
  ])("%s leads nowhere", async (path) => {
    const front = await startFront();
    const answer = await front.send(post(BODY, { path }));
    expect([statusOf(answer), front.turnedAway]).toEqual([404, ["unknown-path"]]);
    expect(jsonOf(answer)).toMatchObject({ error: { code: "unknown_path", type: "invalid_request_error" } });
  });

  it.each(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])(
    "with %s is not posted to",
    async (method) => {
      const front = await startFront();
      const answer = await front.send(get("/v1/responses").replace("GET", method));
      expect([statusOf(answer), front.turnedAway]).toEqual([405, ["bad-method"]]);
    },
  );
});

describe("models", () => {
  const ids = (answer: string): unknown =>
    (jsonOf(answer) as { data: { id: string }[] }).data.map(({ id }) => id);

  it("are listed where something may lawfully serve them", async () => {
    const front = await startFront();
    const answer = await front.send(get("/v1/models"));
    expect(jsonOf(answer)).toMatchObject({
      object: "list",
      data: [{ object: "model" }, { object: "model" }],
    });
    expect(ids(answer)).toEqual(["small", "large"]);
    expect(ids(await front.send(get("/v1/models", ["X-Regionsim-Only: fr-1"])))).toEqual(["small"]);
    expect(ids(await front.send(get("/v1/models", ["X-Regionsim-Origin: XX"])))).toEqual([]);
  });

  it("are listed in the words of whoever asks", async () => {
    const front = await startFront();
    const answer = await front.send(get("/v1/models?limit=20", ["anthropic-version: 2023-06-01"]));
    expect(jsonOf(answer)).toMatchObject({
      data: [
        { type: "model", id: "small" },
        { type: "model", id: "large" },
      ],
      has_more: false,
      first_id: "small",
      last_id: "large",
    });
  });

  it("that a caller may not use look like those that do not exist", async () => {
    const front = await startFront();
    expect(jsonOf(await front.send(get("/v1/models/small")))).toMatchObject({ id: "small" });
    const [forbidden, unknown] = [
      await front.send(get("/v1/models/secret-us")),
      await front.send(get("/v1/models/no-such")),
    ];
    expect([statusOf(forbidden), jsonOf(forbidden)]).toEqual([404, jsonOf(unknown)]);
    expect(jsonOf(unknown)).toMatchObject({ error: { code: "model_not_found" } });
  });

  it.each([
    ["/v1/chat/completions", { error: { code: "model_not_found", type: "invalid_request_error" } }],
    ["/v1/messages", { type: "error", error: { type: "not_found_error", code: "model_not_found" } }],
  ])("that do not exist are not asked at %s", async (path, error) => {
    for (const model of ["no-such", "__proto__", "constructor", ""]) {
      const front = await startFront();
      const answer = await front.send(post(JSON.stringify({ model }), { path }));
      expect(statusOf(answer)).toBe(404);
      expect(jsonOf(answer)).toMatchObject(error);
      expect(front.asked).toEqual([]);
    }
  });
});

describe("another plan", () => {
  const tls = (cert: string, key: string) => ({ cert, key: createSecret(key), clientCa: null });

  it("counts from the next request on, and the connection stays", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const socket = front.open();
    socket.write(KEPT);
    const first = await next();
    const american = { from: "listener", identity: { ...GERMAN, origin: "US" } } as const;
    const prepared = await front.front.prepare(
      frontPlan({ listeners: [listenerPlan({ identity: american })], bounds: { ...BOUNDS, bodyBytes: 17 } }),
    );
    expect(prepared.commit()[0]!.port).toBe(front.port);
    const answers = until(socket, "rate_limit_rpm");
    socket.write(KEPT);
    const second = await next();
    expect([first, second].map(({ asked }) => asked.caller.identity.origin)).toEqual(["DE", "US"]);
    for (const { reply, done } of [first, second]) {
      reply.refuse({ status: 429, cause: "rate_limit_rpm", message: "x", retryAfterMs: 0 });
      done();
    }
    await answers;
    expect(statusOf(await front.send(post(`${BODY} `)))).toBe(413);
  });

  it("opens what it has more and closes what it has no more", async () => {
    const front = await startFront();
    const prepared = await front.front.prepare(frontPlan({ listeners: [listenerPlan({ id: "other" })] }));
    expect(statusOf(await front.send(get("/v1/models")))).toBe(200);
    const [other] = prepared.commit();
    expect(other).toMatchObject({ id: "other", host: "127.0.0.1", tls: false });
    const socket = connect(other!.port, "127.0.0.1");
    socket.write(get("/v1/models"));
    expect(statusOf(await everything(socket))).toBe(200);
    await expect(once(connect(front.port, "127.0.0.1"), "connect")).rejects.toThrow();
  });

  it("that lacks a listener lets what is under way there end, until the front itself is closed", async () => {
    const { exchange, next } = held();
    const front = await startFront(frontPlan(), exchange);
    const [ends, stays] = [front.open(), front.open()];
    ends.write(KEPT);
    const first = await next();
    stays.write(KEPT);
    const second = await next();
    (await front.front.prepare(frontPlan({ listeners: [] }))).commit();
    const answers = [everything(ends), everything(stays)];
    first.reply.refuse({ status: 503, cause: "queue_full", message: "x", retryAfterMs: 0 });
    first.done();
    expect(await answers[0]).toMatch(/connection: close/i);
    expect(second.asked.gone.aborted).toBe(false);
    await front.front.close(0);
    expect(await answers[1]).toBe("");
    second.done();
  });

  it("whose address is taken changes nothing, and leaves nothing open", async () => {
    const [front, taken, closed] = [await startFront(), await startFront(), await startFront()];
    await closed.front.close(0);
    const more = [
      listenerPlan(),
      listenerPlan({ id: "free", port: closed.port }),
      listenerPlan({ id: "taken", port: taken.port }),
    ];
    await expect(front.front.prepare(frontPlan({ listeners: more }))).rejects.toThrow("EADDRINUSE");
    expect(statusOf(await front.send(get("/v1/models")))).toBe(200);
    await expect(once(connect(closed.port, "127.0.0.1"), "connect")).rejects.toThrow("ECONNREFUSED");
  });

  it("that is thought better of gives its addresses back", async () => {
    const front = await startFront();
    const holder = await startFront();
    await holder.front.close(0);
    const plan = frontPlan({ listeners: [listenerPlan(), listenerPlan({ id: "b", port: holder.port })] });
    await (await front.front.prepare(plan)).discard();
    await (await front.front.prepare(plan)).discard();
    expect(statusOf(await front.send(get("/v1/models")))).toBe(200);
  });

  it("brings its certificate to new connections, and one that is none is refused", async () => {
    const plan = (cert: string, key: string) =>
      frontPlan({ listeners: [listenerPlan({ tls: tls(cert, key) })] });
    const front: RunningFront = await startFront(plan(SERVER_CERT, SERVER_KEY));
    const nameSeen = async (): Promise<unknown> => {
      const socket = connectTls({ host: "127.0.0.1", port: front.port, ca: CA, rejectUnauthorized: false });
      await once(socket, "secureConnect");
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      return subject.CN;
    };
    expect(await nameSeen()).toBe("server.test");
    await expect(front.front.prepare(plan("no certificate", SERVER_KEY))).rejects.toThrow();
    await expect(front.front.prepare(frontPlan())).rejects.toThrow("must keep its kind of TLS");
    (await front.front.prepare(plan(STRANGER_CERT, STRANGER_KEY))).commit();
    expect(await nameSeen()).toBe("stranger.test");
  });
});
