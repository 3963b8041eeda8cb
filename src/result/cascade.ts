/** Did one region's fall push another over, did the system come back, and how far was it from the cliff? */
import type { Recording } from "../metrics/index.js";
import { amplification } from "./amplification.js";
import { boundary } from "./boundary.js";
import { edgesOf, type Fall, fallsOf } from "./cascadeEdges.js";
import { longestChain, withoutRegion } from "./cascadeReach.js";
import { goodputAfterFaults } from "./goodput.js";
import { margins } from "./margins.js";
import { type RecoveryFacts, recovery } from "./recovery.js";
import type { Cascade, FaultTimeline, Optimum, Overload, TriesPerRequest } from "./result.js";

/** What the recording does not know about how requests are tried. */
export interface CascadeFacts {
  /** Retries after the first try, by layer. */
  readonly retries: { readonly client: number; readonly gateway: number; readonly library: number };
  readonly recovery: RecoveryFacts;
}

/** Who overloaded whom, whether service stayed down after the last fault, and how far each region is from the cliff. */
export function cascade(
  recording: Recording,
  facts: CascadeFacts,
  timelines: readonly FaultTimeline[],
  optimum: Optimum,
): Cascade {
  const falls = fallsOf(recording);
  const edges = edgesOf(recording, falls);
  const tries = triesOf(facts);
  const { afterOverBefore, metastable, comparison } = goodputAfterFaults(recording);
  const stranded = withoutRegion(recording, falls);
  return {
    edges,
    depth: longestChain(edges),
    size: new Set(edges.map((edge) => edge.to)).size,
    total: edges.length > 0 && stranded.length > 0,
    withoutRegion: stranded,
    overloads: overloadsOf(recording, falls),
    amplification: amplification(recording),
    metastable,
    goodputAfterOverBefore: afterOverBefore,
    comparison,
    recovery: recovery(recording, timelines, facts.recovery),
    boundary: boundary(recording, optimum, tries.product),
    tries,
    margins: margins(recording, tries.product),
  };
}

function triesOf({ retries }: CascadeFacts): TriesPerRequest {
  const [client, gateway, library] = [1 + retries.client, 1 + retries.gateway, 1 + retries.library];
  return { client, gateway, library, product: client * gateway * library };
}

/** Regions in their order, falls of each in time order. */
function overloadsOf(recording: Recording, falls: readonly (readonly Fall[])[]): Overload[] {
  const seconds = (window: number): number => (window * recording.windowUs) / 1e6;
  return falls.flatMap((list, r) =>
    list.map(({ from, to, reason }) => ({
      region: recording.labels.regions[r]!.id,
      startS: seconds(from),
      endS: seconds(to),
      reason,
    })),
  );
}
