import type { Malformed } from "./base.js";

const OBJECTIVE = '- "residency.violations == 0"';

const objective = (text: string): readonly (readonly [string, string])[] => [[OBJECTIVE, `- ¦"${text}"`]];

/** Mistakes in objectives. */
export const OBJECTIVES: readonly Malformed[] = [
  {
    name: "objective about an unknown metric",
    code: "unknown-reference",
    edits: objective("residency.violation == 0"),
    suggests: "residency.violations",
  },
  {
    name: "objective about an unknown percentile",
    code: "unknown-reference",
    edits: objective("ttft.p96 < 1500ms"),
    suggests: "ttft.p9",
  },
  {
    name: "objective with another operator",
    code: "invalid-value",
    edits: objective("refused =< 0.5%"),
    suggests: "<=",
  },
  {
    name: "objective with one equals sign",
    code: "invalid-value",
    edits: objective("residency.violations = 0"),
    suggests: "==",
  },
  { name: "objective without a target", code: "invalid-value", edits: objective("residency.violations ==") },
  {
    name: "objective without an operator",
    code: "invalid-value",
    edits: objective("residency.violations 0"),
  },
  {
    name: "objective with an open brace",
    code: "invalid-value",
    edits: objective("refused{origin=US <= 0.5%"),
  },
  {
    name: "objective with an empty selector",
    code: "invalid-value",
    edits: objective("refused{origin=} <= 0.5%"),
  },
  {
    name: "objective about an unknown selector",
    code: "unknown-reference",
    edits: objective("refused{orign=US} <= 0.5%"),
    suggests: "origin",
  },
  {
    name: "objective about an unknown origin",
    code: "unknown-reference",
    edits: objective("refused{origin=FR} <= 0.5%"),
  },
  {
    name: "objective about an unknown class",
    code: "unknown-reference",
    edits: objective("refused{class=chatt} <= 0.5%"),
    suggests: "chat",
  },
  {
    name: "objective about an unknown cause",
    code: "unknown-reference",
    edits: objective("refused{cause=queue-full} <= 0.5%"),
    suggests: "queue_full",
  },
  {
    name: "objective about an unknown phase",
    code: "unknown-reference",
    edits: objective("refused{phase=whilst} <= 0.5%"),
  },
  {
    name: "objective that selects twice",
    code: "invalid-value",
    edits: objective("refused{origin=US, origin=EU} <= 0.5%"),
  },
  { name: "objective of a latency in percent", code: "invalid-value", edits: objective("ttft.p95 < 5%") },
  { name: "objective of a bare latency", code: "invalid-value", edits: objective("ttft.p95 < 1500") },
  { name: "objective of refusals in time", code: "invalid-value", edits: objective("refused < 5ms") },
  { name: "objective of more than all", code: "invalid-value", edits: objective("refused <= 150%") },
  { name: "objective that orders words", code: "invalid-value", edits: objective("cascade < none") },
  { name: "objective about truth in a number", code: "invalid-value", edits: objective("metastable == 0") },
  { name: "objective as a mapping", code: "invalid-type", edits: [[OBJECTIVE, "- ¦{ refused: 0 }"]] },
  { name: "empty objective", code: "out-of-range", edits: [[OBJECTIVE, '- ¦""']], issues: 1 },
];
