import type { Malformed } from "./base.js";

const OUT = "- { id: eu-out, at: 10m, for: 8m, kind: region-down, region: eu, manner: black-hole }";
const ERRORS = "- { at: 25m, kind: error-rate, endpoint: us-model, probability: 2% }";
const RANDOM = "- { kind: slow, target: all, factor: 2, every: { mean: 10m }, lasting: { mean: 1m } }";
const LAG = "- { at: 30m, for: 1m, kind: latency, between: [DE, us], add: 80ms }";

const fault = (text: string): readonly (readonly [string, string])[] => [[OUT, `- ${text}`]];

/** Mistakes in faults. */
export const FAULTS: readonly Malformed[] = [
  {
    name: "misspelt fault kind",
    code: "invalid-value",
    edits: fault("{ at: 1m, kind: ¦region-dwn, region: eu }"),
    suggests: "region-down",
  },
  { name: "fault without a kind", code: "missing", edits: fault("¦{ at: 1m, region: eu }") },
  { name: "fault kind as a number", code: "invalid-value", edits: fault("{ at: 1m, kind: ¦1, region: eu }") },
  { name: "fault without a time", code: "missing", edits: fault("¦{ kind: region-down, region: eu }") },
  {
    name: "fault at a bare time",
    code: "invalid-type",
    edits: fault("{ at: ¦10, kind: region-down, region: eu }"),
  },
  {
    name: "fault for no time",
    code: "out-of-range",
    edits: fault("{ at: 1m, for: ¦0s, kind: region-down, region: eu }"),
  },
  {
    name: "fault for ever",
    code: "invalid-value",
    edits: fault("{ at: 1m, for: ¦ever, kind: region-down, region: eu }"),
  },
  {
    name: "fault before the run",
    code: "invalid-value",
    edits: fault("{ at: ¦-1m, kind: region-down, region: eu }"),
  },
  {
    name: "fault in an unknown region",
    code: "unknown-reference",
    edits: fault("{ at: 1m, kind: region-down, region: ¦eeu }"),
    suggests: '"eu"',
  },
  {
    name: "fault at an unknown endpoint",
    code: "unknown-reference",
    edits: fault("{ at: 1m, kind: endpoint-down, endpoint: ¦us-modell }"),
    suggests: "us-model",
  },
  { name: "fault that hits nothing", code: "missing", edits: fault("¦{ at: 1m, kind: region-down }") },
  {
    name: "fault that hits two things",
    code: "inconsistent",
    edits: fault("{ at: 1m, kind: slow, factor: 2, region: eu, ¦endpoint: us-model }"),
  },
  {
    name: "region fault at an endpoint",
    code: "unknown-key",
    edits: fault("{ at: 1m, kind: region-down, ¦endpoint: us-model, region: eu }"),
    issues: 2,
  },
  {
    name: "region fault everywhere",
    code: "invalid-value",
    edits: fault("{ at: 1m, kind: region-down, target: ¦all }"),
  },
  {
    name: "region fault at a site",
    code: "invalid-value",
    edits: fault("{ at: 1m, kind: region-down, target: ¦'site:DE' }"),
  },
  {
    name: "target of an unknown kind",
    code: "unknown-reference",
    edits: fault("{ at: 1m, kind: slow, factor: 2, target: ¦'zone:eu' }"),
  },
  {
    name: "target with an unknown name",
    code: "unknown-reference",
    edits: fault("{ at: 1m, kind: slow, factor: 2, target: ¦'region:ue' }"),
    suggests: "us",
  },
  {
    name: "target that is a list",
    code: "invalid-type",
    edits: fault("{ at: 1m, kind: slow, factor: 2, target: ¦[eu] }"),
  },
  {
    name: "misspelt manner",
    code: "invalid-value",
    edits: fault("{ at: 1m, kind: region-down, region: eu, manner: ¦blackhole }"),
    suggests: "black-hole",
  },
  {
    name: "manner of a slow endpoint",
    code: "unknown-key",
    edits: fault("{ at: 1m, kind: slow, factor: 2, region: eu, ¦manner: refuse }"),
  },
  {
    name: "misspelt manner key",
    code: "unknown-key",
    edits: fault("{ at: 1m, kind: region-down, region: eu, ¦maner: refuse }"),
    suggests: "manner",
  },
  { name: "slow without a factor", code: "missing", edits: fault("¦{ at: 1m, kind: slow, region: eu }") },
  {
    name: "slow by nothing",
    code: "out-of-range",
    edits: fault("{ at: 1m, kind: slow, region: eu, factor: ¦0 }"),
  },
  {
    name: "slow by a negative factor",
    code: "out-of-range",
    edits: fault("{ at: 1m, kind: slow, region: eu, factor: ¦-2 }"),
  },
  {
    name: "slow by a word",
    code: "invalid-type",
    edits: fault("{ at: 1m, kind: slow, region: eu, factor: ¦2x }"),
  },
  {
    name: "errors in more than all calls",
    code: "out-of-range",
    edits: [[ERRORS, "- { at: 1m, kind: error-rate, region: eu, probability: ¦101% }"]],
  },
  {
    name: "errors in percent without the sign",
    code: "out-of-range",
    edits: [[ERRORS, "- { at: 1m, kind: error-rate, region: eu, probability: ¦2 }"]],
    suggests: '"2%"',
  },
  {
    name: "errors in negative calls",
    code: "out-of-range",
    edits: [[ERRORS, "- { at: 1m, kind: error-rate, region: eu, probability: ¦-0.1 }"]],
  },
  {
    name: "errors without a probability",
    code: "missing",
    edits: [[ERRORS, "- ¦{ at: 1m, kind: error-rate, region: eu }"]],
  },
  {
    name: "capacity lost beyond all",
    code: "out-of-range",
    edits: [[ERRORS, "- { at: 1m, kind: capacity-loss, region: eu, fraction: ¦1.5 }"]],
  },
  {
    name: "preempt in a word",
    code: "invalid-type",
    edits: [[ERRORS, "- { at: 1m, kind: capacity-loss, region: eu, fraction: 0.5, preempt: ¦sometimes }"]],
  },
  {
    name: "quota cut to more than there was",
    code: "out-of-range",
    edits: [[ERRORS, "- { at: 1m, kind: quota-cut, region: eu, factor: ¦2 }"]],
  },
  {
    name: "surge in a region",
    code: "unknown-key",
    edits: [[ERRORS, "- { at: 1m, kind: demand-surge, factor: 2, ¦region: eu }"]],
  },
  {
    name: "surge at an unknown site",
    code: "unknown-reference",
    edits: [[ERRORS, "- { at: 1m, kind: demand-surge, factor: 2, site: ¦DA }"]],
    suggests: "DE",
  },
  {
    name: "frozen entry with a target",
    code: "unknown-key",
    edits: [[ERRORS, "- { at: 1m, kind: entry-frozen, ¦target: all }"]],
  },
  {
    name: "random fault that never ends",
    code: "missing",
    edits: [[RANDOM, "- ¦{ kind: slow, target: all, factor: 2, every: { mean: 10m } }"]],
  },
  {
    name: "planned fault with a random end",
    code: "inconsistent",
    edits: [[RANDOM, "- { at: 1m, kind: slow, target: all, factor: 2, ¦lasting: { mean: 1m } }"]],
  },
  {
    name: "random fault every bare time",
    code: "invalid-type",
    edits: [[RANDOM, "- { kind: slow, target: all, factor: 2, every: ¦10, lasting: 1m }"]],
  },
  {
    name: "random fault every no time",
    code: "out-of-range",
    edits: [[RANDOM, "- { kind: slow, target: all, factor: 2, every: { mean: ¦0s }, lasting: 1m }"]],
  },
  {
    name: "random fault without rest",
    code: "too-many",
    edits: [[RANDOM, "- { kind: slow, target: all, factor: 2, ¦every: 1us, lasting: 1us }"]],
  },
  {
    name: "random fault by an unknown law",
    code: "invalid-value",
    edits: [
      [RANDOM, "- { kind: slow, target: all, factor: 2, every: { kind: ¦poisson, mean: 1m }, lasting: 1m }"],
    ],
  },
  {
    name: "latency without an amount",
    code: "missing",
    edits: [[LAG, "- ¦{ at: 1m, kind: latency, between: [DE, us] }"]],
  },
  {
    name: "bare latency",
    code: "invalid-type",
    edits: [[LAG, "- { at: 1m, kind: latency, between: [DE, us], add: ¦80 }"]],
  },
  {
    name: "latency of nothing",
    code: "out-of-range",
    edits: [[LAG, "- { at: 1m, kind: latency, between: [DE, us], add: ¦0ms }"]],
  },
  {
    name: "latency between three",
    code: "out-of-range",
    edits: [[LAG, "- { at: 1m, kind: latency, between: ¦[DE, us, eu], add: 80ms }"]],
    issues: 1,
  },
  {
    name: "latency between one",
    code: "out-of-range",
    edits: [[LAG, "- { at: 1m, kind: latency, between: ¦[DE], add: 80ms }"]],
    issues: 1,
  },
  {
    name: "latency between one and itself",
    code: "inconsistent",
    edits: [[LAG, "- { at: 1m, kind: latency, between: [us, ¦us], add: 80ms }"]],
  },
  {
    name: "partition from nowhere",
    code: "unknown-reference",
    edits: [[LAG, "- { at: 1m, kind: partition, between: [¦asia, us] }"]],
  },
  {
    name: "partition between words",
    code: "invalid-type",
    edits: [[LAG, "- { at: 1m, kind: partition, between: ¦DE-us }"]],
  },
  { name: "partition without ends", code: "missing", edits: [[LAG, "- ¦{ at: 1m, kind: partition }"]] },
  {
    name: "fault id twice",
    code: "duplicate-key",
    edits: [[LAG, "- { id: ¦eu-out, at: 1m, kind: entry-frozen }"]],
  },
  {
    name: "fault id with a dot",
    code: "invalid-value",
    edits: [[LAG, "- { id: ¦eu.out, at: 1m, kind: entry-frozen }"]],
  },
  { name: "fault as a text", code: "invalid-type", edits: [[LAG, "- ¦entry-frozen"]] },
];
