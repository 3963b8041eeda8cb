/** What went wrong with a module, over all gateways of a run. */
import type { ModuleDifference, ModuleError, ModuleReport } from "./moduleTypes.js";

const KEPT = 5;

export class ModuleLog {
  readonly #name: string;
  readonly #errors: ModuleError[] = [];
  #errorCount = 0;
  #difference: ModuleDifference | null = null;
  #differenceCount = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Counts an error; only of the first few is `make` asked what it was. */
  error(make: () => ModuleError): void {
    this.#errorCount += 1;
    if (this.#errors.length < KEPT) this.#errors.push(make());
  }

  /** Counts a difference; only of the first is `make` asked what it was. */
  difference(make: () => ModuleDifference): void {
    this.#differenceCount += 1;
    this.#difference ??= make();
  }

  report(): ModuleReport {
    return {
      name: this.#name,
      errors: { count: this.#errorCount, first: [...this.#errors] },
      differences: { count: this.#differenceCount, first: this.#difference },
    };
  }
}
