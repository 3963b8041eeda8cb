/** The tables behind the charts: every figure of the page, and those no chart has room for. */
import type { CauseCounts, Counts, LatencySummary, Result } from "../result/result.js";
import { causeStyle, causesPresent } from "./causes.js";
import { driftTableMakers } from "./driftTables.js";
import { clockTable } from "./failoverClock.js";
import { clock, count, decimal, duration, milliseconds, percent, share } from "./format.js";
import { figure, type Table, words } from "./markup.js";
import { overloadTables } from "./overloadTables.js";
import { phases } from "./phases.js";
import { residencyTables } from "./residencyTables.js";
import { faultWords, origins } from "./rows.js";
import { costTable, replicasTable } from "./servingTables.js";
import { storeOutagesTable, storesTable } from "./storesTables.js";

const DASH = "—";

function causeWords(cause: string): string {
  const { label } = causeStyle(cause);
  return label === cause ? cause : `${label} (${cause})`;
}

/** `requests/min limit: 12; queue full: 3`. */
function limitWords(limits: CauseCounts): string {
  return causesPresent(limits)
    .map(([cause, value]) => `${causeStyle(cause).label}: ${count(value)}`)
    .join("; ");
}

/** What something came to, one measure a row. */
function pair(what: string, value: string): Table["rows"][number] {
  return [words(what), figure(value)];
}

function requestsTable(result: Result): Table {
  const row = (kind: string, label: string, counts: Counts): Table["rows"][number] => [
    words(kind),
    words(label),
    figure(count(counts.offered)),
    figure(count(counts.served)),
    figure(count(counts.refused)),
    figure(share(counts.refused, counts.offered)),
    figure(count(counts.inFlight)),
  ];
  const groups = [
    ["origin", result.requestsBy.origin],
    ["class", result.requestsBy.class],
    ["home region", result.requestsBy.homeRegion],
  ] as const;
  return {
    title: "Requests by origin, class and home region",
    note: "Offered = served + refused + in flight at the end, in every row.",
    heads: ["by", "which", "offered", "served", "refused", "refused share", "in flight"],
    rows: [
      row("all", "", result.requests),
      ...groups.flatMap(([kind, by]) =>
        Object.entries(by).map(([label, counts]) => row(kind, label, counts)),
      ),
    ],
  };
}

function refusalsTable(result: Result): Table {
  const names = origins(result);
  return {
    title: "Refusals by cause",
    note: "By the cause that ended the request; retries that were saved later are under attempts.",
    heads: ["cause", "all", "share of refusals", ...names],
    rows: causesPresent(result.refused).map(([cause, value]) => [
      words(causeWords(cause)),
      figure(count(value)),
      figure(share(value, result.requests.refused)),
      ...names.map((origin) => figure(count(result.refusedBy.origin[origin]?.[cause] ?? 0))),
    ]),
  };
}

function latencyTable(result: Result): Table {
  const row = (
    metric: string,
    origin: string,
    phase: string,
    summary: LatencySummary,
  ): Table["rows"][number] => [
    words(metric),
    words(origin),
    words(phase),
    figure(count(summary.count)),
    ...[summary.mean, summary.p50, summary.p95, summary.p99, summary.max].map((value) =>
      figure(summary.count === 0 ? DASH : milliseconds(value)),
    ),
  ];
  const metrics = [
    ["first token", result.latency.ttftMs],
    ["complete", result.latency.e2eMs],
  ] as const;
  return {
    title: "Latency by origin, before, during and after the faults",
    note: "Of served requests, measured at the user. Phases follow the declared faults, not their effects.",
    heads: ["to", "origin", "phase", "served", "mean", "p50", "p95", "p99", "max"],
    rows: metrics.flatMap(([metric, latency]) => [
      row(metric, "all", "all", latency),
      ...Object.entries(latency.originInPhase).flatMap(([origin, byPhase]) =>
        phases(result).flatMap((phase) => {
          const summary = byPhase[phase.key];
          return summary === undefined ? [] : [row(metric, origin, phase.label, summary)];
        }),
      ),
    ]),
  };
}

function faultsTable(result: Result): Table {
  return {
    title: "Fault timeline",
    note: "Times after the fault's start; restored is after its end, if that is before the next fault. A dash: it did not happen. Refused counts until restoration or the next fault; of faults that begin together the first has all.",
    heads: [
      "fault",
      "what",
      "from",
      "to",
      "felt",
      "gateways noticed",
      "entry noticed",
      "shifted 50 %",
      "95 %",
      "99 %",
      "restored",
      "refused",
    ],
    rows: result.faults.map((fault) => {
      const after = (momentS: number | null, fromS: number): string =>
        momentS === null ? DASH : `${momentS < fromS ? "−" : "+"}${duration(Math.abs(momentS - fromS))}`;
      const steps = [
        fault.firstImpactS,
        fault.gatewayDetectedS,
        fault.entryDetectedS,
        fault.shifted50S,
        fault.shifted95S,
        fault.shifted99S,
      ];
      return [
        words(fault.id),
        words(`${fault.target} ${faultWords(fault.kind)}`),
        figure(clock(fault.startS)),
        figure(clock(fault.endS)),
        ...steps.map((momentS) => figure(after(momentS, fault.startS))),
        figure(after(fault.restoredS, fault.endS)),
        figure(count(fault.refused)),
      ];
    }),
  };
}

