/** Waiting that ends at once when nobody waits any more. */
import type { Gone } from "../gone.js";

/** The longest that a timer can be set for; a longer one would fire at once. */
const LONGEST_MS = 2_147_483_647;

/** Resolves to true when the time has passed, to false as soon as the signal is aborted. */
export function pause(forMs: number, gone: Gone): Promise<boolean> {
  if (gone.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const leave = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      gone.removeEventListener("abort", leave);
      resolve(true);
    }, timerMs(forMs));
    gone.addEventListener("abort", leave, { once: true });
  });
}

/** Whole milliseconds for a timer, never early: timers cut off what is behind the point. */
export function timerMs(forMs: number): number {
  return Math.min(LONGEST_MS, Math.max(0, Math.ceil(forMs)));
}
