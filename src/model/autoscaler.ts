/**
 * How many replicas a group should have: target tracking, as a pure function of what is looked at. More at once,
 * but not before those asked for earlier serve, because they are the answer to the same load; fewer one by one, and
 * only after the figure has asked for fewer for a while.
 */
import type { Autoscale } from "../scenario/scenario.js";

/** Rounding noise of the division must not ask for one more. */
const NOISE = 1e-9;

export class Autoscaler {
  readonly #config: Autoscale;
  /** Since when the figure has asked for fewer; Infinity while it does not. */
  #fewerSinceUs = Number.POSITIVE_INFINITY;

  constructor(config: Autoscale) {
    this.#config = config;
  }

  /**
   * The number to have from now on. `figure` is what the group is judged by, per replica that serves;
   * `isSettled` says that those asked for before serve by now.
   */
  decide(current: number, figure: number, isSettled: boolean, nowUs: number): number {
    const { target, min, max, scaleInAfterUs } = this.#config;
    const wanted = Math.ceil((Math.max(1, current) * figure) / target - NOISE);
    const bounded = Math.min(max, Math.max(min, wanted));
    if (bounded >= current) {
      this.#fewerSinceUs = Number.POSITIVE_INFINITY;
      return isSettled ? bounded : current;
    }
    if (this.#fewerSinceUs === Number.POSITIVE_INFINITY) this.#fewerSinceUs = nowUs;
    if (nowUs - this.#fewerSinceUs < scaleInAfterUs) return current;
    this.#fewerSinceUs = nowUs;
    return current - 1;
  }

  /** Nothing could be decided; what was seen before says nothing about what comes after. */
  forget(): void {
    this.#fewerSinceUs = Number.POSITIVE_INFINITY;
  }
}
