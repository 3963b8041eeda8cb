/** What is read of LiteLLM's lists. */
import { entriesOf, itemsOf, type SourceNode } from "../sourceTree.js";
import type { DraftEndpoint } from "./draft.js";
import type { Tracked } from "./tracked.js";

/** An entry of `model_list` as far as the policy needs it. */
export interface ReadDeployment {
  readonly endpoint: DraftEndpoint;
  readonly form: Readonly<Record<string, unknown>>;
  readonly group: string;
  readonly region: string | null;
  readonly node: SourceNode;
}

/** Lists of single-key mappings, as LiteLLM writes fallbacks, as one mapping. */
export function mergedLists(
  node: SourceNode | undefined,
  tracked: Tracked,
): Readonly<Record<string, readonly string[]>> {
  const merged: Record<string, readonly string[]> = {};
  for (const item of node?.kind === "map" ? [node] : itemsOf(node)) {
    for (const [key] of entriesOf(item)) {
      const names = tracked.texts(item, key);
      if (names.length > 0) merged[key] = names;
    }
  }
  return merged;
}
