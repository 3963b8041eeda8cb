/** Latency read back from the recording's histograms, along any of its dimensions. */

import type { HistogramPool, Recording } from "../metrics/index.js";
import { Histogram } from "../metrics/index.js";
import type { LatencyBreakdown, LatencySummary } from "./result.js";

/** Where a latency cell lies. */
export interface LatencyCell {
  readonly site: number;
  readonly classIndex: number;
  readonly endpoint: number;
  readonly phase: number;
}

/** Merges the cells that `wanted` accepts, µs. */
export function mergeLatency(
  recording: Recording,
  pool: HistogramPool,
  wanted: (cell: LatencyCell) => boolean,
): Histogram {
  const { sites, classes, endpoints, phases } = recording.labels;
  const merged = new Histogram();
  let cell = 0;
  for (let site = 0; site < sites.length; site++)
    for (let classIndex = 0; classIndex < classes.length; classIndex++)
      for (let endpoint = 0; endpoint < endpoints.length; endpoint++)
        for (let phase = 0; phase < phases.length; phase++, cell++) {
          if (pool.count(cell) > 0 && wanted({ site, classIndex, endpoint, phase })) pool.addTo(cell, merged);
        }
  return merged;
}

/** µs in, milliseconds out, to the microsecond. */
export function summarise(histogram: Histogram): LatencySummary {
  const ms = (us: number): number => Math.round(us) / 1000;
  return {
    count: histogram.count,
    mean: ms(histogram.mean),
    p50: ms(histogram.quantile(0.5)),
    p90: ms(histogram.quantile(0.9)),
    p95: ms(histogram.quantile(0.95)),
    p99: ms(histogram.quantile(0.99)),
    max: ms(histogram.max),
  };
}

/** Every summary of one pool: all, by each dimension, and by origin within phase. Names without requests are kept. */
export function latencyBreakdown(recording: Recording, pool: HistogramPool): LatencyBreakdown {
  const { labels } = recording;
  const of = (wanted: (cell: LatencyCell) => boolean): LatencySummary =>
    summarise(mergeLatency(recording, pool, wanted));
  const each = (
    names: readonly string[],
    index: (cell: LatencyCell) => number,
  ): Record<string, LatencySummary> =>
    Object.fromEntries(names.map((name, i) => [name, of((cell) => index(cell) === i)]));
  const originOf = (cell: LatencyCell): number => labels.sites[cell.site]!.origin;
  return {
    ...of(() => true),
    by: {
      origin: each(labels.origins, originOf),
      class: each(labels.classes, (cell) => cell.classIndex),
      region: each(
        labels.regions.map((r) => r.id),
        (cell) => labels.endpoints[cell.endpoint]!.region,
      ),
      endpoint: each(
        labels.endpoints.map((e) => e.id),
        (cell) => cell.endpoint,
      ),
      phase: each(labels.phases, (cell) => cell.phase),
    },
    originInPhase: Object.fromEntries(
      labels.origins.map((origin, o) => [
        origin,
        Object.fromEntries(
          labels.phases.map((phase, p) => [phase, of((cell) => originOf(cell) === o && cell.phase === p)]),
        ),
      ]),
    ),
  };
}
