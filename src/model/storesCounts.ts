/** The columns of a store's counts before anything is counted. */
import { HistogramPool, type StoreCounts, type StoreLabel } from "../metrics/index.js";
import type { Scenario } from "../scenario/scenario.js";

/** Names and indices of a scenario's stores. */
export function storeLabels(scenario: Scenario): readonly StoreLabel[] {
  return scenario.deployment.stores.map(({ id, kind, replication, copies, classIndices }) => ({
    id,
    kind,
    replication,
    regions: copies.map((copy) => copy.regionIndex),
    classes: classIndices,
  }));
}

/** Counts of zero for `classes` classes and `windows` coarse windows. */
export function emptyStoreCounts(label: StoreLabel, classes: number, windows: number): StoreCounts {
  const perClass = (): Float64Array => new Float64Array(classes);
  return {
    ...label,
    fresh: perClass(),
    stale: perClass(),
    missing: perClass(),
    refused: perClass(),
    unread: perClass(),
    writes: perClass(),
    unwritten: perClass(),
    conflicts: perClass(),
    overwritten: perClass(),
    stranded: perClass(),
    staleness: new HistogramPool(classes),
    readsOverTime: new Float64Array(windows),
    staleOverTime: new Float64Array(windows),
    missingOverTime: new Float64Array(windows),
    worstOverTimeUs: new Float64Array(windows),
    outages: [],
  };
}

/** Adds one to an entry of a column. */
export function bump(column: Float64Array, at: number): void {
  column[at] = column[at]! + 1;
}
