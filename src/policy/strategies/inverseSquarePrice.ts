import { bitAt, bitCount, lowestBit } from "../bits.js";
import { RESULT_ERROR, RESULT_OK, RESULT_TIMEOUT } from "../results.js";
import type { OptionsOf } from "./configs.js";
import { pickByWeight } from "./scores.js";
import type { Draw, Ended, Fleet, Picker, Strategy, StrategyTarget } from "./strategy.js";

type Options = OptionsOf<"inverse-square-price">;

class InverseSquarePrice implements Picker {
  /** Failures in a row. */
  readonly failures: Int32Array;
  /** Until when each target is put last. */
  readonly lastUntilMs: Float64Array;
  readonly #weight: Float64Array;
  /** Targets that cost nothing. */
  readonly #free: number;
  readonly #options: Options;

  constructor(options: Options, targets: readonly StrategyTarget[]) {
    this.failures = new Int32Array(targets.length);
    this.lastUntilMs = new Float64Array(targets.length);
    this.#weight = inverseSquares(targets.map(({ pricePerMTok }) => pricePerMTok));
    this.#free = targets.reduce((mask, target, i) => (target.pricePerMTok === 0 ? mask | (1 << i) : mask), 0);
    this.#options = options;
  }

  pick(_fleet: Fleet, candidates: number, draw: Draw): number {
    let working = candidates;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      if (this.lastUntilMs[lowestBit(rest)]! > draw.nowMs) working &= ~(rest & -rest);
    }
    const among = working !== 0 ? working : candidates;
    const free = among & this.#free;
    if (free !== 0) return bitAt(free, Math.floor(draw.u * bitCount(free)));
    return pickByWeight(this.#weight, among, draw.u);
  }

  ended({ target, result, nowMs }: Ended): void {
    if (result === RESULT_OK) this.failures[target] = 0;
    if (result !== RESULT_ERROR && result !== RESULT_TIMEOUT) return;
    const { outageFailures, outageMs } = this.#options;
    this.failures[target] = Math.min(outageFailures, this.failures[target]! + 1);
    if (this.failures[target]! >= outageFailures) this.lastUntilMs[target] = nowMs + outageMs;
  }
}

/** 1 / price², relative to the lowest price above 0. What nobody states counts as the highest price stated. */
function inverseSquares(prices: readonly (number | undefined)[]): Float64Array {
  const known = prices.filter((price): price is number => price !== undefined && price > 0);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return Float64Array.from(prices, (price) => {
    if (known.length === 0) return 1;
    const share = least / (price ?? most);
    return share < Number.POSITIVE_INFINITY ? share * share : 1;
  });
}

/**
 * By chance, in proportion to 1 / price², among those that had no outage of late; the others are used only when there
 * is nobody else. Uses the first draw. What costs nothing takes everything, evenly; a price that nobody states counts
 * as the highest stated.
 *
 * Rule: OpenRouter's default ("no significant outages in the last 30 seconds", then weighted by the inverse square of
 * the price). What is significant it does not say; here it is `outageFailures` errors or timeouts without an answer
 * between them, from the last of them on for `outageMs`. A 429 is neither.
 */
export const inverseSquarePrice: Strategy<Options> = {
  name: "inverse-square-price",
  usesLuck: true,
  reach: "tier",
  defaults: { kind: "inverse-square-price", outageFailures: 3, outageMs: 30_000 },
  create: (options, targets) => new InverseSquarePrice(options, targets),
};
