/** Places of standbys: those that run before they are needed, and those that come once they are. */
import type { Scenario, Standby } from "../scenario/scenario.js";
import type { Agenda } from "./agenda.js";
import type { Core } from "./core.js";
import type { Environment } from "./environment.js";

/** What places depend on. */
export interface WarmParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly agenda: Agenda;
  /** An endpoint has other places than before. */
  readonly resized: (e: number) => void;
}

/** Places that are not there yet come in so many steps. */
const STEPS = 10;

export class WarmPool {
  readonly #parts: WarmParts;
  readonly #list: readonly Standby[];
  /** Changes with each promotion and each end of one: steps of an earlier one do nothing. */
  readonly #stamps: Int32Array;

  constructor(parts: WarmParts) {
    this.#parts = parts;
    this.#list = parts.scenario.deployment.drift!.standbys;
    this.#stamps = new Int32Array(this.#list.length);
  }

  /** At time 0 the warm places are all there is. */
  begin(): void {
    this.#list.forEach(({ warmShare }, s) => {
      if (warmShare < 1) this.#set(s, warmShare);
    });
  }

  /** Standby `s` has been promoted. */
  open(s: number): void {
    const { agenda, core } = this.#parts;
    const { warmShare, fillUs } = this.#list[s]!;
    const stamp = this.#next(s);
    if (warmShare === 1) return;
    if (fillUs === 0) return this.#set(s, 1);
    for (let step = 1; step <= STEPS; step++) {
      agenda.at(core.nowUs + Math.floor((fillUs * step) / STEPS), () => {
        if (this.#stamps[s] === stamp) this.#set(s, warmShare + ((1 - warmShare) * step) / STEPS);
      });
    }
  }

  /** It stands by again: what was added goes. */
  close(s: number): void {
    const { warmShare } = this.#list[s]!;
    this.#next(s);
    if (warmShare < 1) this.#set(s, warmShare);
  }

  #next(s: number): number {
    const stamp = this.#stamps[s]! + 1;
    this.#stamps[s] = stamp;
    return stamp;
  }

  #set(s: number, share: number): void {
    const { endpointIndex } = this.#list[s]!;
    this.#parts.environment.setWarm(endpointIndex, share);
    this.#parts.resized(endpointIndex);
  }
}
