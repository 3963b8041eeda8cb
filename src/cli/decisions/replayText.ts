/** What a replay of a decision log found, to be read. */
import type { Example, ReplayReport } from "./replayLog.js";

/** The report as text, without an end of line at its end. */
export function replayText(report: ReplayReport): string {
  const { log, deployment, segments, same, other } = report;
  const lines = [`${log}: ${counted(segments, "segment")}, against ${deployment}`];
  if (same.steps > 0) lines.push(...sameLines(same));
  if (other.decisions > 0) lines.push(...otherLines(other));
  return lines.join("\n");
}

function sameLines({
  steps,
  decisions,
  skipped,
  differences,
  first,
}: ReplayReport["same"]): readonly string[] {
  const found = differences === 0 ? "all identical" : `${counted(differences, "difference")}`;
  const lines = [
    `by the same rules: ${counted(decisions, "decision")} in ${counted(steps, "step")}, ${found}`,
  ];
  if (skipped > 0) lines.push(`  ${counted(skipped, "step")} after lost lines cannot be run again`);
  for (const { line, step, what, recorded, replayed } of first) {
    lines.push(`  line ${line}, ${step}: ${what}`, `    recorded ${recorded}`, `    replayed ${replayed}`);
  }
  return lines;
}

function otherLines(other: ReplayReport["other"]): readonly string[] {
  const { decisions, unchanged, notAsked, crossed, crossedExamples, changes } = other;
  const changed = decisions - unchanged - notAsked;
  const lines = [
    `by other rules: of ${counted(decisions, "decision")}, ${unchanged} would be the same and ${changed} others; ${notAsked} were of requests that had ended already or were still waited for`,
    "  (a call that would have gone elsewhere is taken to have ended like the one recorded)",
    `crossed residency: ${crossed} would have gone where the recorded rules could never have gone`,
    ...crossedExamples.map(exampleText),
  ];
  for (const { from, to, reasons, count, examples } of changes) {
    const because = reasons.length === 0 ? "" : ` (${reasons.join(", ")})`;
    lines.push(`${String(count).padStart(8)}  ${from} -> ${to}${because}`, ...examples.map(exampleText));
  }
  return lines;
}

function exampleText({ line, request, origin, dataClass, model, nowMs }: Example): string {
  const whose = request === null ? "" : `request ${request}, `;
  return `          line ${line}: ${whose}${origin} / ${dataClass} / ${model} at ${nowMs} ms`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
