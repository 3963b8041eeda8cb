import type { Edit, Malformed } from "./base.js";

const DC = "dc: { country: NL, city: Amsterdam, latitude: 52.37, longitude: 4.9 }";
const ENTRY =
  "entry: { kind: geo-dns, ttl: 60s, tailShare: 5%, check: { interval: 10s, timeout: 4s, fall: 3, rise: 2 } }";
const GATE = "us: { region: us, concurrency: 2000, queue: 500, overhead: 1ms }";
const CHAT =
  "chat: { share: 3, inputTokens: { p50: 900, p99: 6500 }, outputTokens: { p50: 130, p90: 400, p99: 700 } }";
const BATCH =
  "batch: { share: 1, inputTokens: { kind: gamma, mean: 900, cv: 0.5 }, maxOutputTokens: 2048, priority: 2 }";
const NY = "- { id: ny, from: US-NY, rate: 40rps, diurnal: office }";
const OUT = "- { id: eu-out, at: 10m, for: 8m, kind: region-down, region: eu, manner: black-hole }";

const fault = (text: string): readonly Edit[] => [[OUT, `- ${text}`]];
const many = (count: number, entry: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => entry(index)).join("\n    ");

/** Names that would move other things, and more of a thing than a run can hold. */
export const LIMITS: readonly Malformed[] = [
  {
    name: "region called by a whole number",
    code: "invalid-value",
    edits: [[DC, "¦7: { country: NL, city: Amsterdam, latitude: 52.37, longitude: 4.9 }"]],
    issues: "any",
  },
  {
    name: "gateway called by a whole number",
    code: "invalid-value",
    edits: [[GATE, "¦0: { region: us }"]],
  },
  {
    name: "thirty-two gateways",
    code: "invalid-value",
    edits: [
      [`gateways:\n    ${GATE}`, `gateways:\n    ¦${GATE}\n    ${many(30, (i) => `g${i}: { region: us }`)}`],
    ],
  },
  {
    name: "thirty-two regions, each to have a gateway",
    code: "too-many",
    edits: [
      [`${DC}\n`, `${DC}\n    ${many(29, (i) => `r${i}: { at: "aws:us-east-1" }`)}\n`],
      ["  regions:\n    us:", "  regions:\n    ¦us:"],
      [`  gateways:\n    ${GATE}\n    eu: { region: eu, data: { processing: DE } }\n`, ""],
    ],
  },
  {
    name: "more checkers than probes can tell apart",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, checkers: ¦1001 }"]],
  },
  {
    name: "more resolvers than there is room for",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, resolversPerSite: ¦10001 }"]],
  },
  {
    name: "checks closer than a millisecond",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, check: { interval: ¦999us } }"]],
  },
  {
    name: "more checks in the run than it could make",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, checkers: 1000, check: { interval: ¦1ms } }"]],
  },
  {
    name: "endpoint called by a whole number",
    code: "invalid-value",
    edits: [["    dc-box:", "    ¦12:"]],
  },
  {
    name: "probes closer than a millisecond",
    code: "out-of-range",
    edits: [["health: { interval: 5s }", "health: { interval: ¦1us }"]],
  },
  {
    name: "class called by a whole number",
    code: "invalid-value",
    edits: [[BATCH, "¦3: { share: 1 }"]],
  },
  {
    name: "site called by a whole number",
    code: "invalid-value",
    edits: [[NY, '- { id: ¦"1", from: US-NY, rate: 40rps }']],
  },
  {
    name: "more classes than a byte can tell apart",
    code: "invalid-value",
    edits: [
      [`    ${CHAT}`, `    ¦${CHAT}`],
      [BATCH, many(255, (i) => `c${i}: { share: 1 }`)],
    ],
  },
  {
    name: "fault called by a whole number",
    code: "invalid-value",
    edits: fault('{ id: ¦"1", at: 1m, kind: region-down, region: eu }'),
  },
  {
    name: "random fault more often than a report could tell",
    code: "too-many",
    edits: fault("{ kind: slow, target: all, factor: 2, ¦every: { mean: 100ms }, lasting: { mean: 100ms } }"),
  },
  {
    name: "surge of a demand that comes from a trace",
    code: "inconsistent",
    edits: [
      ...fault("{ at: 1m, for: 1m, kind: ¦demand-surge, factor: 2 }"),
      ["  client: { timeout: 30s", "  trace: { file: t.csv }\n  client: { timeout: 30s"],
    ],
  },
];
