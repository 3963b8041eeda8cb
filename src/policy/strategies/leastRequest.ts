import { pow } from "../../math/index.js";
import { bitAt, bitCount, lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import type { Draw, Fleet, Picker, Strategy } from "./strategy.js";

type Options = OptionsOf<"least-request">;

/** Powers are looked up for as many requests under way, and worked out beyond. */
const TABLE_SIZE = 4096;

/** What a target counts for: weight ÷ (requests under way + 1)^bias. */
export function requestWeight(weight: number, underWay: number, bias: number): number {
  if (bias === 1) return weight / (underWay + 1);
  return bias === 0 ? weight : weight / pow(underWay + 1, bias);
}

class LeastRequest implements Picker {
  readonly #bias: number;
  readonly #ofTwo: boolean;
  /** (n + 1)^−bias by n. */
  readonly #factor: Float64Array;

  constructor({ bias, choices }: Options) {
    this.#bias = bias;
    this.#ofTwo = choices === "two";
    this.#factor = Float64Array.from({ length: TABLE_SIZE }, (_, n) => requestWeight(1, n, bias));
  }

  pick(fleet: Fleet, candidates: number, draw: Draw): number {
    return this.#ofTwo ? this.#betterOfTwo(fleet, candidates, draw) : this.#best(fleet, candidates);
  }

  #betterOfTwo(fleet: Fleet, candidates: number, { u, v }: Draw): number {
    const count = bitCount(candidates);
    if (count < 2) return lowestBit(candidates);
    const first = Math.floor(u * count);
    const second = Math.floor(v * count);
    const earlier = bitAt(candidates, Math.min(first, second));
    const later = bitAt(candidates, Math.max(first, second));
    return this.#weight(fleet, later) > this.#weight(fleet, earlier) ? later : earlier;
  }

  #best(fleet: Fleet, candidates: number): number {
    let best = lowestBit(candidates);
    if (best < 0) return best;
    let most = this.#weight(fleet, best);
    for (let rest = candidates & (candidates - 1); rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const weight = this.#weight(fleet, i);
      if (weight > most) {
        best = i;
        most = weight;
      }
    }
    return best;
  }

  #weight({ weight, inFlight }: Fleet, i: number): number {
    const underWay = inFlight[i]!;
    if (underWay < TABLE_SIZE) return weight[i]! * this.#factor[underWay]!;
    return requestWeight(weight[i]!, underWay, this.#bias);
  }
}

/**
 * The greatest weight ÷ (requests under way + 1)^bias, of two candidates drawn by chance or of all; of equal ones the
 * earlier. A bias of 0 knows no load, a greater one shuns the busy more.
 *
 * The two are drawn each by itself, as Envoy draws them, so that both may be the same and the busiest of n still gets
 * 1 in n². Envoy compares requests alone when it draws two, and lets weights of this form take turns when they differ
 * or a bias is set; here one rule covers both. Source: envoyproxy/envoy, least_request_lb.cc at 0a31a54.
 */
export const leastRequest: Strategy<Options> = {
  name: "least-request",
  usesLuck: true,
  reach: "tier",
  defaults: { kind: "least-request", choices: "two", bias: 1 },
  create: (options) => new LeastRequest(options),
};
