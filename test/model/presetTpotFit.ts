/** The fit the presets came from, done again: base, prefill and decode by least squares of relative errors. */
import type { TpotPoint } from "./presetTpotRows.js";

/** Base ms, prefill µs per token and decode µs per sequence, the kv coefficient (ns per token) being given. */
export function refit(points: readonly TpotPoint[], kvNsPerToken: number): readonly [number, number, number] {
  const sums = [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ];
  for (const { users, inputTokens, outputTokens, tpotMs } of points) {
    const kvMs = (kvNsPerToken * users * (inputTokens + outputTokens / 2)) / 1e6;
    const row = [1, (users * inputTokens) / outputTokens / 1000, users / 1000, tpotMs - kvMs];
    // Weighted by the measured time, so that a percent counts the same wherever it is.
    for (let i = 0; i < 3; i += 1) {
      for (let j = 0; j < 4; j += 1) sums[i]![j]! += (row[i]! * row[j]!) / (tpotMs * tpotMs);
    }
  }
  return solve(sums);
}

/** Gaussian elimination of three equations; their matrix is positive definite, so no pivot is zero. */
function solve(equations: number[][]): readonly [number, number, number] {
  for (let k = 0; k < 3; k += 1) {
    const pivot = equations[k]!;
    for (let i = 0; i < 3; i += 1) {
      if (i === k) continue;
      const factor = equations[i]![k]! / pivot[k]!;
      for (let j = k; j < 4; j += 1) equations[i]![j]! -= factor * pivot[j]!;
    }
  }
  const [base, prefill, decode] = equations.map((equation, i) => equation[3]! / equation[i]!);
  return [base!, prefill!, decode!];
}
