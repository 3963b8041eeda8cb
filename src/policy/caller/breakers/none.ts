import { firstBits } from "../../bits.js";
import type { Breaker } from "./breaker.js";

/** Every target may always be called. */
export class NoBreaker implements Breaker {
  readonly all: number;

  constructor(targetCount: number) {
    this.all = firstBits(targetCount);
  }

  mayCallMask(): number {
    return this.all;
  }

  onStart(): void {}
  onEnd(): void {}
  forgetCalls(): void {}
}
