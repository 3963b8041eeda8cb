import { expect, test } from "vitest";
import { type Distribution, Sampler } from "../../src/kernel/index.js";
import { formatIssues, loadScenario, type Scenario } from "../../src/scenario/index.js";

const SMALL = `schema: regionsim/1
name: small
duration: 1h
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, us: { at: "aws:us-east-1" } }
  endpoints: { m: { region: eu, model: a, serving: { kind: server, service: 1s } } }
workload: { sites: [{ from: DE, rate: 2rps }] }
`;

function load(text: string, seed?: string): Scenario {
  const result = loadScenario({
    file: "s.yaml",
    text,
    read: () => "",
    ...(seed === undefined ? {} : { seed }),
  });
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  return result.scenario;
}

const served = (law: string): Distribution => {
  const { serving } = load(SMALL.replace("service: 1s", `service: ${law}`)).deployment.endpoints[0]!;
  return serving.kind === "server" ? serving.service : { kind: "deterministic", value: 0 };
};

test("seven lines are a scenario: gateways, entry, class and client come by default", () => {
  const { deployment, workload, seed, warmupUs, startUtcHour } = load(SMALL);
  expect(seed).toBe("regionsim");
  expect(warmupUs).toBe(0);
  expect(startUtcHour).toBe(0);
  expect(deployment.gateways).toMatchObject([
    { id: "eu", regionIndex: 0, data: { processing: ["DE"], logs: ["DE"] } },
    { id: "us", regionIndex: 1, data: { processing: ["US"], logs: ["US"] } },
  ]);
  expect(deployment.entry).toMatchObject({ kind: "geo-dns", ttlUs: 60_000_000, checkers: 16, quorum: 0.18 });
  expect(deployment.caller.retry.retries).toBe(0);
  expect(workload.classes).toMatchObject([
    { id: "chat", model: "a", share: 1, inputTokens: { kind: "quantiles" } },
  ]);
  expect(workload.client).toMatchObject({
    timeout: { kind: "deterministic", value: 30_000_000 },
    handshakeRoundTrips: 2,
  });
  expect(deployment.endpoints[0]?.limits.requestsPerMin).toBe(Number.POSITIVE_INFINITY);
});

test("a scenario is frozen all the way down", () => {
  const scenario = load(SMALL);
  expect(Object.isFrozen(scenario)).toBe(true);
  expect(Object.isFrozen(scenario.deployment.regions[0])).toBe(true);
  expect(Object.isFrozen(scenario.workload.sites)).toBe(true);
});

test("percentiles given are percentiles drawn", () => {
  const two = new Sampler(served("{ p50: 450ms, p99: 1800ms }"));
  expect(two.sample(0.5)).toBeCloseTo(450_000, 3);
  expect(two.sample(0.99)).toBeCloseTo(1_800_000, 3);
  const table = new Sampler(served("{ p50: 1s, p90: 2s, p99.9: 9s }"));
  expect(table.sample(0.5)).toBeCloseTo(1_000_000, 3);
  expect(table.sample(0.9)).toBeCloseTo(2_000_000, 3);
  expect(table.sample(0.999)).toBeCloseTo(9_000_000, 3);
});

test("means and spreads given are means and spreads drawn", () => {
  expect(new Sampler(served("{ kind: exponential, mean: 3s }")).mean).toBe(3_000_000);
  expect(new Sampler(served("{ kind: lognormal, mean: 3s, cv: 0.7 }")).mean).toBeCloseTo(3_000_000, 2);
  const gamma = served("{ kind: gamma, mean: 3s, cv: 0.5 }");
  expect(gamma).toMatchObject({ kind: "gamma", shape: 4 });
  expect(new Sampler(gamma).mean).toBeCloseTo(3_000_000, 2);
  // Pareto with minimum 1 s and shape 3: mean = shape / (shape − 1) × minimum = 1.5 s.
  expect(new Sampler(served("{ kind: pareto, min: 1s, shape: 3 }")).mean).toBeCloseTo(1_500_000, 2);
  expect(served("{ p50: 2s, sigma: 0.5 }")).toMatchObject({ kind: "lognormal", sigma: 0.5 });
  expect(served("2s")).toEqual({ kind: "deterministic", value: 2_000_000 });
});

test("people have days by local time, a rate is as written", () => {
  const site = (line: string): Scenario["workload"]["sites"][number] =>
    load(SMALL.replace("duration: 1h", "duration: 24h").replace("{ from: DE, rate: 2rps }", line)).workload
      .sites[0]!;
  const flat = site("{ from: DE, rate: 2rps }");
  expect([...flat.perSecond]).toEqual([2]);
  const people = site("{ from: DE, users: 3600, perUserPerHour: 1 }");
  expect(people.startsUs.length).toBeGreaterThan(12);
  // The curve's mean over a day is 1, so a whole day asks 86 400 times.
  const asked = people.perSecond.reduce(
    (sum, rate, i) => sum + rate * ((people.startsUs[i + 1] ?? 86_400_000_000) - people.startsUs[i]!),
    0,
  );
  expect(asked / 1_000_000).toBeCloseTo(86_400, 3);
  const east = site("{ from: JP, users: 3600, perUserPerHour: 1 }");
  // Japan is 8 hours ahead of Germany in standard time: the same step comes 8 hours earlier.
  const peak = (each: typeof people): number =>
    each.startsUs[each.perSecond.indexOf(Math.max(...each.perSecond))]!;
  expect(((peak(people) - peak(east)) / 3_600_000_000 + 24) % 24).toBe(8);
});

