/** Fleets, questions and memories for the strategies' tests. */
import fc from "fast-check";
import {
  type Draw,
  type Fleet,
  type Picker,
  type Sets,
  STRATEGIES,
  type StrategyConfig,
  type StrategyName,
  type StrategyTarget,
  strategyOf,
} from "../../src/policy/index.js";

/** As many targets as a set can hold. */
export const COUNT = 31;

/** What a test says of a fleet; the rest is as if nothing special were known. */
export type FleetOf = Partial<Fleet>;

/** A fleet of which only some is said. */
export function fleetOf(fleet: FleetOf): Fleet {
  return { inFlight: [], weight: [], degraded: 0, excluded: 0, ...fleet };
}

/** A question of which only some is said: no luck to speak of, nothing known of distances. */
export function drawOf(draw: Partial<Draw> = {}): Draw {
  return { u: 0, v: 0, nowMs: 1000, stickyKey: -1, rttMs: [], distanceKm: [], ...draw };
}

/** Targets of the given weights, and whatever else is said of each. */
export function targetsOf(
  weights: ArrayLike<number>,
  more: (i: number) => Partial<StrategyTarget> = () => ({}),
): StrategyTarget[] {
  return Array.from(weights, (weight, i) => ({ id: `t${i}`, tier: 0, weight, ...more(i) }));
}

/** A picker with the defaults or the given options, over targets of the fleet's weights. */
export function pickerOf(config: StrategyName | StrategyConfig, targets: readonly StrategyTarget[]): Picker {
  const options = typeof config === "string" ? STRATEGIES[config].defaults : config;
  return strategyOf(options).create(options, targets);
}

/** All of a set is lawful and healthy, and the candidates are the set. */
export function allOf(mask: number): Sets {
  return { lawful: mask, healthy: mask, reason: 0 };
}

/** The first answer of a picker that remembers nothing yet. */
export function pickOnce(
  name: StrategyName | StrategyConfig,
  fleet: FleetOf,
  mask: number,
  draw: Partial<Draw> = {},
): number {
  const whole = fleetOf(fleet);
  return pickerOf(name, targetsOf(whole.weight)).pick(whole, mask, drawOf(draw), allOf(mask));
}

/** Luck in [0, 1): even over it, and also the corners, since the usual doubles are nearly all next to 0. */
export const luckArb: fc.Arbitrary<number> = fc.oneof(
  fc.nat(999).map((n) => n / 1000),
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
);

/** One question: the fleet's loads, what is known of the request, and what the earlier filters left. */
export interface Question {
  readonly inFlight: readonly number[];
  readonly degraded: number;
  readonly excluded: number;
  readonly draw: Draw;
  readonly candidates: number;
  readonly lawful: number;
  readonly healthy: number;
}

const maskArb = fc.integer({ min: 0, max: 0x7fffffff });
const column = (values: fc.Arbitrary<number>, minLength = COUNT): fc.Arbitrary<number[]> =>
  fc.array(values, { minLength, maxLength: COUNT });

const drawArb: fc.Arbitrary<Draw> = fc.record({
  u: luckArb,
  v: luckArb,
  nowMs: fc.constantFrom(0, 1000, 1000.5, 1e9),
  stickyKey: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 5 }), fc.maxSafeNat()),
  rttMs: column(fc.constantFrom(0, 10, 20, Number.NaN, Number.POSITIVE_INFINITY), 0),
  distanceKm: column(fc.constantFrom(0, 100, 9000, Number.NaN, Number.POSITIVE_INFINITY), 0),
});

/**
 * Any question with at least one candidate. Few distinct values, so that ties are common. `live` strategies are offered
 * lawful targets whatever is believed about them; others healthy ones, or when none is, some that are not.
 */
