/** Bodies: pieces, ends, expectations, and the law that comes before them. */
import { afterEach, describe, expect, it } from "vitest";
import {
  answerOk,
  BODY,
  BOUNDS,
  everything,
  frontPlan,
  jsonOf,
  listenerPlan,
  post,
  startFront,
  statusOf,
  stopFronts,
  until,
} from "./fronts.js";

afterEach(stopFronts);

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

  it("finds no room while another fills it, is told so with 503, and finds room once that one is over", async () => {
    const front = await startFront(frontPlan({ bounds: { ...BOUNDS, bodiesBytes: 1_000 } }));
    const filling = front.open();
    const long = `{"model":"small","p":"${" ".repeat(2_000)}"}`;
    // The only body there is may be longer than all of them together.
    filling.write(post(long).slice(0, -5));
    await expect.poll(async () => statusOf(await front.send(post(BODY)))).toBe(503);
    expect(front.turnedAway).toContain("no-room");
    filling.write(post(long).slice(-5));
    expect(await until(filling, '{"ok":true}')).toContain("HTTP/1.1 200");
    expect(statusOf(await front.send(post(BODY)))).toBe(200);
    const gone = front.open();
    gone.end(post(long).slice(0, -5));
    await everything(gone);
    expect(statusOf(await front.send(post(BODY)))).toBe(200);
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
    const sent = new Promise((resolve) => socket.write(post(body), resolve));
    expect(statusOf(await answer)).toBe(451);
    // A reset could take the answer away before it is read, so all that was sent is taken.
    expect(await sent).toBeFalsy();
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
