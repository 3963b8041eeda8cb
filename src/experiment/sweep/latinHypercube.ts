/** Latin hypercubes: along every dimension each of as many equal strata as there are points holds one of them. */
import { Stream, streamKey } from "../../kernel/index.js";

/**
 * `count` points in `[0, 1)^dimensions`: every dimension is a permutation of the strata, and where in its stratum a
 * point lies is luck. Each dimension has a stream of its own, named by `names`, so that a dimension more changes none of
 * the others.
 */
export function latinHypercube(
  count: number,
  seed: string,
  names: readonly string[],
): readonly (readonly number[])[] {
  const columns = names.map((name) => column(count, new Stream(streamKey(seed, 0, "latin-hypercube", name))));
  return Array.from({ length: count }, (_, i) => columns.map((each) => each[i]!));
}

function column(count: number, stream: Stream): readonly number[] {
  const strata = Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(stream.next() * (last + 1));
    const moved = strata[last]!;
    strata[last] = strata[other]!;
    strata[other] = moved;
  }
  return strata.map((stratum) => (stratum + stream.next()) / count);
}
