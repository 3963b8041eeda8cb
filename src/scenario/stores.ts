/** Where a deployment keeps what outlives a request: conversations, indexes, profiles; and how copies follow each other. */
import type { Distribution } from "../kernel/distributions.js";
import type { ChannelPlaces } from "../policy/index.js";

/**
 * What a store keeps. `conversation`: the turns of a session, read before and written after each. `profile`: what is
 * known of a user, who is told by the session, or at a site with a fixed number of users by the user's number.
 * `vector-index`: documents that everybody reads; copies merge, so nothing in it conflicts.
 */
export type StoreKind = "conversation" | "vector-index" | "profile";

/** `sync`: a write waits for other copies; `async`: they follow after a lag; `isolated`: they never hear of it. */
export type Replication = "sync" | "async" | "isolated";

/** Which copies must acknowledge a write of a synchronous store: all that can be reached, more than half, or all. */
export type StoreAcks = "reachable" | "majority" | "all";

/** One copy of a store. */
export interface StoreCopy {
  /** `store@region`. */
  readonly id: string;
  readonly regionIndex: number;
  /** Where it lies, replica pairs of a provider included: channel `vector-index` for such a store, else `store`. */
  readonly data: ChannelPlaces;
}

/** A store of the deployment. */
export interface Store {
  readonly id: string;
  readonly kind: StoreKind;
  /** In the order written, which breaks ties of distance. A region has at most one. */
  readonly copies: readonly StoreCopy[];
  readonly replication: Replication;
  /** From a write until another copy has it, µs; zero where nothing lags. */
  readonly lag: Distribution;
  readonly acks: StoreAcks;
  /** The only copy that takes writes; −1: the nearest to where the request is served. */
  readonly primaryIndex: number;
  /** How long the region of the primary must be down before another copy takes its place; left out for never. */
  readonly failoverUs?: number;
  /** Reads go to the primary as well (true), or to the nearest copy. */
  readonly readsPrimary: boolean;
  /** Who reads and writes, and so from where: your application beside the gateway, or the provider beside the endpoint. */
  readonly usedBy: "gateway" | "endpoint";
  readonly classIndices: readonly number[];
  /** What becomes of a request whose conversation (profile, index) is not in the copy that is read. */
  readonly onMissing: "serve" | "refuse";
  /** What becomes of a request while no copy can be read, or none may be written. */
  readonly onUnavailable: "serve" | "refuse";
  /** Share of answered requests that write. */
  readonly writeShare: number;
}
