/** Where one kind of prompt may ever be, in words that the parts of an audit share. */
import type { AuditWay } from "../../result/index.js";

/** What becomes of a kind of prompt at one place. */
export interface PlaceReach {
  /** How it gets there; empty for never. */
  readonly ways: readonly AuditWay[];
  /** Why it never does; null when it may. */
  readonly never: string | null;
}

/** Users of a site and a class of their requests, by index. */
export interface Kind {
  readonly site: number;
  readonly classIndex: number;
}

/** The places of one kind of prompt, each list by the places' own index. */
export interface KindReach extends Kind {
  readonly gateways: readonly PlaceReach[];
  readonly endpoints: readonly PlaceReach[];
  /** Copies counted through the stores in order. */
  readonly stores: readonly PlaceReach[];
  /** How each gateway comes to hold it back; null where it never does. */
  readonly held: readonly (AuditWay | null)[];
}
