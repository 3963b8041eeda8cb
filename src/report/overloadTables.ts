/** Overload in figures: what was unavoidable, who pushed whom, and how far from the cliff each region is. */
import type { OptimumCounts, Result } from "../result/result.js";
import { clock, count, decimal, duration, percent, share } from "./format.js";
import { figure, type Table, words } from "./markup.js";

const DASH = "—";

/** Refusals that no routing could have avoided, and the policy's. */
function optimumTable(result: Result): Table {
  const { optimum } = result;
  const row = (name: string, counts: OptimumCounts): Table["rows"][number] => [
    words(name),
    figure(count(counts.offered)),
    figure(count(counts.couldServe)),
    figure(count(counts.refusedUnavoidable)),
    figure(count(counts.refusedByPolicy)),
    figure(share(counts.refusedByPolicy, counts.refusedUnavoidable + counts.refusedByPolicy)),
  ];
  return {
    title: "Refusals: unavoidable, or the policy's",
    note: "Unavoidable: in some ten seconds more was asked than all lawful endpoints together could complete, as they were then. A bound on flows: waiting, gateways, token limits, errors and partitions are left out. The rest another policy could have served.",
    heads: ["origin", "offered", "could be served", "unavoidable", "the policy's", "the policy's share"],
    rows: [
      row("all", optimum),
      ...Object.entries(optimum.byOrigin).map(([origin, counts]) => row(origin, counts)),
    ],
  };
}

/** Every push from one region to another. */
function cascadeTable(result: Result): Table {
  return {
    title: "Cascade: who overloaded whom",
    note: "A region with no fault of its own, overloaded for 30 s or more, or crashed, by traffic that another one shed. Pushed: calls a second of the first region's users beyond usual, in the first minute.",
    heads: [
      "from",
      "to",
      "start",
      "end",
      "pushed, calls/s",
      "share of the excess",
      "victim's usual, calls/s",
    ],
    rows: result.cascade.edges.map((edge) => [
      words(edge.from),
      words(edge.to),
      figure(clock(edge.startS)),
      figure(clock(edge.endS)),
      figure(decimal(edge.pushedPerS, 1)),
      figure(percent(edge.divertedShare)),
      figure(decimal(edge.usualPerS, 1)),
    ]),
  };
}

const REASONS: Readonly<Record<string, string>> = {
  "turned-away": "calls were turned away",
  line: "no free place, and a line",
  crash: "an endpoint crashed under load",
};

/** Every stretch of overload, pushed or not. */
function fallsTable(result: Result): Table {
  return {
    title: "Overload, region by region",
    note: "Full for at least half of every minute; crashes less than a minute apart are one.",
    heads: ["region", "from", "to", "for", "how"],
    rows: result.cascade.overloads.map((fall) => [
      words(fall.region),
      figure(clock(fall.startS)),
      figure(clock(fall.endS)),
      figure(duration(fall.endS - fall.startS)),
      words(REASONS[fall.reason] ?? fall.reason),
    ]),
  };
}

/** Capacity against load: the textbook's margin, and the one that survives retries. */
function marginsTable(result: Result): Table {
  const { client, gateway, library, product } = result.cascade.tries;
  return {
    title: "Distance to the cliff",
    note:
      "Usable load if any one other region is lost, (N−1)/N; and capacity over the usual peak with every retry used: below 1, a retry storm can hold the region down. " +
      `One request may become ${count(product)} calls: ${count(client)} tries by the client × ${count(gateway)} by the gateway × ${count(library)} by its library. ` +
      "Peaks are means of ten seconds; the usual one is of first tries before the first fault. Deficit: calls beyond capacity, in seconds of capacity.",
    heads: [
      "region",
      "capacity, calls/s",
      "peak load, calls/s",
      "usual peak, calls/s",
      "load at usual peak",
      "usable load",
      "retry-safe margin",
      "deficit",
    ],
    rows: result.cascade.margins.map((margin) => [
      words(margin.region),
      figure(margin.capacityPerS === null ? DASH : decimal(margin.capacityPerS, 1)),
      figure(decimal(margin.peakLoadPerS, 1)),
      figure(decimal(margin.usualPeakPerS, 1)),
      figure(margin.capacityPerS === null ? DASH : share(margin.usualPeakPerS, margin.capacityPerS)),
      figure(percent(margin.naiveLimit)),
      figure(margin.retrySafeMargin === null ? DASH : decimal(margin.retrySafeMargin, 2)),
      figure(margin.deficitCapacityS === null ? DASH : duration(Math.round(margin.deficitCapacityS))),
    ]),
  };
}

