import type { Malformed } from "./base.js";

const US = 'us: { at: "aws:us-east-1" }';
const DC = "dc: { country: NL, city: Amsterdam, latitude: 52.37, longitude: 4.9 }";
const ENTRY =
  "entry: { kind: geo-dns, ttl: 60s, tailShare: 5%, check: { interval: 10s, timeout: 4s, fall: 3, rise: 2 } }";
const GATE = "us: { region: us, concurrency: 2000, queue: 500, overhead: 1ms }";

/** Mistakes in regions, gateways and entry. */
export const DEPLOYMENT: readonly Malformed[] = [
  {
    name: "misspelt catalogue key",
    code: "unknown-reference",
    edits: [[US, 'us: { at: ¦"aws:us-est-1" }']],
    suggests: "aws:us-east-1",
  },
  {
    name: "catalogue key of another provider",
    code: "unknown-reference",
    edits: [[US, 'us: { at: ¦"oracle:us-1" }']],
  },
  {
    name: "catalogue key without provider",
    code: "unknown-reference",
    edits: [[US, "us: { at: ¦us-east-1 }"]],
  },
  { name: "catalogue key as a number", code: "invalid-type", edits: [[US, "us: { at: ¦1 }"]] },
  { name: "region as a text", code: "invalid-type", edits: [[US, 'us: ¦"aws:us-east-1"']] },
  { name: "region as a list", code: "invalid-type", edits: [[US, "us: ¦[aws]"]] },
  { name: "empty region", code: "missing", edits: [[US, "us: ¦{}"]] },
  {
    name: "unknown key beside at",
    code: "unknown-key",
    edits: [[US, 'us: { at: "aws:us-east-1", ¦zone: a }']],
  },
  {
    name: "latitude beyond the pole",
    code: "out-of-range",
    edits: [[DC, "dc: { country: NL, city: Amsterdam, latitude: ¦95, longitude: 4.9 }"]],
  },
  {
    name: "longitude beyond the date line",
    code: "out-of-range",
    edits: [[DC, "dc: { country: NL, city: Amsterdam, latitude: 52, longitude: ¦-181 }"]],
  },
  {
    name: "latitude as a text",
    code: "invalid-type",
    edits: [[DC, "dc: { country: NL, city: Amsterdam, latitude: ¦52N, longitude: 4.9 }"]],
  },
  {
    name: "no longitude",
    code: "missing",
    edits: [[DC, "dc: ¦{ country: NL, city: Amsterdam, latitude: 52 }"]],
  },
  { name: "no city", code: "missing", edits: [[DC, "dc: ¦{ country: NL, latitude: 52, longitude: 4.9 }"]] },
  {
    name: "country spelt out",
    code: "invalid-value",
    edits: [[DC, "dc: { country: ¦Netherlands, city: Amsterdam, latitude: 52, longitude: 4.9 }"]],
  },
  {
    name: "country in small letters",
    code: "invalid-value",
    edits: [[DC, "dc: { country: ¦nl, city: Amsterdam, latitude: 52, longitude: 4.9 }"]],
  },
  {
    name: "country that is none",
    code: "unknown-reference",
    edits: [[DC, "dc: { country: ¦QX, city: Amsterdam, latitude: 52, longitude: 4.9 }"]],
  },
  {
    name: "misspelt latitude",
    code: "unknown-key",
    edits: [[DC, "dc: { country: NL, city: A, ¦lattitude: 5, latitude: 52, longitude: 4.9 }"]],
    suggests: "latitude",
  },
  {
    name: "region id with a space",
    code: "invalid-value",
    edits: [
      [DC, `¦"d c": { country: NL, city: A, latitude: 52, longitude: 4.9 }`],
      ["region: dc,", "region: us,"],
    ],
  },
  {
    name: "region id with a dot",
    code: "invalid-value",
    edits: [
      [DC, "¦d.c: { country: NL, city: A, latitude: 52, longitude: 4.9 }"],
      ["region: dc,", "region: us,"],
    ],
  },
  {
    name: "region id that ends in a dash",
    code: "invalid-value",
    edits: [
      [DC, "¦dc-: { country: NL, city: A, latitude: 52, longitude: 4.9 }"],
      ["region: dc,", "region: us,"],
    ],
  },
  {
    name: "region id of 65 letters",
    code: "invalid-value",
    edits: [
      [DC, `¦${"d".repeat(65)}: { country: NL, city: A, latitude: 52, longitude: 4.9 }`],
      ["region: dc,", "region: us,"],
    ],
  },
  {
    name: "misspelt entry kind",
    code: "invalid-value",
    edits: [[ENTRY, "entry: { kind: ¦geodns, ttl: 60s }"]],
    suggests: "geo-dns",
  },
  { name: "entry without a kind", code: "missing", edits: [[ENTRY, "entry: ¦{ ttl: 60s }"]] },
  {
    name: "names given by load, which nobody knows",
    code: "invalid-value",
    edits: [[ENTRY, "entry: { kind: geo-dns, strategy: ¦least-loaded }"]],
  },
  {
    name: "gateway with a negative weight",
    code: "out-of-range",
    edits: [["us: { region: us, concurrency: 2000,", "us: { region: us, weight: ¦-1, concurrency: 2000,"]],
  },
  {
    name: "gateway with too great a bias",
    code: "out-of-range",
    edits: [["us: { region: us, concurrency: 2000,", "us: { region: us, bias: ¦-100, concurrency: 2000,"]],
  },
  { name: "entry as a word", code: "invalid-type", edits: [[ENTRY, "entry: ¦geo-dns"]] },
  {
    name: "bare ttl",
    code: "invalid-type",
    edits: [[ENTRY, "entry: { kind: geo-dns, ttl: ¦60 }"]],
    suggests: '"60s"',
  },
  {
    name: "tail share above one",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, tailShare: ¦5 }"]],
    suggests: '"5%"',
  },
  {
    name: "tail share of 500 percent",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, tailShare: ¦500% }"]],
  },
  {
    name: "negative tail share",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, tailShare: ¦-0.1 }"]],
  },
  {
    name: "tail share in words",
    code: "invalid-value",
    edits: [[ENTRY, "entry: { kind: geo-dns, tailShare: ¦5 percent }"]],
    suggests: '"5%"',
  },
  {
    name: "tail factor of zero",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, tailFactor: ¦0 }"]],
  },
  {
    name: "no resolvers",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, resolversPerSite: ¦0 }"]],
  },
  {
    name: "half a checker",
    code: "invalid-value",
    edits: [[ENTRY, "entry: { kind: geo-dns, checkers: ¦1.5 }"]],
  },
  {
    name: "quorum above one",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, quorum: ¦3 }"]],
  },
  {
    name: "check without an interval's unit",
    code: "invalid-type",
    edits: [[ENTRY, "entry: { kind: geo-dns, check: { interval: ¦10 } }"]],
  },
  {
    name: "check interval of zero",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, check: { interval: ¦0s } }"]],
  },
  {
    name: "check that falls at zero failures",
    code: "out-of-range",
    edits: [[ENTRY, "entry: { kind: geo-dns, check: { fall: ¦0 } }"]],
  },
  {
    name: "check rise as a text",
    code: "invalid-type",
    edits: [[ENTRY, 'entry: { kind: geo-dns, check: { rise: ¦"2" } }']],
  },
  {
    name: "misspelt check",
    code: "unknown-key",
    edits: [[ENTRY, "entry: { kind: geo-dns, ¦chek: none }"]],
    suggests: "check",
  },
  {
    name: "misspelt schedule",
    code: "invalid-value",
    edits: [[ENTRY, "entry: { kind: geo-dns, check: { schedule: ¦fixedrate } }"]],
    suggests: "fixed-rate",
  },
  { name: "check as true", code: "invalid-type", edits: [[ENTRY, "entry: { kind: geo-dns, check: ¦true }"]] },
  {
    name: "probes that see load, in words",
    code: "invalid-type",
    edits: [[ENTRY, "entry: { kind: geo-dns, check: { seesLoad: ¦maybe } }"]],
  },
  { name: "ttl on anycast", code: "unknown-key", edits: [[ENTRY, "entry: { kind: anycast, ¦ttl: 60s }"]] },
  {
    name: "bare convergence",
    code: "invalid-type",
    edits: [[ENTRY, "entry: { kind: anycast, convergence: ¦30 }"]],
  },
  {
    name: "scope that is none",
    code: "invalid-value",
    edits: [[ENTRY, "entry: { kind: anycast, scope: ¦legal }"]],
  },
  {
    name: "check on direct entry",
    code: "unknown-key",
    edits: [[ENTRY, "entry: { kind: direct, ¦check: none }"]],
  },
  {
    name: "gateway in an unknown region",
    code: "unknown-reference",
    edits: [[GATE, "us: { region: ¦uss }"]],
    suggests: '"us"',
  },
  { name: "gateway without a region", code: "missing", edits: [[GATE, "us: ¦{ queue: 500 }"]] },
  {
    name: "gateway without places",
    code: "out-of-range",
    edits: [[GATE, "us: { region: us, concurrency: ¦0 }"]],
  },
  {
    name: "gateway with a negative queue",
    code: "out-of-range",
    edits: [[GATE, "us: { region: us, queue: ¦-1 }"]],
  },
  {
    name: "gateway with a queue of more than anything",
    code: "out-of-range",
    edits: [[GATE, "us: { region: us, queue: ¦1000000001 }"]],
  },
  {
    name: "gateway with a queue in words",
    code: "invalid-type",
    edits: [[GATE, "us: { region: us, queue: ¦many }"]],
  },
  {
    name: "gateway with bare overhead",
    code: "invalid-type",
    edits: [[GATE, "us: { region: us, overhead: ¦1 }"]],
  },
  {
    name: "gateway data in an unknown country",
    code: "unknown-reference",
    edits: [["data: { processing: DE }", "data: { processing: ¦DEU }"]],
    suggests: "DE",
  },
  {
    name: "gateway data on an unknown channel",
    code: "unknown-key",
    edits: [["data: { processing: DE }", "data: { ¦procesing: DE }"]],
    issues: 1,
    suggests: "processing",
  },
  {
    name: "gateway data without channels",
    code: "invalid-value",
    edits: [["data: { processing: DE }", "data: ¦{}"]],
  },
  {
    name: "gateways as a list",
    code: "invalid-type",
    edits: [["  gateways:\n", "  gateways: ¦[]\n  notes:\n"]],
    issues: 2,
  },
];
