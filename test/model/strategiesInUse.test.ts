/** Strategies in a running world: panics that stay within the law, and names that are given by weight and tier. */
import { describe, expect, it } from "vitest";
import type { Recording } from "../../src/metrics/index.js";
import { World } from "../../src/model/index.js";
import { loadScenario } from "../../src/scenario/index.js";

function run(text: string): Recording {
  const loaded = loadScenario({ file: "use.yaml", text, read: () => "" });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  const world = new World(loaded.scenario, 0);
  world.runUntil(loaded.scenario.durationUs);
  return world.finish().recording;
}

/** Requests refused for a cause. */
function refusedFor({ labels, refused }: Recording, cause: string): number {
  const causes = labels.causes.length;
  const c = labels.causes.indexOf(cause);
  return refused.reduce((sum, n, i) => (i % causes === c ? sum + n : sum), 0);
}

/** Prompts that each place of a kind got. */
function promptsAt(
  { ledger, labels }: Recording,
  kind: "gateway" | "endpoint",
): Readonly<Record<string, number>> {
  const places = kind === "gateway" ? labels.gateways : labels.endpoints;
  return Object.fromEntries(
    places.map(({ id }, place) => [
      id,
      ledger
        .filter((row) => row.placeKind === kind && row.place === place)
        .reduce((sum, row) => sum + row.writes, 0),
    ]),
  );
}

/** Both German endpoints are down for two minutes of four, and one in the United States is not. */
const panic = (strategy: string): string =>
  `schema: regionsim/1
name: panic
duration: 4m
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, us: { at: "aws:us-east-1" } }
  gateways: { gw: { region: eu } }
  endpoints:
    a: { region: eu, zone: a, model: m, serving: &s { kind: provider, ttft: 100ms, perToken: 1ms, concurrency: 50 }, data: { processing: DE } }
    b: { like: a, zone: b }
    c: { like: a, region: us, tier: 1, data: { processing: US } }
  entry: { kind: direct }
  residency: [{ when: { origin: DE }, require: { processing: DE } }]
  routing: { strategy: ${strategy}, health: { interval: 1s, timeout: 500ms, fall: 2, rise: 2 } }
workload:
  sites: [{ from: DE, rate: 10rps }]
  classes: { chat: { model: m, inputTokens: 10, outputTokens: 10 } }
faults:
  - { id: a-down, kind: endpoint-down, manner: refuse, target: a, at: 60s, for: 120s }
  - { id: b-down, kind: endpoint-down, manner: refuse, target: b, at: 60s, for: 120s }
`.replace("&s ", "");

describe("everything lawful down", () => {
  const all = run(panic("envoy-priority"));
  const none = run(panic("{ kind: envoy-priority, panic: 0% }"));

  it("is called all the same in a panic, and refused as down where there is none", () => {
    expect(refusedFor(all, "connection_refused")).toBeGreaterThan(1000);
    const down = refusedFor(none, "residency_no_legal_region") + refusedFor(none, "no_healthy_region");
    expect(down).toBeGreaterThan(1000);
    // Before the probes have found out, calls fail as they do in a panic.
    expect(refusedFor(none, "connection_refused")).toBeLessThan(60);
  });

  it("sends nothing out of the law in either case", () => {
    for (const recording of [all, none]) expect(promptsAt(recording, "endpoint").c).toBe(0);
    expect(promptsAt(all, "endpoint").a).toBeGreaterThan(500);
  });
});

/** Two gateways, named by weight or tier to 200 resolvers that keep each answer for a second. */
const names = (one: string, two: string, strategy: string): string => `schema: regionsim/1
name: names
duration: 60s
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, us: { at: "aws:us-east-1" } }
  gateways: { one: { region: eu, ${one} }, two: { region: us, ${two} } }
  endpoints: { a: { region: eu, model: m, serving: { kind: provider, ttft: 10ms, perToken: 1ms, concurrency: 50 } } }
  entry: { kind: geo-dns, strategy: ${strategy}, ttl: 1s, tailShare: 0, resolversPerSite: 200, check: none }
workload:
  sites: [{ from: FR, rate: 100rps }]
  classes: { chat: { model: m, inputTokens: 10, outputTokens: 10 } }
`;

describe("names of gateways", () => {
  const shareOfOne = (recording: Recording): number => {
    const { one, two } = promptsAt(recording, "gateway") as Record<"one" | "two", number>;
    return one / (one + two);
  };

  it("are given by weight: three of four answers", () => {
    // 6000 requests share some 4000 answers (a resolver is asked every two seconds, and keeps an answer for one),
    // one or two to each: as good as 3000 of their own, of which four standard errors are 0.032.
    const share = shareOfOne(run(names("weight: 3", "weight: 1", "weighted")));
    expect(Math.abs(share - 0.75)).toBeLessThan(0.032);
  });

  it("are of the better tier alone while it is up, however far it is", () => {
    expect(shareOfOne(run(names("tier: 1", "tier: 0", "nearest")))).toBe(0);
    expect(shareOfOne(run(names("tier: 0", "tier: 0", "nearest")))).toBe(1);
  });

  it("go far away where a bias makes that seem near", () => {
    expect(shareOfOne(run(names("bias: 0", "bias: 0", "geoproximity")))).toBe(1);
    expect(shareOfOne(run(names("bias: -99", "bias: 0", "geoproximity")))).toBe(0);
  });
});
