/**
 * What a provider counts before it lets a call in: requests and tokens a minute, tokens a day, and how fast use
 * may grow. One meter is one such account; a call may have to pass several.
 */
import { CAUSE_RATE_REQUESTS, CAUSE_RATE_TOKENS } from "./causes.js";
import { TokenBuckets } from "./tokenBuckets.js";

const MS_PER_MIN = 60_000;
const MS_PER_DAY = 86_400_000;
/** Nothing is short. */
export const WITHIN_METERS: number = -1;

/** One meter. Rates are refilled continuously; Infinity for no limit. */
export interface MeterConfig {
  readonly requestsPerMin: number;
  readonly tokensPerMin: number;
  readonly requestBurst: number;
  readonly tokenBurst: number;
  /** Tokens of a day that began at time 0, counted as they are settled: calls under way may overshoot it. */
  readonly tokensPerDay: number;
  /** An output token counts as so many. */
  readonly outputBurndown: number;
  /** Prompt tokens found in a prefix cache count (true) or not. */
  readonly countsCached: boolean;
  /**
   * In each minute of the clock at most max(freePerMin, factorPerMin × the most used in any minute before) tokens
   * may be used; null for any growth. A call counts as what is set aside for it in the minute that lets it in, and
   * is corrected in the minute in which it ends. One call is let into a minute without use, however large.
   */
  readonly acceleration: { readonly factorPerMin: number; readonly freePerMin: number } | null;
}

/** What is set aside for a call before its answer's length, or what a cache holds of it, is known. */
export function reservedTokens(meter: MeterConfig, tokensIn: number, maxTokensOut: number): number {
  return tokensIn + maxTokensOut * meter.outputBurndown;
}

/** What a finished call counts. */
export function usedTokens(
  meter: MeterConfig,
  tokensIn: number,
  cachedTokens: number,
  tokensOut: number,
): number {
  return tokensIn - (meter.countsCached ? 0 : cachedTokens) + tokensOut * meter.outputBurndown;
}

/** Columns of meters. Times in ms must not run backwards. */
export class Meters {
  readonly configs: readonly MeterConfig[];
  readonly #requests: TokenBuckets;
  readonly #tokens: TokenBuckets;
  /** 1 where a day or a growth limit has to be looked at. */
  readonly #paced: Uint8Array;
  readonly #day: Float64Array;
  readonly #usedToday: Float64Array;
  readonly #minute: Float64Array;
  readonly #usedThisMinute: Float64Array;
  readonly #highestMinute: Float64Array;
  readonly #setAside: Float64Array;
  readonly #scale: Float64Array;

