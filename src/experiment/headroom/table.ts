/**
 * The headroom table: for every region what comes to it normally and when others are lost, and what it can complete.
 * Demand is measured, see {@link Flows}; capacity is reckoned from the configuration at mean call lengths, so waiting,
 * bursts and retries are left out. The simulation of a size is the judge; the table says why.
 */
import { lawfulEndpoints } from "../../model/home.js";
import { lawfulGateways } from "../../model/lawfulGateways.js";
import type { HeadroomRow, HeadroomState, Loss, LostRegion } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import { cascadeFacts } from "../cascadeFacts.js";
import { Flows } from "./flows.js";
import { staticStability } from "./planner.js";
import { type RegionCapacity, regionCapacities } from "./regionCapacity.js";
import type { HeadroomInput } from "./types.js";

/** With more regions pairs are looked at only where they are asked about: their number grows with the square. */
const MOST_REGIONS_FOR_PAIRS = 8;
/** Tokens a minute are sold by the thousand, everything else one by one. */
const TOKENS_STEP = 1000;
/** Shares are counted in whole requests: a shortfall below this part of the demand is rounding. */
const ROUNDING = 1e-9;

/** One row a region, in their order. */
export function headroomTable({ scenario, losses, modules }: HeadroomInput): readonly HeadroomRow[] {
  const table = new Table(scenario, new Flows(scenario, modules));
  const asked = losses.map((loss) => table.maskOf(loss));
  return scenario.deployment.regions.map((_, region) => table.row(region, asked));
}

class Table {
  readonly #scenario: Scenario;
  readonly #flows: Flows;
  readonly #capacities: readonly RegionCapacity[];
  readonly #tries: number;
  /** By kind: mask of regions with an endpoint that may lawfully serve it; 0 where it has no lawful gateway. */
  readonly #lawfulRegions: readonly number[];

  constructor(scenario: Scenario, flows: Flows) {
    const { client, gateway, library } = cascadeFacts(scenario).retries;
    this.#scenario = scenario;
    this.#flows = flows;
    this.#capacities = regionCapacities(scenario);
    this.#tries = (1 + client) * (1 + gateway) * (1 + library);
    this.#lawfulRegions = lawfulRegions(scenario);
  }

