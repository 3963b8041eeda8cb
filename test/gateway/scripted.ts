/** Targets and callers that do as a test says, at the test's own time. */
import {
  type AnswerBody,
  BrokenAnswer,
  type CallPlan,
  type CallStart,
  type LimitsLeft,
  type Refusal,
  type Reply,
  type Usage,
} from "../../src/gateway/exchange.js";
import type { Gone } from "../../src/gateway/gone.js";
import type { Runtime } from "../../src/gateway/session/runtime.js";

/** How a target behaves towards one call. */
export interface Behaviour {
  readonly kind: "answers" | "breaks" | "fails" | "throttles" | "times-out" | "silent" | "throws";
  readonly afterMs: number;
  readonly status?: number;
  readonly pieces?: number;
  readonly usage?: Usage | null;
  readonly retryAfterMs?: number;
  readonly limits?: LimitsLeft;
  /** Answers even a call that was given up. */
  readonly isDeaf?: boolean;
}

export interface SeenCall {
  readonly target: string;
  readonly plan: CallPlan;
}

const UNSAID: LimitsLeft = { requests: Number.NaN, tokens: Number.NaN };

/** Starts calls as `script` says; aborted ones end at once, as a real one does. */
export function scriptedStart(
  script: (target: string, n: number) => Behaviour,
  seen: SeenCall[],
): Runtime["start"] {
  return async (call) => {
    const behaviour = script(call.target.id, seen.length);
    seen.push({ target: call.target.id, plan: call });
    if (behaviour.kind === "throws") throw new Error("secret internals");
    const signal = behaviour.isDeaf === true ? new AbortController().signal : call.signal;
    const isTimely = await passes(behaviour.kind === "silent" ? 1e5 : behaviour.afterMs, signal);
    return isTimely ? startOf(behaviour, call.signal) : failure("abandoned", "client_abandoned");
  };
}

function startOf(behaviour: Behaviour, signal: Gone): CallStart {
  const { kind, status = 200, limits = UNSAID, retryAfterMs = 0 } = behaviour;
  if (kind === "fails") return { ...failure("error", "server_error"), status: 500, limits };
  if (kind === "times-out") return failure("timeout", "deadline_in_service");
  if (kind === "throttles")
    return { ...failure("throttled", "rate_limit_rpm"), status: 429, retryAfterMs, limits };
  return {
    kind: "answer",
    status,
    headers: [["x-test", "1"]],
    body: new ScriptedBody(behaviour, signal),
    limits,
  };
}

function failure(
  outcome: "error" | "timeout" | "throttled" | "abandoned",
  cause: "server_error" | "deadline_in_service" | "rate_limit_rpm" | "client_abandoned",
): Extract<CallStart, { kind: "failed" }> {
  return { kind: "failed", outcome, cause, status: 0, retryAfterMs: 0, limits: UNSAID };
}

function passes(ms: number, signal: Gone): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const timer = setTimeout(() => resolve(true), ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

/** Bodies that nobody ends: each must be read to its end or cancelled. */
export const openBodies: Set<object> = new Set();

class ScriptedBody implements AnswerBody {
  readonly #behaviour: Behaviour;
  readonly #signal: Gone;
  #given = 0;
  #cancelled = false;

  constructor(behaviour: Behaviour, signal: Gone) {
    this.#behaviour = behaviour;
    this.#signal = signal;
    openBodies.add(this);
  }

  async next(): Promise<Buffer | null> {
    const { kind, pieces = 2, afterMs } = this.#behaviour;
    if (this.#given > 0 && !(await passes(afterMs, this.#signal))) throw this.#broken();
    if (this.#cancelled) throw this.#broken();
    if (this.#given < pieces) return Buffer.from(`piece ${this.#given++}\n`);
    if (kind === "breaks") throw this.#broken();
    openBodies.delete(this);
    return null;
  }

  ready(): undefined {
    return undefined;
  }

  #broken(): BrokenAnswer {
    openBodies.delete(this);
    return new BrokenAnswer("error", "server_error", "cut");
  }

  cancel(): void {
    this.#cancelled = true;
    openBodies.delete(this);
  }

  usage(): Usage | null {
    return this.#behaviour.usage ?? null;
  }

  outputTokensSeen(): number {
    return this.#given;
  }
}

/** The way back to a caller, written down. */
export class RecordedReply implements Reply {
  began = false;
  status = 0;
  text = "";
  refusal: Refusal | null = null;
  /** How it ended, each time it did: once. */
  readonly ends: ("refused" | "ended" | "cut")[] = [];
  /** Each piece waits so long for room; null: there is always some. */
  readonly roomAfterMs: number | null;

  constructor(roomAfterMs: number | null = null) {
    this.roomAfterMs = roomAfterMs;
  }

  refuse(refusal: Refusal): void {
    if (this.began) throw new Error("refused after it began");
    this.refusal = refusal;
    this.ends.push("refused");
  }

  begin(status: number): void {
    if (this.began || this.ends.length > 0) throw new Error("began twice");
    this.began = true;
    this.status = status;
  }

  write(piece: Buffer): Promise<void> | undefined {
    if (!this.began || this.ends.length > 0) throw new Error("written outside of the reply");
    this.text += piece.toString();
    const { roomAfterMs } = this;
    return roomAfterMs === null ? undefined : new Promise((resolve) => setTimeout(resolve, roomAfterMs));
  }

  end(): void {
    this.ends.push("ended");
  }

  cut(): void {
    this.ends.push("cut");
  }
}
