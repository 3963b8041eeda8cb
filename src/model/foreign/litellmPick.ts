/**
 * How LiteLLM chooses among the deployments its filters leave, with what each way remembers. The lists are as long as
 * `model_list`; members are a mask over it.
 */
import { bitAt, bitCount, lowestBit } from "../../policy/index.js";
import type { LitellmDeployment, LitellmStrategy } from "../../scenario/policySource.js";

const SAMPLES = 10;
const SAMPLES_KEPT_MS = 3_600_000;
/** What a timeout is recorded as, s per token: it should not win again soon. */
const TIMEOUT_SECONDS = 1000;
const MINUTE_MS = 60_000;
/** US dollars for a token of a deployment without a known price. */
const UNKNOWN_PRICE = 1;

/**
 * Latencies of one deployment, s per completion token. As in LiteLLM, a sample beyond the tenth overwrites the last
 * slot only: the first nine stay until an hour passes without samples.
 */
export class LatencySamples {
  readonly #samples: number[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;

  add(seconds: number, nowMs: number): void {
    if (nowMs - this.#lastMs >= SAMPLES_KEPT_MS) this.#samples.length = 0;
    this.#lastMs = nowMs;
    if (this.#samples.length < SAMPLES) this.#samples.push(seconds);
    else this.#samples[SAMPLES - 1] = seconds;
  }

  /** The mean; 0 for one never seen, which therefore wins. */
  mean(nowMs: number): number {
    if (this.#samples.length === 0 || nowMs - this.#lastMs >= SAMPLES_KEPT_MS) return 0;
    return this.#samples.reduce((sum, each) => sum + each, 0) / this.#samples.length;
  }
}

/** The members whose latency is within the buffer of the lowest. */
export function withinBuffer(latency: ArrayLike<number>, members: number, buffer: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (let rest = members; rest !== 0; rest &= rest - 1) lowest = Math.min(lowest, latency[lowestBit(rest)]!);
  let mask = 0;
  for (let rest = members; rest !== 0; rest &= rest - 1) {
    const d = lowestBit(rest);
    if (latency[d]! <= lowest * (1 + buffer)) mask |= 1 << d;
  }
  return mask;
}

/** One of `members` with equal chances, by `u`. */
function pickUniform(members: number, u: number): number {
  return bitAt(members, Math.floor(u * bitCount(members)));
}

/**
 * simple-shuffle: by weight, else by rpm, else by tpm, and which of them is decided by the first member alone: the
 * others' is 0 where they have none. All equal when the first has none of the three, or the sum is 0.
 */
export function shuffle(deployments: readonly LitellmDeployment[], members: number, u: number): number {
  const first = deployments[lowestBit(members)]!;
  for (const key of ["weight", "rpm", "tpm"] as const) {
    if (first[key] === null) continue;
    const d = pickWeighted(members, u, (one) => deployments[one]![key] ?? 0);
    if (d >= 0) return d;
  }
  return pickUniform(members, u);
}

function pickWeighted(members: number, u: number, weight: (d: number) => number): number {
  let total = 0;
  for (let rest = members; rest !== 0; rest &= rest - 1) total += weight(lowestBit(rest));
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) return -1;
  let left = u * total;
  let last = -1;
  for (let rest = members; rest !== 0; rest &= rest - 1) {
    const d = lowestBit(rest);
    if (weight(d) === 0) continue;
    last = d;
    left -= weight(d);
    if (left < 0) return d;
  }
  return last;
}

/** What one proxy remembers to choose by. */
export class LitellmPick {
  readonly #deployments: readonly LitellmDeployment[];
  readonly #strategy: LitellmStrategy;
  readonly #buffer: number;
  readonly #pricePerToken: Float64Array;
  readonly #inFlight: Int32Array;
  readonly #latency: readonly LatencySamples[];
  readonly #means: Float64Array;
  readonly #requests: Int32Array;
  readonly #tokens: Float64Array;
  #minute = -1;

  constructor(
    deployments: readonly LitellmDeployment[],
    how: {
      readonly strategy: LitellmStrategy;
      readonly latencyBuffer: number;
      /** US dollars per million tokens, in and out together; NaN where nobody knows. */
      readonly pricePerMTok: readonly number[];
    },
  ) {
    const count = deployments.length;
    this.#deployments = deployments;
    this.#strategy = how.strategy;
    this.#buffer = how.latencyBuffer;
    this.#pricePerToken = Float64Array.from(how.pricePerMTok, (usd) =>
      usd >= 0 ? usd / 1e6 : UNKNOWN_PRICE,
    );
    this.#inFlight = new Int32Array(count);
    this.#latency = deployments.map(() => new LatencySamples());
    this.#means = new Float64Array(count);
    this.#requests = new Int32Array(count);
    this.#tokens = new Float64Array(count);
  }

  /** One of `members`, or −1 when the strategy finds all of them over their limits. Ties: the earlier, unless drawn. */
  pick(members: number, tokens: number, nowMs: number, u: number): number {
    switch (this.#strategy) {
      case "simple-shuffle":
        return shuffle(this.#deployments, members, u);
      case "least-busy":
        return this.#least(members, this.#inFlight);
      case "cost-based-routing":
        return this.#least(members, this.#pricePerToken);
      case "usage-based-routing":
        return this.#leastUsed(members, tokens, nowMs);
      case "latency-based-routing":
        return this.#fastest(members, nowMs, u);
    }
  }

  /** Of `members`, those whose requests of this minute are below their rpm. */
  withinRpm(members: number, nowMs: number): number {
    this.#turn(nowMs);
    let mask = 0;
    for (let rest = members; rest !== 0; rest &= rest - 1) {
      const d = lowestBit(rest);
      const { rpm } = this.#deployments[d]!;
      if (rpm === null || rpm > this.#requests[d]!) mask |= 1 << d;
    }
    return mask;
  }

  started(d: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#inFlight[d]! += 1;
    this.#requests[d]! += 1;
  }

  ended(d: number, tokensUsed: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#inFlight[d]! -= 1;
    this.#tokens[d]! += tokensUsed;
  }

  answered(d: number, seconds: number, tokensOut: number, nowMs: number): void {
    this.#latency[d]!.add(seconds / Math.max(1, tokensOut), nowMs);
  }

  timedOut(d: number, nowMs: number): void {
    this.#latency[d]!.add(TIMEOUT_SECONDS, nowMs);
  }

  #least(members: number, by: ArrayLike<number>): number {
    let best = lowestBit(members);
    for (let rest = members; rest !== 0; rest &= rest - 1) {
      const d = lowestBit(rest);
      if (by[d]! < by[best]!) best = d;
    }
    return best;
  }

  #leastUsed(members: number, tokens: number, nowMs: number): number {
    let within = 0;
    const room = this.withinRpm(members, nowMs);
    for (let rest = room; rest !== 0; rest &= rest - 1) {
      const d = lowestBit(rest);
      const { tpm } = this.#deployments[d]!;
      if (tpm === null || this.#tokens[d]! + tokens <= tpm) within |= 1 << d;
    }
    return within === 0 ? -1 : this.#least(within, this.#tokens);
  }

  #fastest(members: number, nowMs: number, u: number): number {
    for (let rest = members; rest !== 0; rest &= rest - 1) {
      const d = lowestBit(rest);
      this.#means[d] = this.#latency[d]!.mean(nowMs);
    }
    return pickUniform(withinBuffer(this.#means, members, this.#buffer), u);
  }

  #turn(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#requests.fill(0);
    this.#tokens.fill(0);
  }
}
