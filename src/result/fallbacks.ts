/** Requests that another model answered than the one asked for. */
import type { Recording } from "../metrics/index.js";
import type { LatencyCell } from "./latency.js";
import type { FallbackResult } from "./resultPlaces.js";

/** Reads it from the answers by class and endpoint. */
export function fallbackResult(recording: Recording): FallbackResult {
  const { classes, models } = recording.labels;
  const byClass: Record<string, Record<string, number>> = {};
  const counts = answersOf(recording, () => true);
  classes.forEach((name, c) => {
    models.answering.forEach((model, e) => {
      const count = counts[c * models.answering.length + e]!;
      if (count === 0 || model === models.asked[c]) return;
      byClass[name] ??= {};
      byClass[name][model] = (byClass[name][model] ?? 0) + count;
    });
  });
  const answered = Object.values(byClass).flatMap((by) => Object.values(by));
  return { answered: answered.reduce((sum, n) => sum + n, 0), byClass };
}

/** Of the cells that `wanted` accepts: answers by another model than was asked for, and answers in all. */
export function fallbackAnswers(
  recording: Recording,
  wanted: (cell: LatencyCell) => boolean,
): { readonly answered: number; readonly served: number } {
  const { classes, models } = recording.labels;
  const counts = answersOf(recording, wanted);
  const endpoints = models.answering.length;
  let answered = 0;
  let served = 0;
  for (let c = 0; c < classes.length; c++)
    for (let e = 0; e < endpoints; e++) {
      const count = counts[c * endpoints + e]!;
      served += count;
      if (models.answering[e] !== models.asked[c]) answered += count;
    }
  return { answered, served };
}

/** Served requests, [class][endpoint] row-major. */
function answersOf(recording: Recording, wanted: (cell: LatencyCell) => boolean): Float64Array {
  const { sites, classes, endpoints, phases } = recording.labels;
  const counts = new Float64Array(classes.length * endpoints.length);
  let cell = 0;
  for (let site = 0; site < sites.length; site++)
    for (let classIndex = 0; classIndex < classes.length; classIndex++)
      for (let endpoint = 0; endpoint < endpoints.length; endpoint++)
        for (let phase = 0; phase < phases.length; phase++, cell++) {
          const at = classIndex * endpoints.length + endpoint;
          if (wanted({ site, classIndex, endpoint, phase })) counts[at]! += recording.e2e.count(cell);
        }
  return counts;
}
