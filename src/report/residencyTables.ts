/** Tables about where data went, and what keeping it there costs. */
import type { ResidencyRow, Result } from "../result/result.js";
import { count, decimal } from "./format.js";
import { figure, type Table, words } from "./markup.js";
import { alike, byCountries, countriesWords } from "./residencyGroups.js";
import { dollars } from "./servingTables.js";

const DASH = "—";

/** The tables of a run: the verdict by kind of data, what it is made of, and its price where there is one. */
export function residencyTables({ residency }: Result): readonly (() => Table)[] {
  const price = residency.price === null ? [] : [() => priceTable(residency.price!)];
  return [() => verdictTable(residency.rows), () => placesTable(residency.rows), ...price];
}

/** What the auditor says of one origin, class, channel and country, as the table words it. */
interface Said {
  readonly country: string;
  /** The other cells: before the country, and after it. */
  readonly before: readonly string[];
  readonly writes: number;
  readonly after: readonly string[];
}

function verdictTable(rows: readonly ResidencyRow[]): Table {
  const said = alike(rows, ({ origin, dataClass, channel, country }) =>
    JSON.stringify([origin, dataClass, channel, country]),
  ).map(verdictOf);
  return {
    title: "Residency: class by channel and country",
    note: "Hops and writes of the run, judged by an auditor that shares no code with the router, and the lines of the file that prove the verdict. What may happen in several countries is one write.",
    heads: ["origin", "class", "channel", "country", "writes", "unlawful", "rule", "stated in"],
    rows: alike(said, ({ country: _, ...others }) => JSON.stringify(others)).map((group) => {
      const { before, writes, after } = group[0]!;
      return [
        ...before.map(words),
        words(countriesWords(group.map(({ country }) => country))),
        figure(count(writes)),
        ...after.map(words),
      ];
    }),
  };
}

/** Of rows of one origin, class, channel and country. */
function verdictOf(group: readonly ResidencyRow[]): Said {
  const sum = (some: readonly ResidencyRow[]): number =>
    some.reduce((total, { writes }) => total + writes, 0);
  const { origin, dataClass, channel, country } = group[0]!;
  const broken = group.filter(({ lawful }) => !lawful);
  const deciding = broken.length > 0 ? broken : group;
  return {
    country,
    before: [origin, dataClass, channel],
    writes: sum(group),
    after: [
      broken.length === 0 ? "no" : `VIOLATION: ${count(sum(broken))}`,
      each(deciding.map(ruleWords)),
      each(deciding.map(({ line }) => line ?? DASH)),
    ],
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
    rows: byCountries(rows).map(({ row, countries }) => [
      words(row.origin),
      words(row.dataClass),
      words(row.channel),
      words(countriesWords(countries)),
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
  const uplift =
    price.upliftUsd === null || price.upliftUsd === 0 ? "" : ` Uplift paid: ${dollars(price.upliftUsd)}.`;
  return {
    title: "Residency: its price",
    note: `Lost to the rules are refused requests that gateways and endpoints elsewhere had room for and lawful ones had not, as a bound of flows.${uplift}`,
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
