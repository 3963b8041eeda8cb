/** A scenario whose gateways are served, right in every line, and ways to spoil it. */
import { BASE, type Malformed } from "./malformed/base.js";
import { casesOf } from "./malformed/rows.js";

/** What the records file of {@link SERVED} holds. */
export const RECORDS = `- { name: acme, sha256: "${"Ab".repeat(32)}", origin: pl, class: batch }
- { name: globex, sha256: "${"01".repeat(32)}", origin: DE, class: chat }
`;

/** The block, which stands at the end of the file. */
export const SERVE = `serve:
  origins: [FR, NORDICS]
  gateways:
    eu:
      listeners:
        edge:
          bind: "0.0.0.0:8443"
          tls: { cert: certs/eu.pem, key: { env: EU_TLS_KEY }, clientCa: certs/edge-ca.pem }
          identity: { from: header, secret: { file: /run/secrets/edge }, maxAge: 90s }
        internal: { bind: "127.0.0.1:8080", identity: { from: listener, origin: AT, class: chat } }
        partners: { bind: "[::1]:0", identity: { from: api-key, records: keys.yaml } }
      admin: "127.0.0.1:9901"
      metrics: "10.0.0.1:9464"
      decisions: logs/eu.decisions.jsonl
    us:
      listeners:
        people: { bind: "127.0.0.1:8081", identity: { from: listener, origin: US, class: chat } }
  upstreams:
    us-model: { url: "http://127.0.0.1:9000/v1/" }
    eu-model:
      url: "https://eu.example.com/v1"
      api: anthropic
      key: { env: EU_KEY }
      model: assistant-1-eu
      ca: certs/provider.pem
      probe: { path: /health, status: [200, 204] }
      connections: 64
    dc-box: { url: "https://box.example.com" }
  logs: { eu: logs/eu.jsonl, us: /var/log/us.jsonl }
  residencyStatus: 503
  bounds: { body: 1MiB, stalled: 5s }
  timeouts: { firstToken: 20s }
  bytesPerToken: 3
`;

/** All of it. */
export const SERVED = BASE + SERVE.replace("NORDICS", "NO");

/** Mistakes in the block, one each. */
export const SERVE_MISTAKES: readonly Malformed[] = [
  ...casesOf([
    [
      "a gateway that is none",
      "unknown-reference",
      "    eu:\n      listeners",
      "    ¦eeu:\n      listeners",
      "eu",
    ],
    [
      "an upstream of no endpoint",
      "unknown-reference",
      "    us-model: { url",
      "    ¦us-modle: { url",
      "us-model",
    ],
    ["logs of no region", "unknown-reference", "logs: { eu:", "logs: { ¦euu:", "eu"],
    ["an origin that is no place", "unknown-reference", "[FR, NO]", "[FR, ¦Norwy]", "NO"],
    ["a listener for a country by its name", "unknown-reference", "origin: AT", "origin: ¦Austria", "AT"],
    ["a listener for many countries", "invalid-value", "origin: AT", "origin: ¦EU"],
    ["a listener for no class", "unknown-reference", "AT, class: chat", "AT, class: ¦chatt", "chat"],
    [
      "a listener for one of several classes",
      "missing",
      "{ from: listener, origin: AT, class: chat }",
      "¦{ from: listener, origin: AT }",
    ],
    [
      "a tenant nobody has",
      "unknown-reference",
      "AT, class: chat",
      "AT, class: chat, tenant: ¦defalt",
      "default",
    ],
    ["an unknown way to know callers", "invalid-value", "from: header", "from: ¦headers", "header"],
    [
      "a listener without identity",
      "missing",
      '{ bind: "[::1]:0", identity: { from: api-key, records: keys.yaml } }',
      '¦{ bind: "[::1]:0" }',
    ],
    ["an address without a port", "invalid-value", '"127.0.0.1:8080"', '¦"127.0.0.1"'],
    ["a port that is none", "invalid-value", '"127.0.0.1:8080"', '¦"127.0.0.1:70000"'],
    ["two listeners of one address", "inconsistent", '"127.0.0.1:8081"', '¦"127.0.0.1:8080"'],
    ["an address that another one covers", "inconsistent", '"127.0.0.1:8081"', '¦"127.0.0.1:8443"'],
    ["administration for everybody", "invalid-value", '"127.0.0.1:9901"', '¦"0.0.0.0:9901"'],
    [
      "administration by a name that begins like this machine's",
      "invalid-value",
      '"127.0.0.1:9901"',
      '¦"127.0.0.1.example.com:9901"',
    ],
    [
      "an upstream in plain text",
      "invalid-value",
      '"https://eu.example',
      '¦"http://eu.example',
      "https://eu.example",
    ],
    [
      "an upstream at a host that begins like this machine",
      "invalid-value",
      '"http://127.0.0.1:9000',
      '¦"http://127.0.0.1.example.com:9000',
    ],
    [
      "an upstream with a query",
      "invalid-value",
      '"https://box.example.com"',
      '¦"https://box.example.com/?v=1"',
    ],
    ["a secret in the file", "invalid-type", "key: { env: EU_KEY }", "key: ¦sk-live-0123456789"],
    ["an environment variable that is none", "invalid-value", "env: EU_KEY", "env: ¦EU-KEY"],
    ["a key of another name", "unknown-key", "key: { env: EU_KEY }", "¦apiKey: sk-live-0123456789", "key"],
    [
      "a user in the URL",
      "invalid-value",
      '"https://eu.example',
      '¦"https://me:sk-live-0123456789@eu.example',
    ],
    [
      "certificates nobody signs",
      "missing",
      "identity: { from: api-key, records: keys.yaml }",
      "identity: ¦{ from: client-certificate, records: keys.yaml }",
    ],
    ["a certificate outside the folder", "path-escape", "cert: certs/eu.pem", "cert: ¦../certs/eu.pem"],
    [
      "a log that two regions share under a rule on logs",
      "inconsistent",
      "us: /var/log/us.jsonl",
      "us: ¦logs/../logs/eu.jsonl",
    ],
    [
      "decisions in a log of requests",
      "inconsistent",
      "decisions: logs/eu.decisions.jsonl",
      "decisions: ¦logs/eu.jsonl",
    ],
    ["records that are not there", "unreadable", "records: keys.yaml", "records: ¦kyes.yaml"],
    ["a size without its unit", "invalid-type", "body: 1MiB", "body: ¦1000000"],
    ["a size in other units", "invalid-value", "body: 1MiB", "body: ¦1MB"],
    ["a size beyond memory", "out-of-range", "body: 1MiB", "body: ¦2GiB"],
    ["a first token later than the end", "inconsistent", "firstToken: 20s", "firstToken: ¦2m"],
    ["a timeout that would fire at once", "out-of-range", "stalled: 5s", "stalled: ¦30d"],
    ["another status for residency", "invalid-value", "residencyStatus: 503", "residencyStatus: ¦500"],
    ["a probe without a path", "invalid-value", "path: /health", "path: ¦health"],
  ]),
];
