/**
 * Where prompts have been: for every kind of user (site × class) and every place the number of attempts that
 * arrived there (first tries, retries and those that failed alike), of probes and shadow traffic with a copy of a
 * prompt, of attempts that were held back there, and for every copy of a store the writes it took, from users or
 * from other copies. The auditor reads it after the run; no policy ever does.
 */
import type { LedgerEntry, LedgerPurpose } from "../metrics/index.js";

/** Why an endpoint was called, in the words of {@link Ledger.atEndpoint}. */
export const FOR_REQUEST = 0;
export const FOR_PROBE = 1;
export const FOR_SHADOW = 2;

const ENDPOINT_PURPOSES: readonly LedgerPurpose[] = ["request", "probe", "shadow"];

export class Ledger {
  readonly #classes: number;
  readonly #gateways: number;
  readonly #endpoints: number;
  readonly #copies: number;
  readonly #atGateway: Float64Array;
  readonly #held: Float64Array;
  /** By purpose. */
  readonly #atEndpoint: readonly Float64Array[];
  readonly #atStore: Float64Array;
  /** site · classes + class of the last prompt at each gateway, −1 before the first. */
  readonly #last: Int32Array;

  constructor(sites: number, classes: number, gateways: number, endpoints: number, copies = 0) {
    const kinds = sites * classes;
    this.#classes = classes;
    this.#gateways = gateways;
    this.#endpoints = endpoints;
    this.#copies = copies;
    this.#atGateway = new Float64Array(kinds * gateways);
    this.#held = new Float64Array(kinds * gateways);
    this.#atEndpoint = ENDPOINT_PURPOSES.map(() => new Float64Array(kinds * endpoints));
    this.#atStore = new Float64Array(kinds * copies);
    this.#last = new Int32Array(gateways).fill(-1);
  }

  /** An attempt has arrived, whether it finds a place or not. */
  atGateway(site: number, classIndex: number, gateway: number): void {
    const kind = site * this.#classes + classIndex;
    bump(this.#atGateway, kind * this.#gateways + gateway);
    this.#last[gateway] = kind;
  }

  /** Whose prompt a gateway saw last: site · classes + class, −1 before the first. */
  lastAt(gateway: number): number {
    return this.#last[gateway]!;
  }

  /** An attempt is held back at its gateway: a write of the channel `queue`, once for each time it is held. */
  held(site: number, classIndex: number, gateway: number): void {
    bump(this.#held, (site * this.#classes + classIndex) * this.#gateways + gateway);
  }

  /** A prompt has arrived, or a copy of one: one of FOR_*. */
  atEndpoint(site: number, classIndex: number, endpoint: number, purpose: number = FOR_REQUEST): void {
    bump(this.#atEndpoint[purpose]!, (site * this.#classes + classIndex) * this.#endpoints + endpoint);
  }

  /** A copy of a store, counted through the stores in order, has taken a write. */
  atStore(site: number, classIndex: number, copy: number): void {
    bump(this.#atStore, (site * this.#classes + classIndex) * this.#copies + copy);
  }

  /** Every cell that saw something, by kind of place and purpose, then in order of site, class and place. */
  entries(): LedgerEntry[] {
    return [
      ...this.#read(this.#atGateway, this.#gateways, "gateway", "request"),
      ...this.#atEndpoint.flatMap((cells, i) =>
        this.#read(cells, this.#endpoints, "endpoint", ENDPOINT_PURPOSES[i]!),
      ),
      ...this.#read(this.#held, this.#gateways, "gateway", "queue"),
      ...this.#read(this.#atStore, this.#copies, "store", "store"),
    ];
  }

  #read(
    cells: Float64Array,
    places: number,
    placeKind: LedgerEntry["placeKind"],
    purpose: LedgerPurpose,
  ): LedgerEntry[] {
    const found: LedgerEntry[] = [];
    cells.forEach((writes, at) => {
      if (writes === 0) return;
      const kind = Math.floor(at / places);
      found.push({
        site: Math.floor(kind / this.#classes),
        classIndex: kind % this.#classes,
        placeKind,
        place: at % places,
        purpose,
        writes,
      });
    });
    return found;
  }
}

function bump(cells: Float64Array, at: number): void {
  cells[at] = cells[at]! + 1;
}
