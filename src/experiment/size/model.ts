/** Simulations as what the search observes: a size under a loss is a scenario like any other, made by the loader. */
import type { Knob, Loss } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Sample } from "../sample.js";
import type { SampleRunner, ScenarioCode } from "../sampleRunner.js";
import type { LossCase } from "./losses.js";
import type { Replica, Request, SizeModel, Target } from "./types.js";

/** What a model is made of. */
export interface ModelParts {
  readonly scenario: Scenario;
  readonly knobs: readonly Knob[];
  readonly losses: readonly LossCase[];
  /** The scenario with these values under a loss, or why there can be none. */
  readonly load: (values: readonly number[], loss: LossCase) => Scenario | string;
  readonly code?: ScenarioCode;
}

/** Metrics that are about something that goes down; the first word of their names. */
const OF_LOSSES: ReadonlySet<string> = new Set(["detection", "failover", "restoration", "rpo", "rto"]);

/** The model that simulates. Replication i of every size and loss is replication i of the scenario's seed. */
export function scenarioModel(runner: SampleRunner, parts: ModelParts): SizeModel {
  const targets = parts.scenario.objectives;
  const known = new Map<string, number | string>();
  const numberOf = (values: readonly number[], loss: number): number | string => {
    const key = `${loss} ${values.join(" ")}`;
    const old = known.get(key);
    if (old !== undefined) return old;
    const scenario = parts.load(values, parts.losses[loss]!);
    const found = typeof scenario === "string" ? scenario : runner.add(scenario, parts.code);
    known.set(key, found);
    return found;
  };
  return {
    losses: parts.losses.map(({ id }) => id),
    targets,
    isAsked: (target, loss) => isAsked(targets[target]!, parts.losses[loss]!),
    observe: async (values, requests) => {
      const numbers = requests.map(({ loss }) => numberOf(values, loss));
      const refused = numbers.find((number) => typeof number === "string");
      if (refused !== undefined) return refused;
      const tasks = requests.flatMap(({ from, to }, r) =>
        Array.from({ length: to - from }, (_, i) => ({
          scenario: numbers[r] as number,
          replication: from + i,
        })),
      );
      return byRequest(await runner.take(tasks), requests);
    },
  };
}

/** Whether an objective means anything under a loss: where nothing goes down nothing is detected, and nothing is during. */
export function isAsked({ metric, selectors }: Target, loss: Loss): boolean {
  if (loss.id !== "normal") return true;
  const isOfLosses = OF_LOSSES.has(metric.split(".")[0]!);
  return !isOfLosses && (selectors.phase ?? "before") === "before";
}

function byRequest(
  samples: readonly Sample[],
  requests: readonly Request[],
): readonly (readonly Replica[])[] {
  let next = 0;
  return requests.map(({ from, to }) => {
    const mine = samples.slice(next, next + to - from);
    next += to - from;
    return mine.map(replicaOf);
  });
}

/** What a sample is to the search. */
export function replicaOf({ objectives }: Sample): Replica {
  return objectives.map(({ pass, value }) => ({ pass, value }));
}
