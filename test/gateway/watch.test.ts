import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ended } from "../../src/gateway/observe.js";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { createWatch } from "../../src/gateway/watch/createWatch.js";
import type { Watch } from "../../src/gateway/watch/watch.js";
import type { Watched } from "../../src/gateway/watch/watched.js";
import { readStep } from "../../src/policy/index.js";
import { asked, targetPlan } from "./exchangeWorld.js";
import { ask, JSON_POST, planIn, watchedOf } from "./watchWorld.js";

let folder = "";
let watch: Watch;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "watch-"));
  watch = createWatch();
});
afterEach(async () => {
  await watch.close();
  rmSync(folder, { recursive: true });
});

const watchedPlan = (more: Partial<GatewayPlan> = {}): GatewayPlan => planIn(folder, more);

function ended(more: Partial<Ended> & { readonly origin?: string } = {}): Ended {
  const { origin = "DE", ...rest } = more;
  return {
    asked: asked({
      origin,
      body: Buffer.from("a very private prompt"),
      headers: [["x-secret", "sk-caller"]],
    }),
    ending: "served",
    status: 200,
    cause: null,
    target: 1,
    model: "m",
    attempts: 1,
    usage: { inputTokens: 100, cachedTokens: 10, outputTokens: 20 },
    firstByteMs: 120,
    totalMs: 900,
    ...rest,
  };
}

