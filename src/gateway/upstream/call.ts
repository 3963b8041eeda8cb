/** One call on one connection: its time limits, its answer as it comes, and its end. */
import type { Dispatcher } from "undici";
import type { RefusalCause } from "../../policy/index.js";
import type { RequestBounds, ServedTimeouts } from "../../scenario/serve.js";
import { type AnswerBody, BrokenAnswer, type CallPlan, type CallStart, type Usage } from "../exchange.js";
import { CallClock } from "./callClock.js";
import { createMeter } from "./createMeter.js";
import {
  causeOfBreak,
  failed,
  failedByError,
  failedByStatus,
  headersTellLimit,
  isAnswer,
} from "./failure.js";
import { firstValue, isFramed, passedHeaders, type Received, requestHeaders } from "./headers.js";
import { KeyGuard, keyOf } from "./keyGuard.js";
import type { Connection, Lane, Ready } from "./lane.js";
import { limitsLeft } from "./limits.js";
import type { Meter } from "./meter.js";
import { Pieces } from "./pieces.js";

/** A failed answer is read so far, and for so long, to learn what it was and to keep the connection. */
const FAILED_BYTES = 16_384;
const FAILED_MS = 500;

/** How far a call has come. */
type Phase = "in-line" | "connecting" | "sent" | "failing" | "draining" | "answering" | "over";

/** What holds for every call. */
export interface CallRules {
  readonly bounds: RequestBounds;
  readonly timeouts: ServedTimeouts;
}

/** Begins a call; see `StartCall`. */
export function startCall(plan: CallPlan, lane: Lane, rules: CallRules): Promise<CallStart> {
  return new Promise((resolve) => new Call(plan, lane, rules, resolve).begin());
}

class Call implements Dispatcher.DispatchHandler, AnswerBody {
  readonly #plan: CallPlan;
  readonly #lane: Lane;
  readonly #rules: CallRules;
  readonly #clock: CallClock;
  readonly #pieces = new Pieces();
  #phase: Phase = "in-line";
  #connection: Connection | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  /** Null once it was called. */
  #resolve: ((start: CallStart) => void) | null;

  #status = 0;
  #headers: Received = {};
  #failedText = "";
  #meter: Meter | null = null;
  readonly #guard: KeyGuard | null;
  #bytes = 0;

  readonly #ready: Ready = (connection) => this.#dispatch(connection);
  readonly #whenAborted = (): void => this.#abandon();

  constructor(plan: CallPlan, lane: Lane, rules: CallRules, resolve: (start: CallStart) => void) {
    this.#plan = plan;
    this.#lane = lane;
    this.#rules = rules;
    this.#resolve = resolve;
    this.#guard = KeyGuard.of(keyOf(plan.target));
    this.#clock = new CallClock(rules.timeouts.totalMs, () => this.#expire());
  }

