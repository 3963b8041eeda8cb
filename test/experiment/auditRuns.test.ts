/**
 * The proof against what happens: whatever a run's ledger holds, the audit of its scenario must have said that it may
 * be there, and by a way it names; and every violation of a run must be among those of the audit.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { provePaths } from "../../src/experiment/index.js";
import type { LedgerEntry } from "../../src/metrics/index.js";
import { judgePlace, World } from "../../src/model/index.js";
import type { CHANNELS } from "../../src/policy/index.js";
import type { Deployment, Entry, Scenario, Store } from "../../src/scenario/scenario.js";
import { anyScenario } from "../model/lawsArbitrary.js";

/** What the swarm of small scenarios leaves out: everything by which prompts get out. */
const loosened = fc.record({
  enforces: fc.constantFrom<readonly (typeof CHANNELS)[number][] | undefined>(undefined, ["processing"], []),
  isGlobal: fc.boolean(),
  failsOver: fc.boolean(),
  shadows: fc.option(fc.nat(9), { nil: null }),
  copiesPrompts: fc.boolean(),
  holds: fc.boolean(),
  store: fc.option(
    fc.record({
      replication: fc.constantFrom("sync" as const, "async" as const, "isolated" as const),
      usedBy: fc.constantFrom("gateway" as const, "endpoint" as const),
      primary: fc.integer({ min: -1, max: 3 }),
      copies: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
      kind: fc.constantFrom("vector-index" as const, "profile" as const),
    }),
    { nil: null },
  ),
});

type Loosened = typeof loosened extends fc.Arbitrary<infer T> ? T : never;

const scenarios: fc.Arbitrary<Scenario> = fc
  .tuple(anyScenario, loosened)
  .map(([scenario, loose]): Scenario => {
    const { deployment } = scenario;
    const { health } = deployment.routing;
    return {
      ...scenario,
      durationUs: 12e6,
      deployment: {
        ...deployment,
        entry: entryOf(deployment.entry, loose),
        residency: deployment.residency.map((rule) => ({
          ...rule,
          onEmpty: loose.holds ? "queue" : "refuse",
        })),
        stores: storesOf(deployment, loose),
        routing: {
          ...deployment.routing,
          health: health === null ? null : { ...health, copiesPrompts: loose.copiesPrompts },
          ...(loose.enforces === undefined ? {} : { enforces: { channels: loose.enforces } }),
          ...(loose.shadows === null
            ? {}
            : { shadow: { share: 0.5, endpointIndex: loose.shadows % deployment.endpoints.length } }),
        },
      },
    };
  });

function entryOf(entry: Entry, { isGlobal, failsOver }: Loosened): Entry {
  if (entry.kind === "anycast" && isGlobal) return { ...entry, scope: "global" };
  return entry.kind === "direct" ? { ...entry, failover: failsOver } : entry;
}

function storesOf({ regions }: Deployment, { store }: Loosened): readonly Store[] {
  if (store === null) return [];
  const homes = store.copies.filter((region) => region < regions.length);
  const channel = store.kind === "vector-index" ? "vector-index" : "store";
  const copies = homes.map((regionIndex) => ({
    id: `kept@${regionIndex}`,
    regionIndex,
    data: { [channel]: [regions[regionIndex]!.country] },
  }));
  if (copies.length === 0) return [];
  return [
    {
      id: "kept",
      kind: store.kind,
      copies,
      replication: store.replication,
      lag: { kind: "deterministic", value: 100_000 },
      acks: "reachable",
      primaryIndex: store.primary < copies.length ? store.primary : -1,
      readsPrimary: false,
      usedBy: store.usedBy,
      classIndices: [0, 1],
      onMissing: "serve",
      onUnavailable: "serve",
      writeShare: 0.5,
    },
  ];
}

/** The kinds of ways by which an entry of the ledger may have come about. */
const WAYS: Readonly<Record<LedgerEntry["purpose"], readonly string[]>> = {
  request: [
    "home",
    "failover",
    "retry",
    "hedge",
    "fail-open",
    "fallback-model",
    "stale-answer",
    "global-anycast",
  ],
  probe: ["probe-copy"],
  shadow: ["shadow"],
  queue: ["hold"],
  store: ["store-write", "replication"],
};

describe("what happens is what the audit says may happen", () => {
  let entries = 0;
  let violations = 0;
  const purposes = new Set<string>();

  it("over 240 small scenarios with everything going wrong", () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { paths } = provePaths(scenario);
        const world = new World(scenario, 0);
        world.runUntil(scenario.durationUs);
        const places = {
          gateway: scenario.deployment.gateways,
          endpoint: scenario.deployment.endpoints,
          store: scenario.deployment.stores.flatMap((store) => store.copies),
        };
        for (const entry of world.finish().recording.ledger) {
          const { country } = scenario.workload.sites[entry.site]!;
          const { id: dataClass } = scenario.workload.classes[entry.classIndex]!;
          const { id } = places[entry.placeKind][entry.place]!;
          const theirs = paths.filter(
            (path) =>
              path.country === country &&
              path.dataClass === dataClass &&
              path.place.kind === entry.placeKind &&
              path.place.id === id &&
              (path.place.kind !== "gateway" || (path.channel === "queue") === (entry.purpose === "queue")),
          );
          const name = `${country} ${dataClass} ${entry.placeKind} ${id} ${entry.purpose}`;
          entries += 1;
          purposes.add(entry.purpose);
          for (const path of theirs) {
            expect(`${name} ${path.channel} ${path.ever}`).toBe(`${name} ${path.channel} true`);
            expect(path.ways.map(({ kind }) => kind).some((kind) => WAYS[entry.purpose].includes(kind))).toBe(
              true,
            );
          }
          for (const row of judgePlace(scenario, entry, entry)) {
            if (row.lawful) continue;
            violations += 1;
            const told = theirs.filter(({ channel }) => channel === row.channel);
            expect(told.map(({ verdict, ever }) => `${name} ${row.channel} ${verdict} ${ever}`)).toEqual([
              `${name} ${row.channel} unlawful true`,
            ]);
          }
        }
      }),
      { numRuns: 240, seed: 7 },
    );
  });

  it("of which many are violations, of every purpose", () => {
    expect(entries).toBeGreaterThan(1500);
    expect(violations).toBeGreaterThan(150);
    expect([...purposes].sort()).toEqual(["probe", "queue", "request", "shadow", "store"]);
  });
});
