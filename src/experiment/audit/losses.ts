/**
 * What the rules make unavoidable when regions are lost: for every set of them, how much of the demand the endpoints
 * that are left and lawful can carry, whatever the routing, against the same without rules. A flow of calls of mean
 * length: waiting, networks and the limits of gateways are left out, so a policy refuses at least this much.
 */
import { usualRatesPerS } from "../../model/capacity.js";
import { fairFlow } from "../../result/fairFlow.js";
import type { AuditFlow, AuditKindFlow, AuditLoss, AuditLosses } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { demands } from "./demand.js";
import type { LawfulKind } from "./lawfulKinds.js";

/** With more regions only sets of so many are looked at. */
const REGIONS_FOR_ALL_SETS = 6;
const MOST_LOST = 2;

/** The table of losses. */
export function lossesOf(scenario: Scenario, kinds: readonly LawfulKind[]): AuditLosses {
  const count = scenario.deployment.regions.length;
  const isEverySet = count <= REGIONS_FOR_ALL_SETS;
  const mostLost = isEverySet ? count : MOST_LOST;
  const flows = new Flows(scenario, kinds);
  const masks = lostSets(count, mostLost);
  const sets = masks.map((mask) => flows.loss(mask));
  const single = sets.filter(({ lost }) => lost.length === 1);
  return {
    isEverySet,
    mostLost,
    peakPerS: flows.total("peakPerS"),
    meanPerS: flows.total("meanPerS"),
    sets,
    meanRefusedShares: masks.map((mask) => flows.meanRefusedShare(mask)),
    worstSurvivor: count < 2 ? null : (single.reduce(worse, single[0]!) ?? null),
  };
}

/** Of equal shares the one with less to spare is worse, of equal ones the earlier. */
function worse(a: AuditLoss, b: AuditLoss): AuditLoss {
  const more = b.withinRules.refusedShare - a.withinRules.refusedShare;
  const isTighter = (b.headroom ?? Number.POSITIVE_INFINITY) < (a.headroom ?? Number.POSITIVE_INFINITY);
  return more > 0 || (more === 0 && isTighter) ? b : a;
}

/** Masks of at most so many regions, fewer first, then in order. */
function lostSets(count: number, most: number): readonly number[] {
  const sets: number[] = [];
  const grow = (from: number, mask: number, left: number): void => {
    if (left === 0) {
      sets.push(mask);
      return;
    }
    for (let region = from; region <= count - left; region++)
      grow(region + 1, mask | (1 << region), left - 1);
  };
  for (let size = 0; size <= most; size++) grow(0, 0, size);
  return sets;
}

type Rate = "peakPerS" | "meanPerS";

/** What is not lost, as masks. */
interface Left {
  readonly gateways: number;
  readonly endpoints: number;
}

class Flows {
  readonly #scenario: Scenario;
  readonly #kinds: readonly LawfulKind[];
  readonly #capacities: readonly number[];
  readonly #demands: ReturnType<typeof demands>;

  constructor(scenario: Scenario, kinds: readonly LawfulKind[]) {
    this.#scenario = scenario;
    this.#kinds = kinds;
    this.#capacities = usualRatesPerS(scenario);
    this.#demands = demands(scenario);
  }

  total(rate: Rate): number {
    return this.#demands.reduce((sum, demand) => sum + demand[rate], 0);
  }

  /** On average, within the rules. */
  meanRefusedShare(lostMask: number): number {
    return this.#flow(this.#lawful(this.#left(lostMask)), "meanPerS").flow.refusedShare;
  }