/** What theory says of this run, and what the run says. */
function theoryTable(result: Result): Table {
  return {
    title: "Overload against theory",
    note: "Triggers and slack after Huang et al., OSDI 2022: without triggers as large as the slack no overload is possible; where load with every retry used stays below capacity, every overload passes. All regions count as one there.",
    heads: ["measure", "value"],
    rows: [...boundaryRows(result), ...courseRows(result)].map(([what, value]) => [
      words(what),
      figure(value),
    ]),
  };
}

type Pair = readonly [what: string, value: string];

function boundaryRows({ cascade }: Result): readonly Pair[] {
  const { boundary } = cascade;
  if (boundary === null) return [];
  const rate = (perS: number): string => `${decimal(perS, 1)}/s`;
  return [
    ["usual load", rate(boundary.usualLoadPerS)],
    ["usual capacity", rate(boundary.usualCapacityPerS)],
    ["slack", rate(boundary.usualCapacityPerS - boundary.usualLoadPerS)],
    ["largest rise of load", rate(boundary.loadTriggerPerS)],
    ["largest fall of capacity", rate(boundary.capacityTriggerPerS)],
    ["overload possible (theorem 1)", boundary.overloadPossible ? "yes" : "no"],
    ["passes whatever the trigger (theorem 2)", boundary.alwaysRecovers ? "yes" : "no"],
    [
      "demand beyond lawful capacity",
      `${count(boundary.deficitRequests)} requests, ${decimal(boundary.deficitCapacityS, 1)} s of capacity`,
    ],
  ];
}

function courseRows({ cascade, optimum }: Result): readonly Pair[] {
  const { amplification, comparison, recovery } = cascade;
  const rows: Pair[] = [["calls per request, whole run", decimal(amplification.mean, 2)]];
  if (amplification.worst !== null && amplification.worstAtS !== null)
    rows.push([
      `calls per request, worst ten seconds (${clock(amplification.worstAtS)})`,
      decimal(amplification.worst, 2),
    ]);
  if (optimum.tightest !== null)
    rows.push([
      `demand that could just be served, tightest ten seconds (${clock(optimum.tightest.startS)})`,
      `${decimal(optimum.tightest.headroom, 2)} × what was offered`,
    ]);
  if (comparison !== null)
    rows.push(
      [
        `goodput before, ${clock(comparison.beforeFromS)}–${clock(comparison.beforeToS)}`,
        percent(comparison.before),
      ],
      [
        `goodput at the end, ${clock(comparison.afterFromS)}–${clock(comparison.afterToS)}`,
        percent(comparison.after),
      ],
    );
  if (recovery !== null)
    rows.push(
      [
        `back to 99 % served after ${recovery.fault} ended`,
        recovery.tookS === null ? "not within the run" : duration(Math.round(recovery.tookS)),
      ],
      [
        "the same in closed form",
        recovery.closedFormS === null
          ? recovery.closedForm
          : `${duration(Math.round(recovery.closedFormS))} = ${recovery.closedForm}`,
      ],
    );
  return rows;
}

/** All of them, in the order of the page. */
export const overloadTables: readonly ((result: Result) => Table)[] = [
  optimumTable,
  cascadeTable,
  fallsTable,
  marginsTable,
  theoryTable,
];
