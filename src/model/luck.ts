/**
 * Luck that belongs to a request: a function of (site key, request, try, purpose), so two deployments
 * see the same users, prompts and noise, and an outage does not shift what later requests draw.
 */
import { luck, luckKey, streamKey } from "../kernel/index.js";
import type { Scenario } from "../scenario/scenario.js";

export const DRAW_CLASS = 0;
export const DRAW_TOKENS_IN = 1;
export const DRAW_TOKENS_OUT = 2;
export const DRAW_PATIENCE = 3;
export const DRAW_RESOLVER = 4;
export const DRAW_CONNECTION = 5;
export const DRAW_HOP_IN = 6;
export const DRAW_HOP_OUT = 7;
export const DRAW_BACKOFF = 8;
export const DRAW_ROUTE_U = 9;
export const DRAW_ROUTE_V = 10;
export const DRAW_SERVICE = 11;
export const DRAW_PER_TOKEN = 12;
export const DRAW_ERROR = 13;
export const DRAW_BACKBONE_IN = 14;
export const DRAW_BACKBONE_OUT = 15;
export const DRAW_GATEWAY_BACKOFF = 16;
export const DRAW_ENTRY_U = 17;
export const DRAW_ENTRY_V = 18;

export class Luck {
  readonly #k0: Int32Array;
  readonly #k1: Int32Array;

  constructor(scenario: Scenario, replication: number) {
    const sites = scenario.workload.sites;
    this.#k0 = new Int32Array(sites.length);
    this.#k1 = new Int32Array(sites.length);
    sites.forEach((site, s) => {
      const key = luckKey(streamKey(scenario.seed, replication, "request", site.id));
      this.#k0[s] = key.k0;
      this.#k1[s] = key.k1;
    });
  }

  /** Uniform in (0, 1): the same for the same request, try and purpose, whatever happened before. */
  draw(site: number, request: number, attempt: number, hop: number, purpose: number): number {
    return luck(this.#k0[site]!, this.#k1[site]!, request, (attempt << 16) | (hop << 8) | purpose);
  }
}
