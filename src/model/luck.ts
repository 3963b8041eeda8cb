/**
 * Luck that belongs to a request: a function of (site key, request, try, purpose), so two deployments
 * see the same users, prompts and noise, and an outage does not shift what later requests draw.
 */
import { luck, luckKey, streamKey } from "../kernel/index.js";
import type { Scenario } from "../scenario/scenario.js";

/**
 * Purposes of {@link Luck.draw}, each drawn in one place only. The numbers are part of what a seed means: a
 * change gives every scenario other luck, so a new purpose takes the next number.
 */
export const CLASS = 0;
export const TOKENS_IN = 1;
export const TOKENS_OUT = 2;
export const PATIENCE = 3;
export const RESOLVER = 4;
export const CONNECTION = 5;
export const HOP_IN = 6;
export const HOP_OUT = 7;
export const BACKOFF = 8;
export const ROUTE_U = 9;
export const ROUTE_V = 10;
export const SERVICE = 11;
export const PER_TOKEN = 12;
export const ERROR = 13;
export const BACKBONE_IN = 14;
export const BACKBONE_OUT = 15;
export const GATEWAY_BACKOFF = 16;
export const ENTRY_U = 17;
export const ENTRY_V = 18;
export const TURNS = 19;
export const THINK = 20;
export const THROTTLE = 21;
export const GATEWAY_THROTTLE = 22;
export const RAMP = 23;
export const SDK_BACKOFF = 24;
export const USER_RAMP = 25;
export const STORE_LAG = 26;
export const STORE_WRITE = 27;
export const CANARY = 28;
export const DRAIN = 29;
export const FOREIGN_U = 30;
export const FOREIGN_V = 31;
export const SHADOW = 32;

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
