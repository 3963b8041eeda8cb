/** The shape of versions, standbys and operations in a result document. */
import type { Shape } from "./shape.js";

/** Of what conversations saw of versions. */
export const versionsShape: Shape = {
  "?": {
    versions: ["text"],
    pinned: "flag",
    sessions: "number",
    skewed: "number",
    skewedShare: "number",
    skewedBy: { "*": "number" },
    switches: "number",
    betweenRegions: "number",
    pinMoved: "number",
    pinRefused: "number",
    line: { "?": "text" },
    served: { "*": "number" },
    overTime: { windowS: "number", served: { "*": ["number"] } },
  },
};

/** Of one standby. */
export const standbyShape: Shape = {
  endpoint: "text",
  actives: ["text"],
  daysUntested: "number",
  chance: "number",
  promotions: [
    {
      why: "text",
      neededS: "number",
      startS: "number",
      endS: "number",
      daysUntested: "number",
      chance: "number",
    },
  ],
  keptS: ["number"],
  waitingSinceS: "number?",
  line: { "?": "text" },
};

const cost = {
  kind: "text",
  id: "text",
  stage: "text",
  times: "number",
  served: "number",
  refused: "number",
  e2eMs: { count: "number", mean: "number", p50: "number", p95: "number" },
} as const;

/** Of what operators did. */
export const operationsShape: Shape = {
  "?": {
    list: [
      {
        kind: "text",
        id: "text",
        stage: "text",
        startS: "number",
        endS: "number?",
        outcome: "text",
        served: "number",
        refused: "number",
      },
    ],
    quiet: cost,
    costs: [cost],
  },
};
