/** A gateway that runs, as whoever started it sees it. */
import type { GatewayPlan } from "./plan.js";

/** Where a gateway can be reached, once it listens. */
export interface RunningAddress {
  /** The listener's id; `admin` and `metrics` for the others. */
  readonly id: string;
  readonly use: "callers" | "admin" | "metrics";
  readonly host: string;
  /** The one it was given where the plan said 0. */
  readonly port: number;
  readonly tls: boolean;
}

/** One gateway that serves. */
export interface RunningGateway {
  readonly id: string;
  /** In the order of the plan's listeners, then admin, then metrics. Changes with {@link RunningGateway.swap}. */
  readonly addresses: readonly RunningAddress[];
  /**
   * Goes over to another plan of the same gateway: what is under way ends by the old one, what is believed of targets
   * that are in both is kept. Rejects, with nothing changed, when the new plan cannot be served.
   */
  swap(plan: GatewayPlan): Promise<void>;
  /** Takes no more requests, lets what is under way end within the plan's drain time, then cuts it off. Safe to call twice. */
  close(): Promise<void>;
  /** The same without waiting for what is under way; ends a {@link RunningGateway.close} that is waiting. */
  hurry(): void;
}

/** Starts a gateway: resolves when all its addresses listen, rejects with nothing left open when one cannot. */
export type StartGateway = (plan: GatewayPlan) => Promise<RunningGateway>;
