/**
 * One try of a request: a call, and hedges beside it while it is not answered. The first good start wins and ends the
 * others; when all have failed the last to fail speaks for the try.
 */
import type { Answer } from "../../policy/index.js";
import type { CallStart } from "../exchange.js";
import { type AnswerStart, Call, type FailedStart } from "./call.js";
import { timerMs } from "./pause.js";
import type { Question } from "./question.js";

/** How a try ended. The call that was answered is still to be settled; all others are. */
export type TryEnd =
  | { readonly kind: "answered"; readonly call: Call; readonly start: AnswerStart }
  | { readonly kind: "failed"; readonly start: FailedStart }
  | { readonly kind: "gone" };

type Route = Extract<Answer, { kind: "route" }>;

/** Makes a try where the router said. */
export function makeTry(question: Question, route: Route, nowMs: number): Promise<TryEnd> {
  return new Promise((resolve, reject) => {
    new Try(question, resolve, reject).begin(route, nowMs);
  });
}

class Try {
  readonly #question: Question;
  readonly #resolve: (end: TryEnd) => void;
  readonly #reject: (bug: unknown) => void;
  readonly #calls = new Set<Call>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #isOver = false;

  constructor(question: Question, resolve: (end: TryEnd) => void, reject: (bug: unknown) => void) {
    this.#question = question;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(route: Route, nowMs: number): void {
    const { gone } = this.#question.asked;
    this.#send(route, nowMs, false);
    if (gone.aborted) this.#leave();
    else gone.addEventListener("abort", this.#leave, { once: true });
  }

  #send(route: Route, nowMs: number, isHedge: boolean): void {
    const question = this.#question;
    const { runtime, asked, grant } = question;
    const target = runtime.targets.get(route.target);
    if (target === undefined) throw new RangeError(`bug: nothing is known of the target "${route.target}"`);
    const call = new Call(runtime, asked.id, {
      target,
      model: route.model,
      tokens: question.reservedAt(route.target),
      startedMs: nowMs,
      grant,
      isHedge,
    });
    question.calls += 1;
    if (!question.tried.includes(route.target)) question.tried.push(route.target);
    this.#calls.add(call);
    this.#arm();
    void call.start(asked).then((start) => this.#guarded(() => this.#started(call, start)));
  }

  /** The time to the next hedge starts, unless it is running or none is left. */
  #arm(): void {
    if (this.#timer !== undefined) return;
    const question = this.#question;
    const afterMs = question.runtime.router.hedgeAfterMs(question.hedges + 1);
    if (afterMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#guarded(() => this.#hedge()), timerMs(afterMs));
  }

  /** The call has taken too long: another goes out, if the router finds a target where the request has not been and pays for it. */
  #hedge(): void {
    const question = this.#question;
    this.#timer = undefined;
    const nowMs = question.runtime.nowMs();
    const answer = question.hedge(nowMs);
    if (answer.kind !== "route") return;
    question.hedges += 1;
    this.#send(answer, nowMs, true);
  }

  #started(call: Call, start: CallStart): void {
    if (this.#isOver) {
      if (start.kind === "answer") start.body.cancel();
      return;
    }
    this.#calls.delete(call);
    if (start.kind === "answer") this.#won(call, start);
    else this.#failed(call, start);
  }

  #won(call: Call, start: AnswerStart): void {
    this.#end({ kind: "answered", call, start });
    for (const other of this.#calls) other.giveUp(false);
  }

  #failed(call: Call, start: FailedStart): void {
    const { outcome, cause, status, trouble, retryAfterMs } = start;
    const endsTry = this.#calls.size === 0;
    // What came in time is not known of a call that did not: its target may have counted all of it.
    const tokensUsed = outcome === "timeout" ? call.ticket.tokens : 0;
    call.settle({
      outcome,
      cause,
      status,
      ...(trouble === undefined ? {} : { trouble }),
      tokensUsed,
      retryAfterMs,
      endsTry,
    });
    if (!call.ticket.isHedge) this.#disarm();
    if (endsTry) this.#end({ kind: "failed", start });
  }

  /** The caller has gone: everything is given up, and the last of it ends the try. */
  readonly #leave = (): void => {
    this.#end({ kind: "gone" });
    let left = this.#calls.size;
    for (const call of this.#calls) {
      left -= 1;
      call.giveUp(left === 0);
    }
  };

  #end(end: TryEnd): void {
    this.#close();
    this.#resolve(end);
  }

  #close(): void {
    this.#isOver = true;
    this.#disarm();
    this.#question.asked.gone.removeEventListener("abort", this.#leave);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** What throws in a callback of ours must end the request, not the process. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (bug) {
      this.#close();
      for (const call of this.#calls) call.abort();
      this.#reject(bug);
    }
  }
}
