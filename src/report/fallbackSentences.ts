/** Sentences about models that answered for others and requests that were held back. Empty where there is nothing to say. */
import type { Result } from "../result/result.js";
import { count, listUpTo, plain, share } from "./format.js";

/** How many requests another model answered, and whose. */
export function fallbackSentence({ fallbacks, requests }: Result): string {
  if (fallbacks.answered === 0) return "";
  const parts = Object.entries(fallbacks.byClass).flatMap(([name, by]) =>
    Object.entries(by).map(([model, n]) => `${count(n)} of ${plain(name)} by ${plain(model)}`),
  );
  const part = share(fallbacks.answered, requests.served);
  return `Fallback: ${count(fallbacks.answered)} requests (${part} of those served) were answered by another model than they asked for: ${listUpTo(parts, 4)}.`;
}

/** How many tries waited at a gateway because nothing might take them yet. */
export function heldBackSentence({ attempts }: Result): string {
  const { heldBack } = attempts;
  if (heldBack === 0) return "";
  return `Gateways held back ${count(heldBack)} ${heldBack === 1 ? "try" : "tries"} instead of refusing at once.`;
}