  begin(): void {
    const { signal } = this.#plan;
    if (signal.aborted) return this.#fail(failed("abandoned", "client_abandoned"));
    signal.addEventListener("abort", this.#whenAborted, { once: true });
    this.#clock.limit(this.#rules.timeouts.connectMs);
    this.#lane.enter(this.#ready);
  }

  #dispatch(connection: Connection | null): void {
    if (connection === null) return this.#fail(failed("error", "connection_refused"));
    const { target, path, headers, body } = this.#plan;
    const { url } = this.#lane;
    this.#phase = "connecting";
    this.#connection = connection;
    connection.client.dispatch(
      {
        path: `${url.pathname === "/" ? "" : url.pathname}${path}${url.search}`,
        method: "POST",
        headers: requestHeaders(target, headers),
        body,
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown before a byte is written, so the connection stays good for the next call.
    if (this.#phase === "over") throw new Error("given up before it was sent");
    this.#controller = controller;
    this.#phase = "sent";
    this.#clock.limit(this.#rules.timeouts.firstTokenMs);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Received): void {
    if (status < 200 || this.#phase !== "sent") return;
    this.#status = status;
    this.#headers = headers;
    if (!isAnswer(status)) {
      this.#phase = "failing";
      if (status !== 429 || headersTellLimit(headers)) this.#failByStatus();
      else this.#clock.limit(FAILED_MS);
      return;
    }
    if (Number(firstValue(headers, "content-length") ?? 0) > this.#rules.bounds.answerBytes) {
      this.#fail(failed("error", "server_error", status));
      return;
    }
    this.#meter = createMeter(headers, this.#plan.streams, this.#rules.bounds.eventBytes);
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (piece.length === 0) return;
    this.#bytes += piece.length;
    if (this.#phase === "failing" || this.#phase === "draining") this.#takeFailed(piece);
    else if (this.#phase === "sent" || this.#phase === "answering") this.#take(piece);
  }

  #takeFailed(piece: Buffer): void {
    if (this.#phase === "failing") this.#failedText += piece.toString("latin1");
    if (this.#bytes <= FAILED_BYTES) return;
    if (this.#phase === "failing") this.#failByStatus();
    this.#hangUp();
  }

  #take(piece: Buffer): void {
    if (this.#bytes > this.#rules.bounds.answerBytes)
      return this.#break("error", "server_error", "is too long");
    if (!this.#meter!.take(piece))
      return this.#break("error", "server_error", "has an event that is too long");
    const passed = this.#guard === null ? piece : this.#guard.pass(piece);
    if (passed === null) return this.#break("error", "server_error", "tells the key it was sent");
    if (passed.length === 0) return;
    this.#pieces.put(passed);
    if (this.#pieces.isFull) this.#connection!.valve.hold();
    this.#clock.lift();
    if (this.#phase === "sent") this.#answer();
  }

  onResponseEnd(): void {
    if (this.#phase === "failing") this.#failByStatus();
    else if (this.#isCutShort()) this.#break("error", "connection_refused", "stopped short");
    else if (this.#phase === "sent" || this.#phase === "answering") this.#complete();
    this.#finish();
    this.#giveBack();
  }

  /** An answer that ends with its connection says by nothing else that it is complete. */
  #isCutShort(): boolean {
    const isWhole = this.#meter?.end() ?? true;
    return !isFramed(this.#headers) && (!isWhole || this.#connection!.valve.hasFailed);
  }

  #complete(): void {
    const rest = this.#guard?.rest();
    if (rest !== undefined && rest.length > 0) this.#pieces.put(rest);
    if (this.#phase === "sent") this.#answer();
    this.#pieces.complete();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#phase === "answering") this.#break("error", causeOfBreak(error), "broke off");
    else if (this.#phase === "failing") this.#failByStatus();
    else if (this.#phase !== "over") this.#fail(this.#failureBy(error));
    this.#finish();
    this.#giveBack();
  }

  /** Headers without a body are no refused connection. */
  #failureBy(error: Error): CallStart {
    if (this.#status === 0) return failedByError(error);
    return failed("error", causeOfBreak(error), this.#status);
  }

  #answer(): void {
    const said = (name: string): string | undefined => firstValue(this.#headers, name);
    this.#phase = "answering";
    this.#clock.lift();
    this.#settle({
      kind: "answer",
      status: this.#status,
      headers: passedHeaders(this.#headers, keyOf(this.#plan.target)),
      body: this,
      limits: limitsLeft(said),
    });
  }

  #settle(start: CallStart): void {
    const resolve = this.#resolve;
    this.#resolve = null;
    resolve?.(start);
  }

  /** The call has failed and nothing more is wanted of it. */
  #fail(start: CallStart): void {
    this.#settle(start);
    this.#hangUp();
  }

  /** The call has failed, but what little is still to come is read, so that the connection can be used again. */
  #failByStatus(): void {
    this.#phase = "draining";
    this.#clock.limit(FAILED_MS);
    this.#settle(failedByStatus(this.#status, this.#headers, this.#failedText, Date.now()));
  }

  #break(outcome: "error" | "timeout", cause: RefusalCause, what: string): void {
    if (this.#phase === "sent") return this.#fail(failed(outcome, cause, this.#status));
    this.#pieces.break(new BrokenAnswer(outcome, cause, `the answer of ${this.#plan.target.id} ${what}`));
    this.#hangUp();
  }

  #abandon(): void {
    if (this.#phase === "answering") this.#break("error", "client_abandoned", "is wanted by nobody");
    else this.#fail(failed("abandoned", "client_abandoned"));
  }

  /** Ends the call now. Where it is not on its way yet, it takes itself back when its turn comes. */
  #hangUp(): void {
    const wasInLine = this.#phase === "in-line";
    this.#finish();
    if (wasInLine) this.#lane.leave(this.#ready);
    else this.#controller?.abort(new Error("hung up"));
  }

  #finish(): void {
    this.#phase = "over";
    this.#clock.stop();
    this.#plan.signal.removeEventListener("abort", this.#whenAborted);
  }

  #giveBack(): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) this.#lane.giveBack(connection);
  }

  next(): Promise<Buffer | null> {
    if (this.#pieces.isDry) this.#clock.limit(this.#rules.timeouts.idleMs);
    const piece = this.#pieces.next();
    this.#connection?.valve.release();
    return piece;
  }

  ready(): Buffer | null | undefined {
    const piece = this.#pieces.ready();
    if (piece !== undefined) this.#connection?.valve.release();
    return piece;
  }

  cancel(): void {
    if (this.#phase === "over") return;
    this.#abandon();
  }

  usage(): Usage | null {
    return this.#meter?.usage() ?? null;
  }

  outputTokensSeen(): number {
    return this.#meter?.outputTokensSeen() ?? 0;
  }

  #expire(): void {
    const phase = this.#phase;
    if (phase === "answering") this.#break("timeout", "deadline_in_service", "came too slowly");
    else if (phase === "in-line") this.#fail(failed("throttled", "concurrency_full"));
    else if (phase === "draining") this.#hangUp();
    else if (phase === "failing") this.#failByStatus();
    // As the simulated gateway says of its own patience, whatever it was that kept silent.
    else this.#fail(failed("timeout", "deadline_in_service", this.#status));
  }
}
