import type { Throttle } from "./throttle.js";

/** Refuses nothing. */
export class NoThrottle implements Throttle {
  refuses(): boolean {
    return false;
  }

  onEnd(): void {}
}
