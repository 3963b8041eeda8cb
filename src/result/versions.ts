/** What conversations saw of model versions. */
import { type Recording, SWITCH_CAUSES, type SwitchCause } from "../metrics/index.js";

/** Of requests made after the warm-up. */
export interface VersionsResult {
  /** In the order in which endpoints had them, then as rollouts brought them. */
  readonly versions: readonly string[];
  readonly pinned: boolean;
  /** Conversations with at least two answered turns, and those of them that saw two versions. */
  readonly sessions: number;
  readonly skewed: number;
  /** skewed / sessions; 0 without any. */
  readonly skewedShare: number;
  /** By the cause of the first change a conversation saw. */
  readonly skewedBy: Readonly<Record<SwitchCause, number>>;
  readonly switches: number;
  /** Requests served while users of the class at home in another region had another version. */
  readonly betweenRegions: number;
  /** Tries in which a pin could not be kept; a request may take several. */
  readonly pinMoved: number;
  readonly pinRefused: number;
  /** `file:line` of the pin, where it is written, otherwise of the first rollout; null where nobody knows. */
  readonly line: string | null;
  readonly served: Readonly<Record<string, number>>;
  readonly overTime: {
    readonly windowS: number;
    /** Version → requests served, window by window. */
    readonly served: Readonly<Record<string, readonly number[]>>;
  };
}

/** Null where versions never differ. */
export function versionsResult({ versions: counts }: Recording, line: string | null): VersionsResult | null {
  if (counts === null) return null;
  const columns = counts.versions.map((name, v) => [name, [...counts.served[v]!]] as const);
  return {
    versions: counts.versions,
    pinned: counts.pinned,
    sessions: counts.sessions,
    skewed: counts.skewed,
    skewedShare: counts.sessions === 0 ? 0 : counts.skewed / counts.sessions,
    skewedBy: Object.fromEntries(
      SWITCH_CAUSES.map((cause, i) => [cause, counts.skewedBy[i]!]),
    ) as VersionsResult["skewedBy"],
    switches: counts.switches,
    betweenRegions: counts.betweenRegions,
    pinMoved: counts.pinMoved,
    pinRefused: counts.pinRefused,
    line,
    served: Object.fromEntries(
      columns.map(([name, column]) => [name, column.reduce((sum, n) => sum + n, 0)]),
    ),
    overTime: { windowS: counts.windowUs / 1e6, served: Object.fromEntries(columns) },
  };
}
