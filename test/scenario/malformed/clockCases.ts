import type { Malformed } from "./base.js";

const ENTRY =
  "entry: { kind: geo-dns, ttl: 60s, tailShare: 5%, check: { interval: 10s, timeout: 4s, fall: 3, rise: 2 } }";
const ROUTING =
  "routing: { strategy: nearest, failOpen: false, upstreamTimeout: 60s, health: { interval: 5s } }";

/** Mistakes in failover clocks, and in the options of strategies that fill, take turns or learn. */
export const CLOCKS: readonly Malformed[] = [
  {
    name: "misspelt preset of an entry",
    code: "invalid-value",
    edits: [[ENTRY, "entry: { kind: geo-dns, preset: ¦route53-fas }"]],
    suggests: "route53-fast",
  },
  {
    name: "preset of another kind of entry",
    code: "invalid-value",
    edits: [[ENTRY, "entry: { kind: anycast, preset: ¦cloudflare }"]],
  },
  {
    name: "preset of an entry for a health check",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { health: { preset: ¦route53-fast } }"]],
  },
  {
    name: "preset where users know the gateways",
    code: "unknown-key",
    edits: [[ENTRY, "entry: { kind: direct, ¦preset: cloudflare }"]],
  },
  {
    name: "window that needs more successes than it has",
    code: "inconsistent",
    edits: [[ROUTING, "routing: { health: { window: ¦{ size: 2, required: 3 } } }"]],
  },
  {
    name: "window without a size",
    code: "missing",
    edits: [[ROUTING, "routing: { health: { window: ¦{ required: 3 } } }"]],
  },
  {
    name: "window beside a count in a row",
    code: "inconsistent",
    edits: [[ROUTING, "routing: { health: { window: { size: 4, required: 2 }, rise: ¦2 } }"]],
  },
  {
    name: "repeats without end",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { health: { retries: ¦11 } }"]],
  },
  {
    name: "waterfall that fills to nothing",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: waterfall, fill: ¦0% } }"]],
  },
  {
    name: "spill cap of nothing",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: waterfall, spillCap: ¦0 } }"]],
  },
  {
    name: "unknown manner at the cap",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { strategy: { kind: waterfall, onCapped: ¦refused } }"]],
    suggests: "refuse",
  },
  {
    name: "buffer without a unit",
    code: "invalid-type",
    edits: [[ROUTING, "routing: { strategy: { kind: latency-buffer, buffer: ¦30 } }"]],
  },
  {
    name: "negative buffer ratio",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: latency-buffer, bufferRatio: ¦-0.5 } }"]],
  },
  {
    name: "peak that never fades nor stays",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: peak-ewma, tau: ¦0s } }"]],
  },
  {
    name: "outage of no failures",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: inverse-square-price, outageFailures: ¦0 } }"]],
  },
  {
    name: "table that no permutation fills",
    code: "invalid-value",
    edits: [[ROUTING, "routing: { strategy: { kind: maglev, tableSize: ¦65536 } }"]],
  },
  {
    name: "table that is too large",
    code: "out-of-range",
    edits: [[ROUTING, "routing: { strategy: { kind: maglev, tableSize: ¦5000077 } }"]],
  },
  {
    name: "option of a strategy that has none",
    code: "unknown-key",
    edits: [[ROUTING, "routing: { strategy: { kind: round-robin, ¦weights: 1 } }"]],
  },
];
