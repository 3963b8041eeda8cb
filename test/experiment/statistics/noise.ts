/** Cheap luck for statistics: normal numbers, the published series, and shares with their intervals. */
import { statistics } from "./bundled.js";

const { Stream, streamKey } = statistics;

/** Standard normal numbers by Marsaglia's polar method, from a stream of this name. */
export function normals(name: string): () => number {
  const stream = new Stream(streamKey("statistics", 0, name, ""));
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    for (;;) {
      const x = 2 * stream.next() - 1;
      const y = 2 * stream.next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
}

/** Uniform numbers in [0, 1) from a stream of this name. */
export function uniforms(name: string): () => number {
  const stream = new Stream(streamKey("statistics", 0, name, ""));
  return () => stream.next();
}

/** How the published autoregressive series are made. */
export interface PublishedSeries {
  readonly seed: number;
  readonly n: number;
  readonly phi: number;
  readonly mu: number;
  readonly x0: number;
}

/** y_t = mu + phi·(y_{t−1} − mu) + z_t from x0, z by Park and Miller's generator and Box and Muller's pairs. */
export function publishedSeries({ seed, n, phi, mu, x0 }: PublishedSeries): readonly number[] {
  let x = seed;
  const uniform = (): number => {
    x = (16807 * x) % 2147483647;
    return x / 2147483647;
  };
  const series: number[] = [];
  let y = x0;
  let sine = 0;
  for (let t = 0; t < n; t += 1) {
    let z = sine;
    if (t % 2 === 0) {
      const radius = Math.sqrt(-2 * Math.log(uniform()));
      const angle = 2 * Math.PI * uniform();
      z = radius * Math.cos(angle);
      sine = radius * Math.sin(angle);
    }
    y = mu + phi * (y - mu) + z;
    series.push(y);
  }
  return series;
}
