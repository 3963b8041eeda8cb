/** What a gateway tells about its work: to the log of the region that served, and to its figures. No prompts anywhere. */
import type { RefusalCause } from "../policy/index.js";
import type { Asked, Caller, CallerMistake, Usage } from "./exchange.js";
import type { ProbeVerdict, Trouble } from "./trouble.js";

/** How a request ended. */
export type Ending = "served" | "refused" | "cut" | "abandoned";

/** A request that is over. */
export interface Ended {
  readonly asked: Asked;
  readonly ending: Ending;
  /** Of the answer that was passed on, or of the refusal. */
  readonly status: number;
  readonly cause: RefusalCause | null;
  /** What the caller was told in place of the cause. */
  readonly code?: CallerMistake;
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

/** A request of a proven caller that the gateway ended by itself, before anything was to be decided about it. */
export interface EndedEarly {
  /** As in {@link Asked.requestId}. */
  readonly requestId: string;
  readonly caller: Caller;
  /** `served`: what was asked for, such as the list of models, the gateway knows itself. */
  readonly ending: Exclude<Ending, "cut">;
  readonly status: number;
  /** What the caller was told, null where it was served. */
  readonly code: string | null;
}

/** A call to a target that is over. */
export interface CallEnded {
  readonly target: number;
  readonly outcome: "ok" | "error" | "throttled" | "timeout" | "abandoned";
  readonly cause: RefusalCause | null;
  readonly status: number;
  /** What kept the target from answering; left out: nothing did, or it was not the target. */
  readonly trouble?: Trouble;
  readonly isHedge: boolean;
  readonly durationMs: number;
}

/** Whoever is told. Nothing it does may delay or fail a request. */
export interface Observer {
  requestEnded(ended: Ended): void;
  /** Beside {@link Observer.turnedAway}, where the caller is known. */
  endedEarly(early: EndedEarly): void;
  callEnded(call: CallEnded): void;
  /** A connection or request that ended before it could be understood, such as bad framing or a body that is too long. */
  turnedAway(reason: string): void;
  /** A prober's verdict, and whether the belief changed with it. */
  probed(target: number, verdict: ProbeVerdict, changed: boolean, durationMs: number): void;
}
