import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startGateway } from "../../src/gateway/gateway.js";
import { createReplay, readStep } from "../../src/policy/index.js";
import {
  chat,
  chatsAt,
  closeAll,
  gatewayPlan,
  POLICY,
  PROBED,
  providers,
  started,
  urlOf,
} from "./gatewayWorld.js";
import { fakeUpstream } from "./upstreams.js";

afterEach(closeAll);

/** Generous: a busy machine must not fail what is only waited for. */
const SOON = { timeout: 20_000, interval: 20 };

describe("a gateway between two regions", () => {
  it("serves each caller where the law and the distance say", async () => {
    const both = await providers();
    const gateway = await started(gatewayPlan(both));
    const [german, american] = await Promise.all([chat(gateway, "from-de"), chat(gateway, "from-us")]);
    expect([german.status, american.status]).toEqual([200, 200]);
    expect([german.headers.get("x-regionsim-target"), american.headers.get("x-regionsim-target")]).toEqual([
      "eu",
      "us",
    ]);
    expect(await german.json()).toMatchObject({ object: "chat.completion" });
    await american.text();
    expect([chatsAt(both.eu), chatsAt(both.us)]).toEqual([1, 1]);
  });

  it("refuses callers from the Union with 451 while their region is down, and has them back when it returns", async () => {
    const both = await providers();
    const gateway = await started(gatewayPlan(both, { health: PROBED }));
    both.eu.answer({ status: 500 });
    await vi.waitFor(async () => expect((await chat(gateway, "from-de")).status).toBe(451), SOON);
    const refused = await chat(gateway, "from-de");
    expect(refused.headers.get("x-regionsim-cause")).toBe("residency_no_legal_region");
    expect(refused.headers.get("retry-after-ms")).toBe("50");
    expect(await refused.json()).toMatchObject({
      error: {
        code: "residency_no_legal_region",
        type: "server_error",
        message: expect.stringContaining("are down or full at the moment; others may not be used"),
      },
    });
    both.eu.answer({});
    await vi.waitFor(async () => expect((await chat(gateway, "from-de")).status).toBe(200), SOON);
    expect(chatsAt(both.us)).toBe(0);
  });

  it("refuses whom it may not read itself, wherever the request could have gone", async () => {
    const both = await providers();
    const gateway = await started(gatewayPlan(both, { mayRead: ({ origin }) => origin !== "DE" }));
    const refused = await chat(gateway, "from-de");
    expect([refused.status, refused.headers.get("x-regionsim-cause")]).toEqual([
      451,
      "residency_no_legal_region",
    ]);
    expect(refused.headers.get("retry-after")).toBe(null);
    expect(await refused.json()).toMatchObject({ error: { type: "permission_error" } });
    expect((await chat(gateway, "from-us")).status).toBe(200);
    expect(chatsAt(both.eu)).toBe(0);
  });

  it("takes callers from the States to the other region while theirs is down", async () => {
    const both = await providers();
    const gateway = await started(gatewayPlan(both));
    await both.us.close();
    const answer = await chat(gateway, "from-us");
    expect([answer.status, answer.headers.get("x-regionsim-target")]).toEqual([200, "eu"]);
    await answer.text();
    const german = await chat(gateway, "from-de");
    expect(german.headers.get("x-regionsim-target")).toBe("eu");
    await german.text();
  });

  it("passes a stream on as it comes, before it is complete", async () => {
    const both = await providers();
    both.us.answer({ outputTokens: 20, betweenMs: 20 });
    const gateway = await started(gatewayPlan(both));
    const answer = await chat(gateway, "from-us", { stream: true });
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    let pieces = 0;
    let text = "";
    for await (const piece of answer.body ?? []) {
      pieces += 1;
      text += Buffer.from(piece).toString();
    }
    expect(pieces).toBeGreaterThan(1);
    expect(text).toContain("[DONE]");
  });

  it("ends the call of a caller that goes away in the middle of a stream", async () => {
    const both = await providers();
    both.us.answer({ outputTokens: 1000, betweenMs: 20 });
    const gateway = await started(gatewayPlan(both));
    const gone = new AbortController();
    const answer = await chat(gateway, "from-us", { stream: true, signal: gone.signal });
    await answer.body?.getReader().read();
    gone.abort();
    await both.us.requests[0]?.gone;
    expect(both.us.requests[0]?.isGone).toBe(true);
  });

  it("lets a caller see that an answer broke off", async () => {
    const both = await providers();
    both.us.answer({ outputTokens: 10, fault: "reset-midway" });
    const gateway = await started(gatewayPlan(both));
    const answer = await chat(gateway, "from-us", { stream: true });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    expect(chatsAt(both.eu)).toBe(0);
  });
});

