/** Who is never served, for the headline and for the list below it. */
import type { AuditReport } from "../result/index.js";
import { gathered, MOST_NAMES, usersOf } from "./auditRows.js";
import { listUpTo, plain } from "./format.js";

/** What the headline must not be read without: who is never served at all; null where everybody may be. */
export function auditCaveat(report: AuditReport): string | null {
  const { stranded, counts, verdict } = report;
  if (stranded.length === 0) return null;
  const served = verdict === "proven" ? "be served" : "be served within the rules";
  if (stranded.length === counts.kinds) return `But nothing can ever ${served}.`;
  const byClass = gathered(stranded, ({ dataClass }) => dataClass).map((alike) => ({
    dataClass: alike[0]!.dataClass,
    users: usersOf(
      report,
      alike.map(({ country }) => country),
    ),
  }));
  const whose = gathered(byClass, ({ users }) => users).map((alike) => {
    const classes = alike.map(({ dataClass }) => plain(dataClass));
    return `${listUpTo(classes, MOST_NAMES)} from ${alike[0]!.users}`;
  });
  return `But ${listUpTo(whose, MOST_NAMES)} can never ${served}.`;
}

/** Kinds that are never served within the rules, those alike together. */
export function strandedLines(report: AuditReport): readonly string[] {
  const byClass = gathered(report.stranded, ({ dataClass, outcome }) => [dataClass, outcome]).map(
    (alike) => ({
      dataClass: alike[0]!.dataClass,
      outcome: alike[0]!.outcome,
      users: usersOf(
        report,
        alike.map(({ country }) => country),
      ),
    }),
  );
  return gathered(byClass, ({ outcome, users }) => [outcome, users]).map((alike) => {
    const classes = listUpTo(
      alike.map(({ dataClass }) => dataClass),
      MOST_NAMES,
    );
    return plain(`${classes} from ${alike[0]!.users} ${alike[0]!.outcome}.`);
  });
}
