/** Random faults of every kind. */
import fc from "fast-check";
import type { Fault, FaultKind, FaultTarget } from "../../src/scenario/scenario.js";

const MS = 1000;
const ms = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max }).map((n) => n * MS);

/** Every kind of fault. */
export const FAULT_KINDS: readonly FaultKind[] = [
  "region-down",
  "endpoint-down",
  "slow",
  "error-rate",
  "capacity-loss",
  "quota-cut",
  "partition",
  "latency",
  "entry-frozen",
  "demand-surge",
];

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
export function fault(
  index: number,
  sizes: Sizes,
  kinds: readonly FaultKind[] = FAULT_KINDS,
): fc.Arbitrary<Fault> {
  const span = fc
    .record({ from: fc.nat(12), length: fc.integer({ min: 1, max: 12 }) })
    .map(({ from, length }) => ({ id: `f${index}`, startUs: from * 1e6, endUs: (from + length) * 1e6 }));
  const servers = target(["region", "endpoint", "all"], sizes);
  const anything = target(["region", "endpoint", "site", "all"], sizes);
  const manner = fc.constantFrom("refuse" as const, "black-hole" as const);
  const effects = {
    "region-down": fc.record({ target: target(["region", "all"], sizes), manner }),
    "endpoint-down": fc.record({ target: servers, manner }),
    slow: fc.record({ target: servers, factor: fc.constantFrom(1, 2, 6) }),
    "error-rate": fc.record({ target: servers, probability: fc.constantFrom(0, 0.4, 1) }),
    "capacity-loss": fc.record({
      target: servers,
      fraction: fc.constantFrom(0.5, 0.9, 1),
      preempt: fc.boolean(),
    }),
    "quota-cut": fc.record({ target: servers, factor: fc.constantFrom(0, 0.3) }),
    partition: fc.record({ between: fc.tuple(anything, anything) }),
    latency: fc.record({ between: fc.tuple(anything, anything), addUs: ms(1, 1500) }),
    "control-plane-down": fc.record({ target: servers }),
    "entry-frozen": fc.constant({}),
    "demand-surge": fc.record({ target: target(["site", "all"], sizes), factor: fc.constantFrom(0, 0.5, 3) }),
  } satisfies Record<FaultKind, fc.Arbitrary<object>>;
  const what = fc
    .constantFrom(...kinds)
    .chain((kind) => (effects[kind] as fc.Arbitrary<object>).map((effect) => ({ kind, ...effect })));
  return fc.tuple(span, what).map(([when, effect]): Fault => ({ ...when, ...effect }) as Fault);
}