describe("another plan", () => {
  it("is in force for the next request, while a request that began before it ends by the old one", async () => {
    const both = await providers();
    const third = await fakeUpstream();
    both.us.answer({ outputTokens: 10, betweenMs: 30 });
    const plan = gatewayPlan(both);
    const gateway = await started(plan);
    const before = gateway.addresses;
    const old = await chat(gateway, "from-us", { stream: true });
    const next = gatewayPlan({ ...both, us: third }, { policySha256: "b".repeat(64) });
    await gateway.swap(next);
    expect(gateway.addresses).toEqual(before);
    const answer = await chat(gateway, "from-us");
    expect([answer.status, chatsAt(third), chatsAt(both.us)]).toEqual([200, 1, 1]);
    await answer.text();
    expect(await old.text()).toContain("[DONE]");
    await third.close();
  });

  it("keeps what was believed of targets that are in both, by the same rules or by others", async () => {
    const both = await providers();
    const plan = gatewayPlan(both, { health: { ...PROBED, intervalUs: 1e12 } });
    both.eu.answer({ status: 500 });
    const gateway = await started(plan);
    await vi.waitFor(async () => expect((await chat(gateway, "from-de")).status).toBe(451), SOON);
    both.eu.answer({});
    const unprobed = { ...PROBED, intervalUs: 1e12, firstUs: 1e12 };
    await gateway.swap({ ...plan, health: unprobed });
    expect((await chat(gateway, "from-de")).status).toBe(451);
    await gateway.swap({ ...plan, health: unprobed, policySha256: "b".repeat(64) });
    expect((await chat(gateway, "from-de")).status).toBe(451);
  });

  it("is probed by, and the old one's targets no more", async () => {
    const both = await providers();
    const third = await fakeUpstream();
    const gateway = await started(gatewayPlan(both, { health: PROBED }));
    await both.us.received(2);
    await gateway.swap(gatewayPlan({ ...both, us: third }, { health: PROBED }));
    const before = both.us.requests.length;
    await third.received(6);
    // One may have been on its way.
    expect(both.us.requests.length - before).toBeLessThanOrEqual(1);
    await third.close();
  });

  it("that cannot be served changes nothing", async () => {
    const both = await providers();
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    const plan = gatewayPlan(both);
    const gateway = await started(plan);
    const before = gateway.addresses;
    const [first] = plan.listeners;
    const more = { ...plan, listeners: [...plan.listeners, { ...first!, id: "third", port }] };
    await expect(gateway.swap(more)).rejects.toThrow("EADDRINUSE");
    const wrong = { ...plan, policySha256: "c".repeat(64), policy: { ...POLICY, strategy: "none" as never } };
    await expect(gateway.swap(wrong)).rejects.toThrow("strategy");
    await expect(gateway.swap({ ...plan, id: "other" })).rejects.toThrow("gw");
    await new Promise((resolve) => taken.close(resolve));
    // Now the address is to be had, but a file is not.
    await expect(gateway.swap({ ...more, requestLogs: new Map([["us", "/dev/null/x"]]) })).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
    expect(gateway.addresses).toEqual(before);
    expect((await chat(gateway, "from-us")).status).toBe(200);
  });

  it("opens the addresses it has more, and closes those it has no more", async () => {
    const both = await providers();
    const plan = gatewayPlan(both);
    const gateway = await started(plan);
    const kept = urlOf(gateway, "from-us");
    const closed = urlOf(gateway, "from-de");
    const [, second] = plan.listeners;
    await gateway.swap({
      ...plan,
      listeners: [second!, { ...second!, id: "third" }],
      metrics: { host: "127.0.0.1", port: 0 },
    });
    expect(gateway.addresses.map(({ id }) => id)).toEqual(["from-us", "third", "metrics"]);
    expect(urlOf(gateway, "from-us")).toBe(kept);
    await expect(fetch(closed)).rejects.toThrow();
    expect(await (await fetch(`${urlOf(gateway, "metrics")}/metrics`)).text()).toContain("regionsim_");
  });
});

