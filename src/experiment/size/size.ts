/** The least capacity that meets every objective under every loss: from a scenario to the document that says so. */
import type { Knob, SizeTrial, Sizing, Unmet } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import { VERSION } from "../../version.js";
import type { SampleRunner, ScenarioCode } from "../sampleRunner.js";
import { type Choice, chooseFinalist, searchKnobs } from "./choice.js";
import { type Capacity, followersOf, knobOf, settingsOf } from "./knobs.js";
import { faultSettings, type LossCase } from "./losses.js";
import { scenarioModel } from "./model.js";
import { largest, nearEqual, pointsAbove, searchLeast } from "./search.js";
import { type Miss, Trials } from "./trials.js";
import type { SearchKnob, SizeModel, TestRule } from "./types.js";
import { exceptionsOf, sizeWarnings, unmetSentence } from "./words.js";

/** What is asked. */
export interface SizeInput {
  /** As the file and the command line say. */
  readonly scenario: Scenario;
  readonly path: string;
  /** As the user said it, and the losses it means. */
  readonly survive: string;
  readonly losses: readonly LossCase[];
  readonly capacities: Choice;
  /** No capacity grows beyond so many times what the file says. */
  readonly maxFactor: number;
  readonly rule: TestRule;
  /** The scenario with settings added, or why there can be none. */
  readonly load: (set: readonly string[]) => Scenario | string;
  readonly code?: ScenarioCode;
  readonly onTrial?: (trial: SizeTrial) => void;
}

/** What was found: the document, and the settings that make the sized scenario; none where no size does. */
export interface Sized {
  readonly sizing: Sizing;
  readonly settings: readonly string[];
}

/** Everything that belongs to one choice of knobs. */
interface Attempt {
  readonly knobs: readonly Knob[];
  readonly search: readonly SearchKnob[];
  readonly model: SizeModel;
  readonly trials: Trials;
  readonly unmet: readonly Unmet[];
}

/**
 * Sizes a scenario. The largest size is tried first: what it misses because the law leaves nobody to serve is said and
 * no longer asked, anything else that it misses ends the search. Where what binds each endpoint is not enough, all its
 * capacities are sized.
 */
export async function sizeScenario(runner: SampleRunner, input: SizeInput): Promise<Sized> {
  const { first, more } = input.capacities;
  let attempt = await begin(runner, input, first);
  const notes: string[] = [];
  if (!isPossible(attempt) && more.length > 0) {
    const wider = await begin(runner, input, [...first, ...more]);
    if (isPossible(wider)) {
      attempt = wider;
      notes.push(
        "what binds each endpoint now is not enough at any size, so its other capacities were sized too",
      );
    }
  }
  const answer = isPossible(attempt) ? await answerOf(attempt, input) : null;
  const monotone = answer === null ? { checked: 0, exceptions: [] } : await checkMonotone(attempt, answer);
  return {
    sizing: documentOf(input, attempt, answer, monotone, notes),
    settings:
      answer === null ? [] : attempt.knobs.flatMap((knob, k) => settingsOf(input.scenario, knob, answer[k]!)),
  };
}

async function begin(
  runner: SampleRunner,
  input: SizeInput,
  capacities: readonly Capacity[],
): Promise<Attempt> {
  const { scenario, losses, load, code, maxFactor, rule } = input;
  const owners = new Set(capacities.map(({ owner }) => owner));
  const knobs = capacities.map((capacity) => {
    const changed = load(settingsOf(scenario, capacity, capacity.value + 1));
    const follow = typeof changed === "string" ? [] : followersOf(scenario, changed, capacity.owner);
    return knobOf(
      capacity,
      follow.filter((owner) => !owners.has(owner)),
    );
  });
  const model = scenarioModel(runner, {
    scenario,
    knobs,
    losses,
    load: (values, loss) =>
      load([...knobs.flatMap((knob, k) => settingsOf(scenario, knob, values[k]!)), ...faultSettings(loss)]),
    ...(code === undefined ? {} : { code }),
  });
  const trials = new Trials(model, rule, input.onTrial);
  const search = searchKnobs(knobs, capacities, maxFactor);
  return { knobs, search, model, trials, unmet: await unmetAtMost(model, trials, largest(search)) };
}

function isPossible({ unmet }: Attempt): boolean {
  return unmet.every(({ because }) => because === "law");
}

