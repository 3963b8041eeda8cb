/** The way back to a caller over HTTP/1.1. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiDialect } from "../../scenario/serve.js";
import type { Header, Refusal, Reply } from "../exchange.js";
import { type Gone, Leaving } from "../gone.js";
import { AnswerFrame } from "./answerFrame.js";
import type { Connection, UnderWay } from "./connection.js";
import { type ErrorWords, errorBody, errorEvent } from "./errorBody.js";
import { rawAnswer, sayAndHangUp } from "./rawAnswer.js";
import type { TurnAway } from "./turnAway.js";

/** What a reply is about. */
export interface ReplyParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  /** The gateway's own, for the caller and for logs. */
  readonly requestId: string;
}

/** A caller that hung up, or was hung up on because it took nothing. */
class CallerGone extends Error {
  constructor() {
    super("the caller has gone");
    this.name = "CallerGone";
  }
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const BROKEN_OFF: ErrorWords = { status: 502, code: "server_error", message: "The answer broke off." };
const FAILED: ErrorWords = {
  status: 500,
  code: "policy_error",
  message: "The gateway failed to handle this request.",
};

/** One reply. Everything after its end, or after the caller has gone, has no effect. */
export class CallerReply implements Reply, UnderWay {
  dialect: ApiDialect = "openai";
  readonly #parts: ReplyParts;
  readonly #gone = new Leaving();
  #frame: AnswerFrame | undefined;
  #isOver = false;
  #waiter: Waiter | undefined;

  constructor(parts: ReplyParts) {
    this.#parts = parts;
    const { response, connection } = parts;
    // What fails here fails because the caller has gone, which `close` tells.
    response.on("error", ignore);
    response.once("close", () => {
      this.lost();
      connection.end(this);
    });
  }

  /** Aborted when the caller has gone before its reply has ended. */
  get gone(): Gone {
    return this.#gone;
  }

  get requestId(): string {
    return this.#parts.requestId;
  }

  get isIncomplete(): boolean {
    return !this.#parts.request.complete && !this.began && !this.#isOver;
  }

  get began(): boolean {
    return this.#frame !== undefined;
  }

  lost(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiter?.reject(new CallerGone());
    this.#gone.abort();
  }

  evacuate(): void {
    if (!this.#isOver) this.#gone.abort(true);
  }

  refuse({ status, cause, code, message, retryAfterMs }: Refusal): void {
    if (code !== undefined)
      return this.#tell({ status, code, message }, [["x-should-retry", "false"]], false);
    const again: readonly Header[] =
      retryAfterMs > 0
        ? [
            ["retry-after", String(Math.ceil(retryAfterMs / 1000))],
            ["retry-after-ms", String(Math.ceil(retryAfterMs))],
          ]
        : [];
    this.#tell({ status, code: cause, message, isPassing: retryAfterMs > 0 }, again, false);
  }

  /** Ends a request that was not understood; with `isUnread` when the caller may still be sending it. */
  turnAway({ status, code, message }: TurnAway, isUnread: boolean, headers: readonly Header[] = []): void {
    this.#tell({ status, code, message }, headers, isUnread);
  }

  /** The gateway itself has made a mistake: nothing of it is shown. */
  fail(): void {
    if (this.began) this.cut();
    else this.#tell(FAILED, [], !this.#parts.request.complete);
  }

  /** Answers from what the gateway itself knows. */
  say(json: string): void {
    this.#answer(200, [], json, false);
  }

  begin(status: number, headers: readonly Header[], targetId?: string): void {
    if (this.#isOver) return;
    const { response, requestId, connection } = this.#parts;
    this.#frame = new AnswerFrame(status, headers);
    const lines = ["x-request-id", requestId, ...this.#frame.lines];
    if (targetId !== undefined) lines.push("x-regionsim-target", targetId);
    if (connection.isLeaving) response.shouldKeepAlive = false;
    response.writeHead(this.#frame.status, lines);
  }

  write(piece: Buffer): Promise<void> | undefined {
    if (this.#isOver) return rejected();
    if (this.#frame?.takes(piece) !== true) {
      this.cut();
      return rejected();
    }
    return this.#parts.response.write(piece) ? undefined : this.#room();
  }

  /** Resolves when the caller has taken what was written. One that takes nothing is hung up on by its listener. */
  #room(): Promise<void> {
    const room = new Promise<void>((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
    // Whoever does not wait has not asked to hear of the failure.
    room.catch(ignore);
    this.#parts.response.once("drain", () => this.#waiter?.resolve());
    return room;
  }

  end(): void {
    if (this.#isOver) return;
    if (this.#frame?.isComplete !== true) return this.cut();
    this.#isOver = true;
    this.#parts.response.end();
  }

  cut(): void {
    if (this.#isOver) return;
    if (this.#frame === undefined) return this.#tell(BROKEN_OFF, [], false);
    this.#isOver = true;
    const { response, connection } = this.#parts;
    const isDelimited = this.#frame.hasLength || response.useChunkedEncodingByDefault;
    const hangUp = (): void => hardHangUp(connection, isDelimited);
    // Who has not even taken what came before would keep the connection by not taking this.
    if (!this.#frame.isBetweenEvents || response.writableNeedDrain) return hangUp();
    response.write(errorEvent(this.dialect, BROKEN_OFF), hangUp);
  }

  #tell(words: ErrorWords, more: readonly Header[], isUnread: boolean): void {
    const headers: readonly Header[] = [["x-regionsim-cause", words.code], ...more];
    this.#answer(words.status, headers, errorBody(this.dialect, words), isUnread);
  }

  #answer(status: number, more: readonly Header[], json: string, isUnread: boolean): void {
    if (this.#isOver || this.began) return;
    this.#isOver = true;
    const { request, response, connection, requestId } = this.#parts;
    const headers: readonly Header[] = [
      ["content-type", "application/json"],
      ["x-request-id", requestId],
      ...more,
    ];
    if (isUnread && connection.isOnly(this)) {
      connection.hangUp();
      request.resume();
      sayAndHangUp(connection.socket, rawAnswer(status, headers, json));
      return;
    }
    if (isUnread || connection.isLeaving) response.shouldKeepAlive = false;
    response.writeHead(status, [...headers.flat(), "content-length", String(Buffer.byteLength(json))]);
    response.end(json);
  }
}

/** Where nothing else delimits an answer the end of the connection is the end of the answer, unless it is a reset. */
function hardHangUp({ socket }: Connection, isDelimited: boolean): void {
  if (isDelimited || "encrypted" in socket || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}

function rejected(): Promise<void> {
  const promise = Promise.reject(new CallerGone());
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}
