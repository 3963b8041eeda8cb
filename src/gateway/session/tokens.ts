/** What a request weighs before and after its answer, in the tokens that limits count. */
import type { Asked, Usage } from "../exchange.js";
import type { TargetPlan } from "../plan.js";
import type { Runtime } from "./runtime.js";

/** What is asked for and set aside before the answer's length is known. */
export function tokensAsked({ burndown }: Pick<Runtime, "burndown">, asked: Asked): number {
  return asked.tokensIn + asked.tokensOutMax * burndown;
}

/** An answer as far as its target counted it, or was heard to speak. */
export interface Counted {
  readonly usage: Usage | null;
  readonly outputTokensSeen: number;
}

/** What a target's limit counts for an answer: by its own account where it gave one, else by what was sent and seen. */
export function tokensUsed(target: TargetPlan, asked: Asked, { usage, outputTokensSeen }: Counted): number {
  const { outputBurndown, countsCached } = target;
  if (usage === null) return asked.tokensIn + outputTokensSeen * outputBurndown;
  const cached = countsCached ? 0 : Math.min(usage.cachedTokens, usage.inputTokens);
  return usage.inputTokens - cached + usage.outputTokens * outputBurndown;
}
