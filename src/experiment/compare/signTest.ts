/** The exact test of paired counts. */

/**
 * Two-sided p of so many replications going up and so many going down when either is as likely (McNemar's exact test);
 * replications that are alike say nothing. 1 when none differs.
 */
export function signTest(ups: number, downs: number): number {
  const n = ups + downs;
  const fewer = Math.min(ups, downs);
  // C(n, k) / 2^n, from k = 0 on: halved n times, in steps that underflow to 0 only where the answer does.
  let term = 1;
  for (let i = 0; i < n; i++) term /= 2;
  let tail = 0;
  for (let k = 0; k <= fewer; k++) {
    tail += term;
    term *= (n - k) / (k + 1);
  }
  return Math.min(1, 2 * tail);
}
