/** Which copy of a store is read and written from where, as the world is now, and what the way there takes. */
import type { Scenario, Store } from "../scenario/scenario.js";
import { type Environment, UP } from "./environment.js";
import type { Network } from "./network.js";

/** No copy can be used. */
export const NO_COPY = -1;

/** What decides which copies can be reached. */
export interface StorePlaceParts {
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly network: Network;
}

/** The copies of one store, seen from the regions. */
export class StorePlaces {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #network: Network;
  readonly #regionOf: Int32Array;
  /** region · copies: copies by distance from the region, its own first, then as written. */
  readonly #order: Int32Array;
  readonly #waitsUs: Float64Array;
  /** The copy that takes all writes, −1 for none in particular. */
  #primary: number;
  /** Since when its region is down; Infinity while it is up. */
  #lostUs: number = Number.POSITIVE_INFINITY;

  constructor(store: Store, { scenario, environment, network }: StorePlaceParts) {
    const regions = scenario.deployment.regions.length;
    this.#store = store;
    this.#primary = store.primaryIndex;
    this.#environment = environment;
    this.#network = network;
    this.#regionOf = Int32Array.from(store.copies, (copy) => copy.regionIndex);
    this.#waitsUs = new Float64Array(store.copies.length);
    const farUs = (region: number, c: number): number => {
      const to = this.#regionOf[c]!;
      return to === region ? -1 : scenario.network.regionRegionRttUs[region * regions + to]!;
    };
    const indices = store.copies.map((_, c) => c);
    this.#order = Int32Array.from(
      scenario.deployment.regions.flatMap((_, region) =>
        [...indices].sort((a, b) => farUs(region, a) - farUs(region, b) || a - b),
      ),
    );
  }

  /**
   * Another copy takes the place of a primary that has been lost for long enough: the first as written whose region is
   * up. Nothing is scheduled for that; it is exact as long as this is called before anybody reads or writes and before
   * a region goes down or comes back. A primary that is back is a copy like any other.
   */
  takeOver(nowUs: number): void {
    const { failoverUs } = this.#store;
    if (failoverUs === undefined || nowUs - this.#lostUs < failoverUs) return;
    const next = this.#regionOf.findIndex((region) => this.#environment.regionDown[region] === UP);
    if (next < 0) return;
    this.#primary = next;
    this.#lostUs = Number.POSITIVE_INFINITY;
  }

  /** A region has gone down or come back. */
  regionsChanged(nowUs: number): void {
    if (this.#primary < 0) return;
    const isUp = this.#environment.regionDown[this.#regionOf[this.#primary]!] === UP;
    this.#lostUs = isUp ? Number.POSITIVE_INFINITY : Math.min(this.#lostUs, nowUs);
  }

  /** The copy that is read from `region`. */
  readable(region: number): number {
    const primary = this.#primary;
    return this.#store.readsPrimary && primary >= 0
      ? this.#ifReachable(region, primary)
      : this.nearest(region);
  }

  /** The copy that takes a write from `region`, if enough others can acknowledge it. */
  writable(region: number): number {
    const copy = this.#primary >= 0 ? this.#ifReachable(region, this.#primary) : this.nearest(region);
    if (copy === NO_COPY || this.#store.replication !== "sync") return copy;
    return this.#acknowledging(copy) >= this.#needed() ? copy : NO_COPY;
  }

  /** The nearest copy that can be reached from `region`. */
  nearest(region: number): number {
    const copies = this.#regionOf.length;
    for (let i = region * copies; i < (region + 1) * copies; i++)
      if (this.#reaches(region, this.#regionOf[this.#order[i]!]!)) return this.#order[i]!;
    return NO_COPY;
  }

  /** The copy nearest to `region` when nothing is wrong. */
  home(region: number): number {
    return this.#order[region * this.#regionOf.length]!;
  }

  /** A round trip between `region` and a copy, µs; nothing within a region. Noise is left out. */
  roundTripUs(region: number, copy: number): number {
    const to = this.#regionOf[copy]!;
    return to === region ? 0 : this.#network.backboneRoundTripUs(region, to);
  }

  /** How long a synchronous write at `copy` waits for the acknowledgements it needs, µs. */
  acknowledgedUs(copy: number): number {
    const from = this.#regionOf[copy]!;
    const waits = this.#waitsUs;
    let count = 0;
    for (let c = 0; c < waits.length; c++)
      if (this.#reaches(from, this.#regionOf[c]!)) waits[count++] = this.roundTripUs(from, c);
    const needed = this.#store.acks === "majority" ? this.#needed() : count;
    return needed === 0 ? 0 : waits.subarray(0, count).sort()[needed - 1]!;
  }

  /** Mask of the copies in regions that are up. */
  get up(): number {
    let mask = 0;
    for (let c = 0; c < this.#regionOf.length; c++)
      if (this.#environment.regionDown[this.#regionOf[c]!] === UP) mask |= 1 << c;
    return mask;
  }

  /** Whether writes cross from one copy to another now. */
  isOpen(from: number, to: number): boolean {
    return (
      this.#store.replication !== "isolated" &&
      this.#environment.regionDown[this.#regionOf[from]!] === UP &&
      this.#reaches(this.#regionOf[from]!, this.#regionOf[to]!)
    );
  }

  #needed(): number {
    const copies = this.#regionOf.length;
    if (this.#store.acks === "all") return copies;
    return this.#store.acks === "majority" ? Math.floor(copies / 2) + 1 : 1;
  }

  #acknowledging(copy: number): number {
    let count = 0;
    for (const to of this.#regionOf) if (this.#reaches(this.#regionOf[copy]!, to)) count += 1;
    return count;
  }

  #ifReachable(region: number, copy: number): number {
    return this.#reaches(region, this.#regionOf[copy]!) ? copy : NO_COPY;
  }

  #reaches(from: number, to: number): boolean {
    if (this.#environment.regionDown[to] !== UP) return false;
    return from === to || !this.#network.backboneBlocked(from, to);
  }
}