  /** At the peak. */
  loss(lostMask: number): AuditLoss {
    const left = this.#left(lostMask);
    const within = this.#lawful(left);
    const without = this.#masks(left, ({ allGateways, serving }) => [allGateways, serving]);
    const law = this.#flow(within, "peakPerS");
    const free = this.#flow(without, "peakPerS");
    const { regions } = this.#scenario.deployment;
    return {
      lost: regions.filter((_, r) => ((lostMask >> r) & 1) !== 0).map(({ id }) => id),
      withinRules: law.flow,
      withoutRules: free.flow,
      priceOfRules: Math.max(0, law.flow.refusedShare - free.flow.refusedShare),
      headroom: law.headroom === Number.POSITIVE_INFINITY ? null : law.headroom,
      byKind: this.#byKind(within, law.shares, free.shares),
    };
  }

  #left(lostMask: number): Left {
    const { gateways, endpoints } = this.#scenario.deployment;
    const alive = (of: readonly { readonly regionIndex: number }[]): number =>
      of.reduce(
        (mask, { regionIndex }, i) => (((lostMask >> regionIndex) & 1) === 0 ? mask | (1 << i) : mask),
        0,
      );
    return { gateways: alive(gateways), endpoints: alive(endpoints) };
  }

  #lawful(left: Left): readonly number[] {
    return this.#masks(left, ({ lawfulGateways, lawful }) => [lawfulGateways, lawful]);
  }

  #masks(
    left: Left,
    of: (kind: LawfulKind) => readonly [gateways: number, endpoints: number],
  ): readonly number[] {
    return this.#kinds.map((kind) => {
      const [gateways, endpoints] = of(kind);
      return (gateways & left.gateways) === 0 ? 0 : endpoints & left.endpoints;
    });
  }

  /** Kinds that may use the same endpoints are one demand. */
  #flow(
    masks: readonly number[],
    rate: Rate,
  ): { readonly flow: AuditFlow; readonly headroom: number; readonly shares: readonly number[] } {
    const distinct = [...new Set(masks)];
    const asked = new Float64Array(distinct.length);
    this.#kinds.forEach((kind, k) => {
      const group = distinct.indexOf(masks[k]!);
      asked[group] = asked[group]! + this.#demandOf(kind, rate);
    });
    const { shares, headroom } = fairFlow(asked, distinct, this.#capacities);
    const total = asked.reduce((sum, n) => sum + n, 0);
    const servedPerS = asked.reduce((sum, n, g) => sum + n * shares[g]!, 0);
    const refusedPerS = Math.max(0, total - servedPerS);
    return {
      flow: { servedPerS, refusedPerS, refusedShare: total === 0 ? 0 : refusedPerS / total },
      headroom,
      shares: masks.map((mask) => shares[distinct.indexOf(mask)]!),
    };
  }

  #demandOf({ site, classIndex }: LawfulKind, rate: Rate): number {
    return this.#demands[site * this.#scenario.workload.classes.length + classIndex]![rate];
  }

  /** Sites of a country together. */
  #byKind(
    within: readonly number[],
    lawShares: readonly number[],
    freeShares: readonly number[],
  ): readonly AuditKindFlow[] {
    const { endpoints } = this.#scenario.deployment;
    const rows = new Map<
      string,
      { kind: LawfulKind["kind"]; asked: number; law: number; free: number; mask: number }
    >();
    this.#kinds.forEach((of, k) => {
      const key = JSON.stringify([of.kind.country, of.kind.dataClass]);
      const row = rows.get(key) ?? { kind: of.kind, asked: 0, law: 0, free: 0, mask: 0 };
      const asked = this.#demandOf(of, "peakPerS");
      row.asked += asked;
      row.law += asked * (1 - lawShares[k]!);
      row.free += asked * (1 - freeShares[k]!);
      row.mask |= within[k]!;
      rows.set(key, row);
    });
    return [...rows.values()].map(({ kind, asked, law, free, mask }) => ({
      ...kind,
      demandPerS: asked,
      refusedShare: asked === 0 ? 0 : law / asked,
      refusedShareWithoutRules: asked === 0 ? 0 : free / asked,
      lawfulEndpoints: endpoints.filter((_, e) => ((mask >> e) & 1) !== 0).map(({ id }) => id),
    }));
  }
}
