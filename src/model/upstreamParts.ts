/** What a gateway's calls are made of, and whom they tell. */
import type { Scenario } from "../scenario/scenario.js";
import type { Core } from "./core.js";
import type { Drift } from "./drift.js";
import type { Endpoints } from "./endpoints.js";
import type { Environment } from "./environment.js";
import type { PolicyModules } from "./foreign/moduleTypes.js";
import type { Ledger } from "./ledger.js";
import type { Luck } from "./luck.js";
import type { Network } from "./network.js";
import type { Recorder } from "./recorder.js";
import type { Stores } from "./stores.js";
import type { TakeStep } from "./tape.js";

/** The side of the gateway that faces the user. */
export interface GatewayFront {
  /** The call is over, well (`NO_CAUSE`) or badly: free its place and tell the user, `waitUs` later than could be. */
  finish(slot: number, g: number, cause: number, waitUs?: number): void;
  /** Nothing will ever come back. */
  lose(slot: number): void;
  /** The attempt ends and nobody is to be told. */
  drop(slot: number): void;
}

/** What calls meet on their way. */
export interface UpstreamParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly network: Network;
  readonly endpoints: Endpoints;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly luck: Luck;
  /** Code that scenarios name as their policy; left out where none does. */
  readonly modules?: PolicyModules;
  readonly stores: Stores | null;
  readonly drift: Drift | null;
  /** Is told what gateways decide; left out: nobody. */
  readonly takeStep?: TakeStep;
}
