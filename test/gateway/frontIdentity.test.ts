/** Who a caller is: by proof alone. */
import { createHash, createHmac } from "node:crypto";
import { connect as connectTls } from "node:tls";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createIdentify } from "../../src/gateway/front/identity.js";
import { isTurnAway } from "../../src/gateway/front/turnAway.js";
import type { IdentityPlan } from "../../src/gateway/plan.js";
import { createSecret } from "../../src/gateway/secret.js";
import {
  CA,
  CLIENT_CERT,
  CLIENT_KEY,
  SERVER_CERT,
  SERVER_KEY,
  STRANGER_CERT,
  STRANGER_KEY,
} from "./certificates.js";
import {
  BODY,
  everything,
  frontPlan,
  GERMAN,
  get,
  jsonOf,
  listenerPlan,
  post,
  startFront,
  statusOf,
  stopFronts,
} from "./fronts.js";

afterEach(stopFronts);

const SECRET = "a secret shared with the edge";
const NOW_S = 1_800_000_000;
const NOW = { unixMs: () => NOW_S * 1000 };
const SIGNED: IdentityPlan = { from: "header", secret: createSecret(SECRET), maxAgeMs: 60_000 };

function signed(text = `v1;origin=DE;class=chat;tenant=acme;at=${NOW_S}`, secret = SECRET): string {
  return `${text};signature=${createHmac("sha256", secret).update(text).digest("hex")}`;
}

function at(seconds: number): string {
  return signed(`v1;origin=DE;class=chat;tenant=acme;at=${seconds}`);
}

function planFor(identity: IdentityPlan): ReturnType<typeof frontPlan> {
  return frontPlan({ listeners: [listenerPlan({ identity })] });
}

