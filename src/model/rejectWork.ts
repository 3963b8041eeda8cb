/**
 * Work that turning calls away leaves behind. Each refusal owes its endpoint a fixed time of one slot. Whoever was
 * turned away does not wait for it: idle slots work it off, all at once; where none is idle, the next call whose
 * service begins has its slot work off all that is owed first. So slots lose exactly the time owed, whenever there is
 * other work to do: with arrivals λ, goodput g, service rate µ of c slots that are never idle, c − (λ − g)·r = g / µ.
 * What is owed when the endpoint goes down is forgotten.
 */
import type { Endpoint } from "../scenario/scenario.js";

export class RejectWork {
  readonly #costUs: Float64Array;
  readonly #owedUs: Float64Array;
  /** Idle slots of each endpoint, and since when nothing has been worked off by them. */
  readonly #idle: Float64Array;
  readonly #sinceUs: Float64Array;

  constructor(endpoints: readonly Endpoint[]) {
    this.#costUs = Float64Array.from(endpoints, (endpoint) => endpoint.rejectCostUs);
    this.#owedUs = new Float64Array(endpoints.length);
    this.#idle = Float64Array.from(endpoints, (endpoint) => endpoint.serving.concurrency);
    this.#sinceUs = new Float64Array(endpoints.length);
  }

  /** A call has been turned away by an endpoint that works `factor` times as slowly as it should. */
  add(e: number, factor: number, nowUs: number): void {
    this.#settle(e, nowUs);
    this.#owedUs[e] = this.#owedUs[e]! + this.#costUs[e]! * factor;
  }

  /** From now on so many slots have nothing to do. */
  idleIs(e: number, slots: number, nowUs: number): void {
    this.#settle(e, nowUs);
    this.#idle[e] = Math.max(0, slots);
  }

  /** A slot takes on all that is owed, µs. */
  take(e: number, nowUs: number): number {
    this.#settle(e, nowUs);
    const wholeUs = Math.floor(this.#owedUs[e]!);
    this.#owedUs[e] = this.#owedUs[e]! - wholeUs;
    return wholeUs;
  }

  forget(e: number): void {
    this.#owedUs[e] = 0;
  }

  #settle(e: number, nowUs: number): void {
    this.#owedUs[e] = Math.max(0, this.#owedUs[e]! - this.#idle[e]! * (nowUs - this.#sinceUs[e]!));
    this.#sinceUs[e] = nowUs;
  }
}
