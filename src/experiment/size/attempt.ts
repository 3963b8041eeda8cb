/** One choice of knobs: what even its largest size misses, the least size that does, and whether more ever did worse. */
import type { Knob, SizeTrial, Sizing, Unmet } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { SampleRunner, ScenarioCode } from "../sampleRunner.js";
import { chooseFinalist, searchKnobs } from "./choice.js";
import { type Capacity, followersOf, knobOf, settingsOf } from "./knobs.js";
import { faultSettings, type LossCase } from "./losses.js";
import { scenarioModel } from "./model.js";
import { largest, nearEqual, pointsAbove, searchLeast, settle } from "./search.js";
import { strandedShare } from "./stranded.js";
import { type Miss, Trials } from "./trials.js";
import type { SearchKnob, SizeModel, TestRule } from "./types.js";
import { exceptionsOf } from "./words.js";

/** What an attempt is made of. */
export interface AttemptInput {
  /** As the file and the command line say. */
  readonly scenario: Scenario;
  readonly losses: readonly LossCase[];
  /** No capacity grows beyond so many times what the file says. */
  readonly maxFactor: number;
  readonly rule: TestRule;
  /** The scenario with settings added, or why there can be none. */
  readonly load: (set: readonly string[]) => Scenario | string;
  readonly code?: ScenarioCode;
  readonly onTrial?: (trial: SizeTrial) => void;
}

/** Everything that belongs to one choice of knobs. */
export interface Attempt {
  readonly knobs: readonly Knob[];
  readonly search: readonly SearchKnob[];
  readonly model: SizeModel;
  readonly trials: Trials;
  /** What even the largest size misses. */
  readonly unmet: readonly Unmet[];
}

/** The settings that give the knobs these values. */
export function settingsAt(
  scenario: Scenario,
  knobs: readonly Knob[],
  values: readonly number[],
): readonly string[] {
  return [...new Set(knobs.flatMap((knob, k) => settingsOf(scenario, knob, values[k]!)))];
}

/** Tries the largest size. */
export async function begin(
  runner: SampleRunner,
  input: AttemptInput,
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
    load: (values, loss) => load([...settingsAt(scenario, knobs, values), ...faultSettings(loss)]),
    ...(code === undefined ? {} : { code }),
  });
  const trials = new Trials(model, rule, input.onTrial);
  const search = searchKnobs(knobs, capacities, maxFactor);
  const unmet = await unmetAtMost(model, trials, largest(search), (loss) => {
    const lost = load(faultSettings(losses[loss]!));
    return typeof lost === "string" ? 0 : strandedShare(lost);
  });
  return { knobs, search, model, trials, unmet };
}

/** Whether what the largest size misses, if anything, is not for want of capacity. */
export function isPossible({ unmet }: Attempt): boolean {
  return unmet.every(({ because }) => because === "law");
}

/** What even the largest size misses. `stranded` is the share of demand that nobody may serve under a loss. */
async function unmetAtMost(
  model: SizeModel,
  trials: Trials,
  values: readonly number[],
  stranded: (loss: number) => number,
): Promise<readonly Unmet[]> {
  const misses = await trials.misses(values);
  if (typeof misses === "string") {
    const objective = "a scenario that can be";
    return [{ loss: "any", objective, value: misses, because: "size", unavoidableShare: 0 }];
  }
  return misses.map((miss) => {
    const unmet = unmetOf(model, miss, stranded(miss.loss));
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

function unmetOf(model: SizeModel, { loss, target, decided }: Miss, strandedShare: number): Unmet {
  const { text, metric } = model.targets[target]!;
  const isLaw = strandedShare > 0 && OF_SERVING.has(metric.split(".")[0]!);
  return {
    loss: model.losses[loss]!,
    objective: text,
    value: decided.value,
    because: isLaw ? "law" : "size",
    unavoidableShare: strandedShare,
  };
}

/**
 * Of an attempt whose largest size does, the knobs it takes: the first `kept` anyhow, and those of the others without
 * which, at what the file says, it no longer does. The last are given up first.
 */
export async function neededOf({ knobs, search, trials }: Attempt, kept: number): Promise<readonly number[]> {
  const values = [...largest(search)];
  const needed = knobs.map((_, k) => k);
  for (let k = knobs.length - 1; k >= kept; k--) {
    const { from } = knobs[k]!;
    const without = values.map((value, i) => (i === k ? from : value));
    if (!(await trials.meets(without))) continue;
    values[k] = from;
    needed.splice(k, 1);
  }
  return needed;
}

const FAILURES_UNTIL_STRICTER = 3;

/** The least size, confirmed by all rounds; where fewer rounds let one through that all do not, they are not enough. */
export async function answerOf(
  { search, model, trials }: Attempt,
  rule: TestRule,
): Promise<readonly number[]> {
  const confirms = (values: readonly number[]): Promise<boolean> => trials.confirm(values);
  for (let failed = 1; ; failed++) {
    const found = await searchLeast(search, (values) => trials.meets(values));
    const confirmed: (readonly number[])[] = [];
    for (const values of nearEqual(search, found)) if (await confirms(values)) confirmed.push(values);
    if (confirmed.length > 0) {
      const best = await chooseFinalist(model, trials, confirmed, 1 - rule.confidence);
      return settle(search, confirmed[best]!, confirms);
    }
    if (!(await confirms(largest(search))))
      throw new Error("bug: the largest size was found to do, and does not");
    // The next size up has mostly been tried already: only where that fails again and again are more rounds quicker.
    if (failed % FAILURES_UNTIL_STRICTER === 0) trials.stricter();
  }
}

/** Tries sizes above the answer, and looks through all that were tried. */
export async function checkMonotone(
  { search, trials }: Attempt,
  answer: readonly number[],
): Promise<Sizing["monotone"]> {
  const above = pointsAbove(search, answer);
  for (const values of above) await trials.meets(values);
  return { checked: above.length, exceptions: exceptionsOf(trials.list) };
}
