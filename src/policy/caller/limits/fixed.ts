import { assertLimitRange, type ConcurrencyLimit } from "./concurrencyLimit.js";

/** The limit as configured, for ever. */
export class FixedLimit implements ConcurrencyLimit {
  readonly limit: number;

  constructor({ limit }: { readonly limit: number }) {
    assertLimitRange({ initial: limit, min: 1, max: limit });
    this.limit = limit;
  }

  onSample(): void {}
}
