/** Stores of every make in worlds where anything may fail: what must hold whatever happens. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { World } from "../../src/model/world.js";
import { storeResults } from "../../src/result/stores.js";
import type { Fault, Scenario, Store } from "../../src/scenario/scenario.js";
import { exponential, fixed } from "./buildScenario.js";
import { apart, EU, gone, store, talking, US } from "./storesScenario.js";

const spans = fc.record({ fromS: fc.integer({ min: 1, max: 55 }), forS: fc.integer({ min: 1, max: 30 }) });
const faults = fc
  .array(fc.tuple(fc.constantFrom("eu" as const, "us" as const, "apart" as const), spans), { maxLength: 4 })
  .map((list) =>
    list.map(([what, { fromS, forS }], i): Fault => {
      const toS = fromS + forS;
      const fault = what === "apart" ? apart(fromS, toS) : gone(what === "eu" ? EU : US, fromS, toS);
      return { ...fault, id: `f${i}` };
    }),
  );

const makes: fc.Arbitrary<Partial<Store>> = fc.record({
  kind: fc.constantFrom("conversation" as const, "vector-index" as const, "profile" as const),
  replication: fc.constantFrom("sync" as const, "async" as const, "isolated" as const),
  lag: fc.constantFrom(fixed(0), fixed(3e6), exponential(5e6)),
  acks: fc.constantFrom("reachable" as const, "majority" as const, "all" as const),
  primaryIndex: fc.constantFrom(-1, EU, US),
  readsPrimary: fc.boolean(),
  usedBy: fc.constantFrom("gateway" as const, "endpoint" as const),
  onMissing: fc.constantFrom("serve" as const, "refuse" as const),
  onUnavailable: fc.constantFrom("serve" as const, "refuse" as const),
  writeShare: fc.constantFrom(1, 0.5, 0),
});

interface Ran {
  readonly scenario: Scenario;
  readonly world: World;
  readonly ledgerWrites: number;
  readonly digest: string;
  readonly stores: ReturnType<typeof storeResults>;
}

function run(made: Partial<Store>, broken: readonly Fault[]): Ran {
  const stores = [
    store(made),
    store({ ...made, id: "second", copies: [store().copies[US]!], primaryIndex: -1 }),
  ];
  const scenario = talking({
    durationS: 60,
    perSecond: 1,
    both: true,
    session: { turns: fixed(4) },
    stores,
    faults: broken,
  });
  const world = new World(scenario);
  world.runUntil(scenario.durationUs);
  const { recording, digest } = world.finish();
  const ofFirst = recording.ledger.filter(({ placeKind, place }) => placeKind === "store" && place < 2);
  return {
    scenario,
    world,
    ledgerWrites: ofFirst.reduce((n, { writes }) => n + writes, 0),
    digest,
    stores: storeResults(recording),
  };
}

describe("stores in any world", () => {
  it("account for every read, write and loss, and run the same again", () => {
    fc.assert(
      fc.property(makes, faults, (made, broken) => {
        const { stores, digest, world, ledgerWrites } = run(made, broken);
        const first = stores[0]!;
        for (const { reads, fresh, stale, missing, staleS, overwritten, writes, conflicts } of stores) {
          expect(fresh + stale + missing).toBe(reads);
          expect(overwritten).toBeGreaterThanOrEqual(0);
          expect(overwritten).toBeLessThanOrEqual(writes);
          expect(conflicts).toBeLessThanOrEqual(writes);
          expect(staleS.max).toBeLessThanOrEqual(60);
        }
        // Each write is made once and arrives at most once elsewhere.
        expect(ledgerWrites).toBeGreaterThanOrEqual(first.writes);
        expect(ledgerWrites).toBeLessThanOrEqual(2 * first.writes);
        const onTheWay = world.held.travelling[0]!;
        if (made.replication === "isolated") expect(ledgerWrites).toBe(first.writes);
        else expect(ledgerWrites).toBe(2 * first.writes - onTheWay);
        expect(run(made, broken).digest).toBe(digest);
      }),
      { seed: 11, numRuns: 25 },
    );
  });

  it("keep the promises of their replication", () => {
    fc.assert(
      fc.property(makes, faults, (made, broken) => {
        const first = run(made, broken).stores[0]!;
        const isParted = broken.some(({ kind }) => kind === "partition");
        if (made.kind !== "conversation") expect(made.kind === "vector-index" ? first.conflicts : 0).toBe(0);
        if (made.replication !== "sync") return;
        // Whoever waits for all it can reach is whole until two sides cannot reach each other.
        if (made.acks === "reachable" && isParted) return;
        expect([first.stale, first.conflicts, first.overwritten]).toEqual([0, 0, 0]);
        for (const { byClass } of first.outages)
          for (const { rpoWrites } of Object.values(byClass)) expect(rpoWrites).toBe(0);
      }),
      { seed: 12, numRuns: 40 },
    );
  });

  it("remember no more conversations than are alive, and what has not arrived", () => {
    const stores = [store(), store({ replication: "isolated", id: "alone" })];
    const scenario = talking({ durationS: 300, perSecond: 2, session: { turns: fixed(3) }, stores });
    const world = new World(scenario);
    world.runUntil(scenario.durationUs);
    // Two a second, each alive for about 20 s: 40, with a standard deviation of 6.3; six hundred have been.
    for (const alive of world.held.remembered) expect(alive).toBeLessThan(40 + 5 * 6.4);
    expect(world.held.travelling[0]).toBeLessThan(40);
    expect(world.held.travelling[1]).toBe(0);
  });

  it("remember one conversation of each user of a closed site, who begins another when one is over", () => {
    const base = talking({ durationS: 300, session: { turns: fixed(3) }, stores: [store()] });
    const closed = { users: 40, think: fixed(2e6) };
    const sites = base.workload.sites.map((each) => ({ ...each, closed }));
    const world = new World({ ...base, workload: { ...base.workload, sites } });
    world.runUntil(base.durationUs);
    expect(world.held.remembered[0]).toBeGreaterThan(0);
    // Two sites; whose last turn has not crossed yet is remembered beside the next.
    expect(world.held.remembered[0]).toBeLessThanOrEqual(2 * 2 * closed.users);
  });
});
