/** What counts the cost of an answer while it passes through. */
import type { Usage } from "../exchange.js";

/** Bytes of an answer that are taken for a token where nothing was counted. */
export const BYTES_PER_TOKEN = 4;

/** Looks at the pieces of one answer. Never throws, whatever they hold. */
export interface Meter {
  /** False when the answer breaks a bound and must not go on. */
  take(piece: Buffer): boolean;
  /** The answer has ended; false when it stopped in the midst of something. */
  end(): boolean;
  usage(): Usage | null;
  outputTokensSeen(): number;
}
