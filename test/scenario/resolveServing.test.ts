import { expect, test } from "vitest";
import { formatIssues, loadScenario, type Scenario, type Serving } from "../../src/scenario/index.js";
import { HEAVY } from "./malformed/heavyBase.js";

const NONE = Number.POSITIVE_INFINITY;

function load(text: string): Scenario {
  const result = loadScenario({ file: "s.yaml", text, read: () => "" });
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  return result.scenario;
}

const heavy = load(HEAVY);
const endpoint = (id: string): Scenario["deployment"]["endpoints"][number] =>
  heavy.deployment.endpoints.find((each) => each.id === id)!;
const replicas = (id: string): Extract<Serving, { kind: "replicas" }> => {
  const { serving } = endpoint(id);
  if (serving.kind !== "replicas") throw new Error(`${id} has no replicas`);
  return serving;
};

test("replicas arrive whole: sizes as written, times in µs, the preset with what it is worth", () => {
  expect(replicas("own")).toEqual({
    kind: "replicas",
    // The catalogue's row: 7.63 ms, 40.7 µs, 37 µs, 10.04 ns.
    stepTime: {
      baseUs: 7630,
      prefillUsPerToken: 40.7,
      decodeUsPerSequence: 37,
      kvUsPerToken: expect.closeTo(0.01004, 12),
    },
    preset: expect.objectContaining({
      id: "llama-3.1-70b/h200-sxm/tp4/fp8/trtllm",
      heldOutMeanPercent: 2.3,
      heldOutWorstPercent: 6,
      hull: { inputTokens: [1024, 8192], outputTokens: [1024, 8192], concurrency: [4, 128] },
    }),
    replicas: 8,
    maxSequences: 240,
    maxBatchedTokens: 8190,
    kvTokens: 440_000,
    kvBlockTokens: 32,
    concurrency: 8 * 240,
    queueLimit: 900,
    overheadUs: 30_000,
    prefixCache: { capacityTokens: 200_000, blockTokens: 256 },
    coldStartUs: 100_000_000,
    warmPool: 1,
    startsPerMin: 4,
    autoscale: {
      on: "queue",
      target: 3,
      min: 2,
      max: 16,
      intervalUs: 20_000_000,
      provisionUs: 150_000_000,
      scaleInAfterUs: 420_000_000,
    },
  });
});

test("step times of one's own keep their fractions of a µs, and what is not said has its default", () => {
  expect(replicas("fixed")).toEqual({
    kind: "replicas",
    stepTime: { baseUs: 6500, prefillUsPerToken: 22.8, decodeUsPerSequence: 22.9, kvUsPerToken: 0.00602 },
    preset: null,
    replicas: 1,
    maxSequences: 256,
    maxBatchedTokens: 8192,
    kvTokens: 54_400,
    kvBlockTokens: 16,
    concurrency: 256,
    queueLimit: 1000,
    overheadUs: 0,
    prefixCache: null,
    coldStartUs: 120_000_000,
    warmPool: 0,
    startsPerMin: NONE,
    autoscale: null,
  });
});

test("a cache given as a share is a share of the memory of all replicas", () => {
  const text = HEAVY.replace("{ tokens: 200000, blockTokens: 256 }", "{ share: 30% }");
  const { serving } = load(text).deployment.endpoints[0]!;
  expect(serving).toMatchObject({ prefixCache: { capacityTokens: 0.3 * 8 * 440_000, blockTokens: 512 } });
});

test("lines, crashes and costs of endpoints arrive in ms and µs", () => {
  expect(endpoint("own").queue).toEqual({
    order: "adaptive-lifo",
    dropExpired: true,
    codel: null,
    shed: { step: 0.2, floor: 0.6 },
  });
  expect(endpoint("own").rejectCostUs).toBe(5000);
  expect(endpoint("own").crash).toEqual({ atCalls: 2500, afterUs: 12_000_000, restartUs: 90_000_000 });
  expect(endpoint("box")).toMatchObject({ crash: null, rejectCostUs: 0, price: null });
  expect(heavy.deployment.gateways.map((gateway) => gateway.queue)).toEqual([
    { order: "priority", dropExpired: false, codel: { targetMs: 6, intervalMs: 110 }, shed: null },
    { order: "fifo", dropExpired: false, codel: null, shed: null },
  ]);
});

