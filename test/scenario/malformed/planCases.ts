/** A sweep plan that is right in every line, and ways to spoil it. */
import type { Malformed } from "./base.js";

/** The plan that cases spoil. */
export const PLAN_BASE = `schema: regionsim.plan/1
name: base
question: none
scenario: ../small.yaml
seed: plan
replications: 4
luck: common
series: false
designs:
  - kind: grid
    over:
      deployment.entry.ttl: [10s, 60s]
      faults[0].for: [2m, 4m]
  - kind: list
    points:
      - { deployment.entry.ttl: 10s, workload.client: null }
      - { duration: 1h }
  - kind: latin-hypercube
    points: 8
    over:
      workload.sites[0].rate: { from: 5rps, to: 50rps, scale: log }
  - kind: sobol
    points: 16
    over:
      deployment.endpoints.eu.serving.concurrency: { from: 10, to: 99, integer: true }
      warmup: { from: 10.5s, to: 20s }
`;

/** Each is one mistake. */
export const PLAN_CASES: readonly Malformed[] = [
  { name: "no YAML", code: "syntax", edits: [["replications: 4\n", "replications: [4\n¦"]], issues: "any" },
  { name: "another schema", code: "invalid-value", edits: [["regionsim.plan/1", "¦regionsim/1"]] },
  { name: "a key twice", code: "duplicate-key", edits: [["question: none", "¦name: again"]] },
  {
    name: "a mistyped key",
    code: "unknown-key",
    edits: [["replications: 4", "¦replicatoins: 4"]],
    suggests: "replications",
  },
  {
    name: "a mistyped key of a design",
    code: "unknown-key",
    edits: [["points: 8\n", "points: 8\n    ¦overr: {}\n"]],
    suggests: "over",
  },
  {
    name: "a design of no kind we know",
    code: "invalid-value",
    edits: [["kind: grid", "kind: ¦gird"]],
    suggests: "grid",
  },
  {
    name: "a seed that is a number",
    code: "invalid-type",
    edits: [["seed: plan", "seed: ¦42"]],
    suggests: '"42"',
  },
  {
    name: "a seed too long to add to",
    code: "out-of-range",
    edits: [["seed: plan", `seed: ¦${"x".repeat(151)}`]],
  },
  { name: "no replications", code: "out-of-range", edits: [["replications: 4", "replications: ¦0"]] },
  { name: "half a replication", code: "invalid-value", edits: [["replications: 4", "replications: ¦1.5"]] },
  { name: "luck of another kind", code: "invalid-value", edits: [["luck: common", "luck: ¦shared"]] },
  { name: "series that are no flag", code: "invalid-type", edits: [["series: false", "series: ¦none"]] },
  { name: "a scenario from the root", code: "path-escape", edits: [["../small.yaml", "¦/etc/passwd"]] },
  {
    name: "a scenario elsewhere",
    code: "path-escape",
    edits: [["../small.yaml", "¦https://x.example/a.yaml"]],
  },
  { name: "a scenario that is a folder", code: "path-escape", edits: [["../small.yaml", "¦../scenarios/"]] },
  { name: "a path with a blank", code: "invalid-value", edits: [["duration: 1h", "¦dur ation: 1h"]] },
  {
    name: "a path with an equals sign",
    code: "invalid-value",
    edits: [["duration: 1h", "¦duration=1h: 1h"]],
  },
  {
    name: "a value that is no list",
    code: "invalid-type",
    edits: [["faults[0].for: [2m, 4m]", "faults[0].for: ¦2m"]],
  },
  {
    name: "a path without values",
    code: "out-of-range",
    edits: [["faults[0].for: [2m, 4m]", "faults[0].for: ¦[]"]],
  },
  {
    name: "a path with nothing behind it",
    code: "missing",
    edits: [["faults[0].for: [2m, 4m]", "¦faults[0].for:"]],
  },
  { name: "a point without settings", code: "invalid-value", edits: [["{ duration: 1h }", "¦{}"]] },
  {
    name: "a path twice in two spellings",
    code: "inconsistent",
    edits: [["faults[0].for: [2m, 4m]", "faults[0].for: [2m, 4m]\n      ¦faults.0.for: [3m]"]],
  },
  {
    name: "a path through another",
    code: "inconsistent",
    edits: [["faults[0].for: [2m, 4m]", "¦deployment.entry: [null]"]],
  },
  { name: "no points", code: "out-of-range", edits: [["points: 8\n", "points: ¦0\n"]] },
  {
    name: "an end missing",
    code: "missing",
    edits: [["{ from: 10, to: 99, integer: true }", "¦{ from: 10, integer: true }"]],
  },
  {
    name: "an end that is no number",
    code: "invalid-value",
    edits: [["from: 5rps", "from: ¦five"]],
    issues: "any",
  },
  { name: "ends in two units", code: "inconsistent", edits: [["to: 20s", "to: ¦20m"]] },
  { name: "ends the wrong way round", code: "inconsistent", edits: [["to: 99,", "to: ¦9,"]] },
  { name: "a log scale through zero", code: "inconsistent", edits: [["from: 5rps", "from: ¦0rps"]] },
  { name: "whole numbers from a half", code: "inconsistent", edits: [["from: 10, to", "from: ¦9.5, to"]] },
  {
    name: "more runs than anybody waits for",
    code: "too-many",
    edits: [["replications: 4", "replications: ¦40000"]],
  },
  {
    name: "more points than anybody waits for",
    code: "too-many",
    edits: [
      ["points: 8\n", "points: 100000\n"],
      ["designs:\n  - kind: grid", "designs:\n  ¦- kind: grid"],
    ],
  },
];
