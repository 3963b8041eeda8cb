/** What every strategy must keep; run for each one that is registered, with its defaults and at its options' ends. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bitCount,
  type Draw,
  type Fleet,
  type Picker,
  type Sets,
  type StrategyConfig,
  type StrategyName,
  strategyConfig,
  strategyOf,
} from "../../src/policy/index.js";
import {
  allOf,
  COUNT,
  drawOf,
  fleetOf,
  historyArb,
  live,
  memoryOf,
  type Question,
  questionArb,
  targetsOf,
  WORLDS,
  worldOf,
} from "./strategyWorlds.js";

const SEED = 20260501;
/** What a question and the filters' sets are made of; nothing else may be looked at. */
const MAY_READ: readonly PropertyKey[] = [
  ...Object.keys(drawOf()),
  ...Object.keys(allOf(0)),
  "admitted",
  "candidates",
];

/** Asserts the contract of `Strategy` and `Picker` for one implementation; `configs` are options to be tried besides. */
export function strategyContract(name: StrategyName, configs: readonly StrategyConfig[] = []): void {
  const defaults = strategyConfig(name)!;
  const strategy = strategyOf(defaults);
  const isLive = strategy.reach === "live";
  // Made once: making one may be dear. The defaults in every world, options at their ends in one or another.
  const pickers = [...new Array<StrategyConfig>(WORLDS).fill(defaults), ...configs].map((config, n) => ({
    config,
    weight: worldOf(n % WORLDS).map((target) => target.weight),
    picker: strategy.create(config, worldOf(n % WORLDS)),
  }));
  const caseArb = fc.record({ which: fc.nat(pickers.length - 1), question: questionArb(isLive) });
  const runs = { seed: SEED, numRuns: 300 };

  const ask = (which: number, question: Question, draw: Draw = question.draw): number => {
    const { picker, weight } = pickers[which]!;
    return picker.pick(fleet(question, weight), question.candidates, draw, sets(question));
  };

  /** Who looks at health may name nobody, and who is told to refuse rather than to overfill. */
  const mayRefuse = (which: number): boolean => {
    const { config } = pickers[which]!;
    return isLive || ("onCapped" in config && config.onCapped === "refuse");
  };

  describe(`${name} keeps the contract of a strategy`, () => {
    it("is registered under its own name, with defaults of its own kind", () => {
      expect(strategy.name).toBe(name);
      expect(defaults.kind).toBe(name);
      expect(structuredClone(defaults)).toEqual(defaults);
    });

    it("never leaves the candidates, whatever the fleet and the luck, and names one unless it may refuse", () => {
      fc.assert(
        fc.property(caseArb, ({ which, question }) => {
          const chosen = ask(which, question);
          if (chosen === -1) expect(mayRefuse(which)).toBe(true);
          else expect(bitCount(question.candidates & (1 << chosen))).toBe(1);
          expect(chosen).toBeLessThan(COUNT);
        }),
        runs,
      );
    });

    it("answers -1 when there is no candidate", () => {
      fc.assert(
        fc.property(caseArb, ({ which, question }) => {
          expect(ask(which, { ...question, candidates: 0 })).toBe(-1);
        }),
        runs,
      );
    });

    it("takes a lone candidate that is well, whatever its load, weight and distance", () => {
      fc.assert(
        fc.property(caseArb, fc.nat(COUNT - 1), ({ which, question }, only) => {
          const alone = { ...question, candidates: 1 << only, lawful: 1 << only, healthy: 1 << only };
          expect(ask(which, { ...alone, degraded: 0, excluded: 0 })).toBe(only);
        }),
        runs,
      );
    });

    it("gives the same answer to the same question, and picking changes neither its arguments nor its memory", () => {
      fc.assert(
        fc.property(caseArb, ({ which, question }) => {
          const { picker, weight } = pickers[which]!;
          const before = JSON.stringify(question);
          const memory = memoryOf(picker);
          const first = ask(which, question);
          ask(which, question, { ...question.draw, u: 0.5, v: 0.5, stickyKey: 7 });
          picker.pick(fleet(question, weight), 0x7fffffff, question.draw, allOf(0x7fffffff));
          expect(ask(which, question)).toBe(first);
          expect(JSON.stringify(question)).toBe(before);
          expect(memoryOf(picker)).toBe(memory);
        }),
        { ...runs, numRuns: 60 },
      );
    });

    it("only adds to the reasons, narrows the candidates at most, and leaves the other sets as they were", () => {
      fc.assert(
        fc.property(caseArb, ({ which, question }) => {
          const { picker, weight } = pickers[which]!;
          const { candidates } = question;
          const given = { ...sets(question), candidates, admitted: candidates, reason: 0b101 };
          const chosen = picker.pick(fleet(question, weight), candidates, question.draw, given);
          expect(given.reason & 0b101).toBe(0b101);
          expect(given.candidates & ~candidates).toBe(0);
          if (chosen >= 0) expect(given.candidates & (1 << chosen)).not.toBe(0);
          const { lawful, healthy } = sets(question);
          expect(given).toMatchObject({ lawful, healthy, admitted: candidates });
        }),
        runs,
      );
    });

    it("reads nothing of the question but what a strategy is told of it", () => {
      const seen = new Set<PropertyKey>();
      const spied = <T extends object>(object: T): T =>
        new Proxy(object, {
          get: (of, key) => {
            seen.add(key);
            return Reflect.get(of, key) as unknown;
          },
        });
      const loads = fleetOf({ inFlight: [1, 2, 3], weight: [1, 1, 1] });
      const draw = drawOf({ u: 0.3, v: 0.6, stickyKey: 3, rttMs: [3, 1, 2], distanceKm: [3, 1, 2] });
      const picker = strategy.create(defaults, targetsOf([1, 1, 1]));
      picker.pick(loads, 7, spied(draw), spied(allOf(7)));
      for (const key of seen) expect(MAY_READ).toContain(key);
    });

    it("makes no difference of luck where it says that it uses none", () => {
      if (strategy.usesLuck) return;
      fc.assert(
        fc.property(caseArb, ({ which, question }) => {
          const without = ask(which, question, { ...question.draw, u: 0, v: 0 });
          expect(ask(which, question)).toBe(without);
        }),
        runs,
      );
    });

    it("gives an unlucky draw just below 1 to a candidate too", () => {
      const u = 1 - 2 ** -53;
      fc.assert(
        fc.property(caseArb, ({ which, question }) => {
          const chosen = ask(which, question, { ...question.draw, u, v: u });
          if (chosen !== -1 || !mayRefuse(which))
            expect(bitCount(question.candidates & (1 << chosen))).toBe(1);
        }),
        runs,
      );
    });

    it("gives targets that are alike in everything to the earliest, where the luck is lowest", () => {
      for (const mask of [0b1, 0b110, 0b1011000, 0x40000001, 0x7fffffff]) {
        const picker = strategy.create(defaults, targetsOf(new Array<number>(COUNT).fill(1)));
        const alike = new Array<number>(COUNT).fill(1);
        const chosen = picker.pick(fleetOf({ inFlight: alike, weight: alike }), mask, drawOf(), allOf(mask));
        // Sticky strategies go by a hash, which is no order.
        expect(mask & (1 << chosen)).not.toBe(0);
        if (!strategy.usesLuck) expect(mask & ((1 << chosen) - 1)).toBe(0);
      }
    });

    it("remembers only what can be written down, and the same after the same history", () => {
      fc.assert(
        fc.property(caseArb, historyArb, fc.nat(WORLDS - 1), ({ which, question }, history, world) => {
          const { config } = pickers[which]!;
          const lives = [0, 1].map(() => strategy.create(config, worldOf(world)));
          const endMs = lives.map((picker) => live(picker, history))[0]!;
          const weight = worldOf(world).map((target) => target.weight);
          const draw = { ...question.draw, nowMs: endMs + 1 };
          const answers = lives.map((picker) => answer(picker, question, weight, draw));
          expect(answers[1]).toBe(answers[0]);
          expect(memoryOf(lives[1]!)).toBe(memoryOf(lives[0]!));
          if (answers[0] !== -1 || !isLive) expect(question.candidates & (1 << answers[0]!)).not.toBe(0);
        }),
        { seed: SEED, numRuns: 60 },
      );
    });
  });
}

function answer(picker: Picker, question: Question, weight: readonly number[], draw: Draw): number {
  return picker.pick(fleet(question, weight), question.candidates, draw, sets(question));
}

function fleet({ inFlight, degraded, excluded }: Question, weight: readonly number[]): Fleet {
  return { inFlight, weight, degraded, excluded };
}

function sets({ lawful, healthy }: Question): Sets {
  return { lawful, healthy, reason: 0 };
}
