import { describe, expect, it } from "vitest";
import { evenly } from "./evenly.js";
import { sizesOf, sizeText } from "./sizeText.js";

interface Parts {
  /** What the first region's endpoint has besides its place; the other's is like it. */
  readonly endpoint: string;
  readonly other?: string;
  readonly objectives: string;
  readonly more?: string;
  readonly deployment?: string;
  readonly sites?: string;
}

/** Two regions, twelve calls a second of a second each, no luck in any of it. */
const two = (parts: Parts): string => `
schema: regionsim/1
name: two
seed: two
duration: 60s
warmup: 6s
deployment:
  regions: { east: { at: "aws:us-east-1" }, west: { at: "aws:us-west-2" } }
  entry: { kind: direct, failover: true }
  endpoints:
    east-model: { region: east, model: m, abandoned: cancel, data: { processing: [US] }, ${parts.endpoint} }
    west-model: { like: east-model, region: west${parts.other ?? ""} }
  network: { rtt: 0ms, lastMile: 0ms, jitter: none }
  routing: { strategy: least-loaded, health: { interval: 500ms, timeout: 200ms, fall: 1, rise: 1 } }
  retry: { attempts: 2 }
${parts.deployment ?? ""}
workload:
  classes: { chat: { model: m, inputTokens: 10, outputTokens: 10, maxOutputTokens: 10 } }
  sites: ${parts.sites ?? "[{ from: US-NY }]"}
  trace: { file: even.csv }
  client: { timeout: 10m, retry: { attempts: 2 } }
faults: [{ at: 1s, for: 1s, kind: region-down, region: east, manner: refuse }]
objectives: [${parts.objectives}]
`;

const FILES = { "even.csv": evenly(12, 60) };
const SERVERS = "serving: { kind: server, service: 1s, concurrency: 12, queue: 0 }";
const CALM = { reps: 1, files: FILES, maxFactor: 3 } as const;
const ANY_ONE = { survive: { kind: "regions", most: 1 } } as const;

describe("a rate limit", () => {
  it("is the rate of the stream it lets through, to the request a minute", async () => {
    // 12 a second are 720 a minute for both; one bucket's burst lasts for less than a second.
    const limits = "limits: { requestsPerMin: 500, requestBurst: 6 }";
    const text = two({
      endpoint: `serving: { kind: server, service: 1s, concurrency: 40, queue: 0 }, ${limits}`,
      other: ", serving: { concurrency: 1 }, limits: { requestsPerMin: 1, requestBurst: 1 }",
      objectives: '"refused{cause=rate_limit_rpm} <= 1"',
    });
    const sizing = await sizeText(text, { ...CALM, knobs: ["east-model"] });
    expect(sizing.knobs[0]!.unit).toBe("requestsPerMin");
    const [found] = sizesOf(sizing);
    expect(Math.abs(found! - 720)).toBeLessThanOrEqual(10);
  });
});

describe("prices", () => {
  it("move capacity to the cheap region as far as each must carry all alone", async () => {
    const text = two({
      endpoint: `${SERVERS}, price: { perReplicaHour: 120 }`,
      other: ", price: { perReplicaHour: 12 }",
      objectives: '"refused <= 1%"',
    });
    const sizing = await sizeText(text, { ...CALM, survive: { kind: "none" } });
    // Twelve calls are under way, wherever; a place in the east is ten times as dear, and there must be one.
    expect(sizesOf(sizing)).toEqual([1, 11]);
    expect(sizing.usdPerMonth!.from).toBeCloseTo(720 * (120 + 12), 6);
    expect(sizing.usdPerMonth!.to).toBeCloseTo(720 * (1 * 10 + 11 * 1), 6);
    expect(sizing.warnings.join(" ")).toContain("a place is taken to cost its share");
  });
});

