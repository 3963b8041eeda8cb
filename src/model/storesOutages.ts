/**
 * What a store loses when a region goes down, and how long its users wait for what is known of them. A write is
 * *exposed* when the region took it and no copy that is up has it or a later version of its key: nobody finds it until
 * the region is back, and whoever writes meanwhile takes its place for good.
 */
import type { StoreCounts, StoreOutage } from "../metrics/index.js";
import type { Store } from "../scenario/scenario.js";
import type { StoreCopies } from "./storesCopies.js";
import { NOTHING } from "./storesRows.js";

/** Keeps the latest outage of every region, and whether it is over. */
export class StoreOutages {
  readonly #store: Store;
  readonly #copies: StoreCopies;
  readonly #counts: StoreCounts;
  readonly #classes: number;
  /** By region; null before its first. */
  readonly #latest: (StoreOutage | null)[];
  readonly #isDown: Uint8Array;

  constructor(store: Store, copies: StoreCopies, counts: StoreCounts, regions: number) {
    this.#store = store;
    this.#copies = copies;
    this.#counts = counts;
    this.#classes = counts.fresh.length;
    this.#latest = Array.from({ length: regions }, () => null);
    this.#isDown = new Uint8Array(regions);
  }

  /** A region goes down; `up` is the mask of copies that are left. */
  began(region: number, nowUs: number, up: number): void {
    const outage: StoreOutage = {
      region,
      startUs: nowUs,
      endUs: nowUs,
      exposed: new Float64Array(this.#classes),
      oldestUs: new Float64Array(this.#classes).fill(-1),
      servedUs: new Float64Array(this.#classes).fill(-1),
    };
    this.#store.copies.forEach((copy, c) => {
      if (copy.regionIndex === region) this.#expose(c, up, outage.exposed, outage.oldestUs);
    });
    this.#latest[region] = outage;
    this.#isDown[region] = 1;
    this.#counts.outages.push(outage);
  }

  /** A region is back. */
  ended(region: number, nowUs: number): void {
    const outage = this.#latest[region];
    if (outage !== null && outage !== undefined) outage.endUs = nowUs;
    this.#isDown[region] = 0;
  }

  /**
   * Somebody at home in `home` was answered, and what was found of them begins at `begunUs`. What was first said
   * since the region went down is no sign that anything of before has been found. Where nobody finds it elsewhere, the
   * wait goes on after the region is back.
   */
  served(home: number, classIndex: number, begunUs: number, nowUs: number): void {
    const outage = home < 0 ? null : this.#latest[home]!;
    if (outage === null || begunUs >= outage.startUs) return;
    if (outage.servedUs[classIndex]! < 0) outage.servedUs[classIndex] = nowUs;
  }

  /** The run is over; `up` is the mask of copies that still answer. */
  finish(endUs: number, up: number): void {
    this.#latest.forEach((outage, region) => {
      if (outage !== null && this.#isDown[region] === 1) outage.endUs = endUs;
    });
    const oldestUs = new Float64Array(this.#classes).fill(-1);
    this.#store.copies.forEach((_, c) => {
      if ((up & (1 << c)) === 0) this.#expose(c, up, this.#counts.stranded, oldestUs);
    });
  }

  /** Counts by class what only copies that are down have of the writes that copy `c` took. */
  #expose(c: number, up: number, writes: Float64Array, oldestUs: Float64Array): void {
    if (this.#store.replication === "isolated") return this.#exposeRows(c, writes, oldestUs);
    const { entries } = this.#copies;
    for (let entry = 0; entry < entries.count; entry++) {
      if (entries.wanting[entry] === 0 || entries.from[entry] !== c || !this.#isLost(entry, up)) continue;
      note(entries.classIndex[entry]!, 1, entries.writtenUs[entry]!, writes, oldestUs);
    }
  }

  #isLost(entry: number, up: number): boolean {
    const { entries, rows } = this.#copies;
    if ((entries.wanting[entry]! & up) !== up) return false;
    const row = entries.row[entry]!;
    if (row < 0) return true;
    return this.#store.copies.every(
      (_, d) =>
        (up & (1 << d)) === 0 || rows.held[row * this.#store.copies.length + d]! < entries.version[entry]!,
    );
  }

  /** Copies that never hear of each other share nothing: all that is live in a dead one is out of reach. */
  #exposeRows(c: number, writes: Float64Array, oldestUs: Float64Array): void {
    const { rows } = this.#copies;
    for (const row of rows.rows()) {
      const at = row * this.#store.copies.length + c;
      if (rows.held[at] === NOTHING) continue;
      note(rows.classIndex[row]!, rows.heldTurns[at]!, rows.begunUs[at]!, writes, oldestUs);
    }
  }
}

function note(
  classIndex: number,
  count: number,
  writtenUs: number,
  writes: Float64Array,
  oldestUs: Float64Array,
): void {
  writes[classIndex] = writes[classIndex]! + count;
  const oldest = oldestUs[classIndex]!;
  if (oldest < 0 || writtenUs < oldest) oldestUs[classIndex] = writtenUs;
}
