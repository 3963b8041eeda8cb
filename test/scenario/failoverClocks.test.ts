/** Presets of failover clocks: what they set, what lies over them, and the published worst cases they come to. */
import { describe, expect, it } from "vitest";
import { FAILOVER_CLOCKS } from "../../src/scenario/catalogue/index.js";
import { type Deployment, loadScenario, type Scenario } from "../../src/scenario/index.js";
import { entryWorstCase, routingWorstCase, worstDetectUs } from "../../src/scenario/worstCase.js";
import { num, withVectors } from "../policy/callerReference.js";

const S = 1e6;

function textOf(entry: string, health: string): string {
  return `schema: regionsim/1
name: clocks
duration: 10m
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, us: { at: "aws:us-east-1" } }
  endpoints: { a: { region: eu, model: m, serving: { kind: provider, ttft: 500ms, perToken: 10ms, concurrency: 5 } } }
  entry: ${entry}
  routing: { health: ${health} }
workload:
  sites: [{ from: DE, rate: 1rps }]
  classes: { chat: { model: m } }
`;
}

function issuesOf(entry: string, health = "{ fall: 3 }"): string[] {
  const result = loadScenario({ file: "clocks.yaml", text: textOf(entry, health), read: () => "" });
  return result.ok ? [] : result.issues.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

function loaded(entry: string, health = "{ fall: 3 }"): Scenario {
  const result = loadScenario({ file: "clocks.yaml", text: textOf(entry, health), read: () => "" });
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join("\n"));
  return result.scenario;
}

const entryOf = (entry: string): Deployment["entry"] => loaded(entry).deployment.entry;

describe("presets of failover clocks", () => {
  it("all load where they belong, and come to the published times", () => {
    for (const row of FAILOVER_CLOCKS) {
      const isHealth = row.place === "health";
      const scenario = isHealth
        ? loaded("{ kind: direct }", `{ preset: ${row.id} }`)
        : loaded(`{ kind: ${row.place}, preset: ${row.id} }`);
      const { entry, routing } = scenario.deployment;
      const worst = isHealth ? routingWorstCase(routing.health) : entryWorstCase(entry);
      const check = isHealth || entry.kind === "direct" ? routing.health! : entry.check!;
      expect(worst, row.id).not.toBeNull();
      if (row.publishedWorstS !== null) expect(worst!.movedUs, row.id).toBe(row.publishedWorstS * S);
      if (row.publishedDetectS !== null) {
        // Publishers count probes; the timeout of the last comes on top, except where they count repeats.
        const published = worstDetectUs(check.retries === undefined ? { ...check, timeoutUs: 0 } : check);
        expect(published, row.id).toBe(row.publishedDetectS * S);
      }
    }
  });

  it("say what kind of entry they are", () => {
    expect(entryOf("{ preset: azure-front-door }")).toMatchObject({
      kind: "anycast",
      preset: "azure-front-door",
      convergenceUs: 0,
      check: { intervalUs: 30 * S, window: { size: 4, required: 2 } },
    });
    expect(entryOf("{ preset: cloudflare }")).toMatchObject({ kind: "geo-dns", check: { retries: 2 } });
  });

  it("lie below what the file says beside them", () => {
    expect(entryOf("{ preset: route53-fast, ttl: 5s, check: { interval: 20s }, checkers: 2 }")).toMatchObject(
      {
        ttlUs: 5 * S,
        checkers: 2,
        quorum: 0.18,
        check: { intervalUs: 20 * S, timeoutUs: 6 * S, fall: 3 },
      },
    );
    const counted = entryOf("{ preset: azure-front-door, check: { fall: 2 } }");
    expect(counted).toMatchObject({ check: { fall: 2, intervalUs: 30 * S } });
    expect(counted).not.toHaveProperty("check.window");
    const { health } = loaded("{ kind: direct }", "{ preset: envoy-gateway, timeout: 2s }").deployment
      .routing;
    expect(health).toMatchObject({
      intervalUs: 3 * S,
      timeoutUs: 2 * S,
      fall: 3,
      rise: 1,
      schedule: "re-armed",
    });
    expect(entryOf("{ preset: route53-fast, check: none }")).toMatchObject({ check: null, ttlUs: 60 * S });
  });

  it("give a check within an entry its figures too", () => {
    const entry = entryOf("{ kind: anycast, check: { preset: envoy-gateway, interval: 4s } }");
    expect(entry).toMatchObject({ check: { intervalUs: 4 * S, timeoutUs: S, preset: "envoy-gateway" } });
  });

  it("are refused by a name that nothing has, for the wrong kind, and beside what contradicts them", () => {
    expect(issuesOf("{ kind: geo-dns, preset: route53-quick }")).toEqual([
      expect.stringMatching(
        /^7:35 deployment\.entry\.preset must be one of .*route53-fast,.*got "route53-quick"/,
      ),
    ]);
    expect(issuesOf("{ kind: geo-dns, preset: azure-front-door }")[0]).toContain(
      "deployment.entry.preset must be",
    );
    expect(issuesOf("{ kind: direct, preset: cloudflare }")[0]).toContain("preset");
    expect(issuesOf("{ kind: direct }", "{ window: { size: 4, required: 2 }, fall: 3 }")).toEqual([
      "8:64 deployment.routing.health.fall must be left out beside window, which decides alone, got 3",
    ]);
    expect(issuesOf("{ kind: direct }", "{ window: { size: 2, required: 3 } }")[0]).toContain(
      "deployment.routing.health.window must be a window with at most as many required as its size",
    );
    expect(issuesOf("{ kind: direct }", "{ retries: 11 }")[0]).toContain("a whole number from 0 to 10");
  });
});