  /** Regions by name, as a mask; those it does not know are none of its own. */
  maskOf({ regions }: Loss): number {
    return this.#scenario.deployment.regions.reduce(
      (mask, { id }, r) => (regions.includes(id) ? mask | (1 << r) : mask),
      0,
    );
  }

  row(region: number, asked: readonly number[]): HeadroomRow {
    const { regions } = this.#scenario.deployment;
    const { binding, unitPerS } = this.#capacities[region]!;
    const others = regions.flatMap((_, r) => (r === region ? [] : [r]));
    const mayPair = regions.length <= MOST_REGIONS_FOR_PAIRS;
    const pairs = others
      .flatMap((a, i) => others.slice(i + 1).map((b) => (1 << a) | (1 << b)))
      .filter((mask) => mayPair || asked.includes(mask));
    const survived = asked.filter((mask) => ((mask >> region) & 1) === 0);
    const worstAsked = this.#worst(region, [0, ...survived])!;
    return {
      region: regions[region]!.id,
      binding,
      normal: this.#state(region, 0),
      withoutOne: this.#worst(
        region,
        others.map((r) => 1 << r),
      ),
      withoutTwo: this.#worst(region, pairs),
      worstLegal: this.#worstLegal(region, others),
      naiveLimit: regions.length > 1 ? staticStability(regions.length, 1).maxSteadyUtilisation : 1,
      retrySafeLimit: 1 / this.#tries,
      shortfallUnits: this.#shortfall(region, worstAsked.demandPerS),
      triesPerRequest: this.#tries,
      retrySafeUnits: this.#shortfall(region, worstAsked.demandPerS * this.#tries),
      unitPerS,
      ifLost: this.#ifLost(region),
    };
  }

  #state(region: number, lost: number): HeadroomState {
    return this.#stateOf(region, lost, this.#flows.peakPerS(lost, region));
  }

  #stateOf(region: number, lost: number, demandPerS: number): HeadroomState {
    const { perS } = this.#capacities[region]!;
    return {
      loss: lossName(this.#scenario, lost),
      demandPerS,
      capacityPerS: finiteOrNull(perS),
      utilisation: demandPerS === 0 ? 0 : demandPerS / perS,
    };
  }

  /** Of equal ones the earlier; null for none. */
  #worst(region: number, losses: readonly number[]): HeadroomState | null {
    return losses
      .map((lost) => this.#state(region, lost))
      .reduce<HeadroomState | null>(
        (worst, state) => (worst === null || state.demandPerS > worst.demandPerS ? state : worst),
        null,
      );
  }

  /** Everyone who may lawfully be served here, at once: what is left when all other regions are gone. */
  #worstLegal(region: number, others: readonly number[]): HeadroomState {
    const weights = this.#lawfulRegions.map((mask) => (mask >> region) & 1);
    const lost = others.reduce((mask, r) => mask | (1 << r), 0);
    return this.#stateOf(region, lost, this.#flows.demand.peakPerS(weights));
  }

  #shortfall(region: number, demandPerS: number): number {
    const { perS, unitPerS, binding } = this.#capacities[region]!;
    const missing = demandPerS * (1 - ROUNDING) - perS;
    if (unitPerS === null || missing <= 0) return 0;
    const step = binding === "tokensPerMin" ? TOKENS_STEP : 1;
    return Math.ceil(missing / unitPerS / step) * step;
  }

  #ifLost(region: number): LostRegion {
    const { kinds } = this.#flows.demand;
    const lost = 1 << region;
    const usual = this.#flows.toRegion(0, region);
    const after = this.#servedShares(lost);
    const law = this.#lawfulRegions.map((mask) => ((mask & ~lost) === 0 ? 1 : 0));
    const unserved = usual.map((share, k) => (law[k] === 1 ? 0 : Math.max(0, share - after[k]!)));
    const { demand } = this.#flows;
    let helpers = 0;
    for (let k = 0; k < kinds; k++) if (usual[k]! > 0) helpers |= this.#lawfulRegions[k]! & ~lost;
    return {
      usualPerS: demand.peakPerS(usual),
      unlawfulPerS: demand.peakPerS(usual.map((share, k) => share * law[k]!)),
      unservedPerS: demand.peakPerS(unserved),
      spareLawfulPerS: finiteOrNull(this.#sparePerS(helpers)),
    };
  }

  /** By kind, the share that is served anywhere. */
  #servedShares(lost: number): Float64Array {
    const { regions } = this.#scenario.deployment;
    const sum = new Float64Array(this.#flows.demand.kinds);
    regions.forEach((_, r) => {
      this.#flows.toRegion(lost, r).forEach((share, k) => {
        sum[k] = sum[k]! + share;
      });
    });
    return sum;
  }

  #sparePerS(regionMask: number): number {
    return this.#capacities.reduce(
      (sum, { perS }, r) =>
        ((regionMask >> r) & 1) === 0 ? sum : sum + Math.max(0, perS - this.#flows.peakPerS(0, r)),
      0,
    );
  }
}

function finiteOrNull(perS: number): number | null {
  return perS === Number.POSITIVE_INFINITY ? null : perS;
}

/** `normal`, or `without` and the names of what is lost. */
function lossName({ deployment }: Scenario, lost: number): string {
  const names = deployment.regions.filter((_, r) => ((lost >> r) & 1) !== 0).map(({ id }) => id);
  return names.length === 0 ? "normal" : `without ${names.join(", ")}`;
}

function lawfulRegions(scenario: Scenario): readonly number[] {
  const { endpoints } = scenario.deployment;
  const gateways = lawfulGateways(scenario);
  return Array.from(lawfulEndpoints(scenario), (mask, kind) =>
    gateways[kind] === 0
      ? 0
      : endpoints.reduce(
          (regions, { regionIndex }, e) => (((mask >> e) & 1) === 0 ? regions : regions | (1 << regionIndex)),
          0,
        ),
  );
}
