/** Random faults of every kind. */
import fc from "fast-check";
import type { Fault, FaultTarget } from "../../src/scenario/scenario.js";

const MS = 1000;
const share = fc.integer({ min: 0, max: 20 }).map((n) => n / 20);
const ms = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max }).map((n) => n * MS);

/** How many things of each kind there are to hit. */
export interface Sizes {
  readonly regions: number;
  readonly endpoints: number;
  readonly sites: number;
}

function target(kinds: readonly FaultTarget["kind"][], sizes: Sizes): fc.Arbitrary<FaultTarget> {
  const count = { region: sizes.regions, endpoint: sizes.endpoints, site: sizes.sites, all: 1 };
  return fc
    .constantFrom(...kinds)
    .chain((kind) =>
      fc.nat(count[kind] - 1).map((index): FaultTarget => (kind === "all" ? { kind } : { kind, index })),
    );
}

/** Overlapping spans that begin and end on few distinct instants, so edges often coincide. */
export function fault(index: number, sizes: Sizes): fc.Arbitrary<Fault> {
  const span = fc
    .record({ from: fc.nat(12), length: fc.integer({ min: 1, max: 12 }) })
    .map(({ from, length }) => ({ id: `f${index}`, startUs: from * 1e6, endUs: (from + length) * 1e6 }));
  const servers = target(["region", "endpoint", "all"], sizes);
  const anything = target(["region", "endpoint", "site", "all"], sizes);
  const manner = fc.constantFrom("refuse" as const, "black-hole" as const);
  const what = fc.oneof(
    fc.record({
      kind: fc.constant("region-down" as const),
      target: target(["region", "all"], sizes),
      manner,
    }),
    fc.record({ kind: fc.constant("endpoint-down" as const), target: servers, manner }),
    fc.record({ kind: fc.constant("slow" as const), target: servers, factor: fc.constantFrom(1, 2, 6) }),
    fc.record({ kind: fc.constant("error-rate" as const), target: servers, probability: share }),
    fc.record({
      kind: fc.constant("capacity-loss" as const),
      target: servers,
      fraction: fc.constantFrom(0.5, 0.9, 1),
      preempt: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("quota-cut" as const), target: servers, factor: fc.constantFrom(0, 0.3) }),
    fc.record({ kind: fc.constant("partition" as const), between: fc.tuple(anything, anything) }),
    fc.record({
      kind: fc.constant("latency" as const),
      between: fc.tuple(anything, anything),
      addUs: ms(1, 1500),
    }),
    fc.constant({ kind: "entry-frozen" as const }),
    fc.record({
      kind: fc.constant("demand-surge" as const),
      target: target(["site", "all"], sizes),
      factor: fc.constantFrom(0, 0.5, 3),
    }),
  );
  return fc.tuple(span, what).map(([when, kind]): Fault => ({ ...when, ...kind }) as Fault);
}