export function questionArb(live: boolean): fc.Arbitrary<Question> {
  return fc
    .record({
      // Few distinct loads, so that ties are common.
      inFlight: column(fc.integer({ min: 0, max: 3 })),
      degraded: fc.oneof(fc.constant(0), maskArb),
      excluded: fc.oneof(fc.constant(0), maskArb),
      draw: drawArb,
      candidates: fc.integer({ min: 1, max: 0x7fffffff }),
      others: maskArb,
      failedOpen: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
      up: fc.oneof(fc.constant(0x7fffffff), maskArb),
    })
    .map(({ others, failedOpen, up, ...question }) => {
      const lawful = question.candidates | others;
      const offered = failedOpen ? 0 : question.candidates | (up & others);
      return { ...question, lawful, healthy: live ? lawful & up : offered };
    });
}

/** Fleets that differ in everything a target may say, by number; the same number gives the same fleet. */
export function worldOf(number: number): StrategyTarget[] {
  const at = (i: number, of: number): number => Math.imul(i + 1, number * 7 + 11) % of;
  return Array.from({ length: COUNT }, (_, i) => ({
    id: `t${i}`,
    tier: number === 0 ? 0 : at(i, 3),
    weight: number === 1 ? 0 : number === 2 ? at(i, 3) : 1 + at(i, 5) / 2,
    ...(number % 2 === 0
      ? {}
      : { capacity: 1 + at(i, 4), pricePerMTok: at(i, 3), biasPercent: at(i, 199) - 99 }),
    ...(number < 2 ? {} : { region: `r${at(i, 4)}` }),
    ...(number < 3 ? {} : { zone: `z${at(i, 2)}` }),
  }));
}

/** How many fleets {@link worldOf} has. */
export const WORLDS = 4;

/** One thing that a strategy may remember. */
export type Happening =
  | { readonly kind: "sent"; readonly target: number; readonly candidates: number; readonly afterMs: number }
  | { readonly kind: "ended"; readonly target: number; readonly result: number; readonly rttMs: number };

/** A life: what was sent and what ended. A target ends no more often than it was sent to. */
export const historyArb: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("sent" as const),
      target: fc.integer({ min: 0, max: COUNT - 1 }),
      candidates: maskArb,
      afterMs: fc.constantFrom(0, 0.25, 100, 20_000, 200_000),
    }),
    fc.record({
      kind: fc.constant("ended" as const),
      target: fc.integer({ min: 0, max: COUNT - 1 }),
      result: fc.integer({ min: 0, max: 5 }),
      rttMs: fc.constantFrom(-1, 0, 3, 500, 60_000),
    }),
  ),
  { maxLength: 60 },
);

/** Lets a picker live through a history that begins at time 0; its time at the end, ms. */
export function live(picker: Picker, history: readonly Happening[]): number {
  const open = new Int32Array(COUNT);
  let nowMs = 0;
  for (const event of history) {
    if (event.kind === "sent") {
      nowMs += event.afterMs;
      open[event.target]! += 1;
      // Candidates of 0 mean a further try at the same target, which a choice need not have contained.
      const candidates = event.candidates === 0 ? 0 : event.candidates | (1 << event.target);
      picker.sent?.(event.target, candidates, nowMs);
    } else if (open[event.target]! > 0) {
      open[event.target]! -= 1;
      picker.ended?.({ target: event.target, result: event.result, rttMs: event.rttMs, nowMs });
    }
  }
  return nowMs;
}

/**
 * Everything a picker remembers, as JSON: the fields that are not functions, typed arrays as lists. Throws on what is
 * no memory that could be written down: numbers that are not finite, things that JSON does not know.
 */
export function memoryOf(picker: Picker): string {
  return JSON.stringify(plain(picker, "picker"));
}

function plain(value: unknown, path: string): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new Error(`${path} is ${value}`);
  }
  if (ArrayBuffer.isView(value))
    return Array.from(value as Float64Array, (x, i) => plain(x, `${path}[${i}]`));
  if (Array.isArray(value)) return value.map((x, i) => plain(x, `${path}[${i}]`));
  if (value === undefined || typeof value !== "object") throw new Error(`${path} is a ${typeof value}`);
  const entries = Object.entries(value).filter(([, field]) => typeof field !== "function");
  return Object.fromEntries(entries.map(([key, field]) => [key, plain(field, `${path}.${key}`)]));
}
