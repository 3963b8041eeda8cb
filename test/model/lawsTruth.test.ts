/** The truth and the demand against the words of the scenario, cell by cell and second by second. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { luck, luckKey, streamKey } from "../../src/kernel/index.js";
import { Demand } from "../../src/model/demand.js";
import { Environment } from "../../src/model/environment.js";
import { activeAt } from "../../src/model/faults.js";
import type { Fault, FaultTarget, Scenario, Site } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, region, SECOND, server, site } from "./buildScenario.js";
import { FAULT_KINDS, fault } from "./lawsFaults.js";
import { during } from "./lawsScenario.js";

describe("environment", () => {
  const sizes = { regions: 3, endpoints: 4, sites: 2 };
  const where = [0, 0, 1, 2];
  const scenario: Scenario = buildScenario({
    durationS: 30,
    regions: ["DE", "US", "JP"].map((country, r) => region(`r${r}`, country)),
    endpoints: where.map((r, e) => endpoint(`e${e}`, r, server(fixed(1), 1))),
    sites: [site("s0", "DE", 1), site("s1", "US", 1)],
  });

  const hitsEndpoint = (target: FaultTarget, e: number): boolean =>
    target.kind === "all" ||
    (target.kind === "endpoint" && target.index === e) ||
    (target.kind === "region" && target.index === where[e]);
  const regionOf = (target: FaultTarget): number =>
    target.kind === "endpoint" ? where[target.index]! : target.kind === "region" ? target.index : -1;
  const hitsRegion = (target: FaultTarget, r: number): boolean =>
    target.kind === "all" || regionOf(target) === r;
  const hitsSite = (target: FaultTarget, s: number): boolean =>
    target.kind === "all" || (target.kind === "site" && target.index === s);
  const bad = (faults: readonly Fault[], kind: Fault["kind"], hit: (f: never) => boolean): Fault[] =>
    faults.filter((f) => f.kind === kind && hit(f as never));
  const worst = (faults: readonly Fault[]): number =>
    Math.max(0, ...faults.map((f) => ("manner" in f && f.manner === "black-hole" ? 2 : 1)));
  const product = (faults: readonly Fault[], of: (f: never) => number): number =>
    faults.reduce((p, f) => p * of(f as never), 1);
  type Hit = {
    readonly target: FaultTarget;
    readonly factor: number;
    readonly fraction: number;
    readonly probability: number;
    readonly addUs: number;
    readonly preempt: boolean;
  };

  /** One cell at a time, straight from the words of the fault kinds. */
  function compareEndpoint(world: Environment, active: readonly Fault[], e: number): void {
    const mine = (kind: Fault["kind"]): Fault[] => bad(active, kind, (f: Hit) => hitsEndpoint(f.target, e));
    const dead = bad(active, "region-down", (f: Hit) => hitsRegion(f.target, where[e]!));
    expect(world.endpointDown[e]).toBe(worst([...dead, ...mine("endpoint-down")]));
    expect(world.slowFactor[e]).toBeCloseTo(
      product(mine("slow"), (f: Hit) => f.factor),
      9,
    );
    expect(world.errorProbability[e]).toBeCloseTo(
      1 - product(mine("error-rate"), (f: Hit) => 1 - f.probability),
      9,
    );
    expect(world.capacityShare[e]).toBeCloseTo(
      product(mine("capacity-loss"), (f: Hit) => 1 - f.fraction),
      9,
    );
    expect(world.freezes[e]).toBe(mine("capacity-loss").some((f) => "preempt" in f && f.preempt) ? 1 : 0);
    expect(world.quotaScale[e]).toBeCloseTo(
      product(mine("quota-cut"), (f: Hit) => f.factor),
      9,
    );
  }

  function comparePairs(world: Environment, active: readonly Fault[]): void {
    const cut = active.flatMap((f) => (f.kind === "partition" ? [f.between] : []));
    const slowed = active.flatMap((f) => (f.kind === "latency" ? [f] : []));
    for (let r = 0; r < sizes.regions; r++) {
      for (let s = 0; s < sizes.sites; s++) {
        const joins = ([a, b]: readonly [FaultTarget, FaultTarget]): boolean =>
          (hitsSite(a, s) && hitsRegion(b, r)) || (hitsSite(b, s) && hitsRegion(a, r));
        expect(world.accessBlocked[s * sizes.regions + r] !== 0).toBe(cut.some(joins));
        expect(world.accessAddUs[s * sizes.regions + r]).toBe(
          slowed.reduce((sum, f) => sum + (joins(f.between) ? f.addUs : 0), 0),
        );
      }
      for (let q = 0; q < sizes.regions; q++) {
        const joins = ([a, b]: readonly [FaultTarget, FaultTarget]): boolean =>
          q !== r && ((hitsRegion(a, q) && hitsRegion(b, r)) || (hitsRegion(a, r) && hitsRegion(b, q)));
        expect(world.backboneBlocked[q * sizes.regions + r] !== 0).toBe(cut.some(joins));
        expect(world.backboneAddUs[q * sizes.regions + r]).toBe(
          slowed.reduce((sum, f) => sum + (joins(f.between) ? f.addUs : 0), 0),
        );
      }
    }
  }

  it("is what the active faults say, cell by cell, however they overlap and whatever was before", () => {
    // Many faults of few kinds, so that the same thing is often hit twice at once.
    const few = fc.uniqueArray(fc.constantFrom(...FAULT_KINDS), { minLength: 1, maxLength: 3 });
    const some = few.chain((kinds) =>
      fc.array(
        fc.nat(9).chain((i) => fault(i, sizes, kinds)),
        { maxLength: 8 },
      ),
    );
    fc.assert(
      fc.property(some, fc.array(fc.nat(26), { minLength: 1, maxLength: 6 }), (faults, timesS) => {
        const world = new Environment(scenario);
        for (const atS of timesS) {
          const active = faults.filter((f) => f.startUs <= atS * SECOND && atS * SECOND < f.endUs);
          expect(activeAt(faults, atS * SECOND)).toEqual(active);
          world.recompute(active);
          for (let e = 0; e < sizes.endpoints; e++) compareEndpoint(world, active, e);
          for (let r = 0; r < sizes.regions; r++)
            expect(world.regionDown[r]).toBe(
              worst(bad(active, "region-down", (f: Hit) => hitsRegion(f.target, r))),
            );
          comparePairs(world, active);
          expect(world.entryFrozen).toBe(active.some((f) => f.kind === "entry-frozen"));
        }
      }),
      { seed: 24, numRuns: 300 },
    );
  });

  it("a fault that names users does nothing to endpoints", () => {
    const world = new Environment(scenario);
    world.recompute([during(0, 9, { kind: "slow", target: { kind: "site", index: 0 }, factor: 9 })]);
    expect([...world.slowFactor]).toEqual([1, 1, 1, 1]);
  });
});

