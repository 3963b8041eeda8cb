/** What an outage does to whom: latencies, refusals, timelines and places, each worked out by hand. */
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import type { Result } from "../../src/result/index.js";
import type { Entry, Fault, HealthCheck, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  gateway,
  region,
  SECOND,
  server,
  site,
} from "./buildScenario.js";
import { asking, during, region0, region1 } from "./lawsScenario.js";

const EU_STAYS = {
  id: "eu-stays",
  when: { origin: ["DE"] },
  require: { processing: ["DE"], logs: ["DE"] },
  onEmpty: "refuse",
} as const;
const inDe = { processing: ["DE"], logs: ["DE"] };
const inUs = { processing: ["US"], logs: ["US"] };
const WORK_MS = 100;

function dns(more: Partial<Extract<Entry, { kind: "geo-dns" }>> = {}): Entry {
  return {
    kind: "geo-dns",
    ttlUs: 0,
    tailShare: 0,
    tailFactor: 1,
    resolversPerSite: 1,
    check: check(1, 0.5, 2, 2),
    checkers: 1,
    quorum: 0.5,
    ...more,
  };
}

/** 20 ms to the own region and 100 ms over the ocean, from users and between regions alike. */
function euUs(
  entry: Entry,
  faults: readonly Fault[],
  more: { readonly durationS?: number; readonly health?: HealthCheck } = {},
): Scenario {
  return buildScenario({
    durationS: more.durationS ?? 100,
    regions: [region("eu", "DE"), region("us", "US")],
    gateways: [gateway("gw-eu", 0, { data: inDe }), gateway("gw-us", 1, { data: inUs })],
    endpoints: [
      endpoint("eu-model", 0, server(fixed(WORK_MS * 1000), 1000), { data: inDe }),
      endpoint("us-model", 1, server(fixed(WORK_MS * 1000), 1000), { data: inUs }),
    ],
    sites: [site("berlin", "DE", 10, "EU"), site("boston", "US", 10)],
    accessRttMs: [20, 100, 100, 20],
    backboneRttMs: [0, 100, 100, 0],
    deployment: {
      entry,
      residency: [EU_STAYS],
      routing: {
        strategy: "nearest",
        health: more.health ?? null,
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
    client: { timeout: fixed(5 * SECOND) },
    faults,
  });
}

/** EU prompts that any place outside the EU saw. */
function euRowsAbroad(result: Result): number {
  return result.residency.rows.filter(({ origin, country }) => origin === "EU" && country !== "DE").length;
}

function only(counts: Readonly<Record<string, number | undefined>>): string {
  return Object.keys(counts).sort().join(" ");
}

describe("a region dies", () => {
  const outage = (target: object): Fault => during(40, 70, { kind: "region-down", target, manner: "refuse" });

  it("EU users are refused by the law once the entry knows, and by the dead region before", () => {
    const result = runScenario(euUs(dns(), [outage(region0)]));
    const [fault] = result.faults;
    expect(fault!.detectedS).toBeGreaterThanOrEqual(41);
    expect(fault!.detectedS).toBeLessThan(42);
    expect(only(result.refused)).toBe("connection_refused residency_no_legal_region");
    const perSecond = result.series.refusedByCause;
    expect(perSecond.residency_no_legal_region!.every((n, s) => n === 0 || (s >= 41 && s < 73))).toBe(true);
    expect(perSecond.connection_refused!.every((n, s) => n === 0 || (s >= 40 && s < 43))).toBe(true);
    expect(only(result.refusedBy.origin.US!)).toBe("");
    expect({ violations: result.residency.violations, abroad: euRowsAbroad(result) }).toEqual({
      violations: 0,
      abroad: 0,
    });
    expect(result.residency.checked).toBeGreaterThan(1000);
  });

  it("US users go to the EU and pay for the ocean, no more and no less", () => {
    const result = runScenario(euUs(dns(), [outage(region1)]));
    const { originInPhase } = result.latency.e2eMs;
    expect(originInPhase.US!.before).toMatchObject({ max: 20 + WORK_MS, mean: 20 + WORK_MS });
    expect(originInPhase.US!.during).toMatchObject({ max: 100 + WORK_MS, mean: 100 + WORK_MS });
    expect(result.servedBy.US!.during).toMatchObject({ us: 0 });
    expect(originInPhase.EU!.during!.max).toBe(20 + WORK_MS);
    expect(only(result.refused)).toBe("connection_refused");
    expect(result.residency.violations).toBe(0);
  });

  it("a gateway whose endpoint is down sends US users over the backbone and refuses EU users", () => {
    const down = (index: number, from: number): Fault =>
      during(
        from,
        from + 20,
        { kind: "endpoint-down", target: { kind: "endpoint", index }, manner: "refuse" },
        `e${index}`,
      );
    const result = runScenario(
      euUs({ kind: "direct", failover: false }, [down(0, 20), down(1, 60)], { health: check(1, 0.5, 2, 2) }),
    );
    expect(result.latency.e2eMs.originInPhase.US!["during e1"]!.max).toBe(20 + 100 + WORK_MS);
    expect(only(result.refusedBy.originInPhase.EU!["during e0"]!)).toBe(
      "connection_refused residency_no_legal_region",
    );
    expect(only(result.refusedBy.originInPhase.EU!["during e1"]!)).toBe("");
    expect(euRowsAbroad(result)).toBe(0);
  });

  it("one anycast prefix for the world takes EU users abroad, and the auditor sees it", () => {
    const anycast = (scope: "lawful" | "global"): Entry => ({
      kind: "anycast",
      convergenceUs: SECOND,
      check: check(1, 0.5, 2, 2),
      scope,
    });
    const blind = runScenario(euUs(anycast("global"), [outage(region0)]));
    const lawful = runScenario(euUs(anycast("lawful"), [outage(region0)]));
    expect(lawful.residency.violations).toBe(0);
    const seen = blind.residency.rows.filter((row) => !row.lawful);
    expect(seen.map(({ origin, at, country, rule }) => [origin, at, country, rule].join(" "))).toEqual([
      "EU gw-us US eu-stays",
      "EU gw-us US eu-stays",
    ]);
    // Two channels of every EU request while the prefix leads abroad: from about 42.5 to about 72.5, ten a second.
    expect(Math.abs(blind.residency.violations - 2 * 10 * 30)).toBeLessThan(
      4 * 2 * Math.sqrt(10 * 30) + 2 * 2 * 10,
    );
  });
});

describe("the timeline of a fault", () => {
  const TTL_S = 60;
  const PER_SECOND = 100;
  const RESOLVERS = 100;
  const asked = Array.from({ length: PER_SECOND * 500 }, (_, n) => ({ atS: n / PER_SECOND }));
  const entry = dns({ ttlUs: TTL_S * SECOND, resolversPerSite: RESOLVERS, check: check(10, 1, 3, 2) });
  const outage = during(200, 400, { kind: "region-down", target: region0, manner: "refuse" });
  const scenario = asking(euUs(entry, [outage], { durationS: 500 }), asked);
  // Without the rule the EU may be served abroad, so that traffic can shift.
  const result = runScenario({ ...scenario, deployment: { ...scenario.deployment, residency: [] } });
  const fault = result.faults[0]!;

  it("has its first impact when it starts, on the calls that are under way", () => {
    expect(fault.firstImpactS).toBe(200);
  });

  it("is detected with the third failed probe, so two to three intervals after the start", () => {
    expect(fault.detectedS).toBeGreaterThanOrEqual(220);
    expect(fault.detectedS).toBeLessThan(230);
    expect(result.lanes.find(({ observer }) => observer === "entry")?.startS).toBe(fault.detectedS);
  });

  it("shifts traffic as resolvers' answers run out: evenly over one TTL after detection", () => {
    // Four standard errors of a quantile of a hundred remaining lives, and the window it is read in.
    for (const [share, shiftedS] of [
      [0.5, fault.shifted50S],
      [0.95, fault.shifted95S],
      [0.99, fault.shifted99S],
    ] as const) {
      const expectedS = fault.detectedS! + share * TTL_S - 2.5;
      const toleranceS = 4 * TTL_S * Math.sqrt((share * (1 - share)) / RESOLVERS) + 3;
      expect(Math.abs(shiftedS! - expectedS), `${share}: ${shiftedS} for ${expectedS}`).toBeLessThan(
        toleranceS,
      );
    }
  });

  it("counts as refused what came before the shift, and is over when it ends", () => {
    expect(fault.restoredS).toBe(400);
    // All until detection, half of what comes in the TTL after it; resolvers share the load by luck.
    const expected = PER_SECOND * (fault.detectedS! - 200 + TTL_S / 2);
    const spread = (PER_SECOND * TTL_S) / Math.sqrt(12 * RESOLVERS) + Math.sqrt(expected);
    expect(Math.abs(fault.refused - expected), `${fault.refused} for ${expected}`).toBeLessThan(4 * spread);
    expect(result.requests.refused).toBe(fault.refused);
    expect(result.cascade).toMatchObject({ edges: [], depth: 0, metastable: false });
  });
});
