import { expect, test } from "vitest";
import { formatIssues, loadScenario, type Scenario } from "../../src/scenario/index.js";

const PRESET = "qwen3-32b/h100-sxm/tp4/bf16/vllm-0.12.0";

interface Parts {
  readonly kvTokens?: number;
  readonly maxSequences?: number;
  readonly endpoint?: string;
  readonly deployment?: string;
  readonly workload?: string;
  readonly faults?: string;
  readonly trace?: string;
}

/** Replicas of a catalogue preset with prompts and answers inside what it was measured on, and parts put in. */
function load(parts: Parts): Scenario {
  const workload =
    parts.workload ?? "classes: { c: { inputTokens: 2000, outputTokens: 500, maxOutputTokens: 2000 } }";
  const text = `schema: regionsim/1
name: warned
duration: 10m
deployment:
  regions: { eu: { at: "aws:eu-central-1" } }
  endpoints:
    m: { region: eu, model: a, serving: { kind: replicas, preset: ${PRESET}, kvTokens: ${parts.kvTokens ?? 300_000}, maxSequences: ${parts.maxSequences ?? 16} } ${parts.endpoint ?? ""} }
  ${parts.deployment ?? ""}
workload:
  ${workload}
  sites: [{ from: DE, ${parts.faults === undefined ? "rate: 2rps" : "closed: { users: 3, think: 5s }"} }]
  ${parts.trace === undefined ? "" : "trace: { file: t.csv }"}
faults: [${parts.faults ?? ""}]
`;
  const result = loadScenario({ file: "s.yaml", text, read: () => parts.trace ?? "" });
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  return result.scenario;
}

const warnings = (parts: Parts): readonly string[] => load(parts).warnings;

test("inside what a preset was measured on nothing is warned of", () => {
  expect(load({}).deployment.endpoints[0]?.serving).toMatchObject({
    preset: { hull: { inputTokens: [expect.any(Number), expect.any(Number)] } },
  });
  expect(warnings({})).toEqual([]);
});

test("prompts, answers and crowds outside what a preset was measured on are told", () => {
  const told = warnings({
    workload: "classes: { c: { inputTokens: 20, outputTokens: 90000, maxOutputTokens: 2000 } }",
    maxSequences: 129,
  });
  expect(told).toHaveLength(3);
  expect(told[2]).toMatch(/^endpoint m: maxSequences 129 is more than preset .* was measured with \(128\)/);
  expect(told[0]).toMatch(
    /^endpoint m: prompts of class c \(20 to 20 tokens, 5 % to 95 %\) leave what preset/,
  );
  expect(told[1]).toMatch(/^endpoint m: answers of class c \(90000 to 90000 tokens/);
});

test("a history that a session carries is part of its prompts", () => {
  const session = "session: { turns: 3, think: 1s, maxContext: 60000 }";
  const told = warnings({
    workload: `classes: { c: { inputTokens: 2000, outputTokens: 500, maxOutputTokens: 2000, ${session} } }`,
  });
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("(2000 to 62000 tokens");
});

test("prompts without a bound that may not fit in memory are told, one in a thousand of them", () => {
  // sigma = ln 4 / 2.326 = 0.596, so the 99.9th percentile is 2000 · e^(3.090 · 0.596) = 12 614; the answer adds 2000.
  const workload =
    "classes: { c: { inputTokens: { p50: 2000, p99: 8000 }, outputTokens: 500, maxOutputTokens: 2000 } }";
  const unfit = (kvTokens: number): readonly string[] =>
    warnings({ workload, kvTokens }).filter((told) => told.includes("does not fit"));
  expect(unfit(14_700)).toEqual([]);
  expect(unfit(14_500)).toHaveLength(1);
  expect(unfit(14_500)[0]).toMatch(/one request in a thousand of class c is longer than 146\d\d tokens/);
});

test("what does not fit is told before what is a guess, because a summary prints the first few", () => {
  const workload =
    "classes: { c: { inputTokens: { p50: 20, p99: 8000 }, outputTokens: 500, maxOutputTokens: 2000 } }";
  const told = warnings({ workload, kvTokens: 5000, maxSequences: 129 });
  expect(told).toHaveLength(3);
  expect(told[0]).toContain("does not fit in kvTokens 5000");
});

test("a limit on tokens that half of the requests are larger than is told, and no other", () => {
  // 2000 tokens of prompt, and twice 2000 of an answer that counts double: 6000.
  const limited = (limits: string): readonly string[] => warnings({ endpoint: `, limits: { ${limits} }` });
  expect(limited("tokensPerMin: 5999, outputBurndown: 2")).toEqual([
    "endpoint m: half of the requests of class c reserve 6000 tokens or more (prompt and longest answer), and tokensPerMin 5999 never has more than 5999 at once",
  ]);
  expect(limited("tokensPerMin: 6000, outputBurndown: 2")).toEqual([]);
  expect(limited("tokensPerMin: 5999, tokenBurst: 6000, outputBurndown: 2")).toEqual([]);
});

test("a line that is to drop expired work where nobody tells deadlines is told", () => {
  const endpoint = ", admission: { dropExpired: true }";
  expect(warnings({ endpoint })).toEqual([
    "endpoint m: admission.dropExpired drops nothing, because routing.deadlines is ignore: nobody tells it when users stop waiting",
  ]);
  expect(warnings({ endpoint, deployment: "routing: { deadlines: propagate }" })).toEqual([]);
});

test("rules of a line that replicas do not keep are told, one by one", () => {
  const endpoint = ", admission: { order: lifo, codel: {} }, rejectCost: 1ms";
  expect(warnings({ endpoint })).toEqual([
    "endpoint m: admission.order changes nothing, because replicas take calls in the order they came",
    "endpoint m: admission.codel changes nothing, because replicas take calls in the order they came",
    "endpoint m: rejectCost changes nothing, because replicas turn calls away before any works on them",
  ]);
  expect(warnings({ endpoint: ", admission: { order: fifo, shed: { step: 0.2, floor: 0.6 } }" })).toEqual([]);
});

test("a surge at people who wait for their answers changes nothing, and is told", () => {
  expect(warnings({ faults: "{ at: 1m, kind: demand-surge, factor: 2 }" })).toEqual([
    "fault fault-1 changes nothing at site DE, whose people wait for their answers",
  ]);
});

test("requests of a trace that do not fit in memory are counted", () => {
  const row = (s: number, tokens: number): string => `${s},${tokens},500`;
  const trace = `at_s,inputTokens,outputTokens\n${[2000, 2000, 299_600, 2000].map((tokens, s) => row(s, tokens)).join("\n")}\n`;
  expect(warnings({ trace })).toEqual(["endpoint m: 1 of 4 requests of t.csv do not fit in kvTokens 300000"]);
});
