/**
 * Near misses: which of the known words somebody probably meant.
 */

/** Words longer than this are not compared; nobody mistypes 64 letters into another word. */
const LENGTH_LIMIT = 64;

/**
 * Edits that turn `a` into `b`: insert, delete, replace, or swap two neighbours, each counted once and no
 * stretch edited twice (optimal string alignment). Compares UTF-16 code units.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast = new Array<number>(b.length + 1).fill(0);
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/**
 * The known word nearest to `word`, or undefined when none is near. Case is ignored; near means at most a third of the
 * letters differ (one, for short words). Among equals the one that begins most alike wins, then the earlier.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length === 0 || word.length > LENGTH_LIMIT) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestAlike = -1;
  let bestDistance = Math.max(1, Math.floor(word.length / 3));
  for (const candidate of known) {
    if (candidate.length > LENGTH_LIMIT || Math.abs(candidate.length - word.length) > bestDistance) continue;
    const written = candidate.toLowerCase();
    const distance = editDistance(wanted, written);
    const alike = commonStart(wanted, written);
    if (distance > bestDistance || (distance === bestDistance && alike <= bestAlike)) continue;
    best = candidate;
    bestAlike = alike;
    bestDistance = distance;
  }
  return best;
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
