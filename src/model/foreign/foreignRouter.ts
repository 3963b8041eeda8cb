/**
 * A router that is not ours, as a gateway asks it: another system's rules, or a file of code. It decides instead of
 * our policy, so nothing here keeps its choice inside the law; only the auditor judges it, afterwards.
 */
import type { Decision, PolicyState, RoutingRequest } from "../../policy/index.js";

/** A routing question, with what other systems go by. */
export interface ForeignAsk extends RoutingRequest {
  /** Running number of the request at its site, + turn · 2³². */
  request: number;
  site: number;
  classIndex: number;
  /** Client tries before this one. */
  attempt: number;
  /** Calls of this try at its gateway before this one. */
  hop: number;
  /** The gateway's tries before this one. */
  tryNumber: number;
  /** Two more draws, for guards of the router's own. */
  guardU: number;
  guardV: number;
  /**
   * What the router wants to remember of this request between its tries: 0 at the first, then whatever `decide` or
   * `retryWaitMs` left here.
   */
  memory: number;
}

/** How a call ended, for a router that learns. The object is used again. */
export interface ForeignEnd {
  target: number;
  /** One of RESULT_*. */
  result: number;
  /** Position in `REFUSAL_CAUSES`, or 255 for none. */
  cause: number;
  startedMs: number;
  nowMs: number;
  /** The `tokens` of the question, and what was used. */
  tokensReserved: number;
  tokensUsed: number;
  tokensOut: number;
  /** When a limited target may be asked again; 0 when it said nothing. */
  retryAtMs: number;
}

/** One per gateway. No clock and no luck of its own; what it answers is the run's truth. */
export interface ForeignRouter {
  /** Writes every field of `out` but `model`, and `ask.memory`. */
  decide(ask: ForeignAsk, view: PolicyState, out: Decision): void;
  /** The call that was decided is sent. Not every decision is followed by one. */
  started?(target: number, nowMs: number): void;
  ended?(end: ForeignEnd): void;
  probed?(target: number, ok: boolean, nowMs: number): void;
  /**
   * Whether a call that failed is followed by another: the wait before it, ms, or −1 when the user is told. Without
   * this method the scenario's own `retry` decides. `retryAfterMs` is 0 when the answer said nothing.
   */
  retryWaitMs?(ask: ForeignAsk, cause: number, retryAfterMs: number): number;
}

/** An endpoint that a foreign router may choose, and how it gets there. */
export interface Reach {
  readonly endpoint: number;
  /** A sentence with the place in the imported file, where known. */
  readonly how: string;
  /**
   * What it takes: `state`, nothing but health, load and failures; `client`, that the client sends something else
   * than the class says, or nothing; `defect`, that the other system fails in a way it is known to.
   */
  readonly needs: "state" | "client" | "defect";
}
