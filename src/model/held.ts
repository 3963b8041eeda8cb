/** What a world still holds at an instant: for laws about leaks, never for a decision. */
import type { Caller } from "../policy/index.js";
import * as at from "./attempts.js";
import type { Clients } from "./clients.js";
import type { Core } from "./core.js";
import type { Drift } from "./drift.js";
import type { Endpoints } from "./endpoints.js";
import type { Gateways } from "./gateways.js";
import type { Stores } from "./stores.js";

/** Counts at one instant; columns are indexed as the scenario's lists. */
export interface Held {
  /** Records in use, and how many of them stand in each state. */
  readonly records: number;
  readonly byState: Int32Array;
  readonly timers: number;
  readonly gatewayInFlight: readonly number[];
  readonly gatewayWaiting: readonly number[];
  readonly busy: readonly number[];
  readonly frozen: readonly number[];
  readonly waiting: readonly number[];
  /** Blocks of memory that sequences own, and calls that wait or are worked on; 0 for endpoints without replicas. */
  readonly kvBlocks: readonly number[];
  readonly replicaCalls: readonly number[];
  /** Tokens that limits have set aside, by meter: the endpoints' own, then those of each quota. */
  readonly tokensSetAside: readonly number[];
  /** Calls each gateway believes are under way, all endpoints together; and those its guards have seen begin and not end. */
  readonly believed: readonly number[];
  readonly guarded: readonly number[];
  /** The same of users' programs: site by site, its programs in turn. */
  readonly guardedByUsers: readonly number[];
  /** Conversations and users that each store remembers, and writes of it on their way between copies. */
  readonly remembered: readonly number[];
  readonly travelling: readonly number[];
  /** Conversations whose version is remembered. */
  readonly versioned: number;
}

/** What a world is made of. */
export interface HeldParts {
  readonly core: Core;
  readonly gateways: Gateways;
  readonly endpoints: Endpoints;
  readonly clients: Clients;
  readonly stores: Stores | null;
  readonly drift: Drift | null;
}

const STATES = 32;

/** Copies: later events do not change them. O(records). */
export function heldBy({ core, gateways, endpoints, clients, stores, drift }: HeldParts): Held {
  const byState = new Int32Array(STATES);
  const { u8, count, live } = core.attempts;
  for (let slot = 0; slot < count; slot++) {
    const state = u8[slot * at.U8 + at.B_STATE]!;
    if (state !== 0) byState[state] = byState[state]! + 1;
  }
  const { servers } = endpoints;
  return {
    records: live,
    byState,
    timers: core.timers.size + core.patience.size,
    gatewayInFlight: [...gateways.inFlight],
    gatewayWaiting: gateways.lines.map((line) => line.length),
    busy: endpoints.groups.list.map((group, e) => group?.running ?? servers.busy[e]!),
    frozen: [...servers.frozen],
    waiting: servers.lines.map((_, e) => endpoints.waiting(e)),
    kvBlocks: endpoints.groups.list.map((group) => group?.kvBlocks ?? 0),
    replicaCalls: endpoints.groups.list.map((group) => group?.calls ?? 0),
    tokensSetAside: endpoints.tokensSetAside,
    believed: gateways.upstream.states.map((state) => state.inFlight.reduce((sum, n) => sum + n, 0)),
    guarded: gateways.upstream.callers.map(underWay),
    guardedByUsers: clients.programs.callers.map(underWay),
    remembered: stores?.remembered ?? [],
    travelling: stores?.travelling ?? [],
    versioned: drift?.remembered ?? 0,
  };
}

function underWay(caller: Caller): number {
  return caller.inFlight.reduce((sum, n) => sum + n, 0);
}
