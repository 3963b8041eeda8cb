/** What the load sends. */
import type { Scenario } from "../../scenario/scenario.js";
import { bytesPerToken } from "./drillServe.js";
import type { Planned } from "./schedule.js";

/** Bytes of a request around its prompt. */
const FRAME_BYTES = 180;

/** Bodies of the size that the schedule says, by the gateway's own measure of it; `maxTokens` bounds the answer. */
export function promptOf(scenario: Scenario): (planned: Planned, maxTokens: number) => string {
  const perToken = bytesPerToken(scenario);
  return ({ classIndex, tokensIn }, maxTokens) => {
    const { model } = scenario.workload.classes[classIndex]!;
    const content = "x".repeat(Math.max(1, tokensIn * perToken - FRAME_BYTES));
    return JSON.stringify({
      model,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: maxTokens,
      messages: [{ role: "user", content }],
    });
  };
}
