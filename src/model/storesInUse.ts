/** One store as requests meet it: which copy they read, what they find, what they write, and all of it counted. */
import { Sampler } from "../kernel/index.js";
import type { StoreCounts } from "../metrics/index.js";
import type { Store } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import type { Ledger } from "./ledger.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import { type CopiesOwner, FRESH, MISSING, StoreCopies, type StoreWrite } from "./storesCopies.js";
import { bump } from "./storesCounts.js";
import { StoreOutages } from "./storesOutages.js";
import { NO_COPY, type StorePlaceParts, StorePlaces } from "./storesPlaces.js";

/** What one store is made of. */
export interface StoreInUseParts extends StorePlaceParts {
  readonly core: Core;
  readonly ledger: Ledger;
  readonly luck: Luck;
  readonly recorder: { readonly coarseUs: number };
  readonly counts: StoreCounts;
  /** Position among the stores, and of its first copy among the copies of all. */
  readonly index: number;
  readonly firstCopy: number;
}

/** A store with its copies, its places and its counts. */
export class StoreInUse implements CopiesOwner {
  readonly copies: StoreCopies;
  readonly places: StorePlaces;
  readonly outages: StoreOutages;
  readonly isBesideEndpoint: boolean;
  /** What is kept belongs to somebody: to a conversation, or to a user. */
  readonly isKeyed: boolean;
  readonly isOfUsers: boolean;
  readonly #store: Store;
  readonly #parts: StoreInUseParts;
  readonly #counts: StoreCounts;
  readonly #lag: Sampler;
  /** Row of the key that was looked for last, −1 for none: looking one up costs more than all else here. */
  #row = -1;
  readonly #write: StoreWrite = { row: -1, copy: 0, site: 0, classIndex: 0, nowUs: 0, dueUs: 0 };

  constructor(store: Store, parts: StoreInUseParts) {
    this.#store = store;
    this.#parts = parts;
    this.#counts = parts.counts;
    this.#lag = new Sampler(store.lag);
    this.isBesideEndpoint = store.usedBy === "endpoint";
    this.isKeyed = store.kind !== "vector-index";
    this.isOfUsers = store.kind === "profile";
    this.copies = new StoreCopies(store.copies.length, this);
    this.places = new StorePlaces(store, parts);
    this.outages = new StoreOutages(
      store,
      this.copies,
      parts.counts,
      parts.scenario.deployment.regions.length,
    );
    this.waysChanged();
  }

  /** Some way between copies may have opened or closed. */
  waysChanged(): void {
    const count = this.#store.copies.length;
    for (let from = 0; from < count; from++)
      for (let to = 0; to < count; to++)
        this.copies.open[from * count + to] = this.places.isOpen(from, to) ? 1 : 0;
  }

  /**
   * A request reads, served from `region`; false when it is to be refused. A key of which nothing was ever written
   * has nothing to find: the first turn of a conversation is no read.
   */
  reads(slot: number, key: number, region: number, home: number): boolean {
    if (this.isKeyed && key < 0) return true;
    const copy = this.#copyToRead(slot, region);
    if (copy === NO_COPY && this.#store.onUnavailable === "refuse") {
      if (this.#counted(slot)) bump(this.#counts.unread, this.#classOf(slot));
      return this.#refuse(slot);
    }
    const found = this.#find(key, copy, home);
    if (found === null) return true;
    if (this.#counted(slot)) this.#count(slot, found);
    return found !== MISSING || this.#store.onMissing === "serve" || this.#refuse(slot);
  }

  /** A copy that is needed for a write as well is none while the write cannot be made. */
  #copyToRead(slot: number, region: number): number {
    const copy = this.places.readable(region);
    if (copy === NO_COPY) return copy;
    // With a quorum neither side of a partition may read what the other may have written over.
    const hasQuorum = this.#store.replication === "sync" && this.#store.acks !== "reachable";
    const needsWrite = hasQuorum || (this.#store.onUnavailable === "refuse" && this.#willWrite(slot));
    return needsWrite && this.places.writable(region) === NO_COPY ? NO_COPY : copy;
  }

  /** What `copy` has of a key; null when there is nothing to have. */
  #find(key: number, copy: number, home: number): number | null {
    const { nowUs } = this.#parts.core;
    this.copies.settle(nowUs, false);
    const row = this.isKeyed ? this.copies.rows.find(key) : -1;
    this.#row = row;
    if (row < 0 && this.#store.kind === "conversation") return null;
    if (copy === NO_COPY) return MISSING;
    if (row >= 0) return this.copies.look(row, copy, nowUs);
    // From before the run: everywhere, or where its users are at home.
    if (this.#store.replication === "isolated")
      return home < 0 || this.places.home(home) === copy ? FRESH : MISSING;
    return this.isKeyed ? FRESH : this.copies.lookShared(copy, nowUs);
  }

  #count(slot: number, found: number): void {
    const { core, recorder } = this.#parts;
    const counts = this.#counts;
    const classIndex = this.#classOf(slot);
    const window = Math.min(counts.readsOverTime.length - 1, Math.floor(core.nowUs / recorder.coarseUs));
    bump(counts.readsOverTime, window);
    if (found === FRESH) return bump(counts.fresh, classIndex);
    if (found === MISSING) {
      bump(counts.missingOverTime, window);
      return bump(counts.missing, classIndex);
    }
    bump(counts.stale, classIndex);
    bump(counts.staleOverTime, window);
    counts.staleness.record(classIndex, found);
    counts.worstOverTimeUs[window] = Math.max(counts.worstOverTimeUs[window]!, found);
  }

  #refuse(slot: number): false {
    if (this.#counted(slot)) bump(this.#counts.refused, this.#classOf(slot));
    return false;
  }

  #classOf(slot: number): number {
    return this.#parts.core.attempts.u8[slot * at.U8 + at.B_CLASS]!;
  }

  #counted(slot: number): boolean {
    const { core, scenario } = this.#parts;
    return core.attempts.f64[slot * at.F64 + at.F_START_US]! >= scenario.warmupUs;
  }

