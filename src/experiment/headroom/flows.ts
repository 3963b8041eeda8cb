/**
 * Where calls go when regions are lost: for each set of them one short calm run, read from the ledger of who came where.
 * Measured instead of reckoned, because what a router does with a lost region's users is the policy's business:
 * `nearest` sends all of them to one neighbour, `least-loaded` shares them out, a rule may allow none of it.
 */
import { type PolicyModules, World } from "../../model/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { calmScenario } from "./calm.js";
import { UsualDemand } from "./usualDemand.js";

/** Calls a second at the busiest moment: what all regions get and what gets nowhere make up what is asked. */
export interface RegionDemand {
  readonly byRegion: readonly number[];
  readonly strandedPerS: number;
  readonly totalPerS: number;
}

/** Flows of a scenario by the regions that are lost; each set is measured once. */
export class Flows {
  readonly demand: UsualDemand;
  readonly #scenario: Scenario;
  readonly #modules: PolicyModules;
  /** By mask of lost regions: kind · regions + region → share of the kind's requests. */
  readonly #shares: Map<number, Float64Array> = new Map();

  constructor(scenario: Scenario, modules: PolicyModules = {}) {
    this.#scenario = scenario;
    this.#modules = modules;
    this.demand = new UsualDemand(scenario);
  }

  /** Share of each kind's requests that come to a region, retries of those that found a lost one included. */
  toRegion(lost: number, region: number): Float64Array {
    const regions = this.#scenario.deployment.regions.length;
    const shares = this.#sharesOf(lost);
    return Float64Array.from({ length: this.demand.kinds }, (_, kind) => shares[kind * regions + region]!);
  }

  /** Most that comes to a region at any moment. */
  peakPerS(lost: number, region: number): number {
    return this.demand.peakPerS(this.toRegion(lost, region));
  }

  /** At the moment when most is asked. */
  busiest(lost: number): RegionDemand {
    const { kinds, busiest: moment } = this.demand;
    const regions = this.#scenario.deployment.regions.length;
    const shares = this.#sharesOf(lost);
    const byRegion = Array.from({ length: regions }, () => 0);
    let [strandedPerS, totalPerS] = [0, 0];
    for (let kind = 0; kind < kinds; kind++) {
      const perS = this.demand.at(moment, kind);
      let served = 0;
      for (let region = 0; region < regions; region++) {
        const share = shares[kind * regions + region]!;
        byRegion[region] = byRegion[region]! + perS * share;
        served += share;
      }
      totalPerS += perS;
      strandedPerS += perS * (1 - served);
    }
    return { byRegion, strandedPerS, totalPerS };
  }

  #sharesOf(lost: number): Float64Array {
    const known = this.#shares.get(lost);
    if (known !== undefined) return known;
    const found = this.#measure(lost);
    this.#shares.set(lost, found);
    return found;
  }

  #measure(lost: number): Float64Array {
    const { deployment, workload } = this.#scenario;
    const regions = deployment.regions.length;
    const indices = deployment.regions.flatMap((_, r) => (((lost >> r) & 1) !== 0 ? [r] : []));
    const { scenario, asked } = calmScenario(this.#scenario, this.demand, indices);
    const world = new World(scenario, 0, this.#modules);
    world.runUntil(scenario.durationUs);
    const shares = new Float64Array(this.demand.kinds * regions);
    for (const { site, classIndex, placeKind, place, purpose, writes } of world.finish().recording.ledger) {
      // What is gone refuses connections: such calls never arrive, and are not in the ledger.
      if (placeKind !== "endpoint" || purpose !== "request") continue;
      const region = deployment.endpoints[place]!.regionIndex;
      const kind = site * workload.classes.length + classIndex;
      const cell = kind * regions + region;
      shares[cell] = shares[cell]! + writes / asked[kind]!;
    }
    return shares;
  }
}
