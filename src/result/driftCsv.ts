/** CSV tables about versions, standbys and operations; there are none where the scenario has nothing of the kind. */
import { table } from "./csvTable.js";
import type { Result } from "./result.js";

function versionsCsv(versions: NonNullable<Result["versions"]>): string {
  const { windowS, served } = versions.overTime;
  const names = versions.versions;
  const windows = served[names[0]!]!.map((_, w) => w);
  return table(
    ["startS", "version", "served"],
    windows.flatMap((w) => names.map((name) => [w * windowS, name, served[name]![w]!])),
  );
}

function promotionsCsv({ standbys }: Result): string {
  return table(
    ["standby", "why", "neededS", "startS", "endS", "daysUntested", "chance", "failure"],
    standbys.flatMap(({ endpoint, promotions }) =>
      promotions.map((tried) => [
        endpoint,
        tried.why,
        tried.neededS,
        tried.startS,
        tried.endS,
        tried.daysUntested,
        tried.chance,
        tried.failure,
      ]),
    ),
  );
}

function operationsCsv(operations: NonNullable<Result["operations"]>): string {
  return table(
    ["kind", "id", "stage", "startS", "endS", "outcome", "served", "refused"],
    operations.list.map((operation) => [
      operation.kind,
      operation.id,
      operation.stage,
      operation.startS,
      operation.endS,
      operation.outcome,
      operation.served,
      operation.refused,
    ]),
  );
}

/** File name → CSV text. */
export function driftTables(result: Result): Readonly<Record<string, string>> {
  const { versions, standbys, operations } = result;
  return {
    ...(versions === null ? {} : { "versions.csv": versionsCsv(versions) }),
    ...(standbys.length === 0 ? {} : { "promotions.csv": promotionsCsv(result) }),
    ...(operations === null ? {} : { "operations.csv": operationsCsv(operations) }),
  };
}
