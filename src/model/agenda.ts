/** What operators have planned, in time order: one pending event stands for the earliest of it. */
import type { Core } from "./core.js";
import * as core from "./core.js";

interface Plan {
  readonly timeUs: number;
  readonly due: () => void;
}

export class Agenda {
  readonly #core: Core;
  readonly #slot: number;
  readonly #plans: Plan[] = [];
  #isRunning = false;

  constructor(engine: Core) {
    this.#core = engine;
    this.#slot = engine.attempts.alloc();
    engine.park(this.#slot, core.OPERATION_EDGE);
  }

  /** Plans something for `timeUs`, now or later; of the same instant what was planned first comes first. */
  at(timeUs: number, due: () => void): void {
    if (timeUs === Number.POSITIVE_INFINITY) return;
    let place = this.#plans.length;
    while (place > 0 && this.#plans[place - 1]!.timeUs > timeUs) place -= 1;
    this.#plans.splice(place, 0, { timeUs, due });
    if (place === 0 && !this.#isRunning) this.#wait();
  }

  /** The time of the earliest plan has come. */
  edge(): void {
    this.#isRunning = true;
    while (this.#plans.length > 0 && this.#plans[0]!.timeUs <= this.#core.nowUs) this.#plans.shift()!.due();
    this.#isRunning = false;
    this.#wait();
  }

  #wait(): void {
    const first = this.#plans[0];
    if (first === undefined) return this.#core.park(this.#slot, core.OPERATION_EDGE);
    this.#core.schedule(this.#slot, first.timeUs, core.PHASE_FAULT, core.OPERATION_EDGE);
  }
}
