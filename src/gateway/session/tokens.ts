/** What a request weighs before and after its answer, in the tokens that limits count. */
import type { Asked, Usage } from "../exchange.js";
import type { TargetPlan } from "../plan.js";
import type { Runtime } from "./runtime.js";

/** What a request is taken for before its answer's length is known, in the words of a question to the router. */
export interface TokensAsked {
  readonly tokens: number;
  readonly weight: number;
  readonly tokensAt?: Readonly<Record<string, number>>;
}

/** What limits are asked for, by the smallest weight of an output token, and what targets that weigh it otherwise set aside. */
export function tokensAsked(
  { burndown, burndowns }: Pick<Runtime, "burndown" | "burndowns">,
  { tokensIn, tokensOutMax }: Asked,
): TokensAsked {
  const weight = tokensIn + tokensOutMax;
  const tokens = tokensIn + tokensOutMax * burndown;
  if (burndowns === null) return { tokens, weight };
  const tokensAt: Record<string, number> = {};
  for (const [id, each] of burndowns) tokensAt[id] = tokensIn + tokensOutMax * each;
  return { tokens, weight, tokensAt };
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
