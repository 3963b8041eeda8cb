/** Answers of a fake provider, in the words of the OpenAI API: a stream of pieces on a common beat, or all at once. */
import type { ServerResponse } from "node:http";
import type { DrillClock } from "./clock.js";

/** Time between two pieces of a stream, beside the first and the last, which come when they are due. */
const BEAT_MS = 50;
const WORD = " word";

/** What an answer is made of. Times are those at which it reaches the gateway. */
export interface AnswerPlan {
  readonly model: string;
  readonly firstUs: number;
  readonly endUs: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly streams: boolean;
  readonly wantsUsage: boolean;
}

/** Moves all streams of a drill on one timer: a thousand timers of their own would cost more than the streams. */
export class Pacer {
  readonly #clock: DrillClock;
  readonly #streams: Set<() => void> = new Set();
  readonly #beat: NodeJS.Timeout;
  /** Told how much later than it was due something was sent, ms. */
  readonly onLate: (lateMs: number) => void;

  constructor(clock: DrillClock, onLate: (lateMs: number) => void) {
    this.#clock = clock;
    this.onLate = onLate;
    this.#beat = setInterval(() => {
      for (const move of this.#streams) move();
    }, BEAT_MS);
  }

  stop(): void {
    clearInterval(this.#beat);
    this.#streams.clear();
  }

  /** Sends an answer when it is due. Returns what takes it back, whatever has gone out. */
  send(response: ServerResponse, plan: AnswerPlan): () => void {
    const answer = plan.streams ? new Streamed(response, plan) : new Whole(response, plan);
    const move = (): void => answer.moveTo(this.#clock.nowUs);
    const due = (dueUs: number, then: () => void) =>
      this.#clock.at(dueUs, () => {
        this.onLate((this.#clock.nowUs - dueUs) / 1000);
        then();
      });
    const first = due(plan.firstUs, () => {
      answer.begin();
      this.#streams.add(move);
    });
    const last = due(plan.endUs, () => {
      this.#streams.delete(move);
      answer.end();
    });
    return () => {
      this.#clock.forget(first);
      this.#clock.forget(last);
      this.#streams.delete(move);
    };
  }
}

/** Server-sent events. */
class Streamed {
  readonly #response: ServerResponse;
  readonly #plan: AnswerPlan;
  #sent = 0;

  constructor(response: ServerResponse, plan: AnswerPlan) {
    this.#response = response;
    this.#plan = plan;
  }

  begin(): void {
    this.#response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    this.#say(Math.min(1, this.#plan.tokensOut));
  }

  /** Sends the tokens that are due by now, in one piece. */
  moveTo(nowUs: number): void {
    const { firstUs, endUs, tokensOut } = this.#plan;
    const share = (nowUs - firstUs) / Math.max(1, endUs - firstUs);
    const due = Math.min(tokensOut - 1, 1 + Math.floor(share * (tokensOut - 1)));
    if (due > this.#sent) this.#say(due - this.#sent);
  }

  end(): void {
    const { tokensOut, wantsUsage } = this.#plan;
    if (tokensOut > this.#sent) this.#say(tokensOut - this.#sent);
    this.#event([{ index: 0, delta: {}, finish_reason: "stop" }], {});
    if (wantsUsage) this.#event([], { usage: usageOf(this.#plan) });
    this.#response.end("data: [DONE]\n\n");
  }

  #say(tokens: number): void {
    this.#sent += tokens;
    this.#event([{ index: 0, delta: { content: WORD.repeat(tokens) }, finish_reason: null }], {});
  }

  #event(choices: readonly unknown[], more: object): void {
    const object = "chat.completion.chunk";
    const text = JSON.stringify({
      id: "drill",
      object,
      created: 0,
      model: this.#plan.model,
      choices,
      ...more,
    });
    this.#response.write(`data: ${text}\n\n`);
  }
}

/** One JSON document, when all of it is there. */
class Whole {
  readonly #response: ServerResponse;
  readonly #plan: AnswerPlan;

  constructor(response: ServerResponse, plan: AnswerPlan) {
    this.#response = response;
    this.#plan = plan;
  }

  begin(): void {}

  moveTo(_nowUs: number): void {}

  end(): void {
    const { model, tokensOut } = this.#plan;
    const message = { role: "assistant", content: WORD.repeat(tokensOut) };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    this.#response.writeHead(200, { "content-type": "application/json" });
    const usage = usageOf(this.#plan);
    this.#response.end(
      JSON.stringify({ id: "drill", object: "chat.completion", created: 0, model, choices, usage }),
    );
  }
}

function usageOf({ tokensIn, tokensOut }: AnswerPlan): object {
  return { prompt_tokens: tokensIn, completion_tokens: tokensOut, total_tokens: tokensIn + tokensOut };
}
