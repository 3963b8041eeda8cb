/** What an operator is told as it happens: endpoints that go and come back and why, and how a gateway ends. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Observer } from "../../src/gateway/observe.js";
import { Endpoints } from "../../src/gateway/session/endpoints.js";
import { plan, TWO_REGIONS } from "./exchangeWorld.js";
import {
  chat,
  closeAll,
  gatewayPlan,
  POLICY,
  PROBED,
  type Providers,
  providers,
  started,
  urlOf,
} from "./gatewayWorld.js";
import { secret, targetAt } from "./upstreams.js";

afterEach(closeAll);

/** Generous: a busy machine must not fail what is only waited for. */
const SOON = { timeout: 20_000, interval: 10 };
const ADMIN = { host: "127.0.0.1", port: 0 };

async function told(both: Providers, more: Parameters<typeof gatewayPlan>[1] = {}) {
  const said: string[] = [];
  const plan = gatewayPlan(both, more);
  const gateway = await started(plan, (sentence) => said.push(sentence));
  const state = async () =>
    (await (await fetch(`${urlOf(gateway, "admin")}/state`)).json()) as { targets: { since: string }[] };
  return { gateway, said, plan, state };
}

describe("an endpoint", () => {
  it("is told to be down with the reason, once, and to be up again", async () => {
    const both = await providers();
    const { said, state } = await told(both, { health: PROBED, admin: ADMIN });
    await both.eu.received(2);
    both.eu.answer({ status: 401, body: "sk-secret is wrong" });
    await vi.waitFor(() => expect(said).toHaveLength(1), SOON);
    const sentAt = both.eu.requests.length;
    await both.eu.received(sentAt + 3);
    expect(said).toEqual(["endpoint eu is believed down: 401 from /models: is the key right?"]);
    const down = (await state()).targets[1];
    expect(down).toMatchObject({ id: "eu", up: false, why: "401 from /models: is the key right?" });
    both.eu.answer({});
    await vi.waitFor(() => expect(said).toHaveLength(2), SOON);
    expect(said[1]).toBe("endpoint eu is believed up again");
    const up = (await state()).targets[1];
    expect(up).toMatchObject({ up: true, why: null });
    expect(Date.parse(up!.since)).toBeGreaterThan(Date.parse(down!.since));
  });

  it("that has never answered well is told at its first failed probe, before it is believed down", async () => {
    const both = await providers();
    both.us.answer({ status: 404 });
    const { said } = await told(both, {
      health: PROBED,
      policy: { ...POLICY, health: { fall: 3, rise: 1 } },
    });
    await vi.waitFor(() => expect(said.length).toBeGreaterThan(1), SOON);
    const why = "404 from /models: set upstreams.us.probe";
    expect(said.slice(0, 2)).toEqual([
      `endpoint us has not answered a probe yet: ${why}`,
      `endpoint us is believed down: ${why}`,
    ]);
  });

  it("that refuses our key is told once, until it takes it again", async () => {
    const both = await providers();
    const keyed = {
      targets: [
        targetAt(both.us.url, { id: "us", key: secret("sk-1") }),
        targetAt(both.eu.url, { id: "eu" }),
      ],
    };
    both.us.answer({ status: 401 });
    const { gateway, said } = await told(both, keyed);
    for (let i = 0; i < 3; i++) await (await chat(gateway, "from-us")).text();
    expect(said).toEqual(["endpoint us answers requests with 401: is the key right?"]);
    both.us.answer({});
    await (await chat(gateway, "from-us")).text();
    expect(said.slice(1)).toEqual(["endpoint us takes the key again"]);
    expect(said.join()).not.toContain("sk-1");
  });
});

it("an endpoint that has been well is not told at every probe that fails, but when it is believed down", () => {
  const said: string[] = [];
  const ignore = (): void => {};
  const observer: Observer = {
    requestEnded: ignore,
    endedEarly: ignore,
    callEnded: ignore,
    turnedAway: ignore,
    probed: ignore,
  };
  const { probed } = new Endpoints((sentence) => said.push(sentence)).beside(observer, plan(TWO_REGIONS));
  const failed = { ok: false, trouble: "connection_refused", why: "connection refused" } as const;
  probed(1, { ok: true }, false, 1);
  probed(1, failed, false, 1);
  expect(said).toEqual([]);
  probed(1, failed, true, 1);
  expect(said).toEqual(["endpoint de is believed down: connection refused"]);
});

describe("a gateway whose time to drain is up", () => {
  it("cuts a stream as its own doing: not the provider's error, and its caller sees that it broke off", async () => {
    const folder = mkdtempSync(join(tmpdir(), "operator-"));
    const both = await providers();
    both.us.answer({ outputTokens: 10_000, betweenMs: 20 });
    const files = {
      decisionsFile: join(folder, "decisions.jsonl"),
      requestLogs: new Map(["us", "home"].map((id) => [id, join(folder, `${id}.jsonl`)])),
    };
    const timeouts = { connectMs: 5000, firstTokenMs: 10_000, idleMs: 10_000, totalMs: 60_000, drainMs: 100 };
    const { gateway, said } = await told(both, { ...files, timeouts });
    const stream = await chat(gateway, "from-us", { stream: true });
    const reader = stream.body!.getReader();
    let text = "";
    const read = (async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        text += Buffer.from(value).toString();
      }
    })();
    const broken = expect(read).rejects.toThrow();
    both.us.answer({ fault: "silent" });
    const silent = chat(gateway, "from-us");
    await both.us.received(2);
    await gateway.close();
    await broken;
    expect(text).toContain('"code":"server_error"');
    expect((await silent).status).toBe(503);
    expect(await (await silent).json()).toMatchObject({ error: { code: "evacuating" } });
    expect(said).toEqual([
      "drains: waits for 2 requests, at most 0.1 s",
      "cut off 2 requests still under way",
    ]);
    const lines = (name: string) =>
      readFileSync(join(folder, name), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    expect(lines("us.jsonl")).toMatchObject([{ ending: "cut", cause: "evacuating" }]);
    expect(lines("home.jsonl")).toMatchObject([{ ending: "refused", status: 503, cause: "evacuating" }]);
    const settles = lines("decisions.jsonl").filter(({ step }) => step === "settle");
    expect(settles.map(({ end }) => end.outcome)).toEqual(["abandoned", "abandoned"]);
    rmSync(folder, { recursive: true });
  });

  it("is hurried by whoever cannot wait", async () => {
    const both = await providers();
    both.us.answer({ fault: "silent" });
    const timeouts = {
      connectMs: 5000,
      firstTokenMs: 60_000,
      idleMs: 60_000,
      totalMs: 60_000,
      drainMs: 3_600_000,
    };
    const { gateway, said } = await told(both, { timeouts });
    const silent = chat(gateway, "from-us");
    await both.us.received(1);
    const closed = gateway.close();
    gateway.hurry();
    await closed;
    expect((await silent).status).toBe(503);
    expect(said.at(-1)).toBe("cut off 1 request still under way");
  });

  it("says when nothing is under way", async () => {
    const { gateway, said } = await told(await providers());
    await gateway.close();
    expect(said).toEqual(["drains: nothing is under way"]);
  });
});
