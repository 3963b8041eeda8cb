/** The shape of a store in a result document. */
import type { Shape } from "./shape.js";

const totals = {
  reads: "number",
  fresh: "number",
  stale: "number",
  missing: "number",
  refused: "number",
  unread: "number",
  writes: "number",
  conflicts: "number",
  lost: "number",
  overwritten: "number",
  unwritten: "number",
  stranded: "number",
  staleS: { mean: "number", p95: "number", max: "number" },
} as const;

/** Of one store. */
export const storeShape: Shape = {
  id: "text",
  kind: "text",
  replication: "text",
  copies: ["text"],
  ...totals,
  byClass: { "*": totals },
  outages: [
    {
      region: "text",
      startS: "number",
      endS: "number",
      byClass: { "*": { rpoWrites: "number", rpoS: "number", rtoS: "number?", isHome: "flag" } },
    },
  ],
  overTime: {
    windowS: "number",
    reads: ["number"],
    stale: ["number"],
    missing: ["number"],
    worstS: ["number"],
  },
};
