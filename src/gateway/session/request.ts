/** One request that has its place: route, hold, try, wait, try again, pass on. */
import type { Answer, RefusalCause } from "../../policy/index.js";
import type { Asked, CallerMistake, Refusal, Reply, Usage } from "../exchange.js";
import type { Ending } from "../observe.js";
import { orAway } from "./away.js";
import type { AnswerStart, Call } from "./call.js";
import { holdUntilMs } from "./holds.js";
import { narrowedRefusal } from "./mistakes.js";
import { type PassedOn, passOn } from "./passOn.js";
import { pause } from "./pause.js";
import { Question } from "./question.js";
import { ENDING, refusalOf } from "./refusals.js";
import type { Runtime } from "./runtime.js";
import { tokensUsed } from "./tokens.js";
import { makeTry } from "./tries.js";

/** How a request ended, before it is told to anyone. */
export interface Outcome {
  readonly ending: Ending;
  readonly status: number;
  readonly cause: RefusalCause | null;
  /** What the caller was told in place of the cause. */
  readonly code?: CallerMistake;
  /** By index; −1 for none. */
  readonly target: number;
  readonly model: string | null;
  readonly attempts: number;
  readonly usage: Usage | null;
  /** On the gateway's clock, NaN where nothing was passed on. */
  readonly firstByteAtMs: number;
}

/** What is to be done next for a request that has no answer yet. */
type Step = { readonly kind: "again" } | { readonly kind: "over"; readonly outcome: Outcome };

const AGAIN: Step = { kind: "again" };

/** Serves a request from its first decision to the end of its reply. */
export async function serve(runtime: Runtime, asked: Asked, reply: Reply): Promise<Outcome> {
  const question = new Question(runtime, asked);
  for (;;) {
    if (asked.gone.aborted) return givenUp(question, reply);
    const nowMs = runtime.nowMs();
    const answer = question.route(nowMs);
    const step =
      answer.kind === "route"
        ? await tryAt(question, answer, reply, nowMs)
        : answer.kind === "hold"
          ? await hold(question, answer, reply)
          : refusedAs(question, reply, answer);
    if (step.kind === "over") return step.outcome;
  }
}

async function tryAt(
  question: Question,
  route: Extract<Answer, { kind: "route" }>,
  reply: Reply,
  nowMs: number,
): Promise<Step> {
  const end = await makeTry(question, route, nowMs);
  if (end.kind === "gone") return over(gone(question, reply));
  if (end.kind === "answered") return over(await answered(question, end.call, end.start, reply));
  const { start } = end;
  const retryAtMs = question.runtime.nowMs();
  const retry = question.retry(start, retryAtMs);
  // A policy that pays for no retry lets the last answer stand, as the simulated gateway does.
  if (retry.kind === "give-up") return over(refused(question, reply, start.cause, start.retryAfterMs));
  question.grant = retry.grant;
  return (await pause(retry.waitMs, question.asked.gone)) ? AGAIN : over(givenUp(question, reply));
}

/** Waits for what holds a request back. */
async function hold(
  question: Question,
  { retryAtMs }: Extract<Answer, { kind: "hold" }>,
  reply: Reply,
): Promise<Step> {
  const { runtime, asked } = question;
  const nowMs = runtime.nowMs();
  const waitMs = holdUntilMs(runtime.plan, retryAtMs, nowMs) - nowMs;
  return (await pause(waitMs, asked.gone)) ? AGAIN : over(givenUp(question, reply));
}

/** The caller has gone between two tries. */
function givenUp(question: Question, reply: Reply): Outcome {
  question.forgo();
  return gone(question, reply);
}

function gone(question: Question, reply: Reply): Outcome {
  if (question.asked.gone.isEvacuated === true) {
    reply.refuse(ENDING);
    const { status, cause } = ENDING;
    return { ...unserved(question), ending: "refused", status, cause };
  }
  reply.cut();
  return { ...unserved(question), ending: "abandoned", status: 499, cause: "client_abandoned" };
}

function refusedAs(
  question: Question,
  reply: Reply,
  { cause, retryAtMs }: Extract<Answer, { kind: "refuse" }>,
): Step {
  const waitMs = retryAtMs > 0 ? retryAtMs - question.runtime.nowMs() : 0;
  return over(refused(question, reply, cause, waitMs));
}

function refused(question: Question, reply: Reply, cause: RefusalCause, retryAfterMs: number): Outcome {
  const { runtime, asked } = question;
  const refusal: Refusal =
    narrowedRefusal(runtime, asked, cause) ??
    orAway(runtime, asked, refusalOf(cause, retryAfterMs, runtime.plan));
  reply.refuse(refusal);
  const { status, code } = refusal;
  const outcome = { ...unserved(question), ending: "refused" as const, status, cause: refusal.cause };
  return code === undefined ? outcome : { ...outcome, code };
}

function unserved(question: Question): Omit<Outcome, "ending" | "status" | "cause" | "code"> {
  return { target: -1, model: null, attempts: question.calls, usage: null, firstByteAtMs: Number.NaN };
}

const ENDINGS = { complete: "served", broken: "cut", gone: "abandoned", evacuated: "cut" } as const;

/** The gateway ends, and what it passed on with it: no fault of the target's, nor of the caller's. */
const EVACUATED = { kind: "evacuated" } as const;
type AnswerEnd = PassedOn | typeof EVACUATED;

/** From the first byte on nothing is tried again: the caller has seen a part of this very answer. */
async function answered(question: Question, call: Call, start: AnswerStart, reply: Reply): Promise<Outcome> {
  const { runtime, asked } = question;
  const { target, model } = call.ticket;
  let end: AnswerEnd = { kind: "gone" };
  const firstByteAtMs = runtime.nowMs();
  try {
    if (!asked.gone.aborted) {
      reply.begin(start.status, start.headers, target.plan.id);
      const passed = passOn(start.body, reply, asked.gone, runtime.plan.timeouts.totalMs);
      end = passed instanceof Promise ? await passed : passed;
    }
  } finally {
    if (end.kind === "gone" && asked.gone.isEvacuated === true) end = EVACUATED;
    settleAnswer(question, call, start, end);
  }
  if (end.kind === "evacuated" && !reply.began) reply.refuse(ENDING);
  else if (end.kind === "complete") reply.end();
  else reply.cut();
  return {
    ending: ENDINGS[end.kind],
    status: start.status,
    cause: causeOf(end),
    target: target.index,
    model,
    attempts: question.calls,
    usage: start.body.usage(),
    firstByteAtMs,
  };
}

function settleAnswer({ asked }: Question, call: Call, { body, status }: AnswerStart, end: AnswerEnd): void {
  if (end.kind !== "complete") {
    body.cancel();
    call.abort();
  }
  const counted = { usage: body.usage(), outputTokensSeen: body.outputTokensSeen() };
  // A request that a target found wrong was not worked on.
  const isWorkedOn = status < 400 || counted.usage !== null;
  call.settle({
    outcome: end.kind === "complete" ? "ok" : end.kind === "broken" ? end.answer.outcome : "abandoned",
    cause: causeOf(end),
    status,
    tokensUsed: isWorkedOn ? tokensUsed(call.ticket.target.plan, asked, counted) : 0,
    retryAfterMs: 0,
    endsTry: true,
  });
}

function causeOf(end: AnswerEnd): RefusalCause | null {
  if (end.kind === "evacuated") return ENDING.cause;
  if (end.kind === "broken") return end.answer.refusalCause;
  return end.kind === "gone" ? "client_abandoned" : null;
}

function over(outcome: Outcome): Step {
  return { kind: "over", outcome };
}
