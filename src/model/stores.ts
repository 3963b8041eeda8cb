/**
 * What requests find in stores and leave there. A request reads when its gateway has decided where to, before the call
 * is sent, and writes when the answer has come back whole. The round trip of a read delays the first token and so the
 * rest; that of a write, and what a synchronous write waits for, the end of the answer. Both are added when the answer
 * leaves the gateway: no place at an endpoint is held for them. An answer that nobody waits for any more is not
 * written, since its user asks the same turn again.
 */
import { causeCode } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import { homeRegions } from "./home.js";
import type { Ledger } from "./ledger.js";
import type { Luck } from "./luck.js";
import { TURN } from "./questions.js";
import type { Recorder } from "./recorder.js";
import { storeLabels } from "./storesCounts.js";
import { StoreInUse } from "./storesInUse.js";
import type { StorePlaceParts } from "./storesPlaces.js";

const DATA_UNAVAILABLE: number = causeCode("data_unavailable");
/** Keys of one site. */
const KEYS: number = TURN;

/** What stores are made of, and whom they tell. */
export interface StoreParts extends StorePlaceParts {
  readonly core: Core;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly luck: Luck;
}

/** The stores of a scenario; null when it has none, so that others pay nothing. */
export function createStores(parts: StoreParts): Stores | null {
  return parts.scenario.deployment.stores.length === 0 ? null : new Stores(parts);
}

/** What the world asks of its stores; made by {@link createStores}. */
export class Stores {
  readonly #core: Core;
  readonly #environment: StoreParts["environment"];
  readonly #scenario: Scenario;
  readonly #stores: readonly StoreInUse[];
  /** By class: the stores it uses. */
  readonly #ofClass: readonly (readonly StoreInUse[])[];
  readonly #regionOfGateway: Int32Array;
  readonly #regionOfEndpoint: Int32Array;
  readonly #homes: Int32Array;
  readonly #wasDown: Uint8Array;