describe("what no size can do", () => {
  it("for want of anything but capacity ends the search with the loss, the objective and its value", async () => {
    const text = two({ endpoint: SERVERS, objectives: '"e2e.p95 <= 900ms", "refused <= 50%"' });
    const sizing = await sizeText(text, { ...CALM, ...ANY_ONE });
    expect(sizesOf(sizing)).toEqual([null, null]);
    expect(sizing.confirmedBy).toBe(0);
    expect(sizing.unmet.map(({ loss, objective, because }) => [loss, objective, because])).toEqual([
      ["normal", "e2e.p95 <= 900ms", "size"],
      ["without east", "e2e.p95 <= 900ms", "size"],
      ["without west", "e2e.p95 <= 900ms", "size"],
    ]);
    expect(sizing.unmet[0]!.value).toBeCloseTo(1000, -1);
    expect(sizing.warnings[0]).toMatch(
      /^normal: e2e.p95 <= 900ms is missed at 3 times every capacity; it comes to/,
    );
  });

  it("because the law leaves nobody is said, and everything else is sized", async () => {
    const text = two({
      endpoint: SERVERS,
      other: ", data: { processing: [DE] }",
      objectives: '"refused{cause=concurrency_full} <= 14", "refused <= 5%"',
      deployment:
        "  residency: [{ id: stays, when: { origin: US }, require: { processing: US }, onEmpty: refuse }]",
    });
    const sizing = await sizeText(text, { ...CALM, ...ANY_ONE, knobs: ["east-model"] });
    expect(sizing.unmet).toMatchObject([
      { loss: "without east", objective: "refused <= 5%", because: "law" },
    ]);
    expect(sizing.unmet[0]!.unavoidableShare).toBe(1);
    expect(sizing.warnings[0]).toContain(
      "for 100 % of the demand nobody is left then who may lawfully serve it",
    );
    const [found] = sizesOf(sizing);
    expect(found).toBeGreaterThanOrEqual(11);
    expect(found).toBeLessThanOrEqual(12);
  });

  it("with what binds now is sized with the rest, and said to be", async () => {
    const text = two({
      endpoint:
        "serving: { kind: server, service: 1s, concurrency: 5, queue: 0 }, limits: { requestsPerMin: 360, requestBurst: 10 }",
      objectives: '"refused <= 6%"',
    });
    // Places alone do not help: 2 × 360 a minute are 12 a second, less what one region lost takes with it.
    const sizing = await sizeText(text, { ...CALM, ...ANY_ONE, maxFactor: 6 });
    // Gateways have room for a thousand calls, and are left alone.
    expect(sizing.knobs.map(({ endpoint, unit }) => `${endpoint} ${unit}`)).toEqual([
      "east-model servers",
      "west-model servers",
      "east-model requestsPerMin",
      "west-model requestsPerMin",
    ]);
    expect(sizing.warnings.join(" ")).toContain("sized too: deployment.endpoints.east-model.limits");
    expect(sizesOf(sizing).every((size) => size !== null)).toBe(true);
  });
});

describe("an answer", () => {
  it("has been tried, meets, and was missed by every knob with one step less", async () => {
    const text = two({ endpoint: SERVERS, objectives: '"refused <= 1%"' });
    const sizing = await sizeText(text, { ...CALM, survive: { kind: "none" } });
    const found = sizesOf(sizing) as readonly number[];
    const verdictOf = (values: readonly number[]): string | undefined =>
      sizing.trials.find((trial) => trial.values.join() === values.join())?.verdict;
    expect(verdictOf(found)).toBe("meets");
    found.forEach((size, k) => {
      if (size === 1) return;
      expect(verdictOf(found.map((value, i) => (i === k ? value - 1 : value)))).toBe("misses");
    });
    const keys = sizing.trials.map(({ values }) => values.join());
    expect(new Set(keys).size).toBe(keys.length);
    expect(sizing.monotone.checked).toBe(3);
  });

  it("is the same, trial by trial, however often it is asked for", async () => {
    const text = two({ endpoint: SERVERS, objectives: '"refused <= 1%"' });
    const first = await sizeText(text, CALM);
    expect(JSON.stringify(await sizeText(text, CALM))).toBe(JSON.stringify(first));
  });
});
