/**
 * The result as CSV tables for spreadsheets and data frames. Text cells that a spreadsheet would take
 * for a formula are made inert by a leading apostrophe; numbers are never touched, negative ones
 * included. Header names are those of the result document, so that both are read with one manual.
 */
import { overloadTables } from "./csvOverload.js";
import { type Row, table } from "./csvTable.js";
import { driftTables } from "./driftCsv.js";
import { replicationTables } from "./replicationsCsv.js";
import type { CauseCounts, Counts, LatencyBreakdown, LatencySummary, Result } from "./result.js";
import { storeTables } from "./storesCsv.js";

function requestsCsv(result: Result): string {
  const row = (by: string, label: string, counts: Counts): Row => [
    by,
    label,
    counts.offered,
    counts.served,
    counts.refused,
    counts.inFlight,
  ];
  const groups = Object.entries(result.requestsBy).flatMap(([by, group]) =>
    Object.entries(group).map(([label, counts]) => row(by, label, counts)),
  );
  return table(
    ["by", "label", "offered", "served", "refused", "inFlight"],
    [row("all", "", result.requests), ...groups],
  );
}

function refusalsCsv(result: Result): string {
  const rowsOf = (by: string, label: string, phase: string, causes: CauseCounts): readonly Row[] =>
    Object.entries(causes).map(([cause, count]) => [by, label, phase, cause, count]);
  const { originInPhase, ...single } = result.refusedBy;
  const groups = Object.entries(single).flatMap(([by, group]) =>
    Object.entries(group).flatMap(([label, causes]) => rowsOf(by, label, "", causes)),
  );
  const crossed = Object.entries(originInPhase).flatMap(([origin, phases]) =>
    Object.entries(phases).flatMap(([phase, causes]) => rowsOf("originInPhase", origin, phase, causes)),
  );
  return table(
    ["by", "label", "phase", "cause", "requests"],
    [...rowsOf("all", "", "", result.refused), ...groups, ...crossed],
  );
}

function latencyCsv(result: Result): string {
  const row = (metric: string, by: string, label: string, phase: string, summary: LatencySummary): Row => {
    const { count, mean, p50, p90, p95, p99, max } = summary;
    const values = [mean, p50, p90, p95, p99, max];
    return [metric, by, label, phase, count, ...(count === 0 ? values.map(() => null) : values)];
  };
  const rowsOf = (metric: string, latency: LatencyBreakdown): readonly Row[] => [
    row(metric, "all", "", "", latency),
    ...Object.entries(latency.by).flatMap(([by, group]) =>
      Object.entries(group).map(([label, summary]) => row(metric, by, label, "", summary)),
    ),
    ...Object.entries(latency.originInPhase).flatMap(([origin, phases]) =>
      Object.entries(phases).map(([phase, summary]) => row(metric, "originInPhase", origin, phase, summary)),
    ),
  ];
  return table(
    ["metric", "by", "label", "phase", "count", "mean", "p50", "p90", "p95", "p99", "max"],
    [...rowsOf("ttftMs", result.latency.ttftMs), ...rowsOf("e2eMs", result.latency.e2eMs)],
  );
}

/** Long form, one value a row: what plotting and data-frame tools take without reshaping. */
function seriesCsv(result: Result): string {
  const { startS, windowS, byOrigin, byRegion, refusedByCause, attempts, calls } = result.series;
  const column = (
    by: string,
    label: string,
    measure: string,
    values: readonly (number | null)[],
  ): readonly Row[] =>
    values.map((value, index) => [startS[index] ?? null, windowS, by, label, measure, value]);
  const columns = (by: string, groups: Readonly<Record<string, object>>): readonly Row[] =>
    Object.entries(groups).flatMap(([label, group]) =>
      Object.entries(group as Readonly<Record<string, readonly (number | null)[]>>).flatMap(
        ([measure, values]) => column(by, label, measure, values),
      ),
    );
  const causes = Object.entries(refusedByCause).flatMap(([cause, values]) =>
    column("cause", cause, "refused", values),
  );
  return table(
    ["startS", "windowS", "by", "label", "measure", "value"],
    [
      ...columns("origin", byOrigin),
      ...columns("region", byRegion),
      ...causes,
      ...column("all", "", "attempts", attempts),
      ...column("all", "", "calls", calls),
    ],
  );
}

function faultsCsv(result: Result): string {
  return table(
    [
      "id",
      "kind",
      "target",
      "startS",
      "endS",
      "firstImpactS",
      "detectedS",
      "gatewayDetectedS",
      "entryDetectedS",
      "shifted50S",
      "shifted95S",
      "shifted99S",
      "restoredS",
      "refused",
    ],
    result.faults.map((fault) => [
      fault.id,
      fault.kind,
      fault.target,
      fault.startS,
      fault.endS,
      fault.firstImpactS,
      fault.detectedS,
      fault.gatewayDetectedS,
      fault.entryDetectedS,
      fault.shifted50S,
      fault.shifted95S,
      fault.shifted99S,
      fault.restoredS,
      fault.refused,
    ]),
  );
}

function residencyCsv(result: Result): string {
  return table(
    [
      "origin",
      "dataClass",
      "channel",
      "country",
      "at",
      "purpose",
      "writes",
      "lawful",
      "rule",
      "ruleLine",
      "fault",
      "line",
      "letBy",
    ],
    result.residency.rows.map((row) => [
      row.origin,
      row.dataClass,
      row.channel,
      row.country,
      row.at,
      row.purpose,
      row.writes,
      row.lawful,
      row.rule,
      row.ruleLine,
      row.fault,
      row.line,
      row.letBy,
    ]),
  );
}

/** Regions with their margins beside them; a region without a margin has empty cells there. */
function regionsCsv(result: Result): string {
  const margins = new Map(result.cascade.margins.map((margin) => [margin.region, margin]));
  const rows = result.regions.map((region): Row => {
    const margin = margins.get(region.id);
    return [
      region.id,
      region.city,
      region.country,
      region.utilisation,
      region.peakUtilisation,
      region.peakQueue,
      region.calls,
      region.divertedCalls,
      region.overloadedS,
      margin?.capacityPerS ?? null,
      margin?.peakLoadPerS ?? null,
      margin?.usualPeakPerS ?? null,
      margin?.naiveLimit ?? null,
      margin?.retrySafeMargin ?? null,
      margin?.deficitCapacityS ?? null,
    ];
  });
  return table(
    [
      "id",
      "city",
      "country",
      "utilisation",
      "peakUtilisation",
      "peakQueue",
      "calls",
      "divertedCalls",
      "overloadedS",
      "capacityPerS",
      "peakLoadPerS",
      "usualPeakPerS",
      "naiveLimit",
      "retrySafeMargin",
      "deficitCapacityS",
    ],
    rows,
  );
}

/** File name → CSV text (RFC 4180 quoting, `\n` line ends, one header line), the same for the same result. */
export function csvTables(result: Result): Readonly<Record<string, string>> {
  return {
    "requests.csv": requestsCsv(result),
    "refusals.csv": refusalsCsv(result),
    "latency.csv": latencyCsv(result),
    "series.csv": seriesCsv(result),
    "faults.csv": faultsCsv(result),
    "residency.csv": residencyCsv(result),
    "regions.csv": regionsCsv(result),
    ...overloadTables(result),
    ...storeTables(result),
    ...driftTables(result),
    ...replicationTables(result),
  };
}