describe("demand", () => {
  const rate = fc.constantFrom(0, 0.5, 3, 40);
  const curve = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), rate), { minLength: 1, maxLength: 5 });
  const surges = fc.array(
    fc.record({
      from: fc.nat(20),
      length: fc.integer({ min: 1, max: 15 }),
      factor: fc.constantFrom(0, 0.5, 4),
      mine: fc.boolean(),
    }),
    { maxLength: 3 },
  );
  const END_S = 60;

  function siteOf(list: readonly (readonly [number, number])[]): Site {
    let startS = 0;
    const starts = list.map(([lengthS]) => {
      startS += lengthS;
      return (startS - lengthS) * SECOND;
    });
    return {
      ...site("s", "DE", 0),
      startsUs: Float64Array.from(starts),
      perSecond: Float64Array.from(list, ([, perSecond]) => perSecond),
    };
  }

  function perSecondAt(place: Site, faults: readonly Fault[], us: number): number {
    let perSecond = 0;
    place.startsUs.forEach((startUs, i) => {
      if (startUs <= us) perSecond = place.perSecond[i]!;
    });
    for (const f of faults)
      if (
        f.kind === "demand-surge" &&
        f.target.kind !== "region" &&
        !(f.target.kind === "site" && f.target.index !== 0) &&
        f.startUs <= us &&
        us < f.endUs
      )
        perSecond *= f.factor;
    return perSecond;
  }

  it("puts the next arrival where the rate added up second by second has reached the draw", () => {
    fc.assert(
      fc.property(
        curve,
        surges,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.nat(40),
        (list, waves, u, fromS) => {
          const place = siteOf(list);
          const faults = waves.map(({ from, length, factor, mine }, i) =>
            during(
              from,
              from + length,
              {
                kind: "demand-surge",
                target: mine ? { kind: "site", index: 0 } : { kind: "site", index: 1 },
                factor,
              },
              `${i}`,
            ),
          );
          const nextUs = new Demand(place, 0, faults, END_S * SECOND).nextUs(fromS * SECOND, u);
          let need = -Math.log(1 - u);
          let atS = fromS;
          // Every edge lies on a whole second, and after the last one the rate stays.
          for (; atS < END_S; atS++) {
            const perSecond = perSecondAt(place, faults, atS * SECOND);
            if (perSecond > 0 && need <= perSecond) break;
            need -= perSecond;
          }
          const perSecond = perSecondAt(place, faults, Math.min(atS, END_S - 1) * SECOND);
          const expectedUs = perSecond === 0 ? Number.POSITIVE_INFINITY : (atS + need / perSecond) * SECOND;
          if (expectedUs === Number.POSITIVE_INFINITY) expect(nextUs).toBe(expectedUs);
          else expect(Math.abs(nextUs - expectedUs), `${nextUs} for ${expectedUs}`).toBeLessThan(2);
        },
      ),
      { seed: 25, numRuns: 400 },
    );
  });

  it("makes counts whose mean and variance are those of a Poisson process, surge included", () => {
    const place = {
      ...site("s", "DE", 0),
      startsUs: Float64Array.of(0, 10 * SECOND),
      perSecond: Float64Array.of(2, 0.5),
    };
    const faults = [during(5, 15, { kind: "demand-surge", target: { kind: "all" }, factor: 3 })];
    const mean = 5 * 2 + 5 * 6 + 5 * 1.5 + 5 * 0.5;
    const runs = 2000;
    const key = luckKey(streamKey("demand", 0, "test", "counts"));
    const counts = Array.from({ length: runs }, (_, run) => {
      const demand = new Demand(place, 0, faults, 20 * SECOND);
      let count = 0;
      for (let us = demand.nextUs(0, luck(key.k0, key.k1, run, count)); us <= 20 * SECOND; count++)
        us = demand.nextUs(us, luck(key.k0, key.k1, run, count + 1));
      return count;
    });
    const measured = counts.reduce((sum, n) => sum + n, 0) / runs;
    const variance = counts.reduce((sum, n) => sum + (n - measured) ** 2, 0) / (runs - 1);
    // Four standard errors: of a mean sqrt(m/n); of a variance m·sqrt(2/n) and a little for the fourth moment.
    expect(Math.abs(measured - mean)).toBeLessThan(4 * Math.sqrt(mean / runs));
    expect(Math.abs(variance - mean)).toBeLessThan(4 * mean * Math.sqrt(2.1 / runs));
  });
});