describe("a signed identity", () => {
  const identify = createIdentify(listenerPlan({ identity: SIGNED }), frontPlan());
  const who = (...lines: readonly string[]) =>
    identify({ linesOf: () => lines, socket: {}, unixMs: NOW_S * 1000 });

  it("is believed", () => {
    expect(who(signed())).toEqual({ identity: GERMAN, name: "public" });
  });

  it("without a tenant is its class's own", () => {
    expect(who(signed(`v1;origin=DE;class=health;at=${NOW_S}`))).toEqual({
      identity: { origin: "DE", dataClass: "health", tenant: "acme" },
      name: "public",
    });
  });

  it.each([
    ["origin", "FR", `v1;origin=FR;class=chat;tenant=acme;at=${NOW_S}`],
    ["class", "Chat", `v1;origin=DE;class=Chat;at=${NOW_S}`],
    ["tenant", "default", `v1;origin=DE;class=chat;tenant=default;at=${NOW_S}`],
  ])(
    "whose %s is none of the deployment's is told so, and only if it is signed",
    async (field, value, text) => {
      const front = await startFront(planFor(SIGNED), undefined, NOW);
      const headers = [`X-Regionsim-Identity: ${signed(text)}`];
      const answer = await front.send(post(BODY, { headers }));
      expect(statusOf(answer)).toBe(403);
      expect(answer).toContain("x-should-retry: false\r\n");
      expect(jsonOf(answer)).toMatchObject({
        error: {
          type: "permission_error",
          code: "identity_unknown",
          message: expect.stringContaining(`${field} "${value}"`),
        },
      });
      const messages = await front.send(post(BODY, { headers, path: "/v1/messages" }));
      expect(jsonOf(messages)).toMatchObject({ type: "error", error: { type: "permission_error" } });
      expect(front.early.at(-1)).toMatchObject({ ending: "refused", status: 403, code: "identity_unknown" });
      const forged = [`X-Regionsim-Identity: ${signed(text, "another secret")}`];
      expect(statusOf(await front.send(post(BODY, { headers: forged })))).toBe(401);
      expect([front.asked, front.turnedAway]).toEqual([
        [],
        ["unknown-identity", "unknown-identity", "bad-signature"],
      ]);
    },
  );

  it.each([
    ["no-proof", []],
    ["ambiguous-proof", [signed(), signed()]],
    ["stale-proof", [at(NOW_S - 61)]],
    ["bad-signature", [signed(undefined, "another secret")]],
    ["bad-proof", ["DE"]],
  ])("that is refused for %s is told apart for the operator alone", (reason, lines) => {
    const told = who(...lines);
    expect(told).toMatchObject({
      reason,
      status: 401,
      code: "invalid_credentials",
      message: "The caller is not known.",
    });
    expect(told).not.toHaveProperty("caller");
  });

  it.each([
    ["is missing", []],
    ["is there twice", [signed(), signed()]],
    ["is older than it may be", [at(NOW_S - 61)]],
    ["is from the future", [at(NOW_S + 6)]],
    ["is signed with another secret", [signed(undefined, "another secret")]],
    ["has its tenant left out after it was signed", [signed().replace("tenant=acme;", "")]],
    ["is not signed", ["v1;origin=DE;class=chat;tenant=acme;at=1800000000"]],
    ["is signed with nothing", [signed().replace(/signature=.*/, "signature=")]],
    ["has half a signature", [signed().slice(0, -32)]],
    ["has its signature in capitals", [signed().replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase())]],
    ["has something after its signature", [`${signed()};class=health`]],
    ["has a member twice", [signed(`v1;origin=DE;origin=US;class=chat;tenant=acme;at=${NOW_S}`)]],
    ["has its members in another order", [signed(`v1;class=chat;origin=DE;tenant=acme;at=${NOW_S}`)]],
    ["has no country", [signed(`v1;origin=;class=chat;tenant=acme;at=${NOW_S}`)]],
    ["is of another version", [signed(`v2;origin=DE;class=chat;tenant=acme;at=${NOW_S}`)]],
  ])("that %s is nobody's", (_name, lines) => {
    expect(who(...lines)).toMatchObject({ kind: "turn-away", status: 401 });
  });

  it("still counts at the very end of its time, and as early as clocks differ", () => {
    expect([who(at(NOW_S - 60)), who(at(NOW_S + 5))]).toMatchObject([
      { identity: GERMAN },
      { identity: GERMAN },
    ]);
  });

  it("that differs by a byte from one that was signed is nobody's", () => {
    const good = signed();
    fc.assert(
      fc.property(
        fc.nat(good.length),
        fc.constantFrom("replace", "insert", "delete"),
        fc.integer({ min: 0, max: 255 }),
        (place, how, code) => {
          const byte = String.fromCharCode(code);
          const head = good.slice(0, place);
          const changed = {
            replace: head + byte + good.slice(place + 1),
            insert: head + byte + good.slice(place),
            delete: head + good.slice(place + 1),
          }[how];
          return changed === good || isTurnAway(who(changed));
        },
      ),
      { seed: 6, numRuns: 2_000 },
    );
  });

  it("is asked of every request of a listener that wants one, before anything else is said", async () => {
    const front = await startFront(planFor(SIGNED), undefined, NOW);
    const header = `X-Regionsim-Identity: ${signed()}`;
    expect(statusOf(await front.send(post(BODY, { headers: [header] })))).toBe(200);
    expect(front.asked[0]!.headers.map(([name]) => name)).toEqual(["content-type"]);
    const refused = await Promise.all([
      front.send(post(BODY)),
      front.send(post(BODY, { headers: [header, header] })),
      front.send(get("/v1/models")),
      front.send(get("/v1/models/small")),
      front.send(get("/nothing/here")),
      front.send(post(BODY, { path: "/v1/embeddings", headers: ["Authorization: Bearer x"] })),
    ]);
    expect(new Set(refused.map(statusOf))).toEqual(new Set([401]));
    expect(new Set(refused.map((answer) => JSON.stringify(jsonOf(answer)))).size).toBe(1);
    expect(front.asked).toHaveLength(1);
  });

  it("has no effect at a listener that is not told to look for one", async () => {
    const front = await startFront(undefined, undefined, NOW);
    const american = signed(`v1;origin=US;class=chat;tenant=acme;at=${NOW_S}`);
    await front.send(post(BODY, { headers: [`X-Regionsim-Identity: ${american}`] }));
    expect(front.asked[0]).toMatchObject({ caller: { identity: GERMAN }, only: undefined });
  });
});

