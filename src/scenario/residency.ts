/** What the deployment says about keeping to the law, besides the rules themselves. */
import type { Channel } from "../policy/index.js";

/** What the router checks of the rules. The auditor judges by the rules as they are written, whatever is checked. */
export interface Enforcement {
  /** Channels that are checked; requirements about others are not known to the router. */
  readonly channels: readonly Channel[];
  /** `file:line` of the setting. */
  readonly source?: string;
}

/** Copies of live traffic sent to an endpoint whose answers nobody waits for. */
export interface Shadow {
  /** Share of requests that are copied. */
  readonly share: number;
  readonly endpointIndex: number;
  /** `file:line` of the setting. */
  readonly source?: string;
}