  /** The round trip of a read from `region`, µs. */
  readUs(region: number): number {
    const copy = this.places.readable(region);
    return copy === NO_COPY ? 0 : this.places.roundTripUs(region, copy);
  }

  /** An answer is written, served from `region`, where it has a key; returns how long that takes, µs. */
  writes(slot: number, key: number, region: number, home: number): number {
    const { nowUs } = this.#parts.core;
    const classIndex = this.#classOf(slot);
    const read = this.#copyToRead(slot, region);
    const found = this.#find(key, read, home);
    if (found !== null && found !== MISSING)
      this.outages.served(home, classIndex, this.copies.begunUs(this.#row, read), nowUs);
    if (!this.#willWrite(slot)) return 0;
    const copy = this.places.writable(region);
    if (copy === NO_COPY) {
      if (this.#counted(slot)) bump(this.#counts.unwritten, classIndex);
      return 0;
    }
    if (this.#counted(slot)) bump(this.#counts.writes, classIndex);
    this.#put(slot, key, copy, classIndex);
    const waitUs = this.#store.replication === "sync" ? this.places.acknowledgedUs(copy) : 0;
    return this.places.roundTripUs(region, copy) + waitUs;
  }

  #put(slot: number, key: number, copy: number, classIndex: number): void {
    const { core, ledger, firstCopy } = this.#parts;
    const { nowUs } = core;
    const write = this.#write;
    write.copy = copy;
    write.site = core.attempts.u16[slot * at.U16 + at.H_SITE]!;
    write.classIndex = classIndex;
    write.nowUs = nowUs;
    write.dueUs = this.#dueUs(slot, nowUs);
    ledger.atStore(write.site, classIndex, firstCopy + copy);
    if (this.isKeyed) {
      write.row = this.#row >= 0 ? this.#row : this.copies.rows.add(key, classIndex);
      const { conflict, overwritten } = this.copies.write(write);
      if (conflict) bump(this.#counts.conflicts, classIndex);
      this.#counts.overwritten[classIndex] = this.#counts.overwritten[classIndex]! + overwritten;
    } else {
      write.row = -1;
      this.copies.writeShared(write);
    }
    // A synchronous write is at the other copies before anybody looks.
    if (this.#store.replication === "sync") this.copies.settle(nowUs, false);
  }

  #dueUs(slot: number, nowUs: number): number {
    if (this.#store.replication === "isolated") return Number.POSITIVE_INFINITY;
    if (this.#store.replication === "sync") return nowUs;
    if (this.#lag.isFixed) return Math.floor(nowUs + this.#lag.mean + 0.5);
    return Math.floor(nowUs + this.#lag.sample(this.#draw(slot, draw.STORE_LAG)) + 0.5);
  }

  #willWrite(slot: number): boolean {
    const { writeShare } = this.#store;
    return writeShare >= 1 || (writeShare > 0 && this.#draw(slot, draw.STORE_WRITE) < writeShare);
  }

  /** Luck of the request at this store, whatever became of its tries. */
  #draw(slot: number, purpose: number): number {
    const { f64, u16 } = this.#parts.core.attempts;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    return this.#parts.luck.draw(u16[slot * at.U16 + at.H_SITE]!, request, 0, this.#parts.index, purpose);
  }

  /** A copy has taken in what another sent. */
  arrived(site: number, classIndex: number, copy: number): void {
    this.#parts.ledger.atStore(site, classIndex, this.#parts.firstCopy + copy);
  }

  /** Takes in what arrives before the end, and returns the counts as numbers. */
  finish(endUs: number): readonly number[] {
    this.copies.settle(endUs, false);
    this.outages.finish(endUs, this.places.up);
    const { fresh, stale, missing, refused, writes, unwritten, conflicts, overwritten, stranded } =
      this.#counts;
    return [fresh, stale, missing, refused, writes, unwritten, conflicts, overwritten, stranded].flatMap(
      (column) => [...column],
    );
  }
}
