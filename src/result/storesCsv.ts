/** CSV tables about stores; there are none where the scenario has no stores. */
import { type Row, table } from "./csvTable.js";
import type { Result } from "./result.js";
import type { StoreTotals } from "./stores.js";

const FIELDS = [
  "reads",
  "fresh",
  "stale",
  "missing",
  "refused",
  "unread",
  "writes",
  "conflicts",
  "lost",
  "overwritten",
  "unwritten",
  "stranded",
] as const;

function storesCsv({ stores }: Result): string {
  const row = (id: string, className: string, totals: StoreTotals): Row => [
    id,
    className,
    ...FIELDS.map((field) => totals[field]),
    totals.staleS.mean,
    totals.staleS.p95,
    totals.staleS.max,
  ];
  return table(
    ["store", "class", ...FIELDS, "staleMeanS", "staleP95S", "staleMaxS"],
    stores.flatMap((store) => [
      row(store.id, "", store),
      ...Object.entries(store.byClass).map(([name, totals]) => row(store.id, name, totals)),
    ]),
  );
}

function outagesCsv({ stores }: Result): string {
  return table(
    ["store", "region", "fault", "startS", "endS", "class", "rpoWrites", "rpoS", "rtoS"],
    stores.flatMap((store) =>
      store.outages.flatMap((outage) =>
        Object.entries(outage.byClass).map(
          ([name, loss]): Row => [
            store.id,
            outage.region,
            outage.fault,
            outage.startS,
            outage.endS,
            name,
            loss.rpoWrites,
            loss.rpoS,
            loss.rtoS,
          ],
        ),
      ),
    ),
  );
}

/** File name → CSV text. */
export function storeTables(result: Result): Readonly<Record<string, string>> {
  if (result.stores.length === 0) return {};
  return { "stores.csv": storesCsv(result), "storeOutages.csv": outagesCsv(result) };
}
