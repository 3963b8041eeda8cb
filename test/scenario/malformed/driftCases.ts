import type { Edit, Malformed } from "./base.js";

const STANDBY = "standby: { untested: 45d }";
const ROUTING = "  routing: { strategy: nearest";
const BOX = "serving: { kind: server, service: { kind: exponential, mean: 2s }, discipline: fifo } }";

/** Makes the box in Amsterdam a standby. */
const asStandby = (text: string): Edit => [BOX, `${BOX.slice(0, -2)}, ${text} }`];
/** Puts a block before routing. */
const block = (text: string): Edit => [ROUTING, `  ${text}\n${ROUTING}`];

/** Mistakes in standbys, rollouts, pins, drills and evacuations. */
export const DRIFT: readonly Malformed[] = [
  {
    name: "standby that does not say how old its test is",
    code: "missing",
    edits: [asStandby("standby: ¦{ repair: 1m }")],
  },
  {
    name: "standby of something unknown",
    code: "unknown-reference",
    edits: [asStandby("standby: { untested: 1d, of: [¦us-modl] }")],
    suggests: "us-model",
  },
  {
    name: "standby of itself",
    code: "inconsistent",
    edits: [asStandby("standby: { untested: 1d, of: [us-model, ¦dc-box] }")],
  },
  {
    name: "standby by hand without a time",
    code: "missing",
    edits: [asStandby("standby: ¦{ untested: 1d, on: manual }")],
  },
  {
    name: "standby by belief at a time",
    code: "inconsistent",
    edits: [asStandby("standby: { untested: 1d, ¦at: 4m }")],
  },
  {
    name: "standby by hand with a hold",
    code: "inconsistent",
    edits: [asStandby("standby: { untested: 1d, on: manual, at: 4m, ¦hold: 4m }")],
  },
  {
    name: "standby of an unknown trigger",
    code: "invalid-value",
    edits: [asStandby("standby: { untested: 1d, on: ¦beleif }")],
    suggests: "belief",
  },
  {
    name: "rot of an unknown law",
    code: "invalid-value",
    edits: [asStandby("standby: { untested: 1d, rot: { kind: ¦weibul, scale: 3d, shape: 2 } }")],
    suggests: "weibull",
  },
  {
    name: "rot that lasts no time",
    code: "out-of-range",
    edits: [asStandby("standby: { untested: 1d, rot: { kind: exponential, halfLife: ¦0s } }")],
  },
  {
    name: "rot of another law's key",
    code: "unknown-key",
    edits: [asStandby("standby: { untested: 1d, rot: { kind: linear, perDay: 1%, ¦halfLife: 3d } }")],
  },
  {
    name: "failures that never happen",
    code: "out-of-range",
    edits: [asStandby("standby: { untested: 1d, failures: { expired-key: ¦0 } }")],
  },
  {
    name: "no failures",
    code: "invalid-value",
    edits: [asStandby("standby: { untested: 1d, failures: ¦{} }")],
  },
  {
    name: "promotion in no stages",
    code: "out-of-range",
    edits: [asStandby("standby: { untested: 1d, promotion: ¦[] }")],
  },
  {
    name: "stage without a time",
    code: "missing",
    edits: [asStandby("standby: { untested: 1d, promotion: [¦{ name: dns }] }")],
  },
  {
    name: "a standby for which nothing serves",
    issues: 3,
    code: "inconsistent",
    edits: [
      asStandby("standby: ¦{ untested: 1d }"),
      ["region: dc, model: assistant-1", "region: dc, model: assistant-9"],
    ],
  },
  {
    name: "a standby that nobody looks out for",
    code: "inconsistent",
    edits: [asStandby("standby: ¦{ untested: 1d }"), ["health: { interval: 5s }", "health: none"]],
  },
  {
    name: "rollout to something unknown",
    code: "unknown-reference",
    edits: [block("rollouts: [{ version: x, at: 1m, endpoints: [us-model, ¦eu-modl] }]")],
    suggests: "eu-model",
  },
  {
    name: "rollout twice to one endpoint",
    code: "duplicate-key",
    edits: [block("rollouts: [{ version: x, at: 1m, endpoints: [us-model, ¦us-model] }]")],
  },
  {
    name: "rollout without a time",
    code: "missing",
    edits: [block("rollouts: [¦{ version: x, endpoints: [us-model] }]")],
  },
  {
    name: "rollout of a version that is a number",
    code: "invalid-type",
    edits: [block("rollouts: [{ version: ¦2, at: 1m, endpoints: [us-model] }]")],
  },
  {
    name: "pin to an endpoint",
    code: "invalid-value",
    edits: [[ROUTING, "  routing: { pin: ¦endpoint, strategy: nearest"]],
  },
  {
    name: "lost pin that waits",
    code: "invalid-value",
    edits: [[ROUTING, "  routing: { onPinLost: ¦wait, strategy: nearest"]],
  },
  { name: "drill of nothing", code: "missing", edits: [block("drills: [¦{ first: 30m }]")] },
  {
    name: "drill of two things",
    code: "inconsistent",
    edits: [asStandby(STANDBY), block("drills: [¦{ first: 30m, standby: dc-box, region: eu }]")],
  },
  {
    name: "drill of what is no standby",
    code: "unknown-reference",
    edits: [asStandby(STANDBY), block("drills: [{ first: 30m, standby: ¦dc-bx }]")],
    suggests: "dc-box",
  },
  {
    name: "drill at an hour that is none",
    code: "invalid-value",
    edits: [block('drills: [{ first: ¦"25:00", region: eu }]')],
  },
  {
    name: "drill of an unknown class",
    code: "unknown-reference",
    edits: [block("drills: [{ first: 1m, region: eu, classes: [chat, ¦bach] }]")],
    suggests: "batch",
  },
  {
    name: "drill in an unknown order",
    code: "invalid-value",
    edits: [block("drills: [{ first: 1m, region: eu, order: ¦drain }]")],
  },
  {
    name: "evacuation of an unknown region",
    code: "unknown-reference",
    edits: [block("evacuations: [{ at: 1m, region: ¦eus }]")],
    suggests: "eu",
  },
  {
    name: "evacuation that comes back before it has left",
    code: "inconsistent",
    edits: [block("evacuations: [{ at: 1m, region: eu, returnAt: ¦12m }]")],
  },
  {
    name: "evacuation with a stage that does something else",
    code: "invalid-value",
    edits: [
      block("evacuations: [{ at: 1m, region: eu, stages: [{ name: dns, takes: 1m, does: ¦drain-dns }] }]"),
    ],
  },
  {
    name: "evacuation of an entry that is none",
    code: "inconsistent",
    edits: [
      block("evacuations: [{ at: 1m, region: eu, stages: [{ name: dns, takes: 1m, does: ¦drain-entry }] }]"),
      [
        "entry: { kind: geo-dns, ttl: 60s, tailShare: 5%, check: { interval: 10s, timeout: 4s, fall: 3, rise: 2 } }",
        "entry: { kind: direct }",
      ],
    ],
  },
  {
    name: "evacuation id twice",
    code: "duplicate-key",
    edits: [block("evacuations: [{ id: x, at: 1m, region: eu }, { id: ¦x, at: 20m, region: us }]")],
  },
  {
    name: "objective about an unknown promotion",
    code: "unknown-reference",
    edits: [asStandby(STANDBY), ['"residency.violations == 0"', '¦"promotion.faild == 0"']],
    suggests: "promotion.failed",
  },
  {
    name: "objective about versions of an endpoint",
    code: "invalid-value",
    edits: [['"residency.violations == 0"', '¦"versions.skewed{endpoint=us-model} <= 1%"']],
  },
];
