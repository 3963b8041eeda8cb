/** The words of a front: what opens it, what it asks of the gateway, what it tells. */
import type { Observer } from "../observe.js";
import type { GatewayPlan } from "../plan.js";

/** What a front asks of the gateway around it. The questions are answered by the router in force. */
export interface FrontOptions {
  readonly observer: Pick<Observer, "turnedAway" | "endedEarly">;
  /** What the ids of requests begin with, before their number: tells those of this process from those of another. */
  readonly run: string;
  /** The gateway's clock, for arrivals. */
  readonly nowMs: () => number;
  /** Time since 1970, for the age of signed identities; left out: the machine's. */
  readonly unixMs?: () => number;
  /** Ids of everything that can ever be chosen for such a request; nothing where a name is unknown. */
  readonly reachable: (origin: string, dataClass: string, model: string, tenant: string) => readonly string[];
  /** Whether that is anything at all for some model: asked before a byte of the body is read. */
  readonly reachableAny: (origin: string, dataClass: string, tenant: string) => boolean;
}

/** A listener that listens. */
export interface FrontAddress {
  readonly id: string;
  readonly host: string;
  /** The one it was given where the plan said 0. */
  readonly port: number;
  readonly tls: boolean;
}

/** Another plan whose addresses are at hand, but which nothing is served by yet. Exactly one of the two is called. */
export interface PreparedPlan {
  /** Serves by it from the next request on and closes listeners that are not in it; at once, so it cannot be half done. */
  commit(): readonly FrontAddress[];
  /** Gives the addresses back. */
  discard(): Promise<void>;
}

/** The side of a gateway that callers see. */
export interface Front {
  /** Opens every address, in the order of the plan. Rejects with all closed again when one cannot be had. */
  listen(): Promise<readonly FrontAddress[]>;
  /** Opens what another plan has more; listeners with the same host and port are kept. Rejects with nothing changed. */
  prepare(plan: GatewayPlan): Promise<PreparedPlan>;
  /** Requests that came in and have not been answered to their end. */
  readonly underWay: number;
  /**
   * Takes no more connections, lets what is under way end, and cuts it off after `graceMs`; resolves to how many requests
   * were cut off. Called again it is the shorter time that counts.
   */
  close(graceMs: number): Promise<number>;
}