describe("what a gateway writes down", () => {
  it("is a line in the log of the region that served, and one step for each decision and its end", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gateway-"));
    const both = await providers();
    const plan = gatewayPlan(both, {
      decisionsFile: join(folder, "decisions.jsonl"),
      requestLogs: new Map(["us", "eu"].map((id) => [id, join(folder, `${id}.jsonl`)])),
    });
    const gateway = await started(plan);
    const all = [chat(gateway, "from-de"), chat(gateway, "from-us"), chat(gateway, "from-us")];
    const answers = await Promise.all(all);
    await Promise.all(answers.map((answer) => answer.text()));
    both.us.answer({ outputTokens: 10, betweenMs: 30 });
    const across = await chat(gateway, "from-us", { stream: true });
    await gateway.swap({ ...plan, policySha256: "b".repeat(64) });
    await Promise.all([across.text(), (await chat(gateway, "from-de")).text()]);
    await gateway.close();
    const lines = (name: string): string[] => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
    expect([lines("us.jsonl").length, lines("eu.jsonl").length]).toEqual([3, 2]);
    const steps = lines("decisions.jsonl").map(readStep);
    const told = answers.map(({ headers }) => headers.get("x-request-id"));
    const logged = [...lines("eu.jsonl"), ...lines("us.jsonl")].map((line) => JSON.parse(line).request);
    expect(logged).toEqual(expect.arrayContaining(told));
    let run: string | undefined;
    const decided = steps.flatMap((step) => {
      if (step.step === "begin") run = step.run;
      return step.step === "route" ? [`${run}-${step.ask.request}`] : [];
    });
    expect(decided).toEqual(expect.arrayContaining(told));
    const kinds = steps.map(({ step }) => step);
    expect(kinds.filter((step) => step !== "settle").join(" ")).toBe(
      "begin route route route route begin adopt adopt route",
    );
    // The call that was under way ended by a router that is not written any more.
    expect(kinds.filter((step) => step === "settle")).toHaveLength(4);
    const replay = createReplay(plan.policy, plan.caller);
    expect(steps.map((step) => replay.take(step)).filter((difference) => difference !== null)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

describe("a gateway that ends", () => {
  it("takes no more requests and lets what is under way end", async () => {
    const both = await providers();
    both.us.answer({ outputTokens: 10, betweenMs: 30 });
    const gateway = await started(gatewayPlan(both));
    const under = await chat(gateway, "from-us", { stream: true });
    const url = urlOf(gateway, "from-us");
    const closed = gateway.close();
    await expect(fetch(url)).rejects.toThrow();
    expect(await under.text()).toContain("[DONE]");
    await closed;
    await gateway.close();
    await expect(gateway.swap(gatewayPlan(both))).rejects.toThrow("ending");
  });

  it("cuts what is still under way when its time is up, and leaves no socket and no timer behind", async () => {
    const before = process.getActiveResourcesInfo().sort();
    const both = await providers();
    both.us.answer({ outputTokens: 10_000, betweenMs: 20 });
    const plan = gatewayPlan(both, { health: PROBED, admin: { host: "127.0.0.1", port: 0 } });
    const gateway = await started({ ...plan, timeouts: { ...plan.timeouts, drainMs: 100 } });
    const under = await chat(gateway, "from-us", { stream: true });
    const cut = expect(under.text()).rejects.toThrow();
    await gateway.close();
    await cut;
    await closeAll();
    const sockets = (all: readonly string[]): string[] => all.filter((kind) => /TCP|Timeout|TLS/.test(kind));
    await vi.waitFor(
      () =>
        expect(sockets(process.getActiveResourcesInfo()).length).toBeLessThanOrEqual(sockets(before).length),
      SOON,
    );
  });

  it("is never begun when an address is taken, and leaves nothing open", async () => {
    const both = await providers();
    const gateway = await started(gatewayPlan(both));
    const [taken] = gateway.addresses;
    const plan = gatewayPlan(both);
    const listeners = plan.listeners.map((each, i) => (i === 1 ? { ...each, port: taken!.port } : each));
    await expect(startGateway({ ...plan, listeners })).rejects.toThrow("EADDRINUSE");
  });
});