describe("an entry that is nothing but a preset nobody knows", () => {
  it("is told the preset it probably means, and nothing of a kind", () => {
    const result = loadScenario({
      file: "clocks.yaml",
      text: textOf("{ preset: route53fast }", "none"),
      read: () => "",
    });
    expect(result.ok ? [] : result.issues).toEqual([
      expect.objectContaining({
        line: 7,
        column: 20,
        message: 'deployment.entry.preset is unknown: no preset of an entry "route53fast"',
        suggestion: '"route53-fast"',
      }),
    ]);
  });

  it("is told all names where none is near", () => {
    expect(issuesOf("{ preset: akamai }")).toEqual([
      expect.stringMatching(/^7:20 .* no preset of an entry "akamai"; there is route53-standard, .*global/),
    ]);
  });
});

describe("the worst case of a clock", () => {
  it("is unbounded where nothing would notice", () => {
    expect(entryWorstCase(entryOf("{ kind: direct }"))).toBeNull();
    expect(entryWorstCase(entryOf("{ kind: anycast, check: none }"))).toBeNull();
    expect(routingWorstCase(loaded("{ kind: direct }", "none").deployment.routing.health)).toBeNull();
  });

  it("adds the time a route takes, or the life of an answer, longer in the tail", () => {
    const check = "check: { interval: 10s, timeout: 2s, fall: 2 }";
    expect(entryWorstCase(entryOf(`{ kind: anycast, convergence: 60s, ${check} }`))).toEqual({
      detectUs: 82 * S,
      movedUs: 82 * S,
      tailUs: 82 * S,
    });
    const dns = `kind: geo-dns, ttl: 30s, tailFactor: 10, ${check}`;
    expect(entryWorstCase(entryOf(`{ ${dns}, tailShare: 5% }`))).toEqual({
      detectUs: 22 * S,
      movedUs: 52 * S,
      tailUs: 322 * S,
    });
    expect(entryWorstCase(entryOf(`{ ${dns}, tailShare: 0 }`))?.tailUs).toBe(52 * S);
  });

  it("counts the answer under way and every wait of a check that re-arms", () => {
    const health = "{ interval: 5s, timeout: 1s, fall: 3, schedule: re-armed }";
    expect(routingWorstCase(loaded("{ kind: direct }", health).deployment.routing.health)?.movedUs).toBe(
      19 * S,
    );
  });
});

/** System of the reference → preset. */
const SYSTEMS: Readonly<Record<string, string>> = {
  "route53 standard": "route53-standard",
  "traffic manager fastest": "azure-traffic-manager-fastest",
  "front door": "azure-front-door",
  "envoy active": "envoy-active",
  cloudflare: "cloudflare",
  "global accelerator": "global-accelerator",
};

describe("published vectors of failover clocks", () => {
  withVectors((vectors) => {
    it("have a preset each, with the published interval and times", () => {
      const cases = vectors.find(({ id }) => id === "failover-clock")!.cases;
      // Ejection by traffic is the caller's outlier detection, which counts requests and has no clock.
      const systems = cases.filter((c) => c.system !== "envoy outlier");
      expect(systems.map((c) => c.system).sort()).toEqual(Object.keys(SYSTEMS).sort());
      for (const c of systems) {
        const row = FAILOVER_CLOCKS.find(({ id }) => id === SYSTEMS[String(c.system)])!;
        const check = row.settings.check ?? row.settings;
        expect(check.interval).toBe(`${num(c, "interval")}s`);
        if (c.ttl !== undefined) expect(row.settings.ttl).toBe(`${num(c, "ttl")}s`);
        if (c.worst_s !== undefined) expect(row.publishedWorstS).toBe(c.worst_s);
        if (c.detect_s !== undefined) expect(row.publishedDetectS).toBe(c.detect_s);
        if (c.detect_worst_s !== undefined) expect(row.publishedDetectS).toBe(c.detect_worst_s);
        if (c.threshold !== undefined) expect(check.fall).toBe(c.threshold);
        if (c.tolerated !== undefined) expect(check.fall).toBe(num(c, "tolerated") + 1);
        if (c.unhealthy_threshold !== undefined) expect(check.fall).toBe(c.unhealthy_threshold);
        if (c.sample !== undefined)
          expect(check.window).toEqual({ size: c.sample, required: c.success_required });
      }
    });
  });
});
