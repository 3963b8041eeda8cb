/** What a cap on spilled load is for: survivors that are asked for no more than they can do go on living. */
import { describe, expect, it } from "vitest";
import type { Recording } from "../../src/metrics/index.js";
import { World } from "../../src/model/index.js";
import { loadScenario } from "../../src/scenario/index.js";

/** 22 requests a second of about a second each, three endpoints of 10 places, the nearest of which is lost after a minute and a half. */
function runWith(strategy: string): Recording {
  const serving =
    "{ kind: provider, ttft: 500ms, perToken: 10ms, concurrency: 10, queue: 200, slowdownAtFull: 0 }";
  const endpoint = (region: string): string =>
    `{ region: ${region}, model: m, serving: ${serving}, crash: { atCalls: 20, after: 5s, restart: 2m } }`;
  const text = `schema: regionsim/1
name: spill
duration: 4m
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, ie: { at: "aws:eu-west-1" }, us: { at: "aws:us-east-1" } }
  gateways: { gw: { region: eu } }
  endpoints: { a: ${endpoint("eu")}, b: ${endpoint("ie")}, c: ${endpoint("us")} }
  entry: { kind: direct }
  routing: { strategy: ${strategy}, health: { interval: 1s, timeout: 500ms, fall: 2, rise: 2, seesLoad: false } }
workload:
  client: { timeout: 30s }
  sites: [{ from: DE, rate: 22rps }]
  classes: { chat: { model: m, inputTokens: 10, outputTokens: 50 } }
faults: [{ id: lost, kind: endpoint-down, target: a, at: 90s, for: 150s }]
`;
  const loaded = loadScenario({ file: "spill.yaml", text, read: () => "" });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  const world = new World(loaded.scenario, 0);
  world.runUntil(loaded.scenario.durationUs);
  return world.finish().recording;
}

/** Endpoints that overload brought down, in alphabetical order, each once. */
function fallen({ crashes, labels }: Recording): string[] {
  return [...new Set(crashes.map(({ endpoint }) => labels.endpoints[endpoint]!.id))].sort();
}

const refusedOf = ({ refused }: Recording): number => refused.reduce((sum, n) => sum + n, 0);

/** How many fell before the fault. */
const early = ({ crashes }: Recording): number => crashes.filter(({ startUs }) => startUs < 90e6).length;

describe("the loss of one of three endpoints that are filled one after the other", () => {
  it("brings the survivors down where they take whatever spills, and none where a cap holds it back", () => {
    const plain = runWith("{ kind: waterfall, spillCap: none }");
    const capped = runWith("{ kind: waterfall, spillCap: 100%, onCapped: refuse }");
    expect(early(plain)).toBe(0);
    expect(fallen(plain)).toEqual(["b", "c"]);
    expect(fallen(capped)).toEqual([]);
    // What the cap refuses is less than half of what the cascade does.
    expect(refusedOf(capped)).toBeGreaterThan(0);
    expect(refusedOf(capped)).toBeLessThan(0.5 * refusedOf(plain));
  });

  it("is not needed for a cascade where the nearest takes all: that one falls by itself, and then the next", () => {
    const nearest = runWith("nearest");
    expect(early(nearest)).toBeGreaterThan(0);
    expect(fallen(nearest)).toEqual(["a", "b", "c"]);
  });
});
