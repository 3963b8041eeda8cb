/** What went wrong with a module, over all gateways of a run. */
import type { ModuleDifference, ModuleMoment, ModuleReport } from "./moduleTypes.js";

/** Kinds of errors that are told apart; a program with more has a first one to mend. */
const KINDS = 3;

interface Kind {
  readonly first: ModuleMoment;
  readonly message: string;
  count: number;
}

export class ModuleLog {
  readonly #name: string;
  /** By message, numbers left out: else a message that names its request would be a kind of its own each time. */
  readonly #kinds = new Map<string, Kind>();
  #errorCount = 0;
  #difference: ModuleDifference | null = null;
  #differenceCount = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Counts an error; only of the first of each kind is `make` asked when it was. */
  error(message: string, make: () => ModuleMoment): void {
    this.#errorCount += 1;
    const key = message.replaceAll(/\d+/g, "0");
    const kind = this.#kinds.get(key);
    if (kind !== undefined) kind.count += 1;
    else if (this.#kinds.size < KINDS) this.#kinds.set(key, { first: make(), message, count: 1 });
  }

  /** Counts a difference; only of the first is `make` asked what it was. */
  difference(make: () => ModuleDifference): void {
    this.#differenceCount += 1;
    this.#difference ??= make();
  }

  report(): ModuleReport {
    const first = [...this.#kinds.values()].map((kind) => ({
      ...kind.first,
      message: kind.message,
      count: kind.count,
    }));
    return {
      name: this.#name,
      errors: { count: this.#errorCount, first },
      differences: { count: this.#differenceCount, first: this.#difference },
    };
  }
}
