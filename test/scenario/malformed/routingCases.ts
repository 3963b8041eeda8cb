import type { Malformed } from "./base.js";

const ROUTING =
  "routing: { strategy: nearest, failOpen: false, upstreamTimeout: 60s, health: { interval: 5s } }";
const RETRY = "retry: { attempts: 2, budget: { ratio: 0.1 } }";
const NET = 'network: { rtt: { "DE->eu": 12ms, "us->eu": 90ms }, lastMile: 10ms, jitter: none }';

/** Mistakes in residency, routing, retry and network. */
export const ROUTING_CASES: readonly Malformed[] = [
  {
    name: "origin that is no zone",
    code: "unknown-reference",
    edits: [["origin: EU,", "origin: ¦EUU,"]],
    suggests: '"EU"',
  },
  { name: "origin as a number", code: "invalid-type", edits: [["origin: EU,", "origin: ¦1,"]] },
  { name: "origin as an empty list", code: "out-of-range", edits: [["origin: EU,", "origin: ¦[],"]] },
  {
    name: "unknown data class",
    code: "unknown-reference",
    edits: [["dataClass: chat,", "dataClass: ¦chatt,"]],
    suggests: '"chat"',
  },
  {
    name: "unknown model in a rule",
    code: "unknown-reference",
    edits: [["model: assistant-1 }\n", "model: ¦assistant-2 }\n"]],
    suggests: "assistant-1",
  },
  {
    name: "unknown predicate",
    code: "unknown-key",
    edits: [["when: { origin: EU,", "when: { ¦country: DE, origin: EU,"]],
  },
  {
    name: "second zone unknown",
    code: "unknown-reference",
    edits: [["logs: [EU, CH]", "logs: [EU, ¦Mars]"]],
  },
  {
    name: "rule that requires nothing",
    code: "invalid-value",
    edits: [["require: { processing: EU, logs: [EU, CH] }", "require: ¦{}"]],
  },
  {
    name: "rule without require",
    code: "missing",
    edits: [
      ["- id: eu-stays", "- ¦id: eu-stays"],
      ["      require: { processing: EU, logs: [EU, CH] }\n", ""],
    ],
  },
  {
    name: "rule that reroutes",
    code: "invalid-value",
    edits: [["- id: eu-stays", "- id: eu-stays\n      onEmpty: ¦reroute"]],
  },
  {
    name: "rule id twice",
    code: "duplicate-key",
    edits: [["  routing:", "    - { id: ¦eu-stays, require: { logs: EU } }\n  routing:"]],
  },
  {
    name: "misspelt channel in a rule",
    code: "unknown-key",
    edits: [["require: { processing: EU,", "require: { ¦abuse-monitorng: EU, processing: EU,"]],
    suggests: "abuse-monitoring",
  },
  {
    name: "residency as a mapping",
    code: "invalid-type",
    edits: [["  residency:\n    - id: eu-stays", "  residency:\n    ¦eu-stays:"]],
  },
  {
    name: "misspelt strategy",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { strategy: ¦nearst }"]],
    suggests: "nearest",
  },
  {
    name: "strategy of another router",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { strategy: ¦least-conn }"]],
  },
  {
    name: "misspelt kind of strategy with options",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { strategy: { kind: ¦envoy-prioriti } }"]],
    suggests: "envoy-priority",
  },
  {
    name: "strategy with an option of another one",
    code: "unknown-key",
    edits: [[ROUTING, "routing: { strategy: { kind: envoy-priority, ¦fill: 50% } }"]],
  },
  {
    name: "strategy without a kind",
    code: "missing",
    edits: [[ROUTING, "routing: { strategy: ¦{ panic: 50% } }"]],
  },
  {
    name: "overprovisioning of nothing",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: envoy-priority, overprovisioning: ¦0 } }"]],
  },
  {
    name: "panic threshold as a number of percent",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: envoy-priority, panic: ¦50 } }"]],
    suggests: '"50%"',
  },
  {
    name: "hosts of a tier chosen in an unknown way",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { strategy: { kind: envoy-priority, within: ¦roundrobin } }"]],
    suggests: "round-robin",
  },
  {
    name: "locality that is none",
    code: "invalid-value",
    edits: [
      [ROUTING, 'routing: { strategy: { kind: envoy-locality-weighted, localities: { ¦"eu/a/b": 1 } } }'],
    ],
  },
  {
    name: "negative number of callers",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: envoy-zone-aware, callers: { eu: ¦-1 } } }"]],
  },
  {
    name: "more probes than all",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: envoy-load-aware, probe: ¦120% } }"]],
  },
  {
    name: "bias beyond all loads",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: least-request, bias: ¦11 } }"]],
  },
  {
    name: "blackout in seconds",
    code: "invalid-type",
    edits: [[ROUTING, "routing: { strategy: { kind: client-weighted, blackout: ¦10 } }"]],
    suggests: '"10s"',
  },
  { name: "fail open as a word", code: "invalid-type", edits: [[ROUTING, "routing: { failOpen: ¦yes }"]] },
  {
    name: "bare upstream timeout",
    code: "invalid-type",
    edits: [[ROUTING, "routing: { upstreamTimeout: ¦60 }"]],
    suggests: '"60s"',
  },
  {
    name: "upstream timeout of zero",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { upstreamTimeout: ¦0s }"]],
  },
  {
    name: "health interval in seconds spelt out",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { health: { interval: ¦5sec } }"]],
    suggests: '"5s"',
  },
  {
    name: "routing with an unknown key",
    code: "unknown-key",
    edits: [[ROUTING, "routing: { ¦stratgy: nearest }"]],
    suggests: "strategy",
  },
  { name: "no attempts at all", code: "out-of-range", edits: [[RETRY, "retry: { attempts: ¦0 }"]] },
  { name: "a thousand attempts", code: "out-of-range", edits: [[RETRY, "retry: { attempts: ¦1000 }"]] },
  { name: "attempts and a half", code: "invalid-value", edits: [[RETRY, "retry: { attempts: ¦1.5 }"]] },
  { name: "budget as a number", code: "invalid-type", edits: [[RETRY, "retry: { budget: ¦0.1 }"]] },
  {
    name: "budget above one",
    code: "out-of-range",
    edits: [[RETRY, "retry: { budget: { ratio: ¦10 } }"]],
    suggests: '"10%"',
  },
  {
    name: "retries where attempts is the word",
    code: "unknown-key",
    edits: [[RETRY, "retry: { ¦retries: 1 }"]],
  },
  {
    name: "bare round trip",
    code: "invalid-type",
    edits: [[NET, "network: { rtt: ¦80 }"]],
    suggests: '"80s" or "80ms"',
  },
  {
    name: "round trip from nowhere",
    code: "unknown-reference",
    edits: [[NET, 'network: { rtt: { ¦"FR->eu": 12ms } }']],
  },
  {
    name: "round trip to nowhere",
    code: "unknown-reference",
    edits: [[NET, 'network: { rtt: { ¦"DE->asia": 12ms } }']],
  },
  {
    name: "round trip between sites",
    code: "unknown-reference",
    edits: [[NET, 'network: { rtt: { ¦"DE->ny": 12ms } }']],
  },
  {
    name: "round trip of a pair that is none",
    code: "invalid-value",
    edits: [[NET, "network: { rtt: { ¦DE-eu: 12ms } }"]],
  },
  {
    name: "bare round trip of a pair",
    code: "invalid-type",
    edits: [[NET, 'network: { rtt: { "DE->eu": ¦12 } }']],
  },
  { name: "negative last mile", code: "invalid-value", edits: [[NET, "network: { lastMile: ¦-5ms }"]] },
  {
    name: "misspelt jitter",
    code: "invalid-value",
    edits: [[NET, "network: { jitter: ¦nome }"]],
    suggests: "none",
  },
  {
    name: "jitter that falls",
    code: "inconsistent",
    edits: [[NET, "network: { jitter: { p50: 2ms, p99: ¦1ms } }"]],
  },
  { name: "unknown network key", code: "unknown-key", edits: [[NET, "network: { ¦loss: 1% }"]] },
  {
    name: "deployment key misspelt",
    code: "unknown-key",
    edits: [[`  ${RETRY}`, "  ¦rety: {}"]],
    suggests: "retry",
  },
  {
    name: "fallback of a model that nobody serves",
    code: "unknown-reference",
    edits: [[ROUTING, "routing: { fallback: { ¦assistant-9: [assistant-1] } }"]],
    suggests: "assistant-1",
  },
  {
    name: "fallback to a model that nobody serves",
    code: "unknown-reference",
    edits: [[ROUTING, "routing: { fallback: { assistant-1: [¦assistant-1-mini] } }"]],
  },
  {
    name: "model that falls back to itself",
    code: "inconsistent",
    edits: [[ROUTING, "routing: { fallback: { assistant-1: [¦assistant-1] } }"]],
  },
  {
    name: "fallback named twice",
    code: "inconsistent",
    edits: [
      ["      model: assistant-1\n", "      model: assistant-2\n"],
      [", model: assistant-1 }\n", " }\n"],
      ["share: 3,", "share: 3, model: assistant-1,"],
      ["share: 1,", "share: 1, model: assistant-1,"],
      [ROUTING, "routing: { fallback: { assistant-1: [assistant-2, ¦assistant-2] } }"],
    ],
  },
  {
    name: "fallback that is no list",
    code: "invalid-type",
    edits: [[ROUTING, "routing: { fallback: { assistant-1: ¦assistant-2 } }"]],
    issues: "any",
  },
  {
    name: "fallback to nothing",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { fallback: { assistant-1: ¦[] } }"]],
  },
  { name: "negative wait", code: "invalid-value", edits: [[ROUTING, "routing: { wait: ¦-5s }"]] },
  { name: "wait without a unit", code: "invalid-type", edits: [[ROUTING, "routing: { wait: ¦5 }"]] },
  { name: "poll without a pause", code: "out-of-range", edits: [[ROUTING, "routing: { poll: ¦0s }"]] },
];
