/** The first half of Envoy's choice: a tier, and which of its members may be chosen. */
import { bitCount } from "../bits.js";
import {
  choosePriority,
  createShares,
  envoyLoads,
  type LoadOptions,
  type PriorityShares,
  shareByHealth,
} from "./envoyLoads.js";
import type { Fleet, Sets, StrategyTarget } from "./strategy.js";

/** What a tier is chosen by. */
export interface TierOptions extends LoadOptions {
  readonly failOnPanic: boolean;
  readonly retryPriority: "same" | "previous-priorities";
}

/**
 * Tiers as Envoy's priorities, each target one host. Only lawful targets are hosts at all, so that a panic stays
 * within the law; a drained one counts as an unhealthy host. What it says holds until it is asked again.
 */
export class EnvoyTiers {
  /** Members of each tier, best first. */
  readonly masks: Int32Array;
  readonly options: TierOptions;
  readonly #counts: Record<"hosts" | "healthy" | "degraded" | "excluded", Int32Array>;
  readonly #healthy: Int32Array;
  readonly #degraded: Int32Array;
  readonly #shares: PriorityShares;
  /** The sets that the shares are of, unless something has been left out of them. */
  #lawful = 0;
  #usable = 0;
  #unwell = 0;
  #excluded = 0;
  #stale = true;
  #tier = 0;
  #available = 0;
  #ignoresHealth = false;

  constructor(options: TierOptions, targets: readonly StrategyTarget[]) {
    const tiers = [...new Set(targets.map((target) => target.tier))].sort((a, b) => a - b);
    this.options = options;
    this.masks = Int32Array.from(tiers, (tier) =>
      targets.reduce((mask, target, t) => (target.tier === tier ? mask | (1 << t) : mask), 0),
    );
    const column = (): Int32Array => new Int32Array(tiers.length);
    this.#counts = { hosts: column(), healthy: column(), degraded: column(), excluded: column() };
    this.#healthy = column();
    this.#degraded = column();
    this.#shares = createShares(tiers.length);
  }

  /** The tier chosen last, by its position. */
  get tier(): number {
    return this.#tier;
  }

  /** Of it: the members in the state that was chosen, whether they have room or not; all, where health is ignored. */
  get available(): number {
    return this.#available;
  }

  /** Of it: every lawful member but the excluded ones. */
  get counted(): number {
    return this.masks[this.#tier]! & this.#lawful & ~this.#excluded;
  }

  /** Whether it is in panic. */
  get ignoresHealth(): boolean {
    return this.#ignoresHealth;
  }

  /** The candidates to choose from for a hash from 0 to 99; the empty set when nobody is to be chosen. */
  choose(fleet: Fleet, candidates: number, sets: Sets, hash: number): number {
    if (candidates === 0) return 0;
    this.#share(fleet, sets);
    const shares = this.#shares;
    const tried = (sets.admitted ?? candidates) & ~candidates;
    if (tried !== 0 && this.options.retryPriority === "previous-priorities") this.#leaveOut(tried);
    const members = this.#enter(candidates, choosePriority(shares, hash));
    if (members !== 0 || (this.#ignoresHealth && this.options.failOnPanic)) return members;
    return this.#elsewhere(candidates, hash);
  }

  /** The same sets have the same shares, so they are worked out only when a belief or the law is another. */
  #share({ degraded, excluded }: Fleet, { lawful, healthy }: Sets): void {
    const usable = lawful & healthy;
    if (!this.#stale && lawful === this.#lawful && usable === this.#usable) {
      if (degraded === this.#unwell && excluded === this.#excluded) return;
    }
    this.#stale = false;
    this.#lawful = lawful;
    this.#usable = usable;
    this.#unwell = degraded;
    this.#excluded = excluded;
    for (let p = 0; p < this.masks.length; p++) this.#count(p);
    envoyLoads(this.#counts, this.options, this.#shares);
  }

  #count(p: number): void {
    const hosts = this.masks[p]! & this.#lawful;
    const usable = hosts & this.#usable & ~this.#excluded;
    const counts = this.#counts;
    this.#healthy[p] = usable & ~this.#unwell;
    this.#degraded[p] = usable & this.#unwell;
    counts.hosts[p] = bitCount(hosts);
    counts.excluded[p] = bitCount(hosts & this.#excluded);
    counts.healthy[p] = bitCount(usable & ~this.#unwell);
    counts.degraded[p] = bitCount(usable & this.#unwell);
  }

  /** Makes a tier, as `choosePriority` names it, the chosen one; the candidates in it. */
  #enter(candidates: number, place: number): number {
    const p = place < 0 ? -1 - place : place;
    const mask = this.masks[p] ?? 0;
    this.#tier = p;
    this.#ignoresHealth = this.#shares.panic[p] === 1;
    if (this.#ignoresHealth) {
      this.#available = mask & this.#lawful;
      return this.options.failOnPanic ? 0 : candidates & mask;
    }
    this.#available = (place < 0 ? this.#degraded[p] : this.#healthy[p]) ?? 0;
    return candidates & this.#available;
  }

  /**
   * The tier that was chosen has nobody left: no room, drained, or tried. Its load goes to the tiers that have, by
   * their health; with none of those, to the first in panic.
   */
  #elsewhere(candidates: number, hash: number): number {
    let without = 0;
    this.#stale = true;
    for (let p = 0; p < this.masks.length; p++) {
      if ((candidates & this.#healthy[p]!) === 0) this.#shares.health[p] = 0;
      if ((candidates & this.#degraded[p]!) === 0) this.#shares.degradedHealth[p] = 0;
      if (this.#shares.panic[p] === 1) without |= 1 << p;
    }
    if (shareByHealth(this.#shares, without)) {
      return this.#enter(candidates, choosePriority(this.#shares, hash));
    }
    for (let p = 0; p < this.masks.length; p++) {
      if (this.#shares.panic[p] === 1 && (candidates & this.masks[p]!) !== 0)
        return this.#enter(candidates, p);
    }
    return 0;
  }

  /** Leaves out the tiers in which the request has been tried, as long as others are good for anything. */
  #leaveOut(tried: number): void {
    let tiers = 0;
    for (let p = 0; p < this.masks.length; p++) if ((this.masks[p]! & tried) !== 0) tiers |= 1 << p;
    this.#stale = true;
    if (!shareByHealth(this.#shares, tiers)) envoyLoads(this.#counts, this.options, this.#shares);
  }
}
