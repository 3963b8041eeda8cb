/** Requests that are on their way while the plan becomes another: who they are and where they may go is asked again. */
import { createHash } from "node:crypto";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { createServing } from "../../src/gateway/front/serving.js";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { createSecret } from "../../src/gateway/secret.js";
import { CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from "./certificates.js";
import {
  BODY,
  everything,
  frontPlan,
  GERMAN,
  KEPT,
  listenerPlan,
  post,
  type RunningFront,
  reachable,
  startFront,
  statusOf,
  stopFronts,
  until,
} from "./fronts.js";

afterEach(stopFronts);

const SHA256 = createHash("sha256").update("key-de").digest("hex");

function knowing(...origins: readonly string[]): GatewayPlan {
  const records = new Map(
    origins.map((origin) => [SHA256, { name: origin, sha256: SHA256, identity: { ...GERMAN, origin } }]),
  );
  return frontPlan({ listeners: [listenerPlan({ identity: { from: "api-key", records } })] });
}

/** Sends a request whose plan becomes `next` between its head and its body; gives the answer. */
async function acrossReload(
  next: GatewayPlan,
  more: readonly string[] = [],
): Promise<{ readonly front: RunningFront; readonly answer: string }> {
  let judged = (): void => {};
  const isJudged = new Promise<void>((resolve) => {
    judged = resolve;
  });
  const front = await startFront(knowing("DE"), undefined, {
    reachableAny: (origin, dataClass) => {
      judged();
      return reachable(origin, dataClass, "small").length > 0;
    },
  });
  const text = post(BODY, { headers: ["X-Api-Key: key-de", ...more] });
  const socket = front.open();
  const answer = everything(socket);
  socket.write(text.slice(0, -3));
  await isJudged;
  (await front.front.prepare(next)).commit();
  socket.write(text.slice(-3));
  return { front, answer: await answer };
}

describe("a request whose body is still to come when another plan comes into force", () => {
  it("is served when nothing about it has changed", async () => {
    const { front, answer } = await acrossReload(knowing("DE"));
    expect([statusOf(answer), front.asked.length]).toEqual([200, 1]);
  });

  it("is nobody's once the record of its caller is gone", async () => {
    const { front, answer } = await acrossReload(knowing());
    expect([statusOf(answer), front.asked]).toEqual([401, []]);
  });

  it("is the request of whom its caller is known as now", async () => {
    const { front } = await acrossReload(knowing("US"));
    expect(front.asked[0]!.caller.identity.origin).toBe("US");
  });

  it("is refused where nothing is lawful for it any more", async () => {
    const { front, answer } = await acrossReload(knowing("CN"));
    expect([statusOf(answer), front.asked]).toEqual([451, []]);
  });

  it("stays within what is lawful now for its caller and for all it claims", async () => {
    const { front } = await acrossReload(knowing("US"), ["X-Regionsim-Origin: DE"]);
    expect(front.asked[0]!.only).toEqual(["fr-1"]);
  });
});

describe("a record that is taken away", () => {
  it("is of no use on a connection that stands, whose certificate was read before", async () => {
    const sha256 = createHash("sha256")
      .update(Buffer.from(CLIENT_CERT.replace(/-----.*-----|\s/g, ""), "base64"))
      .digest("hex");
    const tls = { cert: SERVER_CERT, key: createSecret(SERVER_KEY), clientCa: CA };
    const plan = (...known: readonly string[]): GatewayPlan => {
      const records = new Map(known.map((of) => [of, { name: "ward", sha256: of, identity: GERMAN }]));
      return frontPlan({
        listeners: [listenerPlan({ tls, identity: { from: "client-certificate", records } })],
      });
    };
    const front = await startFront(plan(sha256));
    const options = { host: "127.0.0.1", port: front.port, ca: CA, cert: CLIENT_CERT, key: CLIENT_KEY };
    const socket = connectTls(options).on("error", () => {});
    socket.write(KEPT);
    expect(statusOf(await until(socket, "}"))).toBe(200);
    (await front.front.prepare(plan())).commit();
    socket.write(post(BODY));
    expect(statusOf(await everything(socket))).toBe(401);
    expect(front.asked).toHaveLength(1);
  });

  it("with its address does not pass to another address of its name, which trusts whoever reaches it", () => {
    const before = listenerPlan({ identity: { from: "api-key", records: new Map() }, port: 1 });
    const trusting = listenerPlan({ port: 2 });
    const { identifyBy } = createServing(frontPlan({ listeners: [trusting] }));
    const shown = { linesOf: () => [], socket: {}, unixMs: 0 };
    expect(identifyBy(trusting)(shown)).toMatchObject({ identity: GERMAN });
    expect(identifyBy(before)(shown)).toMatchObject({ reason: "no-proof" });
  });
});

describe("a head of very many lines", () => {
  const filler = (count: number): string[] => Array.from({ length: count }, (_, i) => `X${i}: 1`);

  it("is refused, since those beyond the parser's count would be lost, and with them what narrows", async () => {
    const front = await startFront();
    const headers = [...filler(200), "X-Regionsim-Class: health"];
    expect(statusOf(await front.send(post(BODY, { headers })))).toBe(431);
    expect([front.asked, front.turnedAway]).toEqual([[], ["header-too-long"]]);
  });

  it("that keeps within the count has its last line read", async () => {
    const front = await startFront();
    const headers = [...filler(150), "X-Regionsim-Class: health"];
    expect(statusOf(await front.send(post(BODY, { headers })))).toBe(200);
    expect(front.asked[0]!.only).toEqual(["de-1"]);
  });
});
