/**
 * The gateways that users' programs know by themselves, with no entry between: for every site those that are
 * lawful for all it asks, nearest first.
 */

/** The nearest lawful gateway of a site among those in a mask, or a negative number when there is none. */
export type NearestOf = (site: number, mask: number) => number;

export class GatewayList {
  /** Whether a program whose gateway does not answer goes to the next of its list. */
  readonly failsOver: boolean;
  readonly #bySite: readonly Uint8Array[];

  constructor(lawful: ArrayLike<number>, failsOver: boolean, nearestOf: NearestOf) {
    this.failsOver = failsOver;
    this.#bySite = Array.from(lawful, (mask, site) => nearestFirst(mask, site, nearestOf));
  }

  /** The nearest of the gateways in `mask`, or −1. */
  nearest(site: number, mask: number): number {
    return this.#bySite[site]!.find((gateway) => ((mask >> gateway) & 1) !== 0) ?? -1;
  }

  /** The next after a gateway of the site's list; after the last comes the first. */
  after(site: number, gateway: number): number {
    const list = this.#bySite[site]!;
    return list[(list.indexOf(gateway) + 1) % list.length]!;
  }

  /** The first from a gateway of the site's list on that is in `mask`, once round, or −1. */
  firstFrom(site: number, gateway: number, mask: number): number {
    const list = this.#bySite[site]!;
    const start = list.indexOf(gateway);
    for (let i = 0; i < list.length; i++) {
      const next = list[(start + i) % list.length]!;
      if (((mask >> next) & 1) !== 0) return next;
    }
    return -1;
  }
}

function nearestFirst(lawful: number, site: number, nearestOf: NearestOf): Uint8Array {
  const list: number[] = [];
  for (let mask = lawful; ; ) {
    const next = nearestOf(site, mask);
    if (next < 0) return Uint8Array.from(list);
    list.push(next);
    mask &= ~(1 << next);
  }
}
