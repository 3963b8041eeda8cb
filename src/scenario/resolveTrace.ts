/**
 * A trace file joined to the scenario: times from the start of the run, and a site and class for every request.
 */
import { Stream, streamKey } from "../kernel/index.js";
import type { Composer } from "./compose.js";
import type { Names } from "./names.js";
import { meanPerSecond } from "./resolveWorkload.js";
import type { Trace } from "./scenario.js";
import type { ScenarioForm } from "./schema.js";
import type { TraceForm } from "./schemaWorkload.js";
import { nodeAt, type SourceNode } from "./sourceTree.js";
import { readTraceCsv, type TraceColumns } from "./traceCsv.js";

/** The trace, or null when there is none or it is wrong; complaints go to the composer, notes to `warnings`. */
export function resolveTrace(
  form: ScenarioForm,
  root: SourceNode,
  names: Names,
  composer: Composer,
  seed: string,
  warnings: string[],
): Trace | null {
  const trace = form.workload.trace;
  const node = nodeAt(root, ["workload", "trace", "file"]);
  if (trace === undefined || node === undefined) return null;
  const side = composer.readSide(composer.relativeOf(node.at), trace.file, node.at, [
    "workload",
    "trace",
    "file",
  ]);
  if (side === null) return null;
  const reading = readTraceCsv(
    composer.displayName(side.path),
    side.text,
    { sites: names.sites, classes: names.classes },
    trace.format,
  );
  composer.issues.push(...reading.issues);
  if (reading.trace === null) return null;
  deal(reading.trace, trace, form, names, seed);
  return cut(side.path, reading.trace, trace.offset, form.duration, warnings);
}

/** Gives every request a site and a class. Two draws a row, needed or not, so that rows do not shift each other's luck. */
function deal(columns: TraceColumns, trace: TraceForm, form: ScenarioForm, names: Names, seed: string): void {
  const stream = new Stream(streamKey(seed, 0, "trace", trace.file));
  const sites = cumulative(siteWeights(trace, form, names));
  const classes = cumulative(
    names.classes.map((id) =>
      trace.class === undefined ? (form.workload.classes[id]?.share ?? 0) : id === trace.class ? 1 : 0,
    ),
  );
  for (let index = 0; index < columns.arrivalUs.length; index += 1) {
    const u = stream.next();
    const v = stream.next();
    if (columns.siteIndex[index]! < 0) columns.siteIndex[index] = pick(sites, u);
    if (columns.classIndex[index]! < 0) columns.classIndex[index] = pick(classes, v);
  }
}

function siteWeights(trace: TraceForm, form: ScenarioForm, names: Names): readonly number[] {
  if (trace.site !== undefined) return names.sites.map((id) => (id === trace.site ? 1 : 0));
  const given = trace.sites;
  if (given !== undefined) return names.sites.map((id) => (Object.hasOwn(given, id) ? given[id]! : 0));
  const demands = form.workload.sites.map(meanPerSecond);
  return demands.some((demand) => demand > 0) ? demands : demands.map(() => 1);
}

function cumulative(weights: readonly number[]): readonly number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}

/** The first entry whose running sum exceeds u × total; entries of weight 0 are never picked. */
function pick(sums: readonly number[], u: number): number {
  const wanted = u * (sums[sums.length - 1] ?? 0);
  const found = sums.findIndex((sum) => sum > wanted);
  return found < 0 ? sums.length - 1 : found;
}

function cut(
  file: string,
  columns: TraceColumns,
  offsetUs: number,
  durationUs: number,
  warnings: string[],
): Trace {
  const shifted = columns.arrivalUs.map((us) => us + offsetUs);
  let kept = shifted.findIndex((us) => us >= durationUs);
  if (kept < 0) kept = shifted.length;
  if (kept < shifted.length)
    warnings.push(
      `${file}: ${shifted.length - kept} of ${shifted.length} requests come after the end of the run and are left out`,
    );
  return {
    file,
    arrivalUs: shifted.slice(0, kept),
    inputTokens: columns.inputTokens.slice(0, kept),
    outputTokens: columns.outputTokens.slice(0, kept),
    siteIndex: columns.siteIndex.slice(0, kept),
    classIndex: columns.classIndex.slice(0, kept),
    session: columns.session === null ? null : columns.session.slice(0, kept),
  };
}
