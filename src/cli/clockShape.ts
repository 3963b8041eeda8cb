/** The shape of a failover's clock in a result document. */
import type { Shape } from "./shape.js";

/** Of one fault and one clock. */
export const clockShape: Shape = {
  fault: "text",
  kind: "text",
  target: "text",
  clock: "text",
  bounds: {
    "?": { preset: { "?": "text" }, detectS: "number", movedS: "number", tailS: "number" },
  },
  detectedS: "number?",
  misdirected: "number",
  lastMisdirectedS: "number?",
  isWithinBound: { "?": "flag" },
};
