/** Tables about where data went, and what keeping it there costs. */
import type { ResidencyRow, Result } from "../result/result.js";
import { count, decimal } from "./format.js";
import { figure, type Table, words } from "./markup.js";
import { dollars } from "./servingTables.js";

const DASH = "—";

/** The tables of a run: the verdict by kind of data, what it is made of, and its price where there is one. */
export function residencyTables({ residency }: Result): readonly (() => Table)[] {
  const price = residency.price === null ? [] : [() => priceTable(residency.price!)];
  return [() => verdictTable(residency.rows), () => placesTable(residency.rows), ...price];
}

/** Rows of one origin, class, channel and country. */
function verdictTable(rows: readonly ResidencyRow[]): Table {
  const groups = new Map<string, ResidencyRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.origin, row.dataClass, row.channel, row.country]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const sum = (some: readonly ResidencyRow[]): number =>
    some.reduce((total, { writes }) => total + writes, 0);
  return {
    title: "Residency: class by channel and country",
    note: "Hops and writes of the run, judged by an auditor that shares no code with the router, and the lines of the file that prove the verdict.",
    heads: ["origin", "class", "channel", "country", "writes", "unlawful", "rule", "stated in"],
    rows: [...groups.values()].map((group) => {
      const { origin, dataClass, channel, country } = group[0]!;
      const broken = group.filter(({ lawful }) => !lawful);
      const deciding = broken.length > 0 ? broken : group;
      return [
        words(origin),
        words(dataClass),
        words(channel),
        words(country),
        figure(count(sum(group))),
        words(broken.length === 0 ? "no" : `VIOLATION: ${count(sum(broken))}`),
        words(each(deciding.map(ruleWords))),
        words(each(deciding.map(({ line }) => line ?? DASH))),
      ];
    }),
  };
}

function each(texts: readonly string[]): string {
  return [...new Set(texts)].join(", ");
}

function ruleWords({ rule, ruleLine }: ResidencyRow): string {
  if (rule === null) return "no rule applies";
  return ruleLine === null ? rule : `${rule} (${ruleLine})`;
}

function placesTable(rows: readonly ResidencyRow[]): Table {
  return {
    title: "Residency: where data went",
    note: "A place that says nothing of a channel is shown with the line where it begins.",
    heads: [
      "origin",
      "class",
      "channel",
      "country",
      "at",
      "for",
      "writes",
      "lawful",
      "rule",
      "stated in",
      "let through by",
    ],
    rows: rows.map((row) => [
      words(row.origin),
      words(row.dataClass),
      words(row.channel),
      words(row.country),
      words(row.at),
      words(row.purpose),
      figure(count(row.writes)),
      words(row.lawful ? "yes" : `NO: VIOLATION (${row.fault ?? "unlawful"})`),
      words(ruleWords(row)),
      words(row.line ?? DASH),
      words(row.letBy ?? DASH),
    ]),
  };
}

function priceTable(price: NonNullable<Result["residency"]["price"]>): Table {
  const perS = (rate: number | null): string => (rate === null ? "no bound" : decimal(rate, 1));
  const uplift = price.upliftUsd === null ? "" : ` Uplift paid: ${dollars(price.upliftUsd)}.`;
  return {
    title: "Residency: its price",
    note: `Lost to the rules are requests that endpoints elsewhere had room for and lawful ones had not, as a bound of flows.${uplift}`,
    heads: [
      "origin",
      "refused for a rule",
      "lost to the rules",
      "lawful endpoints, calls/s",
      "without rules, calls/s",
    ],
    rows: Object.entries(price.byOrigin).map(([origin, one]) => [
      words(origin),
      figure(count(one.refused)),
      figure(count(one.lostToRules)),
      figure(perS(one.lawfulPerS)),
      figure(perS(one.withoutRulesPerS)),
    ]),
  };
}
