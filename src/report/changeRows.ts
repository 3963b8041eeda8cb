/** Which changes are worth a line, and in which words. */
import type { Change, Comparison, Pair } from "../result/comparison.js";
import { type Judged, judged } from "./compareDecides.js";
import { isTold, measureText, relativeText } from "./compareFacts.js";
import { isOfAnswered, measureWords } from "./compareMeasures.js";
import { answersAlike } from "./compareRows.js";

/** A change as it is drawn; factors are `to / from`. */
export interface ChangeRow {
  readonly key: string;
  readonly words: string;
  readonly values: string;
  readonly verdict: "better" | "worse" | "of those served";
  /** Null where there was nothing before. */
  readonly factor: { readonly mean: number; readonly low: number; readonly high: number } | null;
}

/** Measures that say the same as another that is drawn or as the chart of causes, or describe one request of very many. */
const REPEATS = /^(?:(?:ttft|e2e)\.(?:mean|p90|p95|max)|availability|refused\{cause=)/;

/**
 * Changes that hold and are good or bad, the largest first; what repeats another is left out, and so is the only
 * origin's copy of the whole.
 */
export function changeRows(comparison: Comparison, pair: Pair): readonly ChangeRow[] {
  const single = Object.keys(comparison.variants[0]!.first.requestsBy.origin).length === 1;
  return pair.changes
    .filter((change) => isTold(change) && change.verdict !== "changed")
    .filter(({ key }) => !REPEATS.test(key) && !(single && key.includes("{origin=")))
    .map((change) =>
      rowOf(change, {
        alike: answersAlike(comparison, 0, pair.variant),
        said: judged(comparison, pair.variant, change),
      }),
    )
    .sort((a, b) => sizeOf(b) - sizeOf(a) || (a.key < b.key ? -1 : 1));
}

interface Manner {
  readonly alike: boolean;
  readonly said: Judged;
}

function rowOf({ key, from, to, relative }: Change, { alike, said }: Manner): ChangeRow {
  const change = relative === null ? "" : ` (${relativeText(relative.mean)})`;
  return {
    key,
    words: `${measureWords(key)}${!alike && isOfAnswered(key) && !key.includes("phase=before") ? ", of those answered" : ""}`,
    values: `${measureText(key, from)} → ${measureText(key, to)}${change}, ${said}`,
    verdict: said as ChangeRow["verdict"],
    factor:
      relative === null ? null : { mean: 1 + relative.mean, low: 1 + relative.low, high: 1 + relative.high },
  };
}

/** How far from no change, on the axis that is drawn: half is as far as double. */
function sizeOf({ factor }: ChangeRow): number {
  if (factor === null) return Number.MAX_VALUE;
  const mean = Math.min(1e9, Math.max(1e-9, factor.mean));
  return mean >= 1 ? mean : 1 / mean;
}

/** Whether any change is told of. */
export function hasChanges(comparison: Comparison): boolean {
  return comparison.pairs.some((pair) => changeRows(comparison, pair).length > 0);
}
