import { bitCount } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { ENVOY_DEFAULTS, EnvoyPicker, type Spread } from "./envoyPicker.js";
import { localityWeight } from "./envoyShares.js";
import type { EnvoyTiers } from "./envoyTiers.js";
import { byLocality, type Localities, localitiesIn, localitiesOf } from "./localities.js";
import { pickByWeight } from "./scores.js";
import type { Draw, Strategy, StrategyTarget } from "./strategy.js";

class ByWeight implements Spread {
  readonly #localities: Localities;
  readonly #said: Float64Array;
  readonly #weight: Float64Array;

  constructor(said: Readonly<Record<string, number>>, targets: readonly StrategyTarget[]) {
    this.#localities = localitiesOf(targets);
    this.#said = byLocality(this.#localities, said, 1);
    this.#weight = new Float64Array(this.#said.length);
  }

  narrow(tiers: EnvoyTiers, members: number, _draw: Draw, u: number): number {
    if (tiers.ignoresHealth) return members;
    const { masks } = this.#localities;
    const { available, counted, options } = tiers;
    for (let l = 0; l < masks.length; l++) {
      const usable = bitCount(available & masks[l]!);
      const all = bitCount(counted & masks[l]!);
      this.#weight[l] = localityWeight(this.#said[l]!, usable, all, options.overprovisioningPercent);
    }
    const chosen = pickByWeight(this.#weight, localitiesIn(this.#localities, members), u);
    return members & masks[chosen]!;
  }
}

/**
 * As `envoy-priority`, and within a tier first a locality, by its weight times what it is good for: its healthy share
 * × 1.4 in whole percents, at most all of it. Localities are `region/zone`; in a panic they are ignored.
 *
 * By chance where Envoy takes turns: the shares are the same. A locality that has no room gives its share to the
 * others. Source: envoyproxy/envoy, locality_wrr.cc at 5622ee9.
 */
export const envoyLocalityWeighted: Strategy<OptionsOf<"envoy-locality-weighted">> = {
  name: "envoy-locality-weighted",
  usesLuck: true,
  reach: "live",
  defaults: { kind: "envoy-locality-weighted", ...ENVOY_DEFAULTS, localities: {} },
  create: (options, targets) => new EnvoyPicker(options, targets, new ByWeight(options.localities, targets)),
};
