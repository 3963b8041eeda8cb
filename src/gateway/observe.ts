/** What a gateway tells about its work: to the log of the region that served, and to its figures. No prompts anywhere. */
import type { RefusalCause } from "../policy/index.js";
import type { Asked, Usage } from "./exchange.js";

/** How a request ended. */
export type Ending = "served" | "refused" | "cut" | "abandoned";

/** A request that is over. */
export interface Ended {
  readonly asked: Asked;
  readonly ending: Ending;
  /** Of the answer that was passed on, or of the refusal. */
  readonly status: number;
  readonly cause: RefusalCause | null;
  /** The target whose answer was passed on, by index; −1 for none. */
  readonly target: number;
  /** The model that answered. */
  readonly model: string | null;
  readonly attempts: number;
  readonly usage: Usage | null;
  /** From arrival, on the gateway's clock; NaN where it did not come to that. */
  readonly firstByteMs: number;
  readonly totalMs: number;
}

/** A call to a target that is over. */
export interface CallEnded {
  readonly target: number;
  readonly outcome: "ok" | "error" | "throttled" | "timeout" | "abandoned";
  readonly cause: RefusalCause | null;
  readonly status: number;
  readonly isHedge: boolean;
  readonly durationMs: number;
}

/** Whoever is told. Nothing it does may delay or fail a request. */
export interface Observer {
  requestEnded(ended: Ended): void;
  callEnded(call: CallEnded): void;
  /** A connection or request that ended before it could be understood, such as bad framing or a body that is too long. */
  turnedAway(reason: string): void;
  /** A prober's verdict, and whether the belief changed with it. */
  probed(target: number, ok: boolean, changed: boolean, durationMs: number): void;
}