  constructor(parts: StoreParts) {
    const { deployment, workload } = parts.scenario;
    this.#core = parts.core;
    this.#environment = parts.environment;
    this.#scenario = parts.scenario;
    const labels = storeLabels(parts.scenario);
    let firstCopy = 0;
    this.#stores = deployment.stores.map((store, s) => {
      const counts = parts.recorder.storeCounts(labels[s]!);
      const inUse = new StoreInUse(store, { ...parts, counts, index: s, firstCopy });
      firstCopy += store.copies.length;
      return inUse;
    });
    this.#ofClass = workload.classes.map((_, c) =>
      this.#stores.filter((_, s) => deployment.stores[s]!.classIndices.includes(c)),
    );
    this.#regionOfGateway = Int32Array.from(deployment.gateways, (gateway) => gateway.regionIndex);
    this.#regionOfEndpoint = Int32Array.from(deployment.endpoints, (endpoint) => endpoint.regionIndex);
    this.#homes = homeRegions(parts.scenario);
    this.#wasDown = this.#environment.regionDown.slice();
  }

  /** A gateway is about to send a request to an endpoint: what it may not do without is read; a cause when it is not there. */
  opens(slot: number, g: number, endpoint: number): number {
    const { u8 } = this.#core.attempts;
    const isFirst = u8[slot * at.U8 + at.B_GATEWAY_TRY] === 0;
    let isThere = true;
    for (const store of this.#ofClass[u8[slot * at.U8 + at.B_CLASS]!]!) {
      // Your application keeps what it has read while its gateway tries elsewhere; a provider knows nothing of that.
      if (!isFirst && !store.isBesideEndpoint) continue;
      const region = this.#regionOf(store, g, endpoint);
      store.places.takeOver(this.#core.nowUs);
      if (!store.reads(slot, this.#key(slot, store), region, this.#home(slot))) isThere = false;
    }
    return isThere ? at.NO_CAUSE : DATA_UNAVAILABLE;
  }

  /** An answer has come back whole: writes it, and returns by how much that delays its end, µs. */
  closes(slot: number, g: number): number {
    const { attempts } = this.#core;
    if (attempts.has(slot, at.ORPHAN)) return 0;
    const endpoint = attempts.u8[slot * at.U8 + at.B_ENDPOINT]!;
    let readUs = 0;
    let writeUs = 0;
    for (const store of this.#ofClass[attempts.u8[slot * at.U8 + at.B_CLASS]!]!) {
      const key = this.#key(slot, store);
      // Nothing is kept of whoever has no key.
      if (store.isKeyed && key < 0) continue;
      const region = this.#regionOf(store, g, endpoint);
      store.places.takeOver(this.#core.nowUs);
      readUs = Math.max(readUs, store.readUs(region));
      writeUs = Math.max(writeUs, store.writes(slot, key, region, this.#home(slot)));
    }
    const first = slot * at.F64 + at.F_FIRST_TOKEN_US;
    attempts.f64[first] = attempts.f64[first]! + readUs;
    return readUs + writeUs;
  }

  /** A user has made their last request of a conversation. */
  left(slot: number): void {
    const { u8, u16 } = this.#core.attempts;
    // The rows of a trace do not say which is the last of a conversation.
    if (this.#scenario.workload.trace !== null) return;
    const isClosed = this.#isClosed(u16[slot * at.U16 + at.H_SITE]!);
    for (const store of this.#ofClass[u8[slot * at.U8 + at.B_CLASS]!]!) {
      // Users of a closed site stay.
      if (store.isOfUsers && isClosed) continue;
      const key = this.#key(slot, store);
      if (key >= 0) store.copies.rows.end(key);
    }
  }

  #isClosed(site: number): boolean {
    return this.#scenario.workload.sites[site]!.closed !== null;
  }

  /** The truth is about to change. */
  beforeEdge(): void {
    for (const store of this.#stores) {
      store.copies.settle(this.#core.nowUs, true);
      store.places.takeOver(this.#core.nowUs);
    }
  }

  /** The truth has changed. */
  afterEdge(): void {
    const { regionDown } = this.#environment;
    for (const store of this.#stores) {
      store.waysChanged();
      store.places.regionsChanged(this.#core.nowUs);
      for (let region = 0; region < regionDown.length; region++) {
        const isDown = regionDown[region] !== 0;
        if (isDown === (this.#wasDown[region] !== 0)) continue;
        if (isDown) store.outages.began(region, this.#core.nowUs, store.places.up);
        else store.outages.ended(region, this.#core.nowUs);
      }
    }
    this.#wasDown.set(regionDown);
  }

  /** By store: keys it remembers, and writes on their way between its copies. */
  get remembered(): readonly number[] {
    return this.#stores.map((store) => store.copies.rows.size);
  }

  get travelling(): readonly number[] {
    return this.#stores.map((store) => store.copies.entries.size);
  }

  /** Closes the books, and returns them as numbers for the digest. */
  finish(endUs: number): readonly number[] {
    return this.#stores.flatMap((store) => store.finish(endUs));
  }

  #regionOf(store: StoreInUse, g: number, endpoint: number): number {
    return store.isBesideEndpoint ? this.#regionOfEndpoint[endpoint]! : this.#regionOfGateway[g]!;
  }

  #home(slot: number): number {
    const { u8, u16 } = this.#core.attempts;
    const classes = this.#scenario.workload.classes.length;
    return this.#homes[u16[slot * at.U16 + at.H_SITE]! * classes + u8[slot * at.U8 + at.B_CLASS]!]!;
  }

  /** The key of a request in a store, −1 when it has none: its conversation's, or at a closed site its user's for a profile. */
  #key(slot: number, store: StoreInUse): number {
    if (!store.isKeyed) return -1;
    const { f64, i32, u16 } = this.#core.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    if (store.isOfUsers && this.#isClosed(site)) {
      const request = f64[slot * at.F64 + at.F_REQUEST]!;
      return site * KEYS + (request - Math.floor(request / TURN) * TURN);
    }
    const session = i32[slot * at.I32 + at.I_SESSION]!;
    return session < 0 ? -1 : site * KEYS + session;
  }
}
