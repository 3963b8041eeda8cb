/** Steps of a decision log as lines of text, and back. */
import { REASONS, REFUSAL_CAUSES } from "./causes.js";
import {
  byName,
  FLAG,
  type Form,
  fields,
  listOf,
  missing,
  NUMBER,
  oneOf,
  orNull,
  TEXT,
  variants,
} from "./journalFields.js";
import type * as J from "./journalTypes.js";
import { JOURNAL_VERSION } from "./journalTypes.js";
import type { Answer, Ask, RetryAnswer, RetryGrant, RetryQuestion, Settlement } from "./routerTypes.js";
import { type Belief, PolicyError } from "./types.js";

const PAIR = listOf(NUMBER, 2) as unknown as Form<readonly [number, number]>;
const ROW: Form<J.ByTarget> = byName(NUMBER);
const OUTCOME = oneOf(["ok", "error", "throttled", "timeout", "abandoned"]);
const CAUSE = oneOf(REFUSAL_CAUSES);

const GRANT: Form<RetryGrant> = fields({ retryNumber: NUMBER, waitMs: NUMBER, paid: NUMBER });

const ASK: Form<Ask> = fields<Ask>({
  request: missing(NUMBER),
  origin: TEXT,
  dataClass: TEXT,
  tenant: missing(TEXT),
  model: TEXT,
  tokens: NUMBER,
  tokensAt: missing(ROW),
  weight: missing(NUMBER),
  nowMs: NUMBER,
  luck: PAIR,
  guardLuck: missing(PAIR),
  rttMs: missing(ROW),
  distanceKm: missing(ROW),
  stickyKey: missing(NUMBER),
  tried: missing(listOf(TEXT)),
  only: missing(listOf(TEXT)),
  grant: missing(GRANT),
  hedge: missing(FLAG),
  mayHold: missing(FLAG),
});

const ANSWER: Form<Answer> = variants<Answer, "kind">("kind", {
  route: fields({ kind: oneOf(["route"]), target: TEXT, model: TEXT, reason: NUMBER }),
  hold: fields({ kind: oneOf(["hold"]), cause: CAUSE, retryAtMs: NUMBER, reason: NUMBER }),
  refuse: fields({ kind: oneOf(["refuse"]), cause: CAUSE, retryAtMs: NUMBER, reason: NUMBER }),
});

const END: Form<Settlement> = fields<Settlement>({
  request: missing(NUMBER),
  target: TEXT,
  outcome: OUTCOME,
  tokensReserved: NUMBER,
  tokensUsed: NUMBER,
  nowMs: NUMBER,
  retryAtMs: missing(NUMBER),
  shortOfTokens: missing(FLAG),
  startedMs: missing(NUMBER),
  rttMs: missing(NUMBER),
  grant: missing(GRANT),
  hedge: missing(FLAG),
  endsTry: missing(FLAG),
});

const QUESTION: Form<RetryQuestion> = fields<RetryQuestion>({
  request: missing(NUMBER),
  grant: missing(GRANT),
  outcome: oneOf(["ok", "error", "throttled", "timeout", "abandoned", "refused"]),
  tokens: NUMBER,
  nowMs: NUMBER,
  luck: NUMBER,
  retryAfterMs: missing(NUMBER),
});

const RETRY_ANSWER: Form<RetryAnswer> = variants<RetryAnswer, "kind">("kind", {
  retry: fields({ kind: oneOf(["retry"]), waitMs: NUMBER, grant: GRANT }),
  "give-up": fields({ kind: oneOf(["give-up"]), cause: orNull(CAUSE) }),
});

const BELIEF: Form<Belief> = fields({ up: FLAG, drained: FLAG, cooldownUntilMs: NUMBER });

const STEP: Form<J.Step> = variants<J.Step, "step">("step", {
  begin: fields<J.BeginStep>({
    step: oneOf(["begin"]),
    version: oneOf([JOURNAL_VERSION]),
    gateway: TEXT,
    policySha256: TEXT,
    wallMs: missing(NUMBER),
    run: missing(TEXT),
    rttMs: missing(ROW),
    distanceKm: missing(ROW),
  }),
  route: fields<J.RouteStep>({
    step: oneOf(["route"]),
    ask: ASK,
    lawful: listOf(TEXT),
    masks: listOf(NUMBER, 5) as unknown as Form<J.Masks>,
    answer: ANSWER,
    reasons: listOf(oneOf(REASONS)),
  }),
  settle: fields<J.SettleStep>({ step: oneOf(["settle"]), end: END }),
  retry: fields<J.RetryStep>({ step: oneOf(["retry"]), question: QUESTION, answer: RETRY_ANSWER }),
  forgo: fields<J.ForgoStep>({
    step: oneOf(["forgo"]),
    request: missing(NUMBER),
    grant: missing(GRANT),
    nowMs: NUMBER,
  }),
  probe: fields<J.ProbeStep>({
    step: oneOf(["probe"]),
    target: TEXT,
    ok: FLAG,
    nowMs: missing(NUMBER),
    changed: FLAG,
  }),
  drain: fields<J.DrainStep>({ step: oneOf(["drain"]), target: TEXT, drained: FLAG }),
  limits: fields<J.LimitsStep>({
    step: oneOf(["limits"]),
    target: TEXT,
    requests: NUMBER,
    tokens: NUMBER,
    nowMs: NUMBER,
  }),
  adopt: fields<J.AdoptStep>({ step: oneOf(["adopt"]), target: TEXT, belief: BELIEF }),
  gap: fields<J.GapStep>({ step: oneOf(["gap"]), lost: NUMBER }),
});

/** A step as one line, without its end: the same bytes for the same step, and nothing that is not of a step's form. */
export function stepLine(step: J.Step): string {
  return STEP.write(step);
}

/** The step of a line. Throws a `PolicyError` that names what is wrong in it; a {@link TornLine} where it is no JSON. */
export function readStep(line: string): J.Step {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TornLine();
  }
  return STEP.read(value, "step");
}

/** A line that was not written to its end, as by a process that was killed; or one of something else. */
export class TornLine extends PolicyError {
  constructor() {
    super(["the line is not JSON"]);
    this.name = "TornLine";
  }
}