async function linesOf(region: string): Promise<readonly Record<string, unknown>[]> {
  await watch.close();
  const text = readFileSync(join(folder, `${region}.jsonl`), "utf8");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe("request logs", () => {
  test("a request is logged in the region that served it and nowhere else", async () => {
    const observer = watch.observerOf(watchedPlan());
    observer.requestEnded(ended({ target: 1, origin: "DE" }));
    observer.requestEnded(ended({ target: 0, origin: "US" }));
    const de = await linesOf("de");
    expect(de).toHaveLength(1);
    expect(de[0]).toMatchObject({ origin: "DE", target: "de", region: "de", outputTokens: 20, totalMs: 900 });
    expect(await linesOf("us")).toMatchObject([{ origin: "US", region: "us" }]);
    expect(await linesOf("home")).toEqual([]);
  });

  test("no line has a prompt, a header or what the caller sent beside the model's name", async () => {
    const observer = watch.observerOf(watchedPlan());
    observer.requestEnded(ended());
    const text = JSON.stringify(await linesOf("de"));
    expect(text).not.toMatch(/private|prompt|sk-caller|x-secret|messages/);
  });

  test("a refused request leaves only cause, class, origin and time in the gateway's own region", async () => {
    const observer = watch.observerOf(watchedPlan());
    const cause = "residency_no_legal_region";
    observer.requestEnded(ended({ target: -1, ending: "refused", status: 451, cause, usage: null }));
    const [line] = await linesOf("home");
    const members = ["time", "gateway", "request", "origin", "class", "ending", "status", "cause"];
    expect(Object.keys(line!)).toEqual(members);
    expect(await linesOf("de")).toEqual([]);
    expect(await linesOf("us")).toEqual([]);
  });

  test("what was logged by a plan that is served no more is written before all is closed", async () => {
    const released = watchedPlan();
    const observer = watch.observerOf(released);
    for (let i = 0; i < 1000; i += 1) observer.requestEnded(ended({ target: 1 }));
    watch.release(released);
    await watch.close();
    // Not a tick later, when what is on its way would have arrived anyway.
    expect(readFileSync(join(folder, "de.jsonl"), "utf8").split("\n")).toHaveLength(1001);
  });

  test("a request whose region has no log is in no other region's", async () => {
    const requestLogs = new Map([["us", join(folder, "us.jsonl")]]);
    watch.observerOf(watchedPlan({ requestLogs })).requestEnded(ended({ target: 1 }));
    expect(await linesOf("us")).toEqual([]);
  });

  test("a request that began before a change of targets is logged where its own target stands", async () => {
    const before = watchedPlan();
    const earlier = watch.observerOf(before);
    const swapped = [targetPlan("de"), targetPlan("us")];
    const later = watch.observerOf({ ...before, targets: swapped });
    earlier.requestEnded(ended({ target: 1, origin: "DE" }));
    later.requestEnded(ended({ target: 1, origin: "US" }));
    expect((await linesOf("de")).map(({ origin }) => origin)).toEqual(["DE"]);
    expect((await linesOf("us")).map(({ origin }) => origin)).toEqual(["US"]);
  });
});

describe("the decision log", () => {
  test("takes the steps of a router in order, and steps of a plan without one go nowhere", async () => {
    const decisionsFile = join(folder, "decisions.jsonl");
    watch.observerOf(watchedPlan({ decisionsFile }));
    expect(watch.keepsDecisions()).toBe(true);
    watch.decided({ step: "drain", target: "de", drained: true });
    watch.decided({ step: "limits", target: "de", requests: Number.NaN, tokens: 5, nowMs: 0.1 });
    watch.observerOf(watchedPlan());
    expect(watch.keepsDecisions()).toBe(false);
    watch.decided({ step: "drain", target: "de", drained: false });
    await watch.close();
    const lines = readFileSync(decisionsFile, "utf8").split("\n").slice(0, -1);
    expect(lines.map((line) => readStep(line))).toEqual([
      { step: "drain", target: "de", drained: true },
      { step: "limits", target: "de", requests: Number.NaN, tokens: 5, nowMs: 0.1 },
    ]);
  });
});

describe("figures", () => {
  async function figures(of: GatewayPlan = watchedPlan(), more: Partial<Watched> = {}): Promise<string> {
    const addresses = await watch.listen(watchedOf(of, more));
    return (await ask(addresses.find(({ id }) => id === "metrics")!, "/metrics")).text;
  }

  test("count requests, tokens and times under the names of the conventions", async () => {
    const observer = watch.observerOf(watchedPlan());
    observer.requestEnded(ended({ attempts: 3 }));
    observer.requestEnded(
      ended({ target: -1, ending: "refused", status: 429, cause: "rate_limit_rpm", usage: null }),
    );
    const text = await figures();
    const labels = 'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="m"';
    for (const line of [
      `gen_ai_client_operation_duration_seconds_sum{${labels}} 0.9`,
      `gen_ai_client_operation_duration_seconds_count{${labels},error_type="rate_limit_rpm"} 1`,
      `gen_ai_server_time_to_first_token_seconds_bucket{le="0.25",${labels}} 1`,
      `gen_ai_server_time_to_first_token_seconds_bucket{le="0.1",${labels}} 0`,
      `gen_ai_client_token_usage_sum{${labels},gen_ai_token_type="input"} 100`,
      `gen_ai_client_token_usage_sum{${labels},gen_ai_token_type="output"} 20`,
      'regionsim_requests_total{origin="DE",class="chat",ending="served",cause="none"} 1',
      'regionsim_requests_total{origin="DE",class="chat",ending="refused",cause="rate_limit_rpm"} 1',
      'regionsim_served_total{origin="DE",region="de"} 1',
      "regionsim_further_calls_total 2",
    ])
      expect(text).toContain(`\n${line}\n`);
  });

  test("and logs name a caller's mistake by the word it was told", async () => {
    const observer = watch.observerOf(watchedPlan());
    const refused = {
      target: -1,
      ending: "refused",
      status: 400,
      cause: "policy_error",
      usage: null,
    } as const;
    observer.requestEnded(ended({ ...refused, code: "narrowed_to_nothing" }));
    const text = await figures();
    expect(text).toContain('ending="refused",cause="narrowed_to_nothing"} 1\n');
    expect(text).toContain('error_type="narrowed_to_nothing"} 1\n');
    expect(text).not.toContain("policy_error");
    expect(await linesOf("home")).toMatchObject([{ status: 400, cause: "narrowed_to_nothing" }]);
  });

  test("count calls, probes and what was turned away", async () => {
    const observer = watch.observerOf(watchedPlan());
    const call = { target: 0, outcome: "ok", cause: null, status: 200, durationMs: 5 } as const;
    observer.callEnded({ ...call, isHedge: false });
    observer.callEnded({ ...call, outcome: "abandoned", isHedge: true });
    const down = { ok: false, trouble: "tls", why: "TLS: certificate has expired" } as const;
    observer.probed(1, down, true, 500);
    observer.probed(1, down, false, Number.NaN);
    observer.callEnded({ ...call, outcome: "error", trouble: "no_such_host", isHedge: false });
    observer.turnedAway("bad-chunk");
    const text = await figures();
    for (const line of [
      'regionsim_calls_total{target="us",outcome="ok"} 1',
      'regionsim_hedges_total{target="us",outcome="abandoned"} 1',
      'regionsim_probes_total{target="de",outcome="failed",reason="tls"} 2',
      'regionsim_calls_total{target="us",outcome="error",reason="no_such_host"} 1',
      'regionsim_belief_changes_total{target="de",to="down"} 1',
      'regionsim_turned_away_total{reason="bad-chunk"} 1',
    ])
      expect(text).toContain(`\n${line}\n`);
  });

  test("show what is believed and under way as of the moment somebody looks", async () => {
    const of = watchedPlan({ decisionsFile: join(folder, "d.jsonl") });
    watch.observerOf(of);
    const watched = watchedOf(of);
    const [, address] = await watch.listen(watched);
    expect((await ask(address!, "/metrics")).text).toContain(
      'regionsim_belief{target="de",belief="drained"} 0\n',
    );
    watched.router.drain("de", true);
    watch.reloaded(false);
    const { text } = await ask(address!, "/metrics");
    for (const line of [
      'regionsim_belief{target="de",belief="drained"} 1',
      'regionsim_belief{target="us",belief="up"} 1',
      'regionsim_calls_in_flight{target="de"} 2',
      "regionsim_in_flight 3",
      "regionsim_queue_length 2",
      "regionsim_config_generation 1",
      "regionsim_config_last_reload_ok 0",
      'regionsim_log_lines_lost{log="decisions"} 0',
    ])
      expect(text).toContain(`\n${line}\n`);
  });

  test("have no label that a caller could fill", async () => {
    const observer = watch.observerOf(watchedPlan());
    for (let i = 0; i < 200; i++) {
      const request = asked({ origin: `X${i}`, model: `model-${i}` });
      observer.requestEnded({ ...ended(), asked: request });
      observer.turnedAway(`reason-${i}`);
    }
    const text = await figures();
    expect(text).not.toContain("model-1");
    expect(text).not.toContain("X1");
    expect(text.match(/^regionsim_turned_away_total/gm)!.length).toBeLessThan(80);
  });

  test("never throw at what is no number", () => {
    const observer = watch.observerOf(watchedPlan());
    const usage = { inputTokens: Number.NaN, cachedTokens: -1, outputTokens: Number.POSITIVE_INFINITY };
    observer.requestEnded(ended({ usage, totalMs: Number.NaN, firstByteMs: -5, target: 99, status: 999 }));
    observer.callEnded({ target: 99, outcome: "ok", cause: null, status: 0, isHedge: true, durationMs: -1 });
    observer.probed(-1, { ok: true }, true, Number.NEGATIVE_INFINITY);
  });

  test("are all that is at their address", async () => {
    watch.observerOf(watchedPlan());
    const addresses = await watch.listen(watchedOf(watchedPlan()));
    const metrics = addresses.find(({ id }) => id === "metrics")!;
    for (const path of ["/", "/state", "/drain", "/metrics/", "//metrics", "/healthz"])
      expect((await ask(metrics, path)).status).toBe(404);
    expect((await ask(metrics, "/metrics", JSON_POST, "{}")).status).toBe(405);
  });
});