test("a start between hours keeps the steps on the hours", () => {
  const { startsUs } = load(
    SMALL.replace("duration: 1h", 'duration: 5h\nstart: "13:20"').replace(
      "rate: 2rps",
      "rate: 2rps, diurnal: assistant",
    ),
  ).workload.sites[0]!;
  expect(startsUs[0]).toBe(0);
  // 13:20 to the next full hour is 40 minutes.
  expect(startsUs[1]).toBe(2_400_000_000);
});

test("one round trip for all pairs replaces every figure; a pair replaces its own, both ways between regions", () => {
  const uniform = load(
    SMALL.replace("  endpoints:", "  network: { rtt: 0ms, jitter: none }\n  endpoints:"),
  ).network;
  expect([...uniform.siteRegionRttUs, ...uniform.regionRegionRttUs].every((us) => us === 0)).toBe(true);
  expect(uniform.accessJitter).toEqual({ kind: "deterministic", value: 0 });
  const pairs = load(
    SMALL.replace("  endpoints:", '  network: { rtt: { "DE->us": 77ms, "us->eu": 88ms } }\n  endpoints:'),
  ).network;
  expect(pairs.siteRegionRttUs[1]).toBe(77_000);
  expect(pairs.siteRegionRttUs[0]).toBeGreaterThan(0);
  expect(pairs.regionRegionRttUs[1]).toBe(88_000);
  expect(pairs.regionRegionRttUs[2]).toBe(88_000);
  expect(pairs.sources.some((source) => source.includes("given in the scenario"))).toBe(true);
});

test("a random fault comes by its means, without overlap, the same for a seed and another for another", () => {
  const random = `${SMALL.replace("duration: 1h", "duration: 50d")}faults:\n  - { id: flaky, kind: endpoint-down, endpoint: m, every: { mean: 1h }, lasting: { mean: 6m } }\n`;
  const { faults } = load(random);
  // Cycles of 66 min in 72 000 min: 1 091 expected; renewal standard deviation ≈ √n · σ/µ = √1091 · √(60² + 6²)/66 ≈ 30; four are 121.
  expect(Math.abs(faults.length - 1091)).toBeLessThan(121);
  expect(faults[0]?.id).toBe("flaky-1");
  faults.forEach((fault, i) => {
    expect(fault.endUs).toBeGreaterThan(fault.startUs);
    if (i > 0) expect(fault.startUs).toBeGreaterThan(faults[i - 1]!.endUs);
  });
  const meanMin =
    faults.reduce((sum, fault) => sum + fault.endUs - fault.startUs, 0) / faults.length / 60_000_000;
  // Exponential mean 6 min: standard error 6/√1091 = 0.18; four are 0.73.
  expect(Math.abs(meanMin - 6)).toBeLessThan(0.73);
  expect(load(random).faults).toEqual(faults);
  expect(load(random, "other").faults).not.toEqual(faults);
});

test("another fault in the file does not move a random fault that has an id", () => {
  const one =
    "  - { id: flaky, kind: endpoint-down, endpoint: m, every: { mean: 5m }, lasting: { mean: 1m } }\n";
  const other = "  - { kind: entry-frozen, at: 1m }\n";
  const alone = load(`${SMALL}faults:\n${one}`).faults;
  const after = load(`${SMALL}faults:\n${other}${one}`).faults;
  expect(after.slice(1)).toEqual(alone);
});

test("a fault without an end lasts to the end of the run", () => {
  const { faults } = load(`${SMALL}faults:\n  - { at: 10m, kind: entry-frozen }\n`);
  expect(faults).toEqual([
    { id: "fault-1", kind: "entry-frozen", startUs: 600_000_000, endUs: 3_600_000_000 },
  ]);
});

test("issues print as text, JSON and workflow annotations", () => {
  const result = loadScenario({
    file: "a,b:c.yaml",
    text: SMALL.replace("name: small", "name: small\nduratoin: 5%"),
    read: () => "",
  });
  if (result.ok) throw new Error("loaded");
  const text = formatIssues(result.issues, { format: "text" });
  expect(text).toBe(
    "a,b:c.yaml: 1 problem\n  a,b:c.yaml:3:1: duratoin is unknown (did you mean duration?) [unknown-key]\n",
  );
  expect(JSON.parse(formatIssues(result.issues, { format: "json" }))).toEqual({ problems: result.issues });
  expect(formatIssues(result.issues, { format: "github" })).toBe(
    "::error file=a%2Cb%3Ac.yaml,line=3,col=1,title=unknown-key at duratoin::duratoin is unknown (did you mean duration?)\n",
  );
  expect(formatIssues([], { format: "text" })).toBe("");
});
