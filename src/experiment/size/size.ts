/** The least capacity that meets every objective under every loss: from a scenario to the document that says so. */
import type { Knob, Loss, Sizing } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import { VERSION } from "../../version.js";
import { type HeadroomPartInput, headroomPart } from "../headroom/headroom.js";
import type { SampleRunner } from "../sampleRunner.js";
import {
  type Attempt,
  type AttemptInput,
  answerOf,
  begin,
  checkMonotone,
  isPossible,
  neededOf,
  settingsAt,
} from "./attempt.js";
import type { Choice } from "./choice.js";
import { looksRight } from "./decide.js";
import { faultSettings } from "./losses.js";
import { replicaOf } from "./model.js";
import { sizeWarnings, unmetSentence } from "./words.js";

/** What is asked. */
export interface SizeInput extends AttemptInput {
  readonly path: string;
  /** What is to be survived, as the user said it; `losses` is what that means. */
  readonly survive: string;
  readonly capacities: Choice;
  /** Of each point of the headroom curve and loss; 0 for no curve. */
  readonly curveReplications: number;
}

/** What was found: the document, and the settings that make the sized scenario; none where no size does. */
export interface Sized {
  readonly sizing: Sizing;
  readonly settings: readonly string[];
}

/** An answer, where there is one, and how it was checked. */
interface Found {
  readonly attempt: Attempt;
  readonly answer: readonly number[] | null;
  readonly monotone: Sizing["monotone"];
  readonly notes: readonly string[];
}

/**
 * Sizes a scenario. The largest size is tried first: what it misses because the law leaves nobody to serve is said and
 * no longer asked, anything else that it misses ends the search. Where what binds each endpoint is not enough, all its
 * capacities are sized.
 */
export async function sizeScenario(runner: SampleRunner, input: SizeInput): Promise<Sized> {
  const found = await find(runner, input);
  const { attempt, answer } = found;
  const settings = answer === null ? [] : settingsAt(input.scenario, attempt.knobs, answer);
  const sized = answer === null ? null : loaded(input.load(settings));
  const headroom = await headroomPart(runner, headroomInput(input, attempt, sized));
  return { sizing: { ...documentOf(input, found), ...headroom }, settings };
}

async function find(runner: SampleRunner, input: SizeInput): Promise<Found> {
  const { first, more } = input.capacities;
  let attempt = await begin(runner, input, first);
  const notes: string[] = [];
  if (!isPossible(attempt) && more.length > 0) {
    const wider = await begin(runner, input, [...first, ...more]);
    if (isPossible(wider)) {
      const needed = await neededOf(wider, first.length);
      const capacities = [...first, ...more].filter((_, k) => needed.includes(k));
      attempt = needed.length === wider.knobs.length ? wider : await begin(runner, input, capacities);
      const others = wider.knobs.filter((_, k) => k >= first.length && needed.includes(k));
      notes.push(`What binds each endpoint now is not enough at any size; sized too: ${pathsOf(others)}.`);
    }
  }
  if (!isPossible(attempt)) return { attempt, answer: null, monotone: { checked: 0, exceptions: [] }, notes };
  const answer = await answerOf(attempt, input.rule);
  return { attempt, answer, monotone: await checkMonotone(attempt, answer), notes };
}

function pathsOf(knobs: readonly Knob[]): string {
  return knobs.map(({ path }) => path).join(", ");
}

function loaded(scenario: Scenario | string): Scenario {
  if (typeof scenario === "string") throw new Error(`bug: a size that was run is refused: ${scenario}`);
  return scenario;
}

/** For the curve an objective is met where its mean is right: its points are for the eye, and few replications each. */
function headroomInput(
  { scenario, losses, load, code, rule, curveReplications }: SizeInput,
  { knobs, model, trials }: Attempt,
  sized: Scenario | null,
): HeadroomPartInput {
  const indexOf = ({ id }: Loss): number => losses.findIndex((loss) => loss.id === id);
  return {
    scenario,
    sized,
    knobs,
    losses,
    load: (values, loss) =>
      load([...settingsAt(scenario, knobs, values), ...faultSettings(losses[indexOf(loss)]!)]),
    ...(code === undefined ? {} : { code }),
    replications: curveReplications,
    confidence: rule.confidence,
    meets: (samples, loss) => {
      const replicas = samples.map(replicaOf);
      return model.targets.every((target, t) => {
        const observed = replicas.map((replica) => replica[t]!);
        return !trials.isAsked(t, indexOf(loss)) || looksRight(target, observed);
      });
    },
  };
}

function documentOf(
  input: SizeInput,
  { attempt: { knobs, trials, unmet }, answer, monotone, notes }: Found,
): Omit<Sizing, "headroom" | "curve"> {
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
    warnings: [
      ...unmet.map((each) => unmetSentence(each, input.maxFactor)),
      ...notes,
      ...sizeWarnings({ scenario, rule, knobs: sized, exceptions: monotone.exceptions, losses }),
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
