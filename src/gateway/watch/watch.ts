/** All that people see of a running gateway: figures, logs and administration, assembled. */
import type { Step } from "../../policy/index.js";
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
  /**
   * Who is to be told by what runs by `plan`, with its targets, classes and files: a request that began by an earlier
   * plan tells that one's observer, or its line would go where another target stands. Opens the files the plan names;
   * throws what the system says when one cannot be opened. Its methods never throw and never wait.
   */
  observerOf(plan: GatewayPlan): Observer;
  /** Nothing is served by this plan any more, which was observed: its files are closed where no other names them. */
  release(plan: GatewayPlan): void;
  /** Adds a step to the decision log of the plan observed last; does nothing where none is written. */
  readonly decided: (step: Step) => void;
  /** Whether that plan has a decision log at all. */
  keepsDecisions(): boolean;
  /**
   * Opens the plan's addresses for figures and administration, in this order: admin, metrics. Rejects, with none open,
   * when one is taken. Called again after a change of plan, with the same gateway, it keeps those that are as they were.
   */
  listen(watched: Watched): Promise<readonly WatchAddress[]>;
  /** A new configuration was taken, or refused. */
  reloaded(ok: boolean): void;
  /** Writes what is held and closes files and addresses. */
  close(): Promise<void>;
}
