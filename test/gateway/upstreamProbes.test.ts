import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProbeVerdict } from "../../src/gateway/trouble.js";
import { startProbers } from "../../src/gateway/upstream/probers.js";
import type { HealthCheck } from "../../src/scenario/deployment.js";
import { answered, call, text, upstreamOf } from "./upstreamCalls.js";
import {
  type FakeUpstream,
  fakeUpstream,
  rawServer,
  secret,
  targetAt,
  type UpstreamAnswer,
} from "./upstreams.js";

describe("a probe", () => {
  const open: { close(): Promise<unknown> }[] = [];
  let provider: FakeUpstream;

  beforeEach(async () => {
    provider = await fakeUpstream();
    open.push(provider);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  const probe = (answer: UpstreamAnswer, timeoutMs = 20_000): Promise<ProbeVerdict> => {
    const target = targetAt(provider.url, {
      key: secret("k1"),
      probe: { path: "/ready", statuses: [200, 404] },
    });
    const upstream = upstreamOf([target]);
    open.unshift(upstream);
    provider.answer(answer);
    return upstream.probe(target, timeoutMs);
  };

  test("asks what the plan says, with the key", async () => {
    expect(await probe({})).toEqual({ ok: true });
    expect(provider.requests[0]).toMatchObject({ method: "GET", path: "/v1/ready", body: "" });
    expect(provider.requests[0]!.headers.authorization).toBe("Bearer k1");
  });

  test("is well by the statuses of the plan alone", async () => {
    expect(await probe({ status: 404 })).toEqual({ ok: true });
    expect(await probe({ status: 204, body: "" })).toMatchObject({ ok: false, why: "204 from /ready" });
    expect(await probe({ status: 500 })).toMatchObject({ ok: false, trouble: "other_status" });
    expect(await probe({ status: 302, headers: { location: "/v1/ready" } })).toMatchObject({ ok: false });
  });

  test("fails at its timeout in a black hole, and is gone there too", async () => {
    expect(await probe({ fault: "silent" }, 50)).toEqual({
      ok: false,
      trouble: "timeout",
      why: "nothing for 0.05 s",
    });
    await provider.requests[0]!.gone;
  });

  test("fails where connections are reset, and where nothing speaks HTTP", async () => {
    expect(await probe({ fault: "reset" })).toMatchObject({ ok: false, trouble: "connection_lost" });
    const server = await rawServer((socket) => socket.write("hello\r\n"));
    open.push(server);
    const target = targetAt(server.url);
    const upstream = upstreamOf([target]);
    open.unshift(upstream);
    expect(await upstream.probe(target, 20_000)).toMatchObject({ ok: false, trouble: "protocol" });
  });

  test.each([
    [401, "key_refused", "401 from /ready: is the key right?"],
    [403, "key_refused", "403 from /ready: is the key right?"],
    [503, "other_status", "503 from /ready"],
  ])("says of a %s what the operator is to look at", async (status, trouble, why) => {
    expect(await probe({ status })).toEqual({ ok: false, trouble, why });
  });

  test("says where nothing is, and which setting is at fault where its path is not", async () => {
    const where = { key: secret("k1"), probe: { path: "/models", statuses: [200] } };
    const target = targetAt(provider.url, where);
    const nowhere = targetAt("http://nowhere.invalid/v1", where);
    const upstream = upstreamOf([target]);
    open.unshift(upstream);
    provider.answer({ status: 404 });
    expect(await upstream.probe(target, 20_000)).toMatchObject({
      trouble: "not_found",
      why: `404 from /models: set upstreams.${target.id}.probe`,
    });
    await provider.close();
    expect(await upstream.probe(target, 20_000)).toMatchObject({ why: "connection refused" });
    const elsewhere = upstreamOf([nowhere]);
    open.unshift(elsewhere);
    expect(await elsewhere.probe(nowhere, 20_000)).toMatchObject({ trouble: "no_such_host" });
  });

  test("does not wait behind calls that hold every connection", async () => {
    const target = targetAt(provider.url, { connections: 1 });
    const upstream = upstreamOf([target]);
    open.unshift(upstream);
    provider.answer(({ method }) => (method === "GET" ? {} : { outputTokens: 4, fault: "stall-midway" }));
    const busy = await answered(upstream, call(target, { streams: true }));
    expect(await upstream.probe(target, 20_000)).toEqual({ ok: true });
    busy.body.cancel();
    provider.answer({});
    await text(await answered(upstream, call(target)));
  });
});

const FAILED: ProbeVerdict = { ok: false, trouble: "timeout", why: "nothing for 2 s" };

describe("the clock of probes", () => {
  const SECOND_US = 1e6;
  const CHECK: HealthCheck = {
    intervalUs: 10 * SECOND_US,
    timeoutUs: 2 * SECOND_US,
    fall: 3,
    rise: 2,
    schedule: "fixed-rate",
    seesLoad: false,
    firstUs: null,
  };

  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** Runs probers on a clock of their own; a probe takes `tookMs` and ends as `ok` says, by its number. */
  async function run(
    check: Partial<HealthCheck>,
    forMs: number,
    how: { tookMs?: number; ok?: (n: number) => boolean; targets?: number },
  ) {
    const { tookMs = 100, ok = () => true, targets = 1 } = how;
    const sent: string[] = [];
    const told: string[] = [];
    const begunMs = performance.now();
    const since = (): number => Math.round(performance.now() - begunMs);
    let luck = 0;
    const probers = startProbers(
      {
        targets: Array.from({ length: targets }, (_, i) => targetAt("http://a/v1", { id: `t${i}` })),
        health: { ...CHECK, ...check },
      },
      {
        probe: (target, timeoutMs) => {
          sent.push(`${target.id} ${since()}`);
          const isOk = ok(sent.length);
          return new Promise((resolve) =>
            setTimeout(() => resolve(isOk ? { ok: true } : FAILED), Math.min(tookMs, timeoutMs)),
          );
        },
      },
      (target, { ok: isOk }, durationMs) =>
        told.push(`t${target} ${since()} ${isOk} ${Math.round(durationMs)}`),
      { luck: () => (luck += 0.25) },
    );
    await vi.advanceTimersByTimeAsync(forMs);
    probers.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    return { sent, told };
  }

  test("begins at a phase of each prober's own, and goes on by the interval", async () => {
    const { sent, told } = await run({}, 20_000, { targets: 2 });
    expect(sent).toEqual(["t0 2500", "t1 5000", "t0 12500", "t1 15000"]);
    expect(told).toEqual(["t0 2600 true 100", "t1 5100 true 100", "t0 12600 true 100", "t1 15100 true 100"]);
  });

  test("begins when the check says so", async () => {
    const { sent } = await run({ firstUs: 4 * SECOND_US }, 20_000, { targets: 2 });
    expect(sent).toEqual(["t0 4000", "t1 4000", "t0 14000", "t1 14000"]);
  });

  test("at a fixed rate sends while the last probe is still under way", async () => {
    const { sent, told } = await run({ firstUs: 0, intervalUs: SECOND_US }, 3_500, { tookMs: 1_500 });
    expect(sent).toEqual(["t0 0", "t0 1000", "t0 2000", "t0 3000"]);
    expect(told).toEqual(["t0 1500 true 1500", "t0 2500 true 1500", "t0 3500 true 1500"]);
  });

  test("re-armed waits out the interval after each verdict", async () => {
    const { sent } = await run({ firstUs: 0, schedule: "re-armed", intervalUs: SECOND_US }, 6_000, {
      tookMs: 1_500,
    });
    expect(sent).toEqual(["t0 0", "t0 2500", "t0 5000"]);
  });

  test("repeats a failed probe at once, and the last one counts", async () => {
    const { sent, told } = await run({ firstUs: 0, retries: 2 }, 9_000, { ok: (n) => n === 3 });
    expect(sent).toEqual(["t0 0", "t0 100", "t0 200"]);
    expect(told).toEqual(["t0 300 true 100"]);
    const none = await run({ firstUs: 0, retries: 2 }, 9_000, { ok: () => false });
    expect([none.sent.length, none.told]).toEqual([3, ["t0 300 false 100"]]);
  });

  test("tells nothing any more once it was stopped", async () => {
    const { sent, told } = await run({ firstUs: 0 }, 50, {});
    expect([sent, told]).toEqual([["t0 0"], []]);
  });

  test("stands still where there is no health check", async () => {
    const told: number[] = [];
    const probers = startProbers(
      { targets: [targetAt("http://a/v1")], health: null },
      { probe: () => Promise.reject(new Error("asked")) },
      (target) => told.push(target),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    probers.stop();
    expect(told).toEqual([]);
  });
});
