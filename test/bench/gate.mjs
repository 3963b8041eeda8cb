/**
 * The validity gate: whether a peer simulates the same model as the C floor. Pure functions over printed lines.
 *
 * Counts vary between seeds far more than a binomial would (an outage is one event that moves hundreds of
 * requests), so their spread is measured on the floor's own seeds instead of being assumed.
 */

/** The floor's counts that must lie within four standard errors. */
const countKeys = ["requests", "attempts", "ok", "refused", "timedOut"];

/** Relative tolerances of the latency figures, unless four standard errors are wider than they are. */
const latencyTolerances = { meanMs: 0.02, p99Ms: 0.05 };

const standardErrorCount = 4;

/** Mean and sample standard deviation; the deviation of fewer than two values is 0. */
export function summarise(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, deviation: 0, count: values.length };
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)), count: values.length };
}

/** The middle value; of an even number, the mean of the middle two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Four standard errors of the difference between the floor's mean and a mean over `seedCount` runs. */
function sampling(reference, seedCount, smallestDeviation) {
  const deviation = Math.max(reference.deviation, smallestDeviation);
  return standardErrorCount * deviation * Math.sqrt(1 / reference.count + 1 / seedCount);
}

/**
 * Compares a peer's runs with the floor's, all of the same number of requests, scale and load, seeds differing.
 *
 * Each check carries the two means and the difference allowed; `isWider` marks a latency figure that was allowed
 * more than its fixed share because four standard errors are more. A count that never varies on the floor is
 * given a deviation of one request.
 */
export function checkPeer(floorLines, peerLines) {
  const checks = [];
  for (const key of countKeys) {
    const reference = summarise(floorLines.map((line) => line[key]));
    const actual = summarise(peerLines.map((line) => line[key])).mean;
    const allowed = sampling(reference, peerLines.length, 1);
    checks.push({ key, expected: reference.mean, actual, allowed, isWider: false });
  }
  for (const [key, share] of Object.entries(latencyTolerances)) {
    const reference = summarise(floorLines.map((line) => line[key]));
    const actual = summarise(peerLines.map((line) => line[key])).mean;
    const noise = sampling(reference, peerLines.length, 0);
    const allowed = Math.max(share * reference.mean, noise);
    checks.push({ key, expected: reference.mean, actual, allowed, isWider: allowed === noise });
  }
  // Written so that NaN fails.
  for (const check of checks) check.passes = Math.abs(check.actual - check.expected) <= check.allowed;
  return { passes: checks.every((check) => check.passes), checks };
}

/** How far the slowest run is above the fastest: 0.3 means 30 % more. */
export function spread(seconds) {
  return Math.max(...seconds) / Math.min(...seconds) - 1;
}
