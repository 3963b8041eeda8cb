/** What each group of replicas was, did and held, and whether its step times were measured on anything like it. */
import type { Recording, ReplicaCounts } from "../metrics/index.js";
import type { PresetNote, ReplicaResult } from "./result.js";

/** One row per endpoint of replicas, in the order of the endpoints; `presets` by endpoint. */
export function replicaResults(
  recording: Recording,
  presets: readonly (PresetNote | null)[],
): ReplicaResult[] {
  const { labels, durationUs } = recording;
  return recording.replicas.flatMap((counts, e): ReplicaResult[] => {
    const endpoint = labels.endpoints[e]!;
    if (counts === null || endpoint.kvTokens === null) return [];
    const preset = presets[e] ?? null;
    return [
      {
        endpoint: endpoint.id,
        meanReplicas: counts.replicaUs / durationUs,
        peakReplicas: counts.peakReplicas,
        starts: counts.starts,
        kvTokens: endpoint.kvTokens,
        meanKvShare: counts.kvTokenUs / durationUs / endpoint.kvTokens,
        peakKvShare: counts.kvPeakTokens / endpoint.kvTokens,
        promptTokens: counts.promptTokens,
        cachedTokens: counts.cachedTokens,
        failoverTokens: counts.failoverTokens,
        prefixHitRate: counts.promptTokens === 0 ? 0 : counts.cachedTokens / counts.promptTokens,
        preemptions: counts.preemptions,
        recomputedTokens: counts.recomputedTokens,
        preset,
        outsideHull: preset === null ? [] : outsideHull(preset, counts),
      },
    ];
  });
}

/** Whole numbers on both sides, so a share of one is enough to be outside. Measures nothing came of are not outside. */
function outsideHull({ hull }: PresetNote, counts: ReplicaCounts): string[] {
  if (hull === null) return [];
  const measures = [
    ["prompts", "tokens", hull.inputTokens],
    ["answers", "tokens", hull.outputTokens],
    ["batches", "sequences", hull.concurrency],
  ] as const;
  return measures.flatMap(([what, unit, [low, high]], i) => {
    const [least, most] = [counts.seenLow[i]!, counts.seenHigh[i]!];
    if (!(least <= most) || !Number.isFinite(least) || (least >= low && most <= high)) return [];
    return [`${what} of ${range(least, most)} ${unit}, measured ${range(low, high)}`];
  });
}

function range(low: number, high: number): string {
  return low === high ? `${low}` : `${low} to ${high}`;
}
