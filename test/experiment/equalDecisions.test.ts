/**
 * The simulator and production decide alike: what the simulated gateways decided is decided again by production's router,
 * which knows nothing but the steps of their logs. Once on the simulator's clock, once on one that shows the date.
 */
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import { endpointPolicyConfig } from "../../src/model/policies.js";
import {
  ALL_PARTS,
  createRouter,
  REASONS,
  type Router,
  readStep,
  type Step,
  stepLine,
} from "../../src/policy/index.js";
import { Replay } from "../../src/policy/replay.js";
import { routerOnClock } from "../../src/policy/routerClock.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { EPOCH_MS, scenariosToRepeat, shifted } from "./equalDecisions.js";

const STEPS_AT_LEAST = 1_000_000;
/** Every so many steps go through their line of text. */
const LINE_EVERY = 16;
/** Longest stretch of output when something differs. */
const TOLD_DIFFERENCES = 5;
const TIMEOUT_MS = 120_000;

interface Told {
  steps: number;
  readonly plain: string[];
  readonly dated: string[];
  readonly seen: Map<string, number>;
}

function repeat(told: Told, name: string, scenario: Scenario): void {
  const { caller, gateways } = scenario.deployment;
  const config = endpointPolicyConfig(scenario);
  const make = (): Router => createRouter(config, caller, ALL_PARTS);
  const plain = gateways.map(() => new Replay(make));
  const dated = gateways.map(() => new Replay(() => routerOnClock(make(), EPOCH_MS)));
  const note = (list: string[], replay: Replay, step: Step): void => {
    const difference = replay.take(step);
    if (difference === null || list.length >= TOLD_DIFFERENCES) return;
    const { index, what, recorded, replayed } = difference;
    list.push(`${name}, step ${index}: ${what} ${recorded}, replayed ${replayed}`);
  };
  runScenario(scenario, {
    takeStep: (g, taken) => {
      const step = told.steps % LINE_EVERY === 0 ? readStep(stepLine(taken)) : taken;
      told.steps += 1;
      for (const word of wordsOf(taken)) told.seen.set(word, (told.seen.get(word) ?? 0) + 1);
      note(told.plain, plain[g]!, step);
      note(told.dated, dated[g]!, shifted(step, EPOCH_MS));
    },
  });
}

/** What has happened with a step, in words to be counted. */
function wordsOf(step: Step): readonly string[] {
  switch (step.step) {
    case "route": {
      const { ask, answer, reasons } = step;
      const what = `${ask.hedge === true ? "hedge" : ask.grant === undefined ? "first" : "retry"} ${answer.kind}`;
      return answer.kind === "route" ? [what, ...reasons] : [what, answer.cause, ...reasons];
    }
    case "settle":
      return [step.end.outcome, ...(step.end.shortOfTokens === true ? ["short of tokens"] : [])];
    case "retry":
      return [step.answer.kind];
    case "probe":
      return step.changed ? [step.ok ? "believed up" : "believed down"] : [];
    default:
      return [step.step];
  }
}

let result: Told | null = null;

/** The work is done once, by whichever test asks first. */
function repeated(): Told {
  if (result !== null) return result;
  const told: Told = { steps: 0, plain: [], dated: [], seen: new Map() };
  for (const [name, scenario] of scenariosToRepeat()) repeat(told, name, scenario);
  result = told;
  return told;
}

describe("a million steps of simulated gateways", () => {
  it(
    "are decided the same by production's router, one by one",
    () => {
      const { steps, plain } = repeated();
      expect(plain).toEqual([]);
      expect(steps).toBeGreaterThanOrEqual(STEPS_AT_LEAST);
    },
    TIMEOUT_MS,
  );

  it(
    "are decided the same on a clock that shows the date",
    () => expect(repeated().dated).toEqual([]),
    TIMEOUT_MS,
  );

  it(
    "hold everything a gateway can meet: limits, cooldowns, holds, budgets, breakers, ejections, hedges and the rest",
    () => {
      const expected = [
        "first route",
        "first hold",
        "first refuse",
        "retry route",
        "retry hold",
        "hedge route",
        "hedge refuse",
        "ok",
        "error",
        "throttled",
        "short of tokens",
        "timeout",
        "abandoned",
        "retry",
        "give-up",
        "forgo",
        "believed up",
        "believed down",
        "rate_limit_rpm",
        "rate_limit_tpm",
        "circuit_open",
        "concurrency_full",
        "local_throttle",
        "retry_budget_exhausted",
        "no_healthy_region",
        "residency_no_legal_region",
        // Nobody drains, narrows or caps here; tests of their own do.
        ...REASONS.filter(
          (reason) => !["drained-excluded", "caller-narrowed", "spill-capped"].includes(reason),
        ),
      ];
      const { seen } = repeated();
      expect(expected.filter((word) => !((seen.get(word) ?? 0) > 0))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
