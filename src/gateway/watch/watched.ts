/** What a gateway lets its watchers see and do. */
import type { BeliefMasks, Explanation } from "../../policy/index.js";
import type { GatewayPlan } from "../plan.js";

/** How a target came to be believed what it is believed to be. */
export interface EndpointState {
  /** On the machine's clock, since 1970: when the belief changed last, or since when the target is known. */
  readonly sinceMs: number;
  /** Why the last probe failed; null: it did not, or none was sent. */
  readonly why: string | null;
}

/** A routing question put by the operator. */
export interface ExplainQuestion {
  readonly origin: string;
  readonly dataClass: string;
  readonly model: string;
  readonly tenant: string;
  readonly tokens: number;
}

/** A gateway as figures and administration see it. What is asked of it is answered for the plan in force. */
export interface Watched {
  plan(): GatewayPlan;
  beliefs(): BeliefMasks;
  /** Since when a target is believed what it is, and why its last probe failed. */
  endpoint(id: string): EndpointState;
  /** Everything that can ever be chosen for such a request, by id. */
  reachable(origin: string, dataClass: string, model: string, tenant: string): readonly string[];
  /** What would be decided now, and why. Changes nothing. */
  explain(question: ExplainQuestion): Explanation;
  /** Requests that were let in and have not ended. */
  inFlight(): number;
  /** Requests that wait for a place. */
  queued(): number;
  /** Calls under way to each target, by index. */
  callsUnderWay(): readonly number[];
  /** Whether it is about to end. */
  isEnding(): boolean;
  /** Takes a target out of use, or puts it back. */
  drain(targetId: string, drained: boolean): void;
  /** Reads its configuration anew; what is wrong with it, in which case nothing has changed, or nothing. */
  reload(): Promise<readonly string[]>;
}
