/** What all requests of a load share. */
import type { Sampler } from "../../kernel/index.js";
import type { Luck } from "../../model/luck.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Book } from "./book.js";
import type { DrillClock } from "./clock.js";
import type { Transport } from "./transport.js";
import type { Truth } from "./truth.js";

/** The world around a request. */
export interface LoadParts {
  readonly scenario: Scenario;
  readonly clock: DrillClock;
  readonly truth: Truth;
  readonly book: Book;
  readonly luck: Luck;
  readonly transport: Transport;
  readonly patience: Sampler;
  /** Whether a program whose gateway does not answer goes to the next of its list. */
  readonly failsOver: boolean;
}
