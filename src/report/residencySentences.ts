/** Sentences about where data went, and what keeping it there costs. Empty where there is nothing to say. */
import type { ResidencyRow, Result } from "../result/result.js";
import { count, decimal, list, listUpTo, plain, short } from "./format.js";
import { byCountries, countriesWords, type ResidencyGroup } from "./residencyGroups.js";
import { dollars } from "./servingTables.js";

/** How a copy of a prompt that no user asked for came to be there. */
const BY_PURPOSE: Readonly<Record<ResidencyRow["purpose"], string>> = {
  request: "",
  probe: ", copied by a health probe",
  shadow: ", copied as shadow traffic",
  queue: ", while held back",
  store: "",
};

/** What is wrong with rows, to follow the channel: `in US at eu-gateway`. */
function faultWords({ row, countries }: ResidencyGroup): string {
  const at = `at ${plain(row.at)}`;
  const where = `in ${countriesWords(countries)} ${at}`;
  switch (row.fault) {
    case "unknown-place":
      return `${at}, nobody says where`;
    case "kept-too-long":
      return `${where}, kept too long`;
    case "unknown-retention":
      return `${where}, nobody says for how long`;
    case "no-evidence":
      return `${where}, with nothing to show for it`;
    default:
      return where;
  }
}

/** The lines of the file that prove it, and so the ones to change. */
function linesOf(row: ResidencyRow): string {
  const parts = [
    row.line === null ? "" : `stated in ${plain(row.line)}`,
    row.ruleLine === null ? "" : `forbidden by ${plain(row.ruleLine)}`,
    row.letBy === null ? "" : `let through by ${plain(row.letBy)}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `: ${list(parts)}`;
}

/** Every unlawful hop or write, the most frequent first. */
export function violationLines({ residency }: Result): readonly string[] {
  return [...byCountries(residency.rows.filter((row) => !row.lawful))]
    .sort((a, b) => b.row.writes - a.row.writes)
    .map(
      ({ row, countries }) =>
        `${count(row.writes)} × ${plain(row.dataClass)} data of ${plain(row.origin)} users, ${plain(row.channel)} ${faultWords({ row, countries })}${BY_PURPOSE[row.purpose]}` +
        (row.rule === null ? "" : ` (rule ${plain(row.rule)})`) +
        linesOf(row),
    );
}

/** What the rules cost: refusals, headroom and money. */
export function residencyPriceSentence({ residency: { price } }: Result): string {
  if (price === null) return "";
  const whose = Object.entries(price.byOrigin)
    .filter(([, one]) => one.lostToRules > 0)
    .map(([origin]) => short(origin, 12));
  const parts = [
    price.refused === 0 ? "" : `${count(price.refused)} refused by rule`,
    price.lostToRules === 0
      ? ""
      : `${count(price.lostToRules)} of ${listUpTo(whose, 2)} with room only elsewhere`,
    headroomWords(price.headroom, price.headroomWithoutRules),
    price.upliftUsd === null || price.upliftUsd === 0 ? "" : `${dollars(price.upliftUsd)} of uplift`,
  ].filter((part) => part !== "");
  return `Price of residency: ${parts.length === 0 ? "none" : parts.join("; ")}.`;
}

/** At the tightest moment, in parts of the demand. */
function headroomWords(lawful: number | null, free: number | null): string {
  if (lawful === null || lawful === free) return "";
  const without = free === null ? "no bound" : `${decimal(free, 2)} ×`;
  return `capacity that the rules leave is ${decimal(lawful, 2)} × the peak, ${without} without rules`;
}
