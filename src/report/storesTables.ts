/** Stores in figures: what was found, what was lost, and what each outage meant to whom. */
import type { Result, StoreTotals } from "../result/result.js";
import { clock, count, duration, share } from "./format.js";
import { figure, type Table, words } from "./markup.js";

const DASH = "—";

/** Reads and writes of every store, and of its classes where it has several. */
export function storesTable(result: Result): Table {
  const row = (id: string, how: string, className: string, totals: StoreTotals): Table["rows"][number] => [
    words(id),
    words(how),
    words(className),
    figure(count(totals.reads)),
    ...[totals.fresh, totals.stale, totals.missing].map((n) => figure(share(n, totals.reads))),
    ...[totals.staleS.mean, totals.staleS.p95, totals.staleS.max].map((s) =>
      figure(totals.stale === 0 ? DASH : duration(s)),
    ),
    ...[
      totals.refused,
      totals.writes,
      totals.conflicts,
      totals.overwritten,
      totals.unwritten,
      totals.stranded,
    ].map((n) => figure(count(n))),
  ];
  return {
    title: "Stores: what was found, and what was lost",
    note: "Counted by tries: who is refused and asks again reads again. Stale: the copy held an earlier state; behind by the time since that ceased to be the latest. Overwritten: turns that the latest state no longer has, because the last writer wins. Unwritten: answered, but nowhere to write. Stranded: only in copies that were down at the end.",
    heads: [
      "store",
      "how",
      "class",
      "reads",
      "fresh",
      "stale",
      "nothing found",
      "behind, mean",
      "p95",
      "worst",
      "tries refused",
      "writes",
      "conflicts",
      "overwritten",
      "unwritten",
      "stranded",
    ],
    rows: result.stores.flatMap((store) => {
      const how = `${store.kind}, ${store.replication}, ${store.copies.join(" + ")}`;
      const classes = Object.entries(store.byClass);
      const parts =
        classes.length < 2 ? [] : classes.map(([name, totals]) => row(store.id, "", name, totals));
      return [row(store.id, how, classes.length === 1 ? classes[0]![0] : "all", store), ...parts];
    }),
  };
}

/** What the outage of each region meant to each class. */
export function storeOutagesTable(result: Result): Table {
  return {
    title: "Stores: recovery points and times",
    note: "Recovery point: writes that only the lost region had, and the age of the oldest. Recovery time: until the first user at home there was answered with data from before, elsewhere or when the region was back; a dash where nobody is at home there.",
    heads: ["store", "region", "from", "to", "class", "writes exposed", "recovery point", "recovery time"],
    rows: result.stores.flatMap((store) =>
      store.outages.flatMap((outage) =>
        Object.entries(outage.byClass).map(([name, loss]) => [
          words(store.id),
          words(outage.region),
          figure(clock(outage.startS)),
          figure(clock(outage.endS)),
          words(name),
          figure(count(loss.rpoWrites)),
          figure(duration(loss.rpoS)),
          figure(loss.rtoS === null ? (loss.isHome ? "never" : DASH) : duration(loss.rtoS)),
        ]),
      ),
    ),
  };
}
