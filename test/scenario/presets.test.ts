import { expect, test } from "vitest";
import { formatIssues, type LoadResult, loadScenario, type Scenario } from "../../src/scenario/index.js";
import type { PresetFile } from "../../src/scenario/presetFile.js";

const FILE: PresetFile = {
  schema: "regionsim.preset/1",
  id: "ours",
  tool: { name: "regionsim", version: "0.1.0" },
  source: { file: "log.csv", sha256: "a".repeat(64) },
  trusted: true,
  problems: [],
  notes: [],
  stepTime: { baseUs: 7000.5, prefillUsPerToken: 20.25, decodeUsPerSequence: 30, kvUsPerToken: 0.005 },
  standardErrors: {
    baseUs: 10,
    prefillUsPerToken: 0.1,
    decodeUsPerSequence: 0.2,
    kvUsPerToken: null,
    overheadUs: 5,
  },
  kvSource: "physics",
  overheadUs: 25_000,
  maxSequences: 64,
  maxSequencesSource: "given",
  maxBatchedTokens: 4096,
  kvTokens: 100_000,
  kvTokensSource: "given",
  kvBlockTokens: 8,
  requests: { fitted: 800, heldOut: 200 },
  hull: { inputTokens: [10, 9000], outputTokens: [1, 2000], concurrency: [1, 64] },
  errors: [
    { metric: "tpot-mean", measuredMs: 10, modelledMs: 10.4, errorPercent: 4, limitPercent: 10 },
    { metric: "ttft-p95", measuredMs: 100, modelledMs: 88, errorPercent: -12, limitPercent: 25 },
  ],
};

function scenario(serving: string): string {
  return `schema: regionsim/1
name: presets
duration: 10m
deployment:
  regions: { eu: { at: "aws:eu-central-1" } }
  endpoints: { m: { region: eu, model: a, serving: { kind: replicas, preset: ./ours.preset.json${serving} } } }
workload: { sites: [{ from: DE, rate: 2rps }] }
`;
}

function load(serving: string, file: unknown = FILE): LoadResult {
  const text = typeof file === "string" ? file : JSON.stringify(file, null, 1);
  const read = (path: string): string => {
    if (path !== "ours.preset.json") throw new Error(path);
    return text;
  };
  return loadScenario({ file: "dir/s.yaml", text: scenario(serving), read });
}

function loaded(result: LoadResult): Scenario {
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  return result.scenario;
}

test("a preset file gives step times, sizes and overhead, and says how far to trust them", () => {
  expect(loaded(load("")).deployment.endpoints[0]?.serving).toMatchObject({
    stepTime: FILE.stepTime,
    preset: {
      id: "ours",
      source: "calibrated on log.csv, 800 requests",
      heldOutMeanPercent: 4,
      heldOutWorstPercent: 12,
      hull: FILE.hull,
    },
    maxSequences: 64,
    maxBatchedTokens: 4096,
    kvTokens: 100_000,
    kvBlockTokens: 8,
    overheadUs: 25_000,
    concurrency: 64,
  });
});

test("what the scenario says lies over what the preset file says", () => {
  const serving =
    ", kvTokens: 50000, maxSequences: 32, maxBatchedTokens: 2048, kvBlockTokens: 4, overhead: 1ms";
  expect(loaded(load(serving)).deployment.endpoints[0]?.serving).toMatchObject({
    maxSequences: 32,
    maxBatchedTokens: 2048,
    kvTokens: 50_000,
    kvBlockTokens: 4,
    overheadUs: 1000,
  });
});

test("another preset file is another scenario, though the scenario file is the same", () => {
  const slower = { ...FILE, stepTime: { ...FILE.stepTime, baseUs: 7001 } };
  expect(loaded(load("", slower)).sha256).not.toBe(loaded(load("")).sha256);
  expect(loaded(load("")).sha256).toBe(loaded(load("")).sha256);
});

test("a mistake in a preset file is shown in the preset file", () => {
  const result = load("", { ...FILE, kvTokens: 0 });
  if (result.ok) throw new Error("loaded");
  const line = JSON.stringify({ ...FILE, kvTokens: 0 }, null, 1)
    .split("\n")
    .findIndex((each) => each.includes('"kvTokens"'));
  expect(result.issues.map((issue) => `${issue.file}:${issue.line} ${issue.path} ${issue.code}`)).toEqual([
    `dir/ours.preset.json:${line + 1} kvTokens out-of-range`,
  ]);
  const torn = load("", "{");
  if (torn.ok) throw new Error("loaded");
  expect(torn.issues[0]).toMatchObject({ file: "dir/ours.preset.json", code: "syntax" });
});

test("a preset whose steps take no time is refused where it is named", () => {
  const result = load("", { ...FILE, stepTime: { ...FILE.stepTime, baseUs: 0 } });
  if (result.ok) throw new Error("loaded");
  expect(result.issues.map((issue) => `${issue.file}:${issue.line}:${issue.column} ${issue.code}`)).toEqual([
    `dir/s.yaml:6:${scenario("").split("\n")[5]!.indexOf("./ours") + 1} out-of-range`,
  ]);
});

test("a preset that does not exist is answered with those that it may have meant, or how an id looks", () => {
  const messageFor = (name: string): string => {
    const text = scenario("").replace("./ours.preset.json", `${name}, kvTokens: 1000`);
    const result = loadScenario({ file: "dir/s.yaml", text, read: () => "" });
    if (result.ok) throw new Error("loaded");
    expect(result.issues).toHaveLength(1);
    return formatIssues(result.issues, { format: "text" });
  };
  expect(messageFor("Qwen3-32B")).toMatch(
    /no preset of the catalogue "Qwen3-32B"; there is qwen3-32b\/[^,]+(, qwen3-32b\/[^,]+)+ \[/,
  );
  expect(messageFor("llama-3.1-70b")).toMatch(/there is (llama-3\.1-70b\/\S+, ){7}\S+ and \d+ more \[/);
  expect(messageFor("gpt-4")).toContain("an id is model/gpu/tp4/precision/engine, such as");
  expect(messageFor("llama-3.1-70b/h100/tp4/fp8/vllm")).toContain(
    'vllm" (did you mean "llama-3.1-70b/h100-sxm/tp4/fp8/vllm"?)',
  );
});

test("a preset with many faults is told with the first of them and how many more there are", () => {
  const problems = ["tpot-mean is 40 % off", "two", "three"];
  const { warnings } = loaded(load("", { ...FILE, trusted: false, problems }));
  expect(warnings).toEqual([
    "endpoint m: preset ours is not trusted: tpot-mean is 40 % off, and for 2 more reasons in the file",
  ]);
});

test("a preset that nobody should trust, and sizes that were only seen or assumed, are told", () => {
  const doubtful = {
    ...FILE,
    trusted: false,
    problems: ["tpot-mean is 40 % off"],
    kvTokensSource: "lower-bound",
    maxSequencesSource: "assumed",
  };
  const { warnings } = loaded(load("", doubtful));
  expect(warnings).toEqual([
    "endpoint m: preset ours is not trusted: tpot-mean is 40 % off",
    "endpoint m: kvTokens 100000 is only what preset ours saw in use; a replica may hold more",
    "endpoint m: maxSequences 64 was assumed when preset ours was made",
  ]);
  expect(loaded(load(", kvTokens: 90000, maxSequences: 60", doubtful)).warnings).toHaveLength(1);
});
