/**
 * Shares of the canonical list of runs: points in their order, the replications of each one after another. A share is
 * two numbers, so that whoever runs one needs to ask nobody.
 */

/** Share `index` of `of` equal shares of a run list, counted from 0. */
export interface Segment {
  readonly index: number;
  readonly of: number;
}

/** The whole list. */
export const WHOLE: Segment = { index: 0, of: 1 };

/** Most runs of a plan; products of run and segment numbers stay exact far beyond. */
export const MAX_RUNS = 1_000_000;

/** The runs of a segment, the last one excluded. All segments of one `of` together have every run exactly once. */
export function segmentRange(
  { index, of }: Segment,
  runs: number,
): { readonly from: number; readonly to: number } {
  return { from: Math.floor((index * runs) / of), to: Math.floor(((index + 1) * runs) / of) };
}

/** `3/200` as a segment, or what it must be instead. */
export function readSegment(
  text: string,
): { readonly ok: true; readonly segment: Segment } | { readonly ok: false; readonly rule: string } {
  const match = /^(\d{1,7})\/(\d{1,7})$/.exec(text);
  const index = Number(match?.[1] ?? -1);
  const of = Number(match?.[2] ?? 0);
  if (match === null || of < 1 || of > MAX_RUNS)
    return {
      ok: false,
      rule: `i/N, such as 0/8: share i of N, counted from 0, N from 1 to ${MAX_RUNS}`,
    };
  if (index >= of)
    return { ok: false, rule: `one of 0/${of} to ${of - 1}/${of}: segments are counted from 0` };
  return { ok: true, segment: { index, of } };
}
