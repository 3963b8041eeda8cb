/** What users meet, and where their luck comes from. */
import type { Scenario } from "../scenario/scenario.js";
import type { Core } from "./core.js";
import type { Drift } from "./drift.js";
import type { Entry } from "./entry.js";
import type { Gateways } from "./gateways.js";
import type { Luck } from "./luck.js";
import type { Network } from "./network.js";
import type { Recorder } from "./recorder.js";
import type { Stores } from "./stores.js";

/** The world as users see it. */
export interface ClientParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly network: Network;
  readonly entry: Entry;
  readonly gateways: Gateways;
  readonly recorder: Recorder;
  readonly luck: Luck;
  readonly stores: Stores | null;
  readonly drift: Drift | null;
  readonly replication: number;
}