describe("an API key", () => {
  const record = (key: string, name: string, origin: string) => {
    const sha256 = createHash("sha256").update(key).digest("hex");
    return [sha256, { name, sha256, identity: { ...GERMAN, origin } }] as const;
  };
  const plan = planFor({
    from: "api-key",
    records: new Map([record("key-de", "berlin", "DE"), record("key-us", "boston", "US")]),
  });

  it.each([
    ["Authorization: Bearer key-us", "boston"],
    ["authorization: bearer  key-us", "boston"],
    ["X-Api-Key: key-de", "berlin"],
    ["api-key: key-de", "berlin"],
  ])("%s is known as %s and goes no further", async (header, name) => {
    const front = await startFront(plan);
    expect(statusOf(await front.send(post(BODY, { headers: [header] })))).toBe(200);
    expect(front.asked[0]!.caller.name).toBe(name);
    expect(JSON.stringify(front.asked[0]!.headers)).not.toContain("key-");
  });

  it("counts when it is there twice and the same, in the ways of both dialects", async () => {
    const front = await startFront(plan);
    const headers = ["Authorization: Bearer key-us", "X-Api-Key: key-us"];
    expect(statusOf(await front.send(post(BODY, { headers })))).toBe(200);
  });

  it.each([
    [[], "no-proof"],
    [["Authorization: Bearer key-xx"], "unknown-key"],
    [["Authorization: Basic key-us"], "unknown-key"],
    [["Authorization: key-us"], "unknown-key"],
    [["Authorization: Bearer key-us key-us"], "unknown-key"],
    [["X-Api-Key: key-us " + "x"], "unknown-key"],
    [["X-Api-Key: "], "unknown-key"],
    [["Authorization: Bearer key-us", "X-Api-Key: key-de"], "ambiguous-proof"],
    [["X-Api-Key: key-us", "X-Api-Key: key-de"], "ambiguous-proof"],
    [["Authorization: Bearer key-us", "Authorization: Basic eA=="], "ambiguous-proof"],
    [["Cookie: api-key=key-us"], "no-proof"],
  ])("%j is nobody's", async (headers, reason) => {
    const front = await startFront(plan);
    expect(statusOf(await front.send(post(BODY, { headers })))).toBe(401);
    expect([front.asked, front.turnedAway]).toEqual([[], [reason]]);
    expect(front.early).toEqual([]);
  });
});

describe("a client certificate", () => {
  const fingerprint = createHash("sha256")
    .update(Buffer.from(CLIENT_CERT.replace(/-----.*-----|\s/g, ""), "base64"))
    .digest("hex");
  const tls = { cert: SERVER_CERT, key: createSecret(SERVER_KEY), clientCa: CA };
  const plan = (sha256: string) =>
    frontPlan({
      listeners: [
        listenerPlan({
          tls,
          identity: {
            from: "client-certificate",
            records: new Map([[sha256, { name: "ward", sha256, identity: GERMAN }]]),
          },
        }),
      ],
    });
  const ask = async (sha256: string, options: object) => {
    const front = await startFront(plan(sha256));
    const socket = connectTls({ host: "127.0.0.1", port: front.port, ca: CA, ...options });
    socket.on("error", () => {});
    socket.write(post(BODY));
    const answer = await everything(socket);
    return { front, answer };
  };

  it("that is on record says who it is", async () => {
    const { front, answer } = await ask(fingerprint, { cert: CLIENT_CERT, key: CLIENT_KEY });
    expect(statusOf(answer)).toBe(200);
    expect(front.asked[0]!.caller).toEqual({ identity: GERMAN, name: "ward" });
  });

  it("that is good but on nobody's record is 401", async () => {
    const { answer } = await ask("0".repeat(64), { cert: CLIENT_CERT, key: CLIENT_KEY });
    expect(statusOf(answer)).toBe(401);
  });

  it.each([
    ["of a stranger", { cert: STRANGER_CERT, key: STRANGER_KEY }],
    ["that is not there", {}],
    ["over a TLS of old", { cert: CLIENT_CERT, key: CLIENT_KEY, maxVersion: "TLSv1.1", minVersion: "TLSv1" }],
  ])("%s gets no connection", async (_name, options) => {
    const { front, answer } = await ask(fingerprint, options);
    expect([answer, front.asked]).toEqual(["", []]);
  });

  it("is not asked of plain HTTP, which gets no answer at its address", async () => {
    const front = await startFront(plan(fingerprint));
    expect(await front.send(post(BODY))).not.toContain("HTTP/1.1 200");
    expect(front.turnedAway).toEqual(["bad-tls"]);
  });
});
