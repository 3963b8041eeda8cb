import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { createSecret } from "../../src/gateway/secret.js";
import { retrying, targetPlan } from "./exchangeWorld.js";
import { answer, Provider, wellMannered } from "./hostileProvider.js";
import { UPSTREAM_CASES } from "./hostileUpstreams.js";
import { HostileWorld, post, question, statuses } from "./hostileWorld.js";
import { KEYS, REGIONS_POLICY } from "./regions.js";

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function worldOf(more: Partial<GatewayPlan> = {}): Promise<HostileWorld> {
  const world = await HostileWorld.open(more);
  ending.push(() => world.close());
  return world;
}

describe("a gateway that retries, hedges and fails open crosses no mask", () => {
  let world: HostileWorld;
  beforeAll(async () => {
    const hedge = { afterMs: 30, extraCalls: 1, ratio: 1 };
    world = await HostileWorld.open({
      caller: { ...retrying(2), hedge },
      policy: { ...REGIONS_POLICY, failOpen: true },
    });
  });
  afterAll(() => world.close());

  for (const one of UPSTREAM_CASES) {
    test(`where ${one.name}`, { timeout: 30_000 }, async () => {
      world.begin(one);
      // What its callers see depends on the tries: that is asserted where there is one.
      await one.run(world).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== "AssertionError") throw error;
      });
      await world.settled({ ...one, arrivals: "any" });
    });
  }
});

describe("an endpoint that asks for time", () => {
  const values = [
    "1e308",
    "99999999999999",
    "-5",
    "NaN",
    "Thu, 01 Jan 2999 00:00:00 GMT",
    "tomorrow",
    "0",
    "",
  ];
  for (const value of values) {
    test(`in the words ${JSON.stringify(value)} is left alone for a day at most`, async () => {
      const world = await worldOf();
      world.de.manner = (socket) => void socket.write(answer("{}", [`retry-after: ${value}`], "429 Slow"));
      const text = await world.send(post(question("throttled")));
      expect(statuses(text)).toEqual([429]);
      const seconds = /^retry-after: (.*)\r$/im.exec(text)?.[1];
      if (seconds !== undefined) expect(Number(seconds)).toBeLessThanOrEqual(86_400);
      if (seconds !== undefined) expect(Number(seconds)).toBeGreaterThan(0);
      world.de.manner = wellMannered;
      expect([200, 429, 503]).toContain(statuses(await world.send(post(question("after"))))[0]);
      expect(world.us.arrivals).toEqual([]);
      expect(statuses(await world.send(post(question("elsewhere")), "US"))).toEqual([200]);
    });
  }
});

describe("an endpoint over TLS", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "certificates-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function certificateFor(names: string): { readonly cert: string; readonly key: string } {
    const at = (name: string): string => join(folder, name);
    const subject = ["-subj", "/CN=test", "-addext", `subjectAltName=${names}`];
    const made = [
      "req",
      "-x509",
      "-nodes",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-days",
      "2",
    ];
    execFileSync("openssl", [...made, ...subject, "-keyout", at("key"), "-out", at("cert")], {
      stdio: "ignore",
    });
    return { cert: readFileSync(at("cert"), "utf8"), key: readFileSync(at("key"), "utf8") };
  }

  /** What becomes of a question to an endpoint with such a certificate, and how many requests it saw. */
  async function asked(
    names: string,
    isTrusted: boolean,
  ): Promise<{ status: number | undefined; seen: number }> {
    const { cert, key } = certificateFor(names);
    let seen = 0;
    const server = https.createServer({ cert, key }, (_request, response) => {
      seen += 1;
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ending.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const us = await new Provider().open();
    ending.push(() => us.close());
    const de = targetPlan("de", { url, key: createSecret(KEYS.de), ca: isTrusted ? cert : null });
    const world = await worldOf({ targets: [targetPlan("us", { url: us.url }), de] });
    const status = statuses(await world.send(post(question("secret"))))[0];
    expect(us.arrivals).toEqual([]);
    return { status, seen };
  }

  test("is asked when its certificate is signed by an authority of its own and names it", async () => {
    expect(await asked("IP:127.0.0.1", true)).toEqual({ status: 200, seen: 1 });
  });

  test("is sent nothing when its certificate is of another name", async () => {
    expect(await asked("DNS:other.example", true)).toEqual({ status: 502, seen: 0 });
  });

  test("is sent nothing when nobody vouches for its certificate", async () => {
    expect(await asked("IP:127.0.0.1", false)).toEqual({ status: 502, seen: 0 });
  });

  test("is sent nothing though the environment says that certificates do not matter", async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      expect(await asked("IP:127.0.0.1", false)).toEqual({ status: 502, seen: 0 });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });
});
