/** What endpoints could do, read along the run. */
import type { Recording } from "../metrics/index.js";

/** Calls the endpoints could complete between two moments; asked in the order of time. */
export class CapacityReader {
  readonly #epochs: Recording["capacities"];
  readonly #endpoints: number;
  #at = 0;

  constructor(recording: Recording) {
    this.#epochs = recording.capacities;
    this.#endpoints = recording.labels.endpoints.length;
  }

  /** By endpoint; Infinity where nothing bounds it. `fromUs` never goes back. */
  between(fromUs: number, toUs: number): Float64Array {
    const calls = new Float64Array(this.#endpoints);
    while (this.#at + 1 < this.#epochs.length && this.#epochs[this.#at + 1]!.timeUs <= fromUs) this.#at += 1;
    for (let i = this.#at; i < this.#epochs.length && this.#epochs[i]!.timeUs < toUs; i++) {
      const start = Math.max(fromUs, this.#epochs[i]!.timeUs);
      const end = Math.min(toUs, this.#epochs[i + 1]?.timeUs ?? toUs);
      if (end <= start) continue;
      for (let e = 0; e < calls.length; e++)
        calls[e] = calls[e]! + (this.#epochs[i]!.perS[e]! * (end - start)) / 1e6;
    }
    return calls;
  }
}
