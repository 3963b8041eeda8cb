import type { Budget } from "./budget.js";

/** Grants every retry: the count of tries is the only bound. */
export class NoBudget implements Budget {
  onFirstTry(): void {}
  onEnd(): void {}
  forgetCalls(): void {}

  tryRetry(): boolean {
    return true;
  }
}
