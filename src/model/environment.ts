/**
 * The truth: which regions are up, what is slow, who can reach whom. Recomputed from the list of active
 * faults at each of their edges, so overlapping faults compose and nothing is left over when one ends.
 */
import type { Fault, FaultTarget, Scenario } from "../scenario/scenario.js";

/** Whether a place answers; of faults that overlap the largest holds, since silence hides a refusal. */
export const UP = 0;
export const DOWN_REFUSING = 1;
export const DOWN_BLACK_HOLE = 2;

export class Environment {
  readonly regionDown: Uint8Array;
  readonly endpointDown: Uint8Array;
  /** Endpoints that overload has brought down; part of `endpointDown`. */
  readonly #crashed: Uint8Array;
  readonly #downByFaults: Uint8Array;
  /** Share of a standby's places that run; 1 for every other endpoint. Part of `capacityShare`. */
  readonly #warm: Float64Array;
  readonly #shareLeftByFaults: Float64Array;
  readonly slowFactor: Float64Array;
  readonly errorProbability: Float64Array;
  /** Share of an endpoint's slots that work. */
  readonly capacityShare: Float64Array;
  /** Whether lost slots freeze the work in them. */
  readonly freezes: Uint8Array;
  readonly quotaScale: Float64Array;
  /** Per endpoint: nothing new starts. */
  readonly controlPlaneDown: Uint8Array;
  /** sites × regions. */
  readonly accessBlocked: Uint8Array;
  readonly accessAddUs: Float64Array;
  /** regions × regions. */
  readonly backboneBlocked: Uint8Array;
  readonly backboneAddUs: Float64Array;
  entryFrozen = false;
  readonly #scenario: Scenario;
  readonly #regions: number;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const { regions, endpoints } = scenario.deployment;
    const sites = scenario.workload.sites.length;
    this.#regions = regions.length;
    this.regionDown = new Uint8Array(regions.length);
    this.endpointDown = new Uint8Array(endpoints.length);
    this.#crashed = new Uint8Array(endpoints.length);
    this.#downByFaults = new Uint8Array(endpoints.length);
    this.#warm = new Float64Array(endpoints.length).fill(1);
    this.#shareLeftByFaults = new Float64Array(endpoints.length);
    this.slowFactor = new Float64Array(endpoints.length);
    this.errorProbability = new Float64Array(endpoints.length);
    this.capacityShare = new Float64Array(endpoints.length);
    this.freezes = new Uint8Array(endpoints.length);
    this.quotaScale = new Float64Array(endpoints.length);
    this.controlPlaneDown = new Uint8Array(endpoints.length);
    this.accessBlocked = new Uint8Array(sites * regions.length);
    this.accessAddUs = new Float64Array(sites * regions.length);
    this.backboneBlocked = new Uint8Array(regions.length * regions.length);
    this.backboneAddUs = new Float64Array(regions.length * regions.length);
    this.recompute([]);
  }

  recompute(active: readonly Fault[]): void {
    for (const column of [
      this.regionDown,
      this.endpointDown,
      this.errorProbability,
      this.freezes,
      this.controlPlaneDown,
    ])
      column.fill(0);
    for (const column of [this.accessBlocked, this.accessAddUs, this.backboneBlocked, this.backboneAddUs])
      column.fill(0);
    for (const column of [this.slowFactor, this.capacityShare, this.quotaScale]) column.fill(1);
    this.entryFrozen = false;
    for (const fault of active) this.#apply(fault);
    this.#scenario.deployment.endpoints.forEach((endpoint, e) => {
      this.#downByFaults[e] = Math.max(this.endpointDown[e]!, this.regionDown[endpoint.regionIndex]!);
      this.endpointDown[e] = Math.max(this.#downByFaults[e]!, this.#crashed[e]!);
      this.#shareLeftByFaults[e] = this.capacityShare[e]!;
      this.capacityShare[e] = this.#shareLeftByFaults[e]! * this.#warm[e]!;
    });
  }

  /** So much of a standby's places run from now on, of those that faults leave. */
  setWarm(e: number, share: number): void {
    this.#warm[e] = share;
    this.capacityShare[e] = this.#shareLeftByFaults[e]! * share;
  }

  /** Overload has brought an endpoint down, or it has restarted. */
  setCrashed(e: number, crashed: boolean): void {
    this.#crashed[e] = crashed ? DOWN_REFUSING : UP;
    this.endpointDown[e] = Math.max(this.#downByFaults[e]!, this.#crashed[e]!);
  }

  #apply(fault: Fault): void {
    switch (fault.kind) {
      case "region-down":
        for (const r of this.#regionsOf(fault.target))
          this.regionDown[r] = worse(this.regionDown[r]!, fault.manner);
        return;
      case "endpoint-down":
        for (const e of this.#endpointsOf(fault.target))
          this.endpointDown[e] = worse(this.endpointDown[e]!, fault.manner);
        return;
      case "slow":
        for (const e of this.#endpointsOf(fault.target))
          this.slowFactor[e] = this.slowFactor[e]! * fault.factor;
        return;
      case "error-rate":
        for (const e of this.#endpointsOf(fault.target))
          this.errorProbability[e] = 1 - (1 - this.errorProbability[e]!) * (1 - fault.probability);
        return;
      case "capacity-loss":
        for (const e of this.#endpointsOf(fault.target)) {
          this.capacityShare[e] = this.capacityShare[e]! * (1 - fault.fraction);
          if (fault.preempt) this.freezes[e] = 1;
        }
        return;
      case "quota-cut":
        for (const e of this.#endpointsOf(fault.target))
          this.quotaScale[e] = this.quotaScale[e]! * fault.factor;
        return;
      case "partition":
        this.#betweenPairs(fault.between, (column, at) =>
          (column === "access" ? this.accessBlocked : this.backboneBlocked).fill(1, at, at + 1),
        );
        return;
      case "latency":
        this.#betweenPairs(fault.between, (column, at) => {
          const delays = column === "access" ? this.accessAddUs : this.backboneAddUs;
          delays[at] = delays[at]! + fault.addUs;
        });
        return;
      case "control-plane-down":
        for (const e of this.#endpointsOf(fault.target)) this.controlPlaneDown[e] = 1;
        return;
      case "entry-frozen":
        this.entryFrozen = true;
        return;
      case "demand-surge":
        return; // Part of the demand curve: users do not wait for the event.
    }
  }

  #endpointsOf(target: FaultTarget): number[] {
    const all = this.#scenario.deployment.endpoints.map((_, e) => e);
    if (target.kind === "endpoint") return [target.index];
    if (target.kind === "region")
      return all.filter((e) => this.#scenario.deployment.endpoints[e]!.regionIndex === target.index);
    return target.kind === "all" ? all : [];
  }

  #regionsOf(target: FaultTarget): number[] {
    if (target.kind === "region") return [target.index];
    if (target.kind === "endpoint") return [this.#scenario.deployment.endpoints[target.index]!.regionIndex];
    return target.kind === "all" ? this.#scenario.deployment.regions.map((_, r) => r) : [];
  }

  #sitesOf(target: FaultTarget): number[] {
    if (target.kind === "site") return [target.index];
    return target.kind === "all" ? this.#scenario.workload.sites.map((_, s) => s) : [];
  }

  #betweenPairs(
    between: readonly [FaultTarget, FaultTarget],
    visit: (column: "access" | "backbone", at: number) => void,
  ): void {
    const seen = new Set<string>();
    const once = (column: "access" | "backbone", at: number): void => {
      if (seen.has(`${column}${at}`)) return;
      seen.add(`${column}${at}`);
      visit(column, at);
    };
    for (const [a, b] of [between, [between[1], between[0]] as const]) {
      for (const region of this.#regionsOf(b)) {
        for (const site of this.#sitesOf(a)) once("access", site * this.#regions + region);
        for (const other of this.#regionsOf(a)) {
          if (other === region) continue;
          once("backbone", other * this.#regions + region);
          once("backbone", region * this.#regions + other);
        }
      }
    }
  }
}

function worse(now: number, manner: "refuse" | "black-hole"): number {
  return Math.max(now, manner === "refuse" ? DOWN_REFUSING : DOWN_BLACK_HOLE);
}
