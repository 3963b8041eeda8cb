import type { Malformed } from "./base.js";

const CHAT =
  "chat: { share: 3, inputTokens: { p50: 900, p99: 6500 }, outputTokens: { p50: 130, p90: 400, p99: 700 } }";
const BATCH =
  "batch: { share: 1, inputTokens: { kind: gamma, mean: 900, cv: 0.5 }, maxOutputTokens: 2048, priority: 2 }";
const DE = "- { from: DE, users: 60000, perUserPerHour: 4 }";
const NY = "- { id: ny, from: US-NY, rate: 40rps, diurnal: office }";
const CLIENT =
  "client: { timeout: 30s, retry: { attempts: 2, backoff: { kind: full-jitter, base: 200ms, cap: 5s } } }";

/** Mistakes in classes, sites and the client. */
export const WORKLOAD: readonly Malformed[] = [
  { name: "negative share", code: "out-of-range", edits: [[BATCH, "batch: { share: ¦-1 }"]] },
  { name: "share in percent", code: "invalid-type", edits: [[BATCH, "batch: { share: ¦10% }"]] },
  {
    name: "shares that are all zero",
    code: "inconsistent",
    edits: [
      [CHAT, "¦chat: { share: 0 }"],
      [BATCH, "batch: { share: 0 }"],
    ],
  },
  {
    name: "class with an unknown model",
    code: "unknown-reference",
    edits: [[CHAT, "chat: { model: ¦assistant-l }"]],
    suggests: "assistant-1",
  },
  { name: "class model as a list", code: "invalid-type", edits: [[CHAT, "chat: { model: ¦[assistant-1] }"]] },
  { name: "tokens with a unit", code: "invalid-type", edits: [[BATCH, "batch: { inputTokens: ¦900ms }"]] },
  { name: "no input tokens", code: "out-of-range", edits: [[BATCH, "batch: { inputTokens: ¦0 }"]] },
  { name: "negative output tokens", code: "out-of-range", edits: [[BATCH, "batch: { outputTokens: ¦-5 }"]] },
  {
    name: "token percentiles that fall",
    code: "inconsistent",
    edits: [[BATCH, "batch: { outputTokens: { p50: 130, p99: ¦13 } }"]],
  },
  {
    name: "token percentile in time",
    code: "invalid-type",
    edits: [[BATCH, "batch: { outputTokens: { p50: ¦130ms, p99: 700 } }"]],
  },
  {
    name: "token median missing",
    code: "missing",
    edits: [[BATCH, "batch: { outputTokens: ¦{ p50: 130 } }"]],
  },
  { name: "no answer reserved", code: "out-of-range", edits: [[BATCH, "batch: { maxOutputTokens: ¦0 }"]] },
  {
    name: "answer reserved in parts",
    code: "invalid-value",
    edits: [[BATCH, "batch: { maxOutputTokens: ¦10.5 }"]],
  },
  { name: "negative priority", code: "out-of-range", edits: [[BATCH, "batch: { priority: ¦-1 }"]] },
  { name: "priority in words", code: "invalid-type", edits: [[BATCH, "batch: { priority: ¦high }"]] },
  {
    name: "misspelt tokens",
    code: "unknown-key",
    edits: [[BATCH, "batch: { ¦inputToken: 3 }"]],
    suggests: "inputTokens",
  },
  { name: "class as a number", code: "invalid-type", edits: [[BATCH, "batch: ¦1"]] },
  { name: "class id with a space", code: "invalid-value", edits: [[BATCH, '¦"big batch": {}']] },
  {
    name: "site in a place that is none",
    code: "unknown-reference",
    edits: [
      [DE, "- { from: ¦Germany, users: 1, perUserPerHour: 4 }"],
      ['"DE->eu": 12ms, ', ""],
      ["between: [DE, us]", "between: [ny, us]"],
    ],
  },
  {
    name: "site in a state that is none",
    code: "unknown-reference",
    edits: [[NY, "- { id: ny, from: ¦US-NYC, rate: 40rps }"]],
    suggests: "US-NY",
  },
  { name: "site from nowhere", code: "missing", edits: [[NY, "- ¦{ id: ny, rate: 40rps }"]] },
  {
    name: "site from a number",
    code: "invalid-type",
    edits: [[NY, "- { id: ny, from: ¦49, rate: 40rps }"]],
    issues: 1,
  },
  { name: "site without demand", code: "missing", edits: [[NY, "- ¦{ id: ny, from: US-NY }"]] },
  { name: "users who never ask", code: "missing", edits: [[NY, "- ¦{ id: ny, from: US-NY, users: 5 }"]] },
  {
    name: "asking without users",
    code: "missing",
    edits: [[NY, "- ¦{ id: ny, from: US-NY, perUserPerHour: 5 }"]],
  },
  {
    name: "demand said twice",
    code: "inconsistent",
    edits: [[NY, "- { id: ny, from: US-NY, users: 5, perUserPerHour: 4, ¦rate: 40rps }"]],
  },
  {
    name: "negative users",
    code: "out-of-range",
    edits: [[DE, "- { from: DE, users: ¦-1, perUserPerHour: 4 }"]],
  },
  {
    name: "users in words",
    code: "invalid-type",
    edits: [[DE, "- { from: DE, users: ¦60k, perUserPerHour: 4 }"]],
  },
  {
    name: "asking with a unit",
    code: "invalid-type",
    edits: [[DE, "- { from: DE, users: 60000, perUserPerHour: ¦4/h }"]],
  },
  {
    name: "bare rate",
    code: "invalid-type",
    edits: [[NY, "- { id: ny, from: US-NY, rate: ¦40 }"]],
    suggests: '"40rps"',
  },
  { name: "negative rate", code: "invalid-value", edits: [[NY, "- { id: ny, from: US-NY, rate: ¦-40rps }"]] },
  {
    name: "rate with a space",
    code: "invalid-value",
    edits: [[NY, "- { id: ny, from: US-NY, rate: ¦40 rps }"]],
    suggests: '"40rps"',
  },
  {
    name: "rate per minute in another way",
    code: "invalid-value",
    edits: [[NY, "- { id: ny, from: US-NY, rate: ¦120rpm }"]],
    suggests: '"120/min"',
  },
  {
    name: "rate in queries",
    code: "invalid-value",
    edits: [[NY, "- { id: ny, from: US-NY, rate: ¦40qps }"]],
    suggests: '"40rps"',
  },
  {
    name: "rate as a duration",
    code: "invalid-value",
    edits: [[NY, "- { id: ny, from: US-NY, rate: ¦40ms }"]],
  },
  {
    name: "misspelt curve",
    code: "invalid-value",
    edits: [[NY, "- { id: ny, from: US-NY, rate: 40rps, diurnal: ¦ofice }"]],
    suggests: "office",
  },
  {
    name: "misspelt users",
    code: "unknown-key",
    edits: [[DE, "- { from: DE, ¦usres: 3, users: 60000, perUserPerHour: 4 }"]],
    suggests: "users",
  },
  { name: "site twice", code: "duplicate-key", edits: [[NY, `${NY}\n    - { from: ¦DE, rate: 1rps }`]] },
  {
    name: "site id twice",
    code: "duplicate-key",
    edits: [[NY, `${NY}\n    - { id: ¦ny, from: FR, rate: 1rps }`]],
  },
  {
    name: "site id with a blank",
    code: "invalid-value",
    edits: [[NY, `${NY}\n    - { id: ¦new york, from: FR, rate: 1rps }`]],
  },
  { name: "site as a text", code: "invalid-type", edits: [[NY, `${NY}\n    - ¦FR`]] },
  { name: "site as nothing", code: "invalid-type", edits: [[NY, `${NY}\n    - ¦null`]] },
  {
    name: "more requests than any run is for",
    code: "out-of-range",
    edits: [
      ["  sites:\n    - {", "  sites:\n    ¦- {"],
      ["users: 60000, perUserPerHour: 4 }", "users: 999999999, perUserPerHour: 400 }"],
    ],
  },
  {
    name: "a rate beyond all bounds",
    code: "out-of-range",
    edits: [
      ["  sites:\n    - {", "  sites:\n    ¦- {"],
      ["rate: 40rps", "rate: 999999999rps"],
    ],
  },
  {
    name: "bare timeout",
    code: "invalid-type",
    edits: [[CLIENT, "client: { timeout: ¦30 }"]],
    suggests: '"30s"',
  },
  { name: "timeout of zero", code: "out-of-range", edits: [[CLIENT, "client: { timeout: ¦0s }"]] },
  {
    name: "timeout with a space",
    code: "invalid-value",
    edits: [[CLIENT, "client: { timeout: ¦30 s }"]],
    suggests: '"30s"',
  },
  {
    name: "misspelt backoff",
    code: "invalid-value",
    edits: [[CLIENT, "client: { retry: { backoff: { kind: ¦fulljitter } } }"]],
    suggests: "full-jitter",
  },
  {
    name: "backoff in a word",
    code: "invalid-type",
    edits: [[CLIENT, "client: { retry: { backoff: ¦full-jitter } }"]],
  },
  {
    name: "bare backoff",
    code: "invalid-type",
    edits: [[CLIENT, "client: { retry: { backoff: { base: ¦200 } } }"]],
    suggests: '"200ms"',
  },
  { name: "retry as a number", code: "invalid-type", edits: [[CLIENT, "client: { retry: ¦2 }"]] },
  {
    name: "reuse above one",
    code: "out-of-range",
    edits: [[CLIENT, "client: { connection: { reuse: ¦90 } }"]],
    suggests: '"90%"',
  },
  {
    name: "eleven handshakes",
    code: "out-of-range",
    edits: [[CLIENT, "client: { connection: { handshakeRoundTrips: ¦11 } }"]],
  },
  {
    name: "unknown client key",
    code: "unknown-key",
    edits: [[CLIENT, "client: { ¦timeuot: 3s }"]],
    suggests: "timeout",
  },
  {
    name: "unknown workload key",
    code: "unknown-key",
    edits: [[`  ${CLIENT}`, "  ¦clients: {}"]],
    suggests: "client",
  },
  { name: "trace without a file", code: "missing", edits: [[`  ${CLIENT}`, "  trace: ¦{ format: azure }"]] },
  {
    name: "trace of an unknown form",
    code: "invalid-value",
    edits: [[`  ${CLIENT}`, "  trace: { file: t.csv, format: ¦azur }"]],
    suggests: "azure",
  },
  {
    name: "trace dealt to a site that is none",
    code: "unknown-reference",
    edits: [[`  ${CLIENT}`, "  trace: { file: t.csv, site: ¦nyc }"]],
    suggests: "ny",
  },
  {
    name: "trace dealt to sites that are none",
    code: "unknown-reference",
    edits: [[`  ${CLIENT}`, "  trace: { file: t.csv, sites: { DE: 1, ¦nyc: 2 } }"]],
    suggests: "ny",
  },
  {
    name: "trace dealt with no weight",
    code: "inconsistent",
    edits: [[`  ${CLIENT}`, "  trace: { file: t.csv, sites: ¦{ DE: 0 } }"]],
  },
  {
    name: "trace dealt with a negative weight",
    code: "out-of-range",
    edits: [[`  ${CLIENT}`, "  trace: { file: t.csv, sites: { DE: ¦-1 } }"]],
  },
  {
    name: "trace of an unknown class",
    code: "unknown-reference",
    edits: [[`  ${CLIENT}`, "  trace: { file: t.csv, class: ¦chats }"]],
    suggests: "chat",
  },
  {
    name: "trace dealt to a site and to sites",
    code: "inconsistent",
    edits: [[`  ${CLIENT}`, "  trace: { file: t.csv, site: ny, ¦sites: { DE: 1 } }"]],
  },
  {
    name: "trace file that cannot be read",
    code: "unreadable",
    edits: [[`  ${CLIENT}`, "  trace: { file: ¦t.csv }"]],
  },
];
