/** The time of a drill, counted as the simulator counts it: µs from the beginning of the scenario. */

/** Tells the time and wakes people up; negative before the scenario begins. */
export class DrillClock {
  readonly #zeroMs: number;
  readonly #timers: Set<NodeJS.Timeout> = new Set();
  #isOver = false;

  /** Time 0 comes in `leadMs`. */
  constructor(leadMs: number) {
    this.#zeroMs = performance.now() + leadMs;
  }

  get nowUs(): number {
    return (performance.now() - this.#zeroMs) * 1000;
  }

  /** Calls back at a time, at once where it has passed; never once the drill is over. Returns what {@link forget} takes. */
  at(timeUs: number, wake: () => void): NodeJS.Timeout | null {
    if (this.#isOver || timeUs === Number.POSITIVE_INFINITY) return null;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        wake();
      },
      Math.max(0, (timeUs - this.nowUs) / 1000),
    );
    this.#timers.add(timer);
    return timer;
  }

  /** Calls back in so many µs. */
  after(delayUs: number, wake: () => void): NodeJS.Timeout | null {
    return this.at(this.nowUs + delayUs, wake);
  }

  forget(timer: NodeJS.Timeout | null): void {
    if (timer === null) return;
    clearTimeout(timer);
    this.#timers.delete(timer);
  }

  /** Nobody is woken any more. */
  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
