/** What the commands of a sweep print. */

import { pointText } from "../../experiment/sweep/checkPoints.js";
import { type RunList, runAt, runKey, type Standing } from "../../experiment/sweep/index.js";
import type { Collected } from "./collect.js";
import { pointTable } from "./pointTable.js";
import type { SweepStore } from "./store.js";

/** Runs that a message about missing ones names. */
const MOST_NAMED = 5;

/** `12 points × 4 replications = 48 runs`. */
function sizeText({ plan, points, runs }: RunList): string {
  return `${points.length} points × ${plan.replications} replications = ${runs} runs`;
}

/** How far a sweep is, and each segment that is not done. */
export function statusText(list: RunList, whole: Standing, segments: readonly Standing[]): string {
  const lines = [`${list.plan.name}: ${sizeText(list)}`, standingText(whole)];
  const open = segments.flatMap((each, i) => (each.missing > 0 ? [[i, each] as const] : []));
  if (segments.length > 0) lines.push(`${segments.length - open.length} of ${segments.length} segments done`);
  for (const [i, each] of open) lines.push(`  ${i}/${segments.length}: ${standingText(each)}`);
  return `${lines.join("\n")}\n`;
}

function standingText({ done, missing, failed }: Standing): string {
  const failures = failed === 0 ? "" : `, ${failed} of them failed when they were tried`;
  return `${done} done, ${missing} missing${failures}`;
}

/** A run by its number, its settings and its replication, and what it said when it failed. */
export function runLine(list: RunList, store: SweepStore, run: number): string {
  const { point, replication } = runAt(list.plan, run);
  const failure = store.failureOf(runKey(list.identityOf(run)));
  const why = failure === undefined ? "" : ` (failed: ${failure})`;
  return `${run}: ${pointText(list.points[point]!)}, replication ${replication}${why}`;
}

/** Why nothing was collected, and how to get what is missing. */
export function missingText(
  list: RunList,
  store: SweepStore,
  missing: readonly number[],
  target: string,
): string {
  const named = missing.slice(0, MOST_NAMED).map((run) => `  ${runLine(list, store, run)}`);
  const more = missing.length > named.length ? [`  and ${missing.length - named.length} more`] : [];
  return [
    `regionsim: ${missing.length} of ${list.runs} runs are missing, nothing was collected`,
    ...named,
    ...more,
    `make them with: regionsim sweep <plan>; for the segments to send again: regionsim sweep missing ${target} --segments <N>`,
  ].join("\n");
}

/** What a finished sweep comes to. The last line says where the runs are. */
export function collectedText(
  list: RunList,
  collected: Collected & { readonly complete: true },
  quiet: boolean,
): string {
  const runs = collected.files.find((file) => file.endsWith("runs.parquet"))!;
  if (quiet) return `${runs}\n`;
  const lines = [
    list.plan.name,
    ...(list.plan.question === "" ? [] : [list.plan.question]),
    "",
    sizeText(list),
    ...pointTable(list, collected.tables.objectives),
    "",
    `digest ${collected.digest}`,
    ...collected.files.filter((file) => file !== runs),
    runs,
  ];
  return `${lines.join("\n")}\n`;
}
