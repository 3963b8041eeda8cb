/** LiteLLM as a reference: its published decisions row by row, and each of its known holes as a run. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  allowedFor,
  exceedsAllowed,
  isCooldownRequired,
  LitellmCooldowns,
  shouldCool,
  sleepMs,
} from "../../../src/model/foreign/litellmCooldown.js";
import { LatencySamples, shuffle, withinBuffer } from "../../../src/model/foreign/litellmPick.js";
import { stagesFor } from "../../../src/model/foreign/litellmPlan.js";
import { foreignReach } from "../../../src/model/index.js";
import type { LitellmDeployment, LitellmSource } from "../../../src/scenario/policySource.js";
import { fixed, requestClass, server } from "../buildScenario.js";
import { down, failing, foreignScenario, runForeign } from "./foreignScenario.js";

function deployment(endpointIndex: number, over: Partial<LitellmDeployment> = {}): LitellmDeployment {
  return {
    endpointIndex,
    group: "m",
    id: null,
    order: null,
    weight: null,
    rpm: null,
    tpm: null,
    region: endpointIndex === 0 ? "eu" : "us",
    tags: [],
    at: `proxy.yaml:${endpointIndex + 1}`,
    ...over,
  };
}

function litellm(over: Partial<LitellmSource> = {}): LitellmSource {
  return {
    kind: "litellm",
    deployments: [deployment(0), deployment(1)],
    strategy: "simple-shuffle",
    latencyBuffer: 0,
    preCallChecks: true,
    allowedModelRegion: { EU: "eu", US: "us" },
    retries: 2,
    cooldownMs: 5000,
    allowedFails: null,
    allowedFailsPolicy: null,
    healthRouting: false,
    tagFiltering: false,
    fallbacks: {},
    defaultFallbacks: [],
    contextWindowFallbacks: {},
    tokenCounterFailure: 0,
    lines: { preCallChecks: "proxy.yaml:9" },
    ...over,
  };
}

describe("LiteLLM's published rows", () => {
  interface Row {
    readonly status?: number;
    readonly deploymentsInGroup?: number;
    readonly requestsThisMinute?: number;
    readonly fails?: number;
    readonly cooldown?: boolean;
    readonly allowed_fails?: number;
    readonly failsInTtl?: number;
    readonly otherHealthy?: boolean;
    readonly retry_after?: number;
    readonly sleep?: number | string;
    readonly latency_s_per_token?: readonly number[];
    readonly buffer?: number;
    readonly selected?: readonly number[];
  }
  const path = resolve(import.meta.dirname, "../../../../shared/reference/policy-vectors.json");
  const vectors = existsSync(path)
    ? (JSON.parse(readFileSync(path, "utf8")) as { vectors: { id: string; cases: Row[] }[] }).vectors
    : null;
  const casesOf = (id: string): readonly Row[] => vectors!.find((one) => one.id === id)!.cases;

  if (vectors === null) {
    if (process.env.CI !== undefined && process.env.CI !== "")
      it("needs ../shared/reference/policy-vectors.json", () => expect.fail("the reference is missing"));
    else {
      console.warn("skipped: needs ../shared/reference/policy-vectors.json");
      it.skip("needs ../shared/reference/policy-vectors.json", () => {});
    }
    return;
  }

  it.each(casesOf("litellm-cooldown").map((row) => [JSON.stringify(row), row] as const))(
    "cooldown %s",
    (_, row) => {
      if (row.allowed_fails !== undefined) {
        expect(exceedsAllowed(row.allowed_fails, row.failsInTtl!)).toBe(row.cooldown);
        expect(exceedsAllowed(row.allowed_fails, row.failsInTtl! + 1)).toBe(true);
        return;
      }
      const requests = row.requestsThisMinute ?? 1;
      const facts = {
        status: row.status!,
        groupSize: row.deploymentsInGroup ?? 2,
        requests,
        fails: row.fails ?? requests,
      };
      // The row of 408 has no verdict of its own: it is one that the ratio decides.
      expect(isCooldownRequired(row.status!)).toBe(true);
      expect(shouldCool(facts)).toBe(row.cooldown ?? false);
      if (row.cooldown === undefined) expect(shouldCool({ ...facts, requests: 6, fails: 4 })).toBe(true);
    },
  );

  it.each(casesOf("litellm-retry-sleep").map((row) => [JSON.stringify(row), row] as const))(
    "sleep %s",
    (_, row) => {
      const sleep = (retry: number, u: number): number =>
        sleepMs(row.otherHealthy ?? false, (row.retry_after ?? 0) * 1000, retry, u);
      if (typeof row.sleep === "number") return expect(sleep(0, 0.5)).toBe(row.sleep * 1000);
      expect([0, 1, 2, 3, 4, 5, 50].map((retry) => sleep(retry, 0))).toEqual([
        500, 1000, 2000, 4000, 8000, 8000, 8000,
      ]);
      expect(sleep(0, 1)).toBe(1250);
    },
  );

  it.each(casesOf("litellm-latency-buffer").map((row) => [row.buffer, row] as const))(
    "latency buffer %s",
    (_, row) => {
      const mask = withinBuffer(row.latency_s_per_token!, 0b11111, row.buffer!);
      expect([0, 1, 2, 3, 4].filter((d) => (mask & (1 << d)) !== 0)).toEqual(row.selected);
    },
  );
});

describe("what LiteLLM chooses by", () => {
  const members = (some: readonly Partial<LitellmDeployment>[]): readonly LitellmDeployment[] =>
    some.map((over, d) => deployment(d, over));
  const shares = (some: readonly Partial<LitellmDeployment>[]): readonly number[] => {
    const counts = some.map(() => 0);
    for (let i = 0; i < 100; i++) counts[shuffle(members(some), 0b111, (i + 0.5) / 100)]! += 1;
    return counts;
  };

  it("the first deployment decides whether weights, rpm or tpm count, and who lacks it has none", () => {
    expect(shares([{ weight: 3 }, { weight: 1 }, { rpm: 900 }])).toEqual([75, 25, 0]);
    expect(shares([{ rpm: 300 }, { weight: 9, rpm: 100 }, { weight: 9 }])).toEqual([75, 25, 0]);
    expect(shares([{ tpm: 10 }, { rpm: 5, tpm: 30 }, {}])).toEqual([25, 75, 0]);
    expect(shares([{}, { weight: 9 }, { rpm: 9 }])).toEqual([33, 34, 33]);
  });

  it("keeps the first nine latencies for ever and overwrites the tenth alone", () => {
    const samples = new LatencySamples();
    for (let i = 0; i < 10; i++) samples.add(1, i);
    for (let i = 0; i < 500; i++) samples.add(11, 10 + i);
    expect(samples.mean(600)).toBe((9 + 11) / 10);
    expect(samples.mean(600 + 3_600_000)).toBe(0);
  });

  it("a failure policy counts within one cooldown, and a kind it does not name has the general number", () => {
    const policy = { badRequest: null, authentication: 0, timeout: 2, rateLimit: null, internalServer: null };
    expect([401, 408, 429, 500].map((status) => allowedFor(status, policy, null))).toEqual([0, 2, 3, 3]);
    const cooldowns = new LitellmCooldowns(
      { cooldownMs: 1000, allowedFails: null, allowedFailsPolicy: policy },
      [2],
    );
    for (const [ms, cooling] of [
      [0, 0],
      [900, 0],
      [1000, 0],
      [1100, 0],
      [1200, 1],
    ] as const) {
      cooldowns.failed(0, 408, ms);
      expect(cooldowns.coolingOf(1, ms), `at ${ms}`).toBe(cooling);
    }
    expect(cooldowns.coolingOf(1, 2199)).toBe(1);
    expect(cooldowns.coolingOf(1, 2200)).toBe(0);
  });

  it("tries orders where checks are on, then fallbacks of fallbacks, nobody twice", () => {
    const deployments = [
      deployment(0, { order: 2 }),
      deployment(1, { order: 1 }),
      deployment(2, { group: "b" }),
      deployment(3, { group: "c", id: "c-1" }),
    ];
    const fallbacks = { m: ["b"], b: ["m", "c-1"] };
    const names = (preCallChecks: boolean): readonly unknown[] =>
      stagesFor(litellm({ deployments, fallbacks, preCallChecks }), "m").map(({ name, fromOrder, byId }) => [
        name,
        fromOrder,
        byId,
      ]);
    expect(names(true)).toEqual([
      ["m", 1, false],
      ["m", 2, false],
      ["b", null, false],
      ["c-1", null, true],
    ]);
    expect(names(false)).toEqual([
      ["m", null, false],
      ["b", null, false],
      ["c-1", null, true],
    ]);
  });
});

describe("LiteLLM's region check and its holes", () => {
  const outside = (source: LitellmSource, over: object = {}): number =>
    runForeign(foreignScenario({ policy: source, ...over })).arrived["berlin chat us"] ?? 0;

  it("keeps EU chats in the EU while it works, also with the EU down, and refuses instead", () => {
    expect(outside(litellm())).toBe(0);
    const end = runForeign(foreignScenario({ policy: litellm(), faults: [failing(0, 1, 10, 50)] }));
    expect(end.arrived["berlin chat us"]).toBeUndefined();
    expect(end.refused.server_error).toBeGreaterThan(0);
    expect(end.violations).toBe(0);
  });

  it("does nothing without pre-call checks, or for a customer nobody has given a region", () => {
    expect(outside(litellm({ preCallChecks: false }))).toBeGreaterThan(0);
    expect(outside(litellm({ allowedModelRegion: {} }))).toBeGreaterThan(0);
  });

  it("does not see embeddings", () => {
    const classes = [requestClass("chat"), requestClass("embed", { api: "embeddings" })];
    const end = runForeign(foreignScenario({ policy: litellm(), classes }));
    expect(end.arrived["berlin chat us"]).toBeUndefined();
    expect(end.arrived["berlin embed us"]).toBeGreaterThan(0);
    expect(end.violations).toBe(end.arrived["berlin embed us"]);
  });

  it("is skipped as often as counting tokens fails", () => {
    const end = runForeign(
      foreignScenario({ policy: litellm({ tokenCounterFailure: 0.5 }), durationS: 600, onlyEu: true }),
    );
    const all = end.calls.eu! + end.calls.us!;
    // Half of the requests pass unchecked and half of those go out: a quarter, within four standard errors.
    const halfWidth = 4 * Math.sqrt((0.25 * 0.75) / all);
    expect(halfWidth).toBeLessThan(0.06);
    expect(Math.abs(end.calls.us! / all - 0.25)).toBeLessThan(halfWidth);
  });

  it("is skipped by a fallback to a deployment's own id, and not by one to a group", () => {
    const deployments = [deployment(0), deployment(1, { group: "other", id: "other-1" })];
    const faults = [failing(0, 1, 0, 60)];
    const byId = litellm({ deployments, fallbacks: { m: ["other-1"] } });
    const byGroup = litellm({ deployments, fallbacks: { m: ["other"] } });
    expect(outside(byId, { faults, onlyEu: true })).toBeGreaterThan(0);
    expect(outside(byGroup, { faults, onlyEu: true })).toBe(0);
  });

  it("drops a deployment whose region nobody knows", () => {
    const deployments = [deployment(0, { region: null }), deployment(1)];
    const end = runForeign(foreignScenario({ policy: litellm({ deployments }), onlyEu: true }));
    expect(end.refused).toEqual({ residency_no_legal_region: expect.any(Number) });
    expect(end.calls).toEqual({ eu: 0, us: 0 });
  });

  it("uses what is in cooldown when everything is", () => {
    const source = litellm({
      deployments: [deployment(0), deployment(1, { region: "eu" })],
      cooldownMs: 1e9,
      retries: 0,
    });
    const end = runForeign(
      foreignScenario({ policy: source, faults: [failing(0, 1, 0, 60), failing(1, 1, 0, 60)], onlyEu: true }),
    );
    // Both cool down within the first minute's first calls; every request is sent somewhere all the same.
    expect(end.failed.server_error).toBe(end.calls.eu! + end.calls.us!);
    expect(Object.keys(end.refused)).toEqual(["server_error"]);
    expect(end.calls.eu! + end.calls.us!).toBeGreaterThan(80);
  });

  it("ignores health checks when all of them fail", () => {
    const health = {
      intervalUs: 1e6,
      timeoutUs: 5e5,
      fall: 1,
      rise: 1,
      schedule: "fixed-rate",
      seesLoad: false,
      firstUs: 0,
    } as const;
    const source = litellm({ healthRouting: true, retries: 0, preCallChecks: false });
    const one = runForeign(
      foreignScenario({ policy: source, routing: { health }, faults: [down(0, 0, 60)] }),
    );
    expect(one.calls.eu).toBeLessThan(10);
    const both = runForeign(
      foreignScenario({ policy: source, routing: { health }, faults: [down(0, 0, 60), down(1, 0, 60)] }),
    );
    expect(both.calls.eu).toBeGreaterThan(50);
  });

  it("retries where it is, then goes to the next order, then to the fallback", () => {
    const deployments = [
      deployment(0, { order: 1, region: "eu" }),
      deployment(1, { order: 2, region: "eu" }),
      deployment(2, { group: "spare", region: "eu" }),
    ];
    const source = litellm({ deployments, fallbacks: { m: ["spare"] }, retries: 2, cooldownMs: 0 });
    const endpoints = [{ id: "eu-1" }, { id: "eu-2" }, { id: "eu-3" }];
    const end = runForeign(
      foreignScenario({
        policy: source,
        endpoints,
        onlyEu: true,
        perSecond: 0.5,
        faults: [failing(0, 1, 0, 60), failing(1, 1, 0, 60)],
      }),
    );
    expect(end.calls["eu-1"]).toBe(3 * end.calls["eu-3"]!);
    expect(end.calls["eu-2"]).toBe(3 * end.calls["eu-3"]!);
    expect(end.calls["eu-3"]).toBeGreaterThan(10);
    expect(end.refused).toEqual({});
  });
});

describe("LiteLLM and timeouts", () => {
  const slow = { serving: server(fixed(1e9), 1000) };
  const endpoints = [{ id: "eu-slow", ...slow }, { id: "eu-spare" }];
  const patient = { endpoints, onlyEu: true, perSecond: 0.5, routing: { upstreamTimeoutUs: 1e5 + 1 } };

  it("a try that is given up is one of its group's, and the fallback comes after them", () => {
    const deployments = [deployment(0), deployment(1, { group: "spare", region: "eu" })];
    const source = litellm({ deployments, fallbacks: { m: ["spare"] }, retries: 1, cooldownMs: 0 });
    const end = runForeign(foreignScenario({ ...patient, policy: source }));
    expect(end.calls["eu-slow"]).toBe(2 * end.calls["eu-spare"]!);
    expect(end.calls["eu-spare"]).toBeGreaterThan(10);
  });

  it("counts as a timeout for the failure policy, and for no other kind", () => {
    const deployments = [deployment(0), deployment(1, { region: "eu" })];
    const kinds = { badRequest: 1e6, authentication: 1e6, timeout: 1e6, rateLimit: 1e6, internalServer: 1e6 };
    const calls = (policy: typeof kinds): number =>
      runForeign(
        foreignScenario({
          ...patient,
          policy: litellm({ deployments, cooldownMs: 1e9, allowedFailsPolicy: policy }),
        }),
      ).calls["eu-slow"]!;
    expect(calls({ ...kinds, timeout: 0 })).toBe(1);
    expect(calls({ ...kinds, internalServer: 0 })).toBeGreaterThan(5);
  });
});

describe("what LiteLLM can ever reach", () => {
  const reached = (source: LitellmSource, api: "chat" | "embeddings" = "chat"): string =>
    foreignReach(foreignScenario({ policy: source, classes: [requestClass("chat", { api })] }), 0, 0)
      .map(({ endpoint, needs, how }) => `${["eu", "us"][endpoint]} ${needs} ${how}`)
      .join("\n");

  it("names each bypass of the region check with its line", () => {
    expect(reached(litellm())).toMatch(
      /^us defect .*counting the prompt's tokens fails.*\(proxy\.yaml:2\)$/m,
    );
    expect(reached(litellm())).toMatch(/^eu state .*all in cooldown or unhealthy: the filter is bypassed/m);
    expect(reached(litellm(), "embeddings")).toMatch(/^us state .*embeddings are never filtered/m);
    expect(reached(litellm({ preCallChecks: false }))).toMatch(
      /^us state .*enable_pre_call_checks is off.*proxy\.yaml:9/m,
    );
    expect(reached(litellm({ allowedModelRegion: {} }))).toMatch(/^us state .*no allowed_model_region/m);
    const byId = litellm({
      deployments: [deployment(0), deployment(1, { group: "other", id: "o" })],
      fallbacks: { m: ["o"] },
    });
    // Tags are looked at after cooldowns: who has none is used while those that have some are set aside.
    const tagged = litellm({
      allowedModelRegion: {},
      tagFiltering: true,
      deployments: [deployment(0, { tags: ["default"] }), deployment(1)],
    });
    expect(reached(tagged)).toMatch(/^us state /m);
    const named = litellm({
      ...tagged,
      deployments: [deployment(0, { tags: ["default"] }), deployment(1, { tags: ["paid"] })],
    });
    expect(reached(named)).toMatch(/^us state /m);
    expect(reached(byId)).toMatch(
      /^us state fallback to o when m has failed.*a deployment's own id skips every filter/m,
    );
  });
});
