import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { ENVOY_DEFAULTS, EnvoyPicker, type Spread } from "./envoyPicker.js";
import { type LoadShares, shareByLoad } from "./envoyShares.js";
import type { EnvoyTiers } from "./envoyTiers.js";
import { homeOf, type Localities, localitiesIn, localitiesOf } from "./localities.js";
import { pickByWeight } from "./scores.js";
import type { Draw, Ended, Strategy, StrategyTarget } from "./strategy.js";

type Options = OptionsOf<"envoy-load-aware">;

class ByLoad implements Spread {
  /** Requests under way at each target, as this gateway knows. */
  readonly underWay: Float64Array;
  /** Smoothed share of each target's capacity that they take; 0 until something has been seen. */
  readonly utilisation: Float64Array;
  updatedMs = 0;
  readonly #options: Options;
  readonly #localities: Localities;
  readonly #capacity: Float64Array;
  readonly #shares: LoadShares;
  /** Members of each locality of which something has been seen. */
  readonly #seen: Float64Array;
  /** What the weights were worked out for, and whether somebody is busier or less busy since. */
  #available = 0;
  #home = -1;
  #stale = true;
  /** The members asked about last, and where they stand. */
  #members = 0;
  #places = 0;

  constructor(options: Options, targets: readonly StrategyTarget[]) {
    this.#options = options;
    this.#localities = localitiesOf(targets);
    this.#capacity = Float64Array.from(targets, ({ capacity }) => capacity ?? 0);
    this.underWay = new Float64Array(targets.length);
    this.utilisation = new Float64Array(targets.length);
    const column = (): Float64Array => new Float64Array(this.#localities.names.length);
    this.#seen = column();
    this.#shares = { hosts: column(), utilisation: column(), weight: column() };
  }

  narrow({ available, ignoresHealth }: EnvoyTiers, members: number, draw: Draw, u: number): number {
    if (ignoresHealth) return members;
    const home = homeOf(this.#localities, draw.rttMs);
    if (this.#stale || available !== this.#available || home !== this.#home) this.#share(available, home);
    if (members !== this.#members) {
      this.#members = members;
      this.#places = localitiesIn(this.#localities, members);
    }
    const chosen = pickByWeight(this.#shares.weight, this.#places, u);
    return members & this.#localities.masks[chosen]!;
  }

  sent(target: number, nowMs: number): void {
    this.underWay[target]! += 1;
    this.#update(nowMs);
  }

  ended({ target, nowMs }: Ended): void {
    this.underWay[target]! -= 1;
    this.#update(nowMs);
  }

  #share(available: number, home: number): void {
    this.#look(available);
    shareByLoad(this.#shares, home, this.#options);
    this.#available = available;
    this.#home = home;
    this.#stale = false;
  }

  /** Fills in members and their mean utilisation by locality, the mean over those of which something has been seen. */
  #look(available: number): void {
    const { hosts, utilisation } = this.#shares;
    const seen = this.#seen;
    for (let l = 0; l < hosts.length; l++) {
      hosts[l] = 0;
      utilisation[l] = 0;
      seen[l] = 0;
    }
    for (let rest = available; rest !== 0; rest &= rest - 1) {
      const t = lowestBit(rest);
      const l = this.#localities.of[t]!;
      const each = this.utilisation[t]!;
      hosts[l]! += 1;
      utilisation[l]! += each;
      if (each > 0) seen[l]! += 1;
    }
    for (let l = 0; l < hosts.length; l++) if (seen[l]! > 1) utilisation[l]! /= seen[l]!;
  }

  #update(nowMs: number): void {
    if (nowMs - this.updatedMs < this.#options.updateMs) return;
    this.updatedMs = nowMs;
    this.#stale = true;
    const { newestShare } = this.#options;
    for (let t = 0; t < this.utilisation.length; t++) {
      const capacity = this.#capacity[t]!;
      const newest = capacity > 0 && capacity < Number.POSITIVE_INFINITY ? this.underWay[t]! / capacity : 0;
      const before = this.utilisation[t]!;
      this.utilisation[t] = before === 0 ? newest : newestShare * newest + (1 - newestShare) * before;
    }
  }
}

/**
 * As `envoy-priority`, and within a tier a locality by its room to spare: healthy members × (1 − how busy they are).
 * All stays at home, the locality of the nearest target, while home is no busier than the others' mean and 0.1; 3 % go
 * to the others all the same. How busy a target is, this gateway knows by its own requests under way there against the
 * target's `capacity`, smoothed; Envoy is told by the hosts. It smooths by locality, here each target is by itself;
 * and where Envoy knows one priority, tiers spill as in `envoy-priority`. Without capacities nobody is ever busy.
 *
 * Source: envoyproxy/envoy, load_aware_locality_lb.cc at 09507df, an extension that is work in progress.
 */
export const envoyLoadAware: Strategy<Options> = {
  name: "envoy-load-aware",
  usesLuck: true,
  reach: "live",
  defaults: {
    kind: "envoy-load-aware",
    ...ENVOY_DEFAULTS,
    utilisationVariance: 0.1,
    probeShare: 0.03,
    newestShare: 0.3,
    updateMs: 1000,
  },
  create: (options, targets) => new EnvoyPicker(options, targets, new ByLoad(options, targets)),
};
