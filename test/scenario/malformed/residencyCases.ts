import type { Malformed } from "./base.js";

const RULE = "      require: { processing: EU, logs: [EU, CH] }";
const US_DATA = "      data: { processing: [US], logs: [US] }";
const EU_GATEWAY = "eu: { region: eu, data: { processing: DE } }";
const ROUTING = "routing: { strategy: nearest,";
const TRANSFERS = "  routing: { strategy: nearest,";

function transfer(text: string): Malformed["edits"] {
  return [[TRANSFERS, `  transfers:\n    - ${text}\n${TRANSFERS}`]];
}

/** Mistakes in what is said of data, in rules about it, and in what of them is checked. */
export const RESIDENCY: readonly Malformed[] = [
  {
    name: "a place that is no country in a mapping",
    code: "unknown-reference",
    edits: [[US_DATA, "      data: { processing: [US], logs: { in: ¦USA, keep: 30d } }"]],
    suggests: '"US"',
  },
  {
    name: "none among other places",
    code: "unknown-reference",
    edits: [[US_DATA, "      data: { processing: [US], logs: [US, ¦none] }"]],
  },
  {
    name: "a mapping that does not say where",
    code: "missing",
    edits: [[US_DATA, "      data: { processing: [US], logs: ¦{ keep: 30d } }"]],
  },
  {
    name: "a time kept without a unit",
    code: "invalid-type",
    edits: [[US_DATA, "      data: { processing: [US], logs: { in: US, keep: ¦30 } }"]],
  },
  {
    name: "a word for how long that is none",
    code: "invalid-value",
    edits: [[US_DATA, "      data: { processing: [US], logs: { in: US, keep: ¦always } }"]],
  },
  {
    name: "an unknown key of a use",
    code: "unknown-key",
    edits: [[US_DATA, "      data: { processing: [US], logs: { in: US, ¦keeps: 30d } }"]],
    suggests: "keep",
  },
  {
    name: "an unknown channel",
    code: "unknown-key",
    edits: [[US_DATA, "      data: { processing: [US], ¦log: [US] }"]],
    suggests: "logs",
  },
  {
    name: "terms nobody has",
    code: "unknown-reference",
    edits: [[US_DATA, "      data: { terms: ¦azure-openai:datazone }"]],
    suggests: "azure-openai:datazone-",
  },
  {
    name: "a gateway that reads prompts elsewhere than where it stands",
    code: "inconsistent",
    edits: [[EU_GATEWAY, "eu: { region: eu, data: { processing: ¦US } }"]],
  },
  {
    name: "a gateway that ends the encryption and reads nothing",
    code: "inconsistent",
    edits: [[EU_GATEWAY, "eu: { region: eu, data: { processing: ¦none } }"]],
  },
  {
    name: "a claim that is none",
    code: "invalid-value",
    edits: [[EU_GATEWAY, "eu: { region: eu, claims: [¦dpa] }"]],
    suggests: "dpf",
  },
  {
    name: "a tenant nobody is",
    code: "unknown-reference",
    edits: [["when: { origin: EU,", "when: { tenant: ¦acme, origin: EU,"]],
  },
  {
    name: "class and dataClass at once",
    code: "inconsistent",
    edits: [["when: { origin: EU,", "when: ¦{ class: chat, origin: EU,"]],
  },
  {
    name: "a class that is none",
    code: "unknown-reference",
    edits: [["dataClass: chat,", "class: ¦chats,"]],
    suggests: '"chat"',
  },
  {
    name: "a retention for channels that the rule does not name",
    code: "inconsistent",
    edits: [[RULE, "      require: { processing: EU }\n      maxRetention: ¦30d"]],
  },
  {
    name: "a retention without a unit",
    code: "invalid-type",
    edits: [[RULE, `${RULE}\n      maxRetention: ¦30`]],
  },
  {
    name: "a retention of an unknown channel",
    code: "unknown-key",
    edits: [[RULE, `${RULE}\n      maxRetention: { ¦logz: 30d }`]],
    suggests: "logs",
  },
  {
    name: "evidence that is neither required nor optional",
    code: "invalid-value",
    edits: [[RULE, `${RULE}\n      evidence: ¦yes`]],
  },
  {
    name: "an unknown thing to do when nothing is lawful",
    code: "invalid-value",
    edits: [[RULE, `${RULE}\n      onEmpty: ¦hold`]],
  },
  {
    name: "a transfer on an unknown ground",
    code: "invalid-value",
    edits: transfer("{ from: EEA, channels: [logs], allow: [¦adequate] }"),
    suggests: "adequacy",
  },
  {
    name: "a transfer from no zone",
    code: "unknown-reference",
    edits: transfer("{ from: ¦EAE, channels: [logs], allow: [adequacy] }"),
    suggests: '"EEA"',
  },
  {
    name: "a transfer of no channel",
    code: "out-of-range",
    edits: transfer("{ from: EEA, channels: ¦[], allow: [adequacy] }"),
  },
  {
    name: "a transfer of which channels are not said",
    code: "missing",
    edits: transfer("¦{ from: EEA, allow: [adequacy] }"),
  },
  {
    name: "a transfer with the id of a rule",
    code: "duplicate-key",
    edits: transfer("{ id: ¦eu-stays, from: EEA, channels: [logs], allow: [] }"),
  },
  {
    name: "a channel that cannot be checked",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { enforce: [¦procesing], strategy: nearest,"]],
    suggests: "processing",
  },
  {
    name: "a word for what is checked that is none",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { enforce: ¦some, strategy: nearest,"]],
  },
  {
    name: "shadow traffic to nowhere",
    code: "unknown-reference",
    edits: [[ROUTING, "routing: { shadow: { share: 5%, to: ¦canary }, strategy: nearest,"]],
  },
  {
    name: "shadow traffic of nothing",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { shadow: { share: ¦0%, to: dc-box }, strategy: nearest,"]],
  },
  {
    name: "shadow traffic to an endpoint that would drop it",
    code: "inconsistent",
    edits: [
      [ROUTING, "routing: { shadow: { share: 5%, to: ¦us-model }, strategy: nearest,"],
      ["abandoned: cancel", "abandoned: drop-at-dequeue"],
    ],
  },
  {
    name: "a probe that carries something else",
    code: "invalid-value",
    edits: [["health: { interval: 5s }", "health: { interval: 5s, prompt: ¦copies }"]],
  },
];
