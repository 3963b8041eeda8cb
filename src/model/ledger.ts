/**
 * Where prompts have been: for every kind of user (site × class) and every place (gateway or endpoint)
 * the number of attempts that arrived there: first tries, retries and those that failed alike; and for every
 * copy of a store the writes it took, from users or from other copies. The auditor reads it after the run; no
 * policy ever does.
 */
import type { LedgerEntry } from "../metrics/index.js";

export class Ledger {
  readonly #classes: number;
  readonly #gateways: number;
  readonly #endpoints: number;
  readonly #atGateway: Float64Array;
  readonly #atEndpoint: Float64Array;
  readonly #copies: number;
  readonly #atStore: Float64Array;

  constructor(sites: number, classes: number, gateways: number, endpoints: number, copies = 0) {
    this.#classes = classes;
    this.#gateways = gateways;
    this.#endpoints = endpoints;
    this.#atGateway = new Float64Array(sites * classes * gateways);
    this.#atEndpoint = new Float64Array(sites * classes * endpoints);
    this.#copies = copies;
    this.#atStore = new Float64Array(sites * classes * copies);
  }

  atGateway(site: number, classIndex: number, gateway: number): void {
    const at = (site * this.#classes + classIndex) * this.#gateways + gateway;
    this.#atGateway[at] = this.#atGateway[at]! + 1;
  }

  atEndpoint(site: number, classIndex: number, endpoint: number): void {
    const at = (site * this.#classes + classIndex) * this.#endpoints + endpoint;
    this.#atEndpoint[at] = this.#atEndpoint[at]! + 1;
  }

  /** A copy of a store, counted through the stores in order, has taken a write. */
  atStore(site: number, classIndex: number, copy: number): void {
    const at = (site * this.#classes + classIndex) * this.#copies + copy;
    this.#atStore[at] = this.#atStore[at]! + 1;
  }

  /** Every cell that saw something, in order of site, class and place. */
  entries(): LedgerEntry[] {
    return [
      ...this.#read(this.#atGateway, this.#gateways, "gateway"),
      ...this.#read(this.#atEndpoint, this.#endpoints, "endpoint"),
      ...this.#read(this.#atStore, this.#copies, "store"),
    ];
  }

  #read(cells: Float64Array, places: number, placeKind: LedgerEntry["placeKind"]): LedgerEntry[] {
    const found: LedgerEntry[] = [];
    cells.forEach((writes, at) => {
      if (writes === 0) return;
      const kind = Math.floor(at / places);
      found.push({
        site: Math.floor(kind / this.#classes),
        classIndex: kind % this.#classes,
        placeKind,
        place: at % places,
        writes,
      });
    });
    return found;
  }
}