function regionsTable(result: Result): Table {
  return {
    title: "Regions",
    note: "Diverted calls are those of users who belong to another region.",
    heads: [
      "region",
      "city",
      "mean load",
      "peak load",
      "peak queue",
      "calls",
      "diverted",
      "overloaded",
      "limits hit",
    ],
    rows: result.regions.map((region) => [
      words(region.id),
      words([region.city, region.country].filter((part) => part !== "").join(", ")),
      figure(percent(region.utilisation)),
      figure(percent(region.peakUtilisation)),
      figure(count(region.peakQueue)),
      figure(count(region.calls)),
      figure(share(region.divertedCalls, region.calls)),
      figure(duration(region.overloadedS)),
      words(limitWords(region.limitsHit)),
    ]),
  };
}

function endpointsTable(result: Result): Table {
  return {
    title: "Endpoints",
    note: "Wasted is work completed for users who had already gone.",
    heads: [
      "endpoint",
      "region",
      "calls",
      "completed",
      "wasted",
      "mean load",
      "mean wait",
      "peak queue",
      "tokens in",
      "of these cached",
      "tokens out",
      "limits hit",
    ],
    rows: result.endpoints.map((endpoint) => [
      words(endpoint.id),
      words(endpoint.region),
      figure(count(endpoint.calls)),
      figure(count(endpoint.completed)),
      figure(count(endpoint.wasted)),
      figure(percent(endpoint.utilisation)),
      figure(milliseconds(endpoint.meanWaitMs)),
      figure(count(endpoint.peakQueue)),
      figure(count(endpoint.tokens.in)),
      figure(count(endpoint.tokens.cachedIn)),
      figure(count(endpoint.tokens.out)),
      words(limitWords(endpoint.limitsHit)),
    ]),
  };
}

function attemptsTable(result: Result): Table {
  const { attempts } = result;
  return {
    title: "Attempts and retries",
    note: "A request may take several attempts; failed ones count here even where a retry saved the request.",
    heads: ["what", "how many"],
    rows: [
      pair("tries by clients", count(attempts.client)),
      pair("of these, retries", count(attempts.clientRetries)),
      pair("client timeouts", count(attempts.clientTimeouts)),
      pair("calls to endpoints", count(attempts.endpoint)),
      pair("retries by gateways", count(attempts.gatewayRetries)),
      pair("retries by the library below gateways", count(attempts.sdkRetries)),
      pair("hedges sent", count(attempts.hedges)),
      pair("hedges that answered first", count(attempts.hedgesWon)),
      pair("retries no budget paid for", count(attempts.budgetDenied)),
      pair("tries held back by gateways", count(attempts.heldBack)),
      pair("answers by another model than was asked for", count(result.fallbacks.answered)),
      pair("answers completed for users who had gone", count(attempts.wasted)),
      pair("client tries per request", decimal(attempts.perRequest, 3)),
      ...causesPresent(attempts.failed).map(([cause, value]) =>
        pair(`failed: ${causeWords(cause)}`, count(value)),
      ),
    ],
  };
}

function availabilityTable(result: Result): Table {
  const { availability } = result;
  const row = (what: string, ratio: number): Table["rows"][number] => pair(what, percent(ratio));
  return {
    title: "Availability",
    note: "",
    heads: ["definition", "share"],
    rows: [
      row("requests served, of those finished", availability.requestRatio),
      row("minutes with at least 99 % served", availability.goodMinutes),
      row("served in the worst minute", availability.worstMinute),
      ...Object.entries(availability.byOrigin).map(([origin, ratio]) =>
        row(`requests served, ${origin} users`, ratio),
      ),
    ],
  };
}

/** Every table, in the order of the page. */
export function resultTables(result: Result): readonly Table[] {
  return [
    requestsTable,
    refusalsTable,
    latencyTable,
    faultsTable,
    ...(result.clock.length > 0 ? [clockTable] : []),
    availabilityTable,
    regionsTable,
    endpointsTable,
    ...(result.replicas.length > 0 ? [replicasTable] : []),
    ...(result.stores.length > 0 ? [storesTable, storeOutagesTable] : []),
    ...(result.cost === null ? [] : [costTable]),
    ...overloadTables,
    ...residencyTables(result),
    attemptsTable,
    ...driftTableMakers(result),
  ].map((make) => make(result));
}
