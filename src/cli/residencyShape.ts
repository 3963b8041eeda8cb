/** The shape of the part of a result document that is about where data went. */
import type { Shape } from "./shape.js";

/** The verdict of the auditor, and the price of the rules. */
export const residencyShape: Shape = {
  checked: "number",
  violations: "number",
  rows: [
    {
      origin: "text",
      dataClass: "text",
      channel: "text",
      country: "text",
      at: "text",
      purpose: "text",
      writes: "number",
      lawful: "flag",
    },
  ],
  price: {
    "?": {
      upliftUsd: "number?",
      refused: "number",
      lostToRules: "number",
      headroom: "number?",
      headroomWithoutRules: "number?",
      byOrigin: {
        "*": { refused: "number", lostToRules: "number", lawfulPerS: "number?", withoutRulesPerS: "number?" },
      },
    },
  },
};
