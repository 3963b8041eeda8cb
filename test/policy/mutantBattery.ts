/** The questions that every mutant is asked, and their answers by hand. */
import fc from "fast-check";
import {
  CAUSE_EVACUATING,
  CAUSE_LOG_SINK,
  CAUSE_NO_HEALTHY,
  CAUSE_NONE,
  CAUSE_POLICY_ERROR,
  CAUSE_RESIDENCY,
  type compilePolicy,
  createDecision,
  createState,
  type decide,
  HOLD,
  NO_TARGET,
  type PolicyConfig,
  REASON_DRAINED,
  REASON_FALLBACK,
  REASON_NARROWED,
  REASON_RESIDENCY,
  REFUSE,
  ROUTE,
  type RoutingRequest,
  type reachable,
} from "../../src/policy/index.js";
import { config, request, target } from "./helpers.js";
import {
  type Asked,
  CLASSES,
  chainByHand,
  configArb,
  heldByHand,
  lawfulByHand,
  MODELS,
  ORIGINS,
  tenantsByHand,
} from "./residencyOracle.js";

/** What of the policy is asked. */
export interface Asker {
  readonly compilePolicy: typeof compilePolicy;
  readonly reachable: typeof reachable;
  readonly decide: typeof decide;
}

/** A question, and what the gateway believes when it is asked. */
interface Question
  extends Pick<RoutingRequest, "origin" | "dataClass" | "tenant" | "model" | "tried" | "narrow"> {
  readonly up: number;
  readonly drained: number;
}

/** Random configurations of plain targets, so that the law alone decides, and the ones that chance rarely makes. */
export const CONFIGS: readonly PolicyConfig[] = [
  config([target("us", "US"), target("de", "DE")], {
    models: MODELS,
    dataClasses: CLASSES,
    fallbacks: { m: ["n"] },
    rules: [
      { id: "kept", when: {}, require: {}, maxKeptDays: { logs: 0 }, needsEvidence: true, onEmpty: "queue" },
    ],
  }),
  ...fc.sample(configArb, { seed: 20260507, numRuns: 160 }).map((c) => ({
    ...c,
    strategy: "priority" as const,
    waitForLimitsMs: 0,
    targets: c.targets.map(({ id, models, data, claims }) => ({
      ...target(id, "DE"),
      models,
      data,
      claims: claims ?? [],
    })),
  })),
];

const LAW_REASONS = REASON_RESIDENCY | REASON_NARROWED | REASON_DRAINED | REASON_FALLBACK;
const NOWHERE = [-1, 3, 0.5, Number.NaN];

/** Questions about a configuration: every kind of request in three states, and such as are not in it. */
function questionsOf(c: PolicyConfig, salt: number): readonly Question[] {
  const plain = { origin: 0, dataClass: 0, tenant: 0, model: 0, tried: 0, narrow: -1, up: -1, drained: 0 };
  const found: Question[] = NOWHERE.flatMap((bad) =>
    (["origin", "dataClass", "tenant", "model"] as const).map((key) => ({ ...plain, [key]: bad })),
  );
  let luck = salt;
  const mask = (): number => {
    luck = (Math.imul(luck, 1664525) + 1013904223) | 0;
    return luck >>> 16;
  };
  for (let origin = 0; origin < ORIGINS.length; origin++)
    for (let dataClass = 0; dataClass < CLASSES.length; dataClass++)
      for (let tenant = 0; tenant < tenantsByHand(c).length; tenant++)
        for (let model = 0; model < MODELS.length; model++) {
          const kind = { ...plain, origin, dataClass, tenant, model };
          found.push(kind, { ...kind, up: mask(), tried: mask() & mask() });
          found.push({ ...kind, up: mask(), drained: mask() & mask(), narrow: mask() | mask() });
        }
  return found;
}

/** What an asker answers, as one list of numbers; the law of each question first. */
export function* answersOf(
  { compilePolicy, reachable, decide }: Asker,
  c: PolicyConfig,
  salt: number,
): Generator<number> {
  const policy = compilePolicy(c);
  const state = createState(policy);
  const out = createDecision();
  for (const { up, drained, ...ask } of questionsOf(c, salt)) {
    const asked = request(ask);
    state.up = up & policy.all;
    state.drained = drained & policy.all;
    decide(policy, state, asked, out);
    yield reachable(policy, asked);
    yield out.kind;
    yield out.target;
    yield out.kind === ROUTE ? out.model : -1;
    // Which of the two it is has tests of its own.
    yield out.cause === CAUSE_LOG_SINK ? CAUSE_RESIDENCY : out.cause;
    yield out.kind === ROUTE ? out.reason & LAW_REASONS : 0;
    yield out.kind === ROUTE ? out.lawful : 0;
  }
}

