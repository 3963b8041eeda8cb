/** The steps of a decision log: everything a router was told or asked, in order, and what it answered. Never content. */
import type { Reason } from "./causes.js";
import type { Answer, Ask, RetryAnswer, RetryGrant, RetryQuestion, Settlement } from "./routerTypes.js";
import type { Belief } from "./types.js";

/** The version of the steps' form. A log of another version is refused rather than misread. */
export const JOURNAL_VERSION = 1;

/** Numbers by target id. */
export type ByTarget = Readonly<Record<string, number>>;

/** What holds for all steps up to the next beginning: a router was made, and nothing had happened to it. */
export interface Beginning {
  readonly gateway: string;
  /** Of the rules the router was made from; two logs with the same were made by the same rules. */
  readonly policySha256: string;
  /** When the clock of the steps was 0, for people, in milliseconds since 1970 began; left out where there is no such time. */
  readonly wallMs?: number;
  /**
   * What tells the requests of one process from those of the one before, which counted from 1 as well: `run-request` is
   * what a caller was told, and what request logs say. Left out where nobody was told anything.
   */
  readonly run?: string;
  /** Of questions that do not say otherwise. */
  readonly rttMs?: ByTarget;
  readonly distanceKm?: ByTarget;
}

/** {@link BeliefMasks} as of a decision: up, drained, cooling, guarded, crowded. */
export type Masks = readonly [up: number, drained: number, cooling: number, guarded: number, crowded: number];

/** A router was made. */
export interface BeginStep extends Beginning {
  readonly step: "begin";
  readonly version: typeof JOURNAL_VERSION;
}

/** A question and its answer. Rows of the question that are those of the beginning are left out. */
export interface RouteStep {
  readonly step: "route";
  readonly ask: Ask;
  /** Everything that the rules of then could ever have chosen for such a request, by id. */
  readonly lawful: readonly string[];
  /** What was believed when it was decided. */
  readonly masks: Masks;
  readonly answer: Answer;
  /** The names of `answer.reason`, for readers. */
  readonly reasons: readonly Reason[];
}

/** An attempt has ended. */
export interface SettleStep {
  readonly step: "settle";
  readonly end: Settlement;
}

/** Whether to try again, and what was said. */
export interface RetryStep {
  readonly step: "retry";
  readonly question: RetryQuestion;
  readonly answer: RetryAnswer;
}

/** A try ended without a call that could end it. */
export interface ForgoStep {
  readonly step: "forgo";
  readonly request?: number;
  /** Left out for a first try. */
  readonly grant?: RetryGrant;
  readonly nowMs: number;
}

/** A prober's verdict, and whether the belief changed with it. */
export interface ProbeStep {
  readonly step: "probe";
  readonly target: string;
  readonly ok: boolean;
  readonly nowMs?: number;
  readonly changed: boolean;
}

/** The operator took a target out of use, or put it back. */
export interface DrainStep {
  readonly step: "drain";
  readonly target: string;
  readonly drained: boolean;
}

/** A target said what is left of its limits; NaN: not said. */
export interface LimitsStep {
  readonly step: "limits";
  readonly target: string;
  readonly requests: number;
  readonly tokens: number;
  readonly nowMs: number;
}

/** A belief was taken over from another router. */
export interface AdoptStep {
  readonly step: "adopt";
  readonly target: string;
  readonly belief: Belief;
}

/** Lines are missing here: what follows, up to the next beginning, cannot be run again. */
export interface GapStep {
  readonly step: "gap";
  readonly lost: number;
}

/** One line of a decision log. */
export type Step =
  | BeginStep
  | RouteStep
  | SettleStep
  | RetryStep
  | ForgoStep
  | ProbeStep
  | DrainStep
  | LimitsStep
  | AdoptStep
  | GapStep;
