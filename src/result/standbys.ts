/** What became of standbys, and what operators did and what it cost. */
import { Histogram, type OperationCounts, type Recording } from "../metrics/index.js";
import { summarise } from "./latency.js";
import type { LatencySummary } from "./latencySummary.js";
import type { DriftLines, OperationCost, OperationsResult, StandbyResult } from "./resultDrift.js";

const US_PER_S = 1e6;

/** One for each standby, in the order of the endpoints. */
export function standbyResults(
  { labels, standbys }: Recording,
  lines: DriftLines["standbys"],
): readonly StandbyResult[] {
  return standbys.map((standby, s) => ({
    endpoint: labels.endpoints[standby.endpoint]!.id,
    actives: standby.actives.map((e) => labels.endpoints[e]!.id),
    daysUntested: standby.daysUntested,
    chance: standby.chance,
    promotions: standby.promotions.map(({ neededUs, startUs, endUs, ...others }) => ({
      why: others.why,
      neededS: neededUs / US_PER_S,
      startS: startUs / US_PER_S,
      endS: endUs / US_PER_S,
      daysUntested: others.daysUntested,
      chance: others.chance,
      failure: others.failure,
    })),
    keptS: standby.keptUs.map((us) => us / US_PER_S),
    waitingSinceS: standby.waitingSinceUs < 0 ? null : standby.waitingSinceUs / US_PER_S,
    line: lines[s] ?? null,
  }));
}

/** Null where nothing is ever drained. */
export function operationsResult({ operations }: Recording): OperationsResult | null {
  if (operations === null) return null;
  const { records } = operations;
  const list = records.map(({ kind, id, stage, startUs, endUs, outcome, served, refused }) => ({
    kind,
    id,
    stage,
    startS: startUs / US_PER_S,
    endS: endUs < 0 ? null : endUs / US_PER_S,
    outcome: endUs < 0 ? "goes on" : outcome,
    served,
    refused,
  }));
  const cells = [...new Set(records.map(({ cell }) => cell))];
  return { list, quiet: quietCost(operations), costs: cells.map((cell) => costOf(operations, cell)) };
}

function latencyOf({ e2e }: OperationCounts, cell: number): LatencySummary {
  const merged = new Histogram();
  e2e.addTo(cell, merged);
  return summarise(merged);
}

function quietCost(operations: OperationCounts): OperationCost {
  return {
    kind: "quiet",
    id: "",
    stage: "",
    times: 1,
    served: operations.quietServed,
    refused: operations.quietRefused,
    e2eMs: latencyOf(operations, 0),
  };
}

function costOf(operations: OperationCounts, cell: number): OperationCost {
  const same = operations.records.filter((record) => record.cell === cell);
  const { kind, id, stage } = same[0]!;
  return {
    kind,
    id,
    stage,
    times: same.length,
    served: same.reduce((sum, { served }) => sum + served, 0),
    refused: same.reduce((sum, { refused }) => sum + refused, 0),
    e2eMs: latencyOf(operations, cell),
  };
}
