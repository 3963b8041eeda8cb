/** Delays between users, regions and regions: propagation from the matrices, added by faults, plus jitter. */
import { Sampler } from "../kernel/index.js";
import type { Scenario } from "../scenario/scenario.js";
import type { Environment } from "./environment.js";

export class Network {
  readonly #regions: number;
  readonly #accessRttUs: Float64Array;
  readonly #backboneRttUs: Float64Array;
  readonly #accessJitter: Sampler;
  readonly #backboneJitter: Sampler;
  readonly #environment: Environment;

  constructor(scenario: Scenario, environment: Environment) {
    this.#regions = scenario.deployment.regions.length;
    this.#accessRttUs = scenario.network.siteRegionRttUs;
    this.#backboneRttUs = scenario.network.regionRegionRttUs;
    this.#accessJitter = new Sampler(scenario.network.accessJitter);
    this.#backboneJitter = new Sampler(scenario.network.backboneJitter);
    this.#environment = environment;
  }

  /** One way between a site and a region, µs, integer. */
  accessUs(site: number, region: number, u: number): number {
    const at = site * this.#regions + region;
    return round(
      this.#accessRttUs[at]! / 2 + this.#environment.accessAddUs[at]! + this.#accessJitter.sample(u),
    );
  }

  /** A round trip without jitter: what each trip of a handshake costs. */
  accessRoundTripUs(site: number, region: number): number {
    const at = site * this.#regions + region;
    return this.#accessRttUs[at]! + 2 * this.#environment.accessAddUs[at]!;
  }

  accessBlocked(site: number, region: number): boolean {
    return this.#environment.accessBlocked[site * this.#regions + region] !== 0;
  }

  /** Whether two regions are stated to be no distance apart: nothing to wait for, nothing to draw. */
  backboneIsFree(from: number, to: number): boolean {
    const at = from * this.#regions + to;
    return this.#backboneRttUs[at] === 0 && this.#environment.backboneAddUs[at] === 0;
  }

  /** One way between two regions, µs, integer; exactly 0 when {@link backboneIsFree}. */
  backboneUs(from: number, to: number, u: number): number {
    const at = from * this.#regions + to;
    if (this.backboneIsFree(from, to)) return 0;
    return round(
      this.#backboneRttUs[at]! / 2 + this.#environment.backboneAddUs[at]! + this.#backboneJitter.sample(u),
    );
  }

  /** A round trip between two regions without jitter, µs. */
  backboneRoundTripUs(from: number, to: number): number {
    const at = from * this.#regions + to;
    return round(this.#backboneRttUs[at]! + 2 * this.#environment.backboneAddUs[at]!);
  }

  backboneBlocked(from: number, to: number): boolean {
    return this.#environment.backboneBlocked[from * this.#regions + to] !== 0;
  }
}

function round(us: number): number {
  return Math.floor(us + 0.5);
}