/** The same by hand. */
export function answersByHand(c: PolicyConfig, salt: number): readonly number[] {
  return questionsOf(c, salt).flatMap((question) => answerByHand(c, question));
}

/** One model that may answer, as sets of targets. */
interface Link {
  readonly model: number;
  readonly serving: number;
  readonly lawful: number;
}

function answerByHand(c: PolicyConfig, question: Question): number[] {
  const names = namesOf(c, question);
  if (names === null) {
    const served = c.targets.some(({ models }) => models.includes(MODELS[question.model] ?? ""));
    return [0, REFUSE, NO_TARGET, -1, served ? CAUSE_RESIDENCY : CAUSE_POLICY_ERROR, 0, 0];
  }
  const links = chainByHand(c, names.asked).map((answering): Link => {
    const those = (has: (t: number) => boolean): number =>
      c.targets.reduce((mask, _, t) => (has(t) ? mask + 2 ** t : mask), 0);
    return {
      model: MODELS.indexOf(answering),
      serving: those((t) => c.targets[t]!.models.includes(answering)),
      lawful: those((t) => lawfulByHand(c, t, { ...names, answering })),
    };
  });
  const reach = links.reduce((mask, { lawful }) => mask | lawful, 0);
  for (const untriedOnly of [true, false])
    for (const link of links) {
      const chosen = choiceByHand(c, link, question, untriedOnly);
      if (chosen < 0) continue;
      const lawful = link.lawful & question.narrow;
      return [reach, ROUTE, chosen, link.model, CAUSE_NONE, reasonsByHand(link, question), lawful];
    }
  const causes = links.map((link) => causeByHand(link, question));
  const cause = causes.find((one) => one !== CAUSE_POLICY_ERROR) ?? CAUSE_POLICY_ERROR;
  const holds = heldByHand(c, { ...names, answering: names.asked }) && (reach & question.narrow) !== 0;
  return [reach, holds ? HOLD : REFUSE, NO_TARGET, -1, cause, 0, 0];
}

function reasonsByHand({ model, lawful, serving }: Link, question: Question): number {
  const wished = lawful & question.narrow;
  return (
    (lawful === serving ? 0 : REASON_RESIDENCY) +
    (model === question.model ? 0 : REASON_FALLBACK) +
    (wished === lawful ? 0 : REASON_NARROWED) +
    ((wished & question.drained) === 0 ? 0 : REASON_DRAINED)
  );
}

function namesOf(
  c: PolicyConfig,
  { origin, dataClass, tenant, model }: Question,
): Omit<Asked, "answering"> | null {
  const names = [ORIGINS[origin], CLASSES[dataClass], tenantsByHand(c)[tenant], MODELS[model]];
  if (names.includes(undefined)) return null;
  const [country, kind, whose, asked] = names as [string, string, string, string];
  return { origin: country, dataClass: kind, tenant: whose, asked };
}

/** The earliest target, tried ones left out or taken in; −1 for none. */
function choiceByHand(c: PolicyConfig, { lawful }: Link, question: Question, untriedOnly: boolean): number {
  const live = lawful & question.narrow & ~question.drained;
  const believed = live & question.up;
  const usable = believed === 0 && c.failOpen ? live : believed;
  const offered = untriedOnly ? usable & ~question.tried : usable;
  return c.targets.findIndex((_, t) => Math.floor(offered / 2 ** t) % 2 === 1);
}

function causeByHand({ serving, lawful }: Link, { narrow, up, drained }: Question): number {
  if ((serving & narrow) === 0) return CAUSE_POLICY_ERROR;
  if ((lawful & narrow) === 0) return CAUSE_RESIDENCY;
  if ((serving & narrow & ~lawful & up & ~drained) !== 0) return CAUSE_RESIDENCY;
  return (lawful & narrow & drained & up) !== 0 ? CAUSE_EVACUATING : CAUSE_NO_HEALTHY;
}