  constructor(configs: readonly MeterConfig[]) {
    const count = configs.length;
    this.configs = configs;
    this.#requests = new TokenBuckets(count);
    this.#tokens = new TokenBuckets(count);
    this.#paced = Uint8Array.from(configs, ({ tokensPerDay, acceleration }) =>
      Number.isFinite(tokensPerDay) || acceleration !== null ? 1 : 0,
    );
    this.#day = new Float64Array(count);
    this.#usedToday = new Float64Array(count);
    this.#minute = new Float64Array(count);
    this.#usedThisMinute = new Float64Array(count);
    this.#highestMinute = new Float64Array(count);
    this.#setAside = new Float64Array(count);
    this.#scale = new Float64Array(count).fill(1);
    configs.forEach((config, i) => {
      this.#requests.configure(i, config.requestsPerMin, config.requestBurst);
      this.#tokens.configure(i, config.tokensPerMin, config.tokenBurst);
    });
  }

  /** The limit that does not admit one request of so many tokens now (a refusal cause), or {@link WITHIN_METERS}. Requests are looked at first. */
  shortage(i: number, tokens: number, nowMs: number): number {
    if (!this.#requests.has(i, 1, nowMs)) return CAUSE_RATE_REQUESTS;
    if (!this.#tokens.has(i, tokens, nowMs)) return CAUSE_RATE_TOKENS;
    if (this.#paced[i] === 0) return WITHIN_METERS;
    this.#turn(i, nowMs);
    if (this.#usedToday[i]! >= this.#perDay(i)) return CAUSE_RATE_TOKENS;
    // What could never be admitted is let into an empty minute, as a bucket lets it in when full.
    const used = this.#usedThisMinute[i]!;
    return used > 0 && used + tokens > this.#perMinute(i) ? CAUSE_RATE_TOKENS : WITHIN_METERS;
  }

  /** The first time from now at which it would be admitted if nobody else came; Infinity for never. */
  availableAtMs(i: number, tokens: number, nowMs: number): number {
    const bucketsMs = Math.max(
      this.#requests.availableAtMs(i, 1, nowMs),
      this.#tokens.availableAtMs(i, tokens, nowMs),
    );
    if (this.#paced[i] === 0) return bucketsMs;
    this.#turn(i, nowMs);
    if (this.#perDay(i) === 0) return Number.POSITIVE_INFINITY;
    const dayMs = this.#usedToday[i]! >= this.#perDay(i) ? (this.#day[i]! + 1) * MS_PER_DAY : nowMs;
    const used = this.#usedThisMinute[i]!;
    const isSteep = used > 0 && used + tokens > this.#perMinute(i);
    return Math.max(bucketsMs, dayMs, isSteep ? (this.#minute[i]! + 1) * MS_PER_MIN : nowMs);
  }

  /** Lets a call in: takes one request and the tokens set aside. */
  take(i: number, tokens: number, nowMs: number): void {
    this.#requests.force(i, 1, nowMs);
    this.#tokens.force(i, tokens, nowMs);
    this.#setAside[i] = this.#setAside[i]! + tokens;
    if (this.#paced[i] === 0) return;
    this.#turn(i, nowMs);
    this.#usedThisMinute[i] = this.#usedThisMinute[i]! + tokens;
  }

  /** Tokens set aside for calls that have not ended. */
  setAside(i: number): number {
    return this.#setAside[i]!;
  }

  /** Replaces what was set aside by what was used; 0 for a call that ended without an answer. */
  settle(i: number, reserved: number, used: number, nowMs: number): void {
    this.#tokens.force(i, used - reserved, nowMs);
    this.#setAside[i] = this.#setAside[i]! - reserved;
    if (this.#paced[i] === 0) return;
    this.#turn(i, nowMs);
    this.#usedThisMinute[i] = Math.max(0, this.#usedThisMinute[i]! + used - reserved);
    this.#usedToday[i] = this.#usedToday[i]! + used;
  }

  /** Multiplies every limit of meter `i`; 1 restores what is configured. */
  setScale(i: number, factor: number, nowMs: number): void {
    this.#requests.setScale(i, factor, nowMs);
    this.#tokens.setScale(i, factor, nowMs);
    this.#scale[i] = factor;
  }

  #perDay(i: number): number {
    const { tokensPerDay } = this.configs[i]!;
    return Number.isFinite(tokensPerDay) ? tokensPerDay * this.#scale[i]! : tokensPerDay;
  }

  #perMinute(i: number): number {
    const { acceleration } = this.configs[i]!;
    if (acceleration === null) return Number.POSITIVE_INFINITY;
    const { factorPerMin, freePerMin } = acceleration;
    return Math.max(freePerMin, factorPerMin * this.#highestMinute[i]!) * this.#scale[i]!;
  }

  /** Begins the day and the minute that it is now. */
  #turn(i: number, nowMs: number): void {
    const day = Math.floor(nowMs / MS_PER_DAY);
    if (day > this.#day[i]!) {
      this.#day[i] = day;
      this.#usedToday[i] = 0;
    }
    const minute = Math.floor(nowMs / MS_PER_MIN);
    if (minute > this.#minute[i]!) {
      this.#highestMinute[i] = Math.max(this.#highestMinute[i]!, this.#usedThisMinute[i]!);
      this.#usedThisMinute[i] = 0;
      this.#minute[i] = minute;
    }
  }
}