/** What even the largest size misses. */
async function unmetAtMost(
  model: SizeModel,
  trials: Trials,
  values: readonly number[],
): Promise<readonly Unmet[]> {
  const misses = await trials.misses(values);
  if (typeof misses === "string") {
    const objective = "a scenario that can be";
    return [{ loss: "any", objective, value: misses, because: "size", unavoidableShare: 0 }];
  }
  return misses.map((miss) => {
    const replicas = trials.replicas(values, miss.loss);
    const sum = replicas.reduce((all, { unavoidableShare }) => all + unavoidableShare, 0);
    const unmet = unmetOf(model, miss, sum / replicas.length);
    if (unmet.because === "law") trials.setAside(miss.loss, miss.target);
    return unmet;
  });
}

/** Metrics that nobody being allowed to serve some requests spoils at once; the first word of their names. */
const OF_SERVING: ReadonlySet<string> = new Set([
  "refused",
  "served",
  "availability",
  "optimum",
  "failover",
  "restoration",
]);

function unmetOf(model: SizeModel, { loss, target, decided }: Miss, unavoidableShare: number): Unmet {
  const { text, metric } = model.targets[target]!;
  const isLaw = unavoidableShare > 0 && OF_SERVING.has(metric.split(".")[0]!);
  return {
    loss: model.losses[loss]!,
    objective: text,
    value: decided.value,
    because: isLaw ? "law" : "size",
    unavoidableShare,
  };
}

/** The least size, confirmed by all rounds; where fewer rounds let one through that all do not, they are not enough. */
async function answerOf({ search, model, trials }: Attempt, { rule }: SizeInput): Promise<readonly number[]> {
  for (;;) {
    const found = await searchLeast(search, (values) => trials.meets(values));
    const confirmed: (readonly number[])[] = [];
    for (const values of nearEqual(search, found)) if (await trials.confirm(values)) confirmed.push(values);
    if (confirmed.length > 0) {
      const best = await chooseFinalist(model, trials, confirmed, 1 - rule.confidence);
      return confirmed[best]!;
    }
    trials.stricter();
  }
}

async function checkMonotone(
  { search, trials }: Attempt,
  answer: readonly number[],
): Promise<Sizing["monotone"]> {
  const above = pointsAbove(search, answer);
  for (const values of above) await trials.meets(values);
  return { checked: above.length, exceptions: exceptionsOf(trials.list) };
}

function documentOf(
  input: SizeInput,
  { knobs, trials, unmet }: Attempt,
  answer: readonly number[] | null,
  monotone: Sizing["monotone"],
  notes: readonly string[],
): Sizing {
  const { scenario, path, survive, losses, rule } = input;
  const sized = knobs.map((knob, k): Knob => ({ ...knob, to: answer?.[k] ?? null }));
  return {
    schema: "regionsim.sizing/1",
    tool: { name: "regionsim", version: VERSION },
    scenario: { name: scenario.name, path, sha256: scenario.sha256 },
    seed: scenario.seed,
    survive,
    objectives: scenario.objectives.map(({ text }) => text),
    confidence: rule.confidence,
    losses: losses.map(({ id, regions }) => ({ id, regions })),
    knobs: sized,
    usdPerMonth: usdPerMonth(sized),
    trials: trials.list,
    confirmedBy: answer === null ? 0 : rule.rounds.at(-1)!,
    unmet,
    monotone,
    headroom: [],
    curve: [],
    warnings: [
      ...unmet.map((each) => unmetSentence(each, input.maxFactor)),
      ...notes,
      ...sizeWarnings({ scenario, rule, knobs: sized, exceptions: monotone.exceptions }),
    ],
  };
}

const HOURS_PER_MONTH = 720;

/** Thirty days of what is priced; null where nothing is. Endpoints that follow a knob cost as much as its own. */
function usdPerMonth(knobs: readonly Knob[]): Sizing["usdPerMonth"] {
  if (knobs.every(({ usdPerUnitHour }) => usdPerUnitHour === null)) return null;
  const sum = (of: (knob: Knob) => number): number =>
    knobs.reduce(
      (all, knob) => all + HOURS_PER_MONTH * (knob.usdPerUnitHour ?? 0) * (1 + knob.follow.length) * of(knob),
      0,
    );
  const isSized = knobs.every(({ to }) => to !== null);
  return { from: sum(({ from }) => from), to: isSized ? sum(({ to }) => to!) : null };
}
