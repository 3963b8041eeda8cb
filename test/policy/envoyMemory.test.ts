/** What Envoy's strategies keep from one question to the next is what a picker that was asked nothing would work out. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Picker, RESULT_OK, STRATEGIES, type StrategyConfig } from "../../src/policy/index.js";
import { drawOf, fleetOf, luckArb, pickerOf, targetsOf } from "./strategyWorlds.js";

const COUNT = 8;
const ALL = 0xff;
const TARGETS = targetsOf(new Array<number>(COUNT).fill(1), (i) => ({
  tier: i < 6 ? 0 : 1,
  region: `r${i % 3}`,
  capacity: 2,
}));

/** A request is sent or ends, some seconds pass, or one is asked about: few different sets, so that one comes twice. */
type Step =
  | { readonly kind: "sent" | "ended"; readonly target: number }
  | { readonly kind: "wait"; readonly ms: number }
  | {
      readonly kind: "pick";
      readonly healthy: number;
      readonly lawful: number;
      readonly full: number;
      readonly near: number;
      readonly u: number;
      readonly v: number;
    };

const setArb = fc.constantFrom(ALL, ALL, ALL, ALL, ALL, 0b11111011, 0b11101101, 0b00111111, 0b01010101);
const stepArb: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("sent" as const, "sent" as const, "ended" as const),
    target: fc.nat(COUNT - 1),
  }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 1000, 5000) }),
  fc.record({
    kind: fc.constant("pick" as const),
    healthy: setArb,
    lawful: setArb,
    full: fc.constantFrom(0, 0, 0b00100100),
    near: fc.constantFrom(0, 0, 0, 1, 2),
    u: luckArb,
    v: luckArb,
  }),
);

function tell(picker: Picker, step: Step, nowMs: number): void {
  if (step.kind === "sent") picker.sent?.(step.target, 0, nowMs);
  if (step.kind === "ended") picker.ended?.({ target: step.target, result: RESULT_OK, rttMs: 1, nowMs });
}

function answer(picker: Picker, step: Step & { readonly kind: "pick" }, nowMs: number): readonly number[] {
  const { healthy, lawful, full, near, u, v } = step;
  const rttMs = TARGETS.map((_, i) => (i % 3 === near ? 1 : 50));
  const sets = { lawful, healthy: healthy & lawful, reason: 0, candidates: 0 };
  const fleet = fleetOf({ weight: TARGETS.map(() => 1), inFlight: TARGETS.map(() => 0) });
  const target = picker.pick(fleet, lawful & ~full, drawOf({ u, v, nowMs, rttMs }), sets);
  return [target, sets.candidates];
}

const STRATEGIES_THAT_KEEP: readonly StrategyConfig[] = [
  STRATEGIES["envoy-priority"].defaults,
  { ...STRATEGIES["envoy-zone-aware"].defaults, minClusterSize: 1 },
  STRATEGIES["envoy-locality-weighted"].defaults,
  { ...STRATEGIES["envoy-load-aware"].defaults, utilisationVariance: 0, newestShare: 1, updateMs: 10 },
];

describe("an Envoy strategy that has been asked before", () => {
  it.each(STRATEGIES_THAT_KEEP.map((config) => [config.kind, config] as const))(
    "%s answers as one that has been told the same and asked nothing",
    (_, config) => {
      let answers = 0;
      fc.assert(
        fc.property(fc.array(stepArb, { minLength: 4, maxLength: 25 }), (steps) => {
          const old = pickerOf(config, TARGETS);
          let nowMs = 0;
          steps.forEach((step, n) => {
            if (step.kind === "wait") nowMs += step.ms;
            tell(old, step, nowMs);
            if (step.kind !== "pick") return;
            const fresh = pickerOf(config, TARGETS);
            let thenMs = 0;
            for (const before of steps.slice(0, n)) {
              if (before.kind === "wait") thenMs += before.ms;
              tell(fresh, before, thenMs);
            }
            expect(answer(old, step, nowMs)).toEqual(answer(fresh, step, nowMs));
            answers += 1;
          });
        }),
        { seed: 20_260_801, numRuns: 400 },
      );
      expect(answers).toBeGreaterThan(1000);
    },
  );
});
