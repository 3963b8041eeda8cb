/**
 * The words in which the parts of a gateway speak to each other: the front reads what a caller asks, the exchange
 * decides and tries, a call goes to one target, the reply goes back.
 */
import type { RefusalCause } from "../policy/index.js";
import type { ApiDialect, ServedIdentity } from "../scenario/serve.js";
import type { Gone } from "./gone.js";
import type { TargetPlan } from "./plan.js";
import type { Trouble } from "./trouble.js";

/** What is asked, whatever the dialect. */
export type Operation = "chat" | "completions" | "responses" | "embeddings" | "messages";

/** A header line, as it came. */
export type Header = readonly [name: string, value: string];

/** Whose request it is, and by what record. */
export interface Caller {
  readonly identity: ServedIdentity;
  /** The listener's id, the record's name: for logs. */
  readonly name: string;
}

/** A request that was read, understood and found to be in bounds. */
export interface Asked {
  /** Counts up within a gateway's life; what the decision log calls the request. */
  readonly id: number;
  /** The same number behind what tells this process from others: the caller's `x-request-id`, and the request log's. */
  readonly requestId: string;
  readonly caller: Caller;
  readonly dialect: ApiDialect;
  readonly operation: Operation;
  /** Below the upstream's url, such as `/chat/completions`. */
  readonly path: string;
  /** The deployment's name of the model. */
  readonly model: string;
  readonly streams: boolean;
  /** As it came, byte for byte. */
  readonly body: Buffer;
  /** Where the value of the top-level member `model` stands in `body`: its first byte and the one after its last, quotes included. */
  readonly modelSpan: readonly [start: number, end: number];
  /** What may be passed on: nothing hop-by-hop, no credentials, nothing that names origin or class. */
  readonly headers: readonly Header[];
  readonly tokensIn: number;
  readonly tokensOutMax: number;
  /** Targets the caller asks to stay within, by id; undefined for no wish. It can only narrow. */
  readonly only: readonly string[] | undefined;
  /** Whole number ≥ 0 shared by requests of a conversation, −1 for none. */
  readonly stickyKey: number;
  /** On the gateway's clock. */
  readonly arrivedMs: number;
  /** Aborted when the caller has gone. */
  readonly gone: Gone;
}

/** Mistakes of a caller's for which the policy, asked about targets, has no word. */
export const CALLER_MISTAKES = ["dialect_not_served", "narrowed_to_nothing"] as const;

/** One of {@link CALLER_MISTAKES}. */
export type CallerMistake = (typeof CALLER_MISTAKES)[number];

/** A request that ends without an answer of a target. */
export interface Refusal {
  readonly status: number;
  readonly cause: RefusalCause;
  /** Told to the caller in place of the cause. The same request would meet it again, which clients are told too. */
  readonly code?: CallerMistake;
  /** One sentence for people, without anything the caller did not know. */
  readonly message: string;
  /** For Retry-After; 0: not said. */
  readonly retryAfterMs: number;
}

/** The way back to the caller. The front owns it; after {@link Reply.begin} nothing can be tried again. */
export interface Reply {
  /** Whether a byte may have gone out. */
  readonly began: boolean;
  /** Tells the caller, in its dialect, why there is no answer. Not after `begin`. */
  refuse(refusal: Refusal): void;
  /** Passes on status and headers, hop-by-hop ones gone already, and tells the caller which target it is that answers. */
  begin(status: number, headers: readonly Header[], targetId?: string): void;
  /** Passes on a piece; resolves when more may be written, rejects when the caller has gone or takes nothing for too long. */
  write(piece: Buffer): Promise<void> | undefined;
  /** The answer is complete. */
  end(): void;
  /** The answer broke off: the caller must be able to tell it from a complete one. */
  cut(): void;
}

/** What the front hands every good request to. Resolves when the reply has ended, never rejects. */
export type Exchange = (asked: Asked, reply: Reply) => Promise<void>;

/** One call to one target. */
export interface CallPlan {
  readonly target: TargetPlan;
  readonly path: string;
  /** The request's, but for the model's name and the target's own key. */
  readonly headers: readonly Header[];
  readonly body: Buffer;
  readonly streams: boolean;
  /** Aborted when nobody wants the answer any more. */
  readonly signal: Gone;
}

/** What a target counted, as far as it said: input tokens are all of the prompt, cached ones among them. */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

/** What a target said of its limits: tokens and requests left, NaN where it said nothing. */
export interface LimitsLeft {
  readonly requests: number;
  readonly tokens: number;
}

/** The body of an answer, pulled: what is not asked for is not read from the target. */
export interface AnswerBody {
  /** The next piece, null at the end. Rejects with a {@link BrokenAnswer} when it breaks off, lies about itself or is too slow or too long. */
  next(): Promise<Buffer | null>;
  /** The same without waiting: undefined where it must be waited for, or fails. Most answers are there at once. */
  ready(): Buffer | null | undefined;
  /** Nobody wants the rest. Safe at any time. */
  cancel(): void;
  /** What the target counted, once it has said so; null before, and where it does not. */
  usage(): Usage | null;
  /** Estimate of output tokens so far, for answers that are never counted. */
  outputTokensSeen(): number;
}

/** How a call begins: with an answer whose first piece is there, or not at all. */
export type CallStart =
  | {
      readonly kind: "answer";
      /** Anything below 500 but 401, 403, 408 and 429. */
      readonly status: number;
      readonly headers: readonly Header[];
      readonly body: AnswerBody;
      readonly limits: LimitsLeft;
    }
  | {
      readonly kind: "failed";
      readonly outcome: "error" | "throttled" | "timeout" | "abandoned";
      readonly cause: RefusalCause;
      /** What the target answered, 0 if nothing. */
      readonly status: number;
      /** What it was, for the operator: a caller need not know more than the cause. */
      readonly trouble?: Trouble;
      /** 0 when it did not say. */
      readonly retryAfterMs: number;
      readonly limits: LimitsLeft;
    };

/** Begins a call. Never rejects. */
export type StartCall = (call: CallPlan) => Promise<CallStart>;

/** An answer that broke off after it began. */
export class BrokenAnswer extends Error {
  readonly outcome: "error" | "timeout";
  readonly refusalCause: RefusalCause;

  constructor(outcome: "error" | "timeout", cause: RefusalCause, message: string) {
    super(message);
    this.name = "BrokenAnswer";
    this.outcome = outcome;
    this.refusalCause = cause;
  }
}
