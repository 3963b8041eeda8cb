import type { Malformed } from "./base.js";

const SERVING =
  "serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 900 }";
const LIMITS = "limits: { requestsPerMin: 60000, tokensPerMin: 40000000 }";
const DATA = "data: { processing: [US], logs: [US] }";
const BOX = "serving: { kind: server, service: { kind: exponential, mean: 2s }, discipline: fifo }";
const LIKE = "eu-model: { like: us-model, region: eu,";

const ttft = (law: string): string => `serving: { kind: provider, ttft: ${law}, perToken: 9ms }`;

/** Mistakes in endpoints and in distributions. A mistake in us-model is copied into eu-model, but told once. */
export const ENDPOINTS: readonly Malformed[] = [
  {
    name: "endpoint in an unknown region",
    code: "unknown-reference",
    edits: [["      region: us\n", "      region: ¦usa\n"]],
    suggests: '"us"',
  },
  { name: "endpoint without a region", code: "missing", edits: [["dc-box: { region: dc,", "dc-box: ¦{"]] },
  {
    name: "endpoint without a model",
    code: "missing",
    edits: [["dc-box: { region: dc, model: assistant-1,", "dc-box: ¦{ region: dc,"]],
  },
  {
    name: "endpoint without serving",
    code: "missing",
    edits: [
      [`dc-box: { region: dc, model: assistant-1, ${BOX} }`, "dc-box: ¦{ region: dc, model: assistant-1 }"],
    ],
  },
  {
    name: "model as a number",
    code: "invalid-type",
    edits: [
      ["      model: assistant-1\n", "      model: ¦4\n"],
      ["model: assistant-1 }\n", "model: assistant-1 }\n"],
    ],
    issues: 1,
  },
  {
    name: "version as a number",
    code: "invalid-type",
    edits: [['version: "2026-05"', "version: ¦5"]],
    suggests: '"5"',
  },
  { name: "negative tier", code: "out-of-range", edits: [["tier: 0", "tier: ¦-1"]] },
  { name: "tier of a half", code: "invalid-value", edits: [["tier: 0", "tier: ¦0.5"]] },
  { name: "negative weight", code: "out-of-range", edits: [["weight: 1\n", "weight: ¦-1\n"]] },
  { name: "weight in percent", code: "invalid-type", edits: [["weight: 1\n", "weight: ¦50%\n"]] },
  { name: "capacity of nothing", code: "out-of-range", edits: [["weight: 1\n", "capacity: ¦0\n"]] },
  { name: "zone as a number", code: "invalid-type", edits: [["weight: 1\n", "zone: ¦1\n"]], suggests: '"1"' },
  { name: "bias of everything", code: "out-of-range", edits: [["weight: 1\n", "bias: ¦100\n"]] },
  {
    name: "like an endpoint that is none",
    code: "unknown-reference",
    edits: [[LIKE, "eu-model: { like: ¦us-modl, region: eu,"]],
    suggests: "us-model",
  },
  { name: "like itself", code: "cycle", edits: [[LIKE, "eu-model: { like: ¦eu-model, region: eu,"]] },
  { name: "like a number", code: "invalid-type", edits: [[LIKE, "eu-model: { like: ¦3, region: eu,"]] },
  {
    name: "abandoned in an unknown manner",
    code: "invalid-value",
    edits: [["abandoned: cancel", "abandoned: ¦cancell"]],
    suggests: "cancel",
  },
  {
    name: "misspelt serving kind",
    code: "invalid-value",
    edits: [[SERVING, "serving: { kind: ¦provder }"]],
    suggests: "provider",
  },
  {
    name: "serving without a kind",
    code: "missing",
    edits: [[SERVING, "serving: ¦{ ttft: 1s, perToken: 9ms }"]],
  },
  { name: "serving as a word", code: "invalid-type", edits: [[SERVING, "serving: ¦provider"]] },
  {
    name: "provider without ttft",
    code: "missing",
    edits: [[SERVING, "serving: ¦{ kind: provider, perToken: 9ms }"]],
  },
  {
    name: "provider without time per token",
    code: "missing",
    edits: [[SERVING, "serving: ¦{ kind: provider, ttft: 1s }"]],
  },
  {
    name: "bare time per token",
    code: "invalid-type",
    edits: [[SERVING, "serving: { kind: provider, ttft: 1s, perToken: ¦9 }"]],
    suggests: '"9s" or "9ms"',
  },
  {
    name: "service on a provider",
    code: "unknown-key",
    edits: [[SERVING, "serving: { kind: provider, ttft: 1s, perToken: 9ms, ¦service: 1s }"]],
  },
  {
    name: "no concurrency",
    code: "out-of-range",
    edits: [[SERVING, "serving: { kind: provider, ttft: 1s, perToken: 9ms, concurrency: ¦0 }"]],
  },
  {
    name: "concurrency with a unit",
    code: "invalid-type",
    edits: [[SERVING, "serving: { kind: provider, ttft: 1s, perToken: 9ms, concurrency: ¦900rps }"]],
  },
  {
    name: "negative slowdown",
    code: "out-of-range",
    edits: [[SERVING, "serving: { kind: provider, ttft: 1s, perToken: 9ms, slowdownAtFull: ¦-1 }"]],
  },
  {
    name: "misspelt concurrency",
    code: "unknown-key",
    edits: [[SERVING, "serving: { kind: provider, ttft: 1s, perToken: 9ms, ¦concurency: 9 }"]],
    suggests: "concurrency",
  },
  {
    name: "percentiles that fall",
    code: "inconsistent",
    edits: [[SERVING, ttft("{ p50: 450ms, p99: ¦180ms }")]],
  },
  {
    name: "percentiles that fall in the middle",
    code: "inconsistent",
    edits: [[SERVING, ttft("{ p50: 450ms, p90: ¦400ms, p99: 1s }")]],
  },
  {
    name: "bare percentile",
    code: "invalid-type",
    edits: [[SERVING, ttft("{ p50: ¦450, p99: 1s }")]],
    suggests: "450ms",
  },
  { name: "one percentile", code: "missing", edits: [[SERVING, ttft("¦{ p50: 450ms }")]] },
  {
    name: "two percentiles without the median",
    code: "invalid-value",
    edits: [[SERVING, ttft("¦{ p90: 450ms, p99: 1s }")]],
  },
  {
    name: "two percentiles of which one is the fifth",
    code: "invalid-value",
    edits: [[SERVING, ttft("¦{ p5: 450ms, p50: 1s }")]],
  },
  {
    name: "median of zero beside a 99th percentile",
    code: "out-of-range",
    edits: [[SERVING, ttft("{ p50: ¦0ms, p99: 1s }")]],
  },
  {
    name: "percentile that is not offered",
    code: "unknown-key",
    edits: [[SERVING, ttft("{ p50: 450ms, ¦p97: 1s, p99: 2s }")]],
  },
  {
    name: "law that is none",
    code: "invalid-value",
    edits: [[SERVING, ttft("{ kind: ¦gama, mean: 1s, cv: 1 }")]],
    suggests: "gamma",
  },
  {
    name: "law of another house",
    code: "invalid-value",
    edits: [[SERVING, ttft("{ kind: ¦weibull, shape: 1 }")]],
  },
  { name: "exponential without a mean", code: "missing", edits: [[SERVING, ttft("¦{ kind: exponential }")]] },
  {
    name: "exponential with a bare mean",
    code: "invalid-type",
    edits: [[SERVING, ttft("{ kind: exponential, mean: ¦1 }")]],
  },
  {
    name: "exponential with a mean of zero",
    code: "out-of-range",
    edits: [[SERVING, ttft("{ kind: exponential, mean: ¦0s }")]],
  },
  {
    name: "exponential with a spread",
    code: "unknown-key",
    edits: [[SERVING, ttft("{ kind: exponential, mean: 1s, ¦cv: 1 }")]],
  },
  { name: "gamma without a spread", code: "missing", edits: [[SERVING, ttft("¦{ kind: gamma, mean: 1s }")]] },
  {
    name: "gamma with no spread",
    code: "out-of-range",
    edits: [[SERVING, ttft("{ kind: gamma, mean: 1s, cv: ¦0 }")]],
  },
  {
    name: "gamma with a spread in time",
    code: "invalid-type",
    edits: [[SERVING, ttft("{ kind: gamma, mean: 1s, cv: ¦1s }")]],
  },
  {
    name: "lognormal with a negative spread",
    code: "out-of-range",
    edits: [[SERVING, ttft("{ kind: lognormal, mean: 1s, cv: ¦-1 }")]],
  },
  {
    name: "lognormal with a huge sigma",
    code: "out-of-range",
    edits: [[SERVING, ttft("{ p50: 1s, sigma: ¦21 }")]],
  },
  {
    name: "pareto with a maximum below its minimum",
    code: "inconsistent",
    edits: [[SERVING, ttft("{ kind: pareto, min: 2s, shape: 2, max: ¦1s }")]],
  },
  { name: "pareto without a shape", code: "missing", edits: [[SERVING, ttft("¦{ kind: pareto, min: 2s }")]] },
  {
    name: "pareto from zero",
    code: "out-of-range",
    edits: [[SERVING, ttft("{ kind: pareto, min: ¦0s, shape: 2 }")]],
  },
  {
    name: "pareto with a negative shape",
    code: "out-of-range",
    edits: [[SERVING, ttft("{ kind: pareto, min: 1s, shape: ¦-2 }")]],
  },
  { name: "distribution as a list", code: "invalid-type", edits: [[SERVING, ttft("¦[1s, 2s]")]] },
  { name: "distribution as a boolean", code: "invalid-type", edits: [[SERVING, ttft("¦true")]] },
  { name: "empty distribution", code: "missing", edits: [[SERVING, ttft("¦{}")]] },
  {
    name: "unknown discipline",
    code: "invalid-value",
    edits: [[BOX, "serving: { kind: server, service: 2s, discipline: ¦fifoo }"]],
    suggests: "fifo",
  },
  {
    name: "service of zero",
    code: "out-of-range",
    edits: [[BOX, "serving: { kind: server, service: ¦0s }"]],
  },
  { name: "server without a service", code: "missing", edits: [[BOX, "serving: ¦{ kind: server }"]] },
  {
    name: "server with a ttft",
    code: "unknown-key",
    edits: [[BOX, "serving: { kind: server, service: 2s, ¦ttft: 1s }"]],
  },
  {
    name: "misspelt request limit",
    code: "unknown-key",
    edits: [[LIMITS, "limits: { ¦requestsPerMinute: 60000 }"]],
    suggests: "requestsPerMin",
  },
  { name: "limit of zero", code: "out-of-range", edits: [[LIMITS, "limits: { requestsPerMin: ¦0 }"]] },
  { name: "negative limit", code: "out-of-range", edits: [[LIMITS, "limits: { tokensPerMin: ¦-5 }"]] },
  { name: "limit with a unit", code: "invalid-value", edits: [[LIMITS, "limits: { tokensPerMin: ¦40M }"]] },
  {
    name: "limit without end, misspelt",
    code: "invalid-value",
    edits: [[LIMITS, "limits: { tokensPerMin: ¦infinite }"]],
  },
  { name: "limit of infinity", code: "not-finite", edits: [[LIMITS, "limits: { tokensPerMin: ¦.inf }"]] },
  {
    name: "limit that is no number",
    code: "not-finite",
    edits: [[LIMITS, "limits: { tokensPerMin: ¦.nan }"]],
  },
  { name: "limit beyond doubles", code: "not-finite", edits: [[LIMITS, "limits: { tokensPerMin: ¦1e999 }"]] },
  {
    name: "limit beyond exact integers",
    code: "unsafe-integer",
    edits: [[LIMITS, "limits: { tokensPerMin: ¦9007199254740993 }"]],
  },
  {
    name: "negative limit beyond exact integers",
    code: "unsafe-integer",
    edits: [[LIMITS, "limits: { tokensPerMin: ¦-9007199254740993 }"]],
  },
  { name: "burst of zero", code: "out-of-range", edits: [[LIMITS, "limits: { requestBurst: ¦0 }"]] },
  { name: "limits as a list", code: "invalid-type", edits: [[LIMITS, "limits: ¦[60000]"]] },
  {
    name: "data in a country that is none",
    code: "unknown-reference",
    edits: [[DATA, "data: { processing: [¦USA] }"]],
    suggests: "US",
  },
  { name: "data in a number", code: "invalid-type", edits: [[DATA, "data: { processing: [¦1] }"]] },
  { name: "data nowhere", code: "out-of-range", edits: [[DATA, "data: { processing: ¦[] }"]] },
  { name: "data in an empty text", code: "out-of-range", edits: [[DATA, 'data: { processing: ¦"" }']] },
  {
    name: "misspelt channel",
    code: "unknown-key",
    edits: [[DATA, "data: { ¦log: [US], processing: [US] }"]],
    suggests: "logs",
  },
  { name: "data as a country", code: "invalid-type", edits: [[DATA, "data: ¦US"]], issues: 1 },
  {
    name: "unknown endpoint key",
    code: "unknown-key",
    edits: [["weight: 1\n", "¦wieght: 1\n"]],
    suggests: "weight",
  },
  { name: "endpoint id with a slash", code: "invalid-value", edits: [["dc-box: {", "¦dc/box: {"]] },
];
