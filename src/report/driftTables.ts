/** Tables about versions, standbys and operations; each is there only where the result has something of the kind. */
import type { OperationCost, Result } from "../result/result.js";
import { days } from "./driftSentences.js";
import { clock, count, decimal, duration, milliseconds, percent, share } from "./format.js";
import { figure, type Table, words } from "./markup.js";

const DASH = "—";

function versionsTable(result: Result): Table {
  const versions = result.versions!;
  const row = (what: string, value: string): Table["rows"][number] => [words(what), figure(value)];
  return {
    title: "Versions of models",
    note: "An endpoint answers with the version it had when the call was sent. Conversations count once they have two answered turns; a change counts for the cause of a conversation's first.",
    heads: ["what", "how many"],
    rows: [
      ...versions.versions.map((name) =>
        row(`requests served by ${name}`, count(versions.served[name] ?? 0)),
      ),
      row("conversations", count(versions.sessions)),
      row("of these, saw two versions", `${count(versions.skewed)} (${percent(versions.skewedShare)})`),
      row("by a rollout", count(versions.skewedBy.rollout)),
      row("by failover", count(versions.skewedBy.failover)),
      row("because the router spreads them", count(versions.skewedBy.spread)),
      row("changes of version in all", count(versions.switches)),
      row("requests served while users elsewhere had another version", count(versions.betweenRegions)),
      ...(versions.pinned
        ? [
            row("tries in which a conversation had to move", count(versions.pinMoved)),
            row("tries that a lost pin refused", count(versions.pinRefused)),
          ]
        : []),
    ],
  };
}

function promotionsTable(result: Result): Table {
  return {
    title: "Promotions of standbys",
    note: "The chance to fail is the scenario's own assumption about a standby untested for so long; no measured curve is known.",
    heads: ["standby", "why", "needed", "began", "ended", "untested", "chance to fail", "outcome"],
    rows: result.standbys.flatMap((standby) =>
      standby.promotions.map((tried) => [
        words(standby.endpoint),
        words(tried.why),
        figure(clock(tried.neededS)),
        figure(clock(tried.startS)),
        figure(clock(tried.endS)),
        figure(days(tried.daysUntested)),
        figure(percent(tried.chance)),
        words(tried.failure === null ? "serves" : `failed: ${tried.failure}`),
      ]),
    ),
  };
}

function operationsTable(result: Result): Table {
  const operations = result.operations!;
  return {
    title: "What operators did, and when",
    note: "A promotion lasts from when a standby is needed until it serves.",
    heads: ["what", "which", "stage", "from", "to", "took", "outcome", "served", "refused"],
    rows: operations.list.map((operation) => [
      words(operation.kind),
      words(operation.id),
      words(operation.stage),
      figure(clock(operation.startS)),
      figure(operation.endS === null ? DASH : clock(operation.endS)),
      figure(operation.endS === null ? DASH : duration(Math.round(operation.endS - operation.startS))),
      words(operation.outcome),
      figure(count(operation.served)),
      figure(count(operation.refused)),
    ]),
  };
}

function costsTable(result: Result): Table {
  const { quiet, costs } = result.operations!;
  const row = (cost: OperationCost): Table["rows"][number] => {
    const { count: served, mean, p95 } = cost.e2eMs;
    return [
      words(cost.kind === "quiet" ? "quiet time" : [cost.kind, cost.id, cost.stage].join(" ").trim()),
      figure(decimal(cost.times, 0)),
      figure(count(cost.served)),
      figure(count(cost.refused)),
      figure(share(cost.refused, cost.served + cost.refused)),
      figure(served === 0 ? DASH : milliseconds(mean)),
      figure(served === 0 ? DASH : milliseconds(p95)),
    ];
  };
  return {
    title: "What operations cost",
    note: "Requests that ended while an operation went on, beside those that ended while there was none and no fault lasted.",
    heads: ["during", "times", "served", "refused", "refused share", "complete, mean", "p95"],
    rows: [quiet, ...costs].map(row),
  };
}

/** The tables that the result has something for, in reading order. */
export function driftTableMakers({
  versions,
  standbys,
  operations,
}: Result): readonly ((result: Result) => Table)[] {
  return [
    ...(versions === null ? [] : [versionsTable]),
    ...(standbys.length === 0 ? [] : [promotionsTable]),
    ...(operations === null ? [] : [operationsTable, costsTable]),
  ];
}
