import type { ConcurrencyLimit } from "./concurrencyLimit.js";

/** No limit. */
export class NoLimit implements ConcurrencyLimit {
  readonly limit: number = Number.POSITIVE_INFINITY;
  onSample(): void {}
}
