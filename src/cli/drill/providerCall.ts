/** One call as a fake provider sees it, and the words in which it answers. */
import type { TryName } from "./book.js";
import type { Planned } from "./schedule.js";

/** The way back to the gateway, all delays of the network included. */
export interface CallReply {
  /** The answer begins at `firstUs` and is complete at `endUs`, on the endpoint's clock; `tokens` of it. */
  stream(firstUs: number, endUs: number, tokens: number): void;
  /** An error, with a Retry-After where that is above 0. */
  fail(status: number, code: string, retryAfterMs: number): void;
  /** The connection is reset. */
  reset(): void;
  /** Nothing comes back any more, and the connection stays. */
  silence(): void;
}

/** A call that has crossed the network. */
export interface ProviderCall {
  readonly name: TryName;
  readonly planned: Planned;
  /** Calls of the same try before this one. */
  readonly hop: number;
  /** Index of the gateway it comes from. */
  readonly gateway: number;
  /** When the gateway sent it. */
  readonly sentUs: number;
  readonly reply: CallReply;
}
