/**
 * How much work a replica had done by any moment, rebuilt from when its requests had their first and last tokens.
 *
 * Between those a request is taken to gain tokens evenly. Then the steps, prompt tokens, decoded tokens and context
 * read during an interval are differences of curves that are sums over requests: piecewise quadratic, laid down once
 * in O(n log n), read in O(log n). By the law of step times an interval lasts base × steps + prefill × prompt tokens +
 * decode × tokens decoded + kv × context read, so these differences are what a fit needs.
 */

/** Columns of one log, or of one replay, that the curves are drawn from. */
export interface ServedColumns {
  readonly arrivalUs: Float64Array;
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;
  readonly inputTokens: Int32Array;
  readonly cachedTokens: Int32Array;
  readonly outputTokens: Int32Array;
}

/** Work in an interval: the factors of the four coefficients. */
export interface Work {
  steps: number;
  prefillTokens: number;
  decodedTokens: number;
  contextTokens: number;
}

/** The curves of one replica over its requests, given by their rows. */
export class LoadCurves {
  readonly #timesUs: Float64Array;
  // Values just after each time, and slopes (per µs) until the next.
  readonly #steps: Float64Array;
  readonly #stepsSlope: Float64Array;
  readonly #prefill: Float64Array;
  readonly #decoded: Float64Array;
  readonly #decodedSlope: Float64Array;
  readonly #context: Float64Array;
  readonly #contextSlope: Float64Array;
  readonly #contextCurve: Float64Array;
  /** At each time, whichever is more of before and after. */
  readonly #heldTokens: Float64Array;
  readonly #running: Float64Array;
  /** Most requests between first and last token at once. */
  readonly peakSequences: number;
  /** Most tokens of context those requests had together. */
  readonly peakContextTokens: number;

  constructor(served: ServedColumns, rows: readonly number[]) {
    const events = eventsOf(served, rows);
    const count = events.length;
    const column = (): Float64Array => new Float64Array(count);
    this.#timesUs = column();
    [this.#steps, this.#stepsSlope, this.#prefill] = [column(), column(), column()];
    [this.#decoded, this.#decodedSlope] = [column(), column()];
    [this.#context, this.#contextSlope, this.#contextCurve] = [column(), column(), column()];
    [this.#heldTokens, this.#running] = [column(), column()];
    this.#draw(served, events);
    this.peakSequences = this.#running.reduce((most, value) => Math.max(most, value), 0);
    this.peakContextTokens = this.#heldTokens.reduce((most, value) => Math.max(most, value), 0);
  }

  #draw(served: ServedColumns, events: readonly Event[]): void {
    const state = { steps: 0, prefill: 0, decoded: 0, rate: 0, context: 0, contextRate: 0, curve: 0 };
    let running = 0;
    let heldTokens = 0;
    let timeUs = events[0]?.timeUs ?? 0;
    for (const [index, { timeUs: atUs, row, ends }] of events.entries()) {
      const us = atUs - timeUs;
      timeUs = atUs;
      if (running > 0) state.steps += (state.rate / running) * us;
      state.decoded += state.rate * us;
      heldTokens += state.rate * us;
      state.context += (state.contextRate + (state.curve * us) / 2) * us;
      state.contextRate += state.curve * us;
      this.#heldTokens[index] = heldTokens;
      this.#running[index] = running;
      const input = served.inputTokens[row]!;
      const further = served.outputTokens[row]! - 1;
      const rate = further / Math.max(1, served.lastUs[row]! - served.firstUs[row]!);
      const sign = ends ? -1 : 1;
      running += sign;
      state.rate += sign * rate;
      state.contextRate += sign * rate * (ends ? input + further : input);
      state.curve += sign * rate * rate;
      heldTokens += ends ? -(input + further) : input;
      if (!ends) state.prefill += input - served.cachedTokens[row]!;
      // Nothing runs: whatever is left is rounding.
      if (running === 0) {
        state.rate = 0;
        state.contextRate = 0;
        state.curve = 0;
        heldTokens = 0;
      }
      this.#heldTokens[index] = Math.max(this.#heldTokens[index]!, heldTokens);
      this.#running[index] = Math.max(this.#running[index]!, running);
      this.#timesUs[index] = atUs;
      this.#steps[index] = state.steps;
      this.#stepsSlope[index] = running > 0 ? state.rate / running : 0;
      this.#prefill[index] = state.prefill;
      this.#decoded[index] = state.decoded;
      this.#decodedSlope[index] = state.rate;
      this.#context[index] = state.context;
      this.#contextSlope[index] = state.contextRate;
      this.#contextCurve[index] = state.curve;
    }
  }

  /** Work after `fromUs` and until `toUs`, into `out`: a prompt counts when its first token falls inside. */
  between(fromUs: number, toUs: number, out: Work): void {
    out.steps = 0;
    out.prefillTokens = 0;
    out.decodedTokens = 0;
    out.contextTokens = 0;
    this.#accumulate(toUs, 1, out);
    this.#accumulate(fromUs, -1, out);
  }

  /** Tells of an interval whether at some moment of it at least so much was held or so many were running. */
  crowding(contextTokens: number, sequences: number): (fromUs: number, toUs: number) => boolean {
    const counts = new Int32Array(this.#timesUs.length + 1);
    for (let index = 0; index < this.#timesUs.length; index += 1) {
      const isCrowded = this.#heldTokens[index]! >= contextTokens || this.#running[index]! >= sequences;
      counts[index + 1] = counts[index]! + (isCrowded ? 1 : 0);
    }
    // What was so at the last event before an interval is still so when it begins.
    return (fromUs, toUs) =>
      counts[this.#lastUntil(toUs) + 1]! > counts[Math.max(0, this.#lastUntil(fromUs))]!;
  }

  #accumulate(atUs: number, sign: number, out: Work): void {
    const index = this.#lastUntil(atUs);
    if (index < 0) return;
    const us = atUs - this.#timesUs[index]!;
    out.steps += sign * (this.#steps[index]! + this.#stepsSlope[index]! * us);
    out.prefillTokens += sign * this.#prefill[index]!;
    out.decodedTokens += sign * (this.#decoded[index]! + this.#decodedSlope[index]! * us);
    const slope = this.#contextSlope[index]! + (this.#contextCurve[index]! * us) / 2;
    out.contextTokens += sign * (this.#context[index]! + slope * us);
  }

  /** The last event at or before a time; −1 before the first. */
  #lastUntil(atUs: number): number {
    let low = 0;
    let high = this.#timesUs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timesUs[middle]! <= atUs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

interface Event {
  readonly timeUs: number;
  readonly row: number;
  readonly ends: boolean;
}

/** First and last tokens by time; at equal times first tokens come first, so that nothing ends before it begins. */
function eventsOf(served: ServedColumns, rows: readonly number[]): readonly Event[] {
  const events = rows.flatMap((row): Event[] => [
    { timeUs: served.firstUs[row]!, row, ends: false },
    // Tokens that came all at once are spread over a µs, as the rate above has it.
    { timeUs: Math.max(served.lastUs[row]!, served.firstUs[row]! + 1), row, ends: true },
  ]);
  return events.sort((a, b) => a.timeUs - b.timeUs || Number(a.ends) - Number(b.ends) || a.row - b.row);
}
