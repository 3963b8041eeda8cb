/** All that people see of a running gateway: figures, logs and administration, assembled. */
import type { Observer } from "../observe.js";
import type { GatewayPlan } from "../plan.js";
import type { Watched } from "./watched.js";

/** An address that is listened on. */
export interface WatchAddress {
  readonly id: "admin" | "metrics";
  readonly host: string;
  readonly port: number;
}

/** What watches one gateway for all its life. */
export interface Watch {
  /** Told of everything; never throws, never waits. */
  readonly observer: Observer;
  /** Adds a step to the decision log; does nothing where none is written. */
  readonly decided: (step: object) => void;
  /** Whether a decision log is written at all. */
  readonly keepsDecisions: boolean;
  /** Opens the addresses for figures and administration. Rejects when one is taken. */
  listen(watched: Watched): Promise<readonly WatchAddress[]>;
  /** Another plan is in force from now on: its targets, classes and files count. Throws, and keeps the old one, when a file cannot be opened. */
  swap(plan: GatewayPlan): void;
  /** A new configuration was taken, or refused. */
  reloaded(ok: boolean): void;
  /** Writes what is held and closes files and addresses. */
  close(): Promise<void>;
}
