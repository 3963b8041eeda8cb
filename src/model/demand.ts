/**
 * When the next user of a site asks: a Poisson process whose rate is a step function, the site's own
 * curve times the surges that cover it. One draw per arrival, by inverting the integrated rate.
 */
import { log } from "../math/index.js";
import type { Fault, Site } from "../scenario/scenario.js";

const SECOND_US = 1e6;

export class Demand {
  readonly #startsUs: Float64Array;
  readonly #perUs: Float64Array;
  #segment = 0;

  constructor(site: Site, siteIndex: number, faults: readonly Fault[], durationUs: number) {
    const edges = new Set<number>(site.startsUs);
    edges.add(0);
    const surges = faults.filter(
      (fault) =>
        fault.kind === "demand-surge" &&
        (fault.target.kind === "all" || (fault.target.kind === "site" && fault.target.index === siteIndex)),
    );
    for (const surge of surges) edges.add(surge.startUs).add(surge.endUs);
    const startsUs = [...edges].filter((us) => us < durationUs).sort((a, b) => a - b);
    this.#startsUs = Float64Array.from(startsUs);
    this.#perUs = Float64Array.from(startsUs, (us) => {
      let perSecond = rateAt(site, us);
      for (const surge of surges)
        if (surge.kind === "demand-surge" && us >= surge.startUs && us < surge.endUs)
          perSecond *= surge.factor;
      return perSecond / SECOND_US;
    });
  }

  /** The first arrival after `fromUs`, given one uniform in [0, 1); Infinity when demand has ended for good. */
  nextUs(fromUs: number, u: number): number {
    let need = -log(1 - u);
    let at = fromUs;
    const last = this.#startsUs.length - 1;
    while (this.#segment < last && at >= this.#startsUs[this.#segment + 1]!) this.#segment += 1;
    for (let segment = this.#segment; ; segment++) {
      const perUs = this.#perUs[segment]!;
      const endUs = segment < last ? this.#startsUs[segment + 1]! : Number.POSITIVE_INFINITY;
      const held = perUs * (endUs - at);
      if (perUs > 0 && need <= held) return Math.floor(at + need / perUs + 0.5);
      if (segment === last) return Number.POSITIVE_INFINITY;
      need -= perUs > 0 ? held : 0;
      at = endUs;
    }
  }
}

function rateAt(site: Site, us: number): number {
  let perSecond = 0;
  for (let i = 0; i < site.startsUs.length && site.startsUs[i]! <= us; i++) perSecond = site.perSecond[i]!;
  return perSecond;
}