test("prices are one's own, the catalogue's, or one's own over the catalogue's", () => {
  expect(endpoint("own").price).toEqual({
    inputUsd: 0.5,
    cachedInputUsd: 0.05,
    outputUsd: 1.5,
    residencyFactor: 1.1,
    perReplicaHourUsd: 24.5,
  });
  const gpt = { inputUsd: 1.25, cachedInputUsd: 0.125, outputUsd: 10 };
  expect(endpoint("own-us").price).toEqual({ ...gpt, residencyFactor: 1, perReplicaHourUsd: 0 });
  const priced = (form: string): unknown =>
    load(HEAVY.replace('price: "openai:gpt-5.1"', `price: ${form}`)).deployment.endpoints[1]!.price;
  // The endpoint it is like had figures, and mappings merge: the row lies under them.
  expect(priced("{ catalogue: openai:gpt-5.1 }")).toMatchObject({ inputUsd: 0.5, residencyFactor: 1.1 });
  const cleared = "input: null, cachedInput: null, output: null, perReplicaHour: null";
  expect(priced(`{ catalogue: openai:gpt-5.1, ${cleared} }`)).toEqual({
    ...gpt,
    residencyFactor: 1.1,
    perReplicaHourUsd: 0,
  });
  // Prompts at a price of one's own make cached ones cost the same, unless they are priced too.
  expect(priced("{ input: 3, cachedInput: null }")).toMatchObject({ inputUsd: 3, cachedInputUsd: 3 });
});

test("limits and quotas arrive as providers apply them, over the endpoints they name", () => {
  expect(endpoint("fixed").limits).toEqual({
    requestsPerMin: 600,
    tokensPerMin: 70_000,
    requestBurst: 600,
    tokenBurst: 70_000,
    tokensPerDay: 9_000_000,
    outputBurndown: 5,
    countsCached: false,
    acceleration: { factorPerMin: 1.5, freePerMin: 10_000 },
  });
  expect(
    heavy.deployment.quotas.map(({ id, endpointIndices, perTenant, limits }) => ({
      id,
      endpointIndices,
      perTenant,
      per: [limits.requestsPerMin, limits.tokensPerMin, limits.tokensPerDay],
    })),
  ).toEqual([
    { id: "account", endpointIndices: [0, 1, 2, 3], perTenant: true, per: [NONE, 5_000_000, NONE] },
    { id: "shared", endpointIndices: [0, 1], perTenant: false, per: [3000, NONE, NONE] },
    { id: "smalls", endpointIndices: [2, 3], perTenant: false, per: [NONE, NONE, 100_000_000] },
  ]);
});

test("sessions, tenants, prefixes and closed sites arrive with thinking in µs", () => {
  expect(heavy.workload.classes[0]).toMatchObject({
    tenant: "acme",
    sharedPrefixTokens: 128,
    session: {
      turns: { kind: "exponential", mean: 4 },
      think: { kind: "deterministic", value: 25_000_000 },
      maxContextTokens: 16_000,
    },
  });
  expect(heavy.workload.classes[1]).toMatchObject({
    tenant: "default",
    sharedPrefixTokens: 0,
    session: null,
  });
  expect(heavy.workload.sites[0]?.closed).toEqual({
    users: 50,
    think: { kind: "exponential", mean: 9_000_000 },
  });
  expect([...heavy.workload.sites[0]!.perSecond]).toEqual([0]);
  expect(heavy.workload.sites[1]?.closed).toBeNull();
});

test("a control plane that is down hits the region it names, from its start to its end", () => {
  expect(heavy.faults).toEqual([
    {
      id: "fault-1",
      kind: "control-plane-down",
      target: { kind: "region", index: 0 },
      startUs: 300_000_000,
      endUs: 420_000_000,
    },
  ]);
  const everywhere = load(HEAVY.replace("control-plane-down, region: eu", "control-plane-down, target: all"));
  expect(everywhere.faults[0]).toMatchObject({ target: { kind: "all" } });
});
