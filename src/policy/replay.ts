/** Runs a decision log again, through a router with the same rules: every answer must come out the same. */
import type { CallerConfig } from "./callerTypes.js";
import { lawfulOf, masksOf } from "./journal.js";
import type { BeginStep, Masks, RetryStep, RouteStep, Step } from "./journalTypes.js";
import { ALL_PARTS } from "./parts.js";
import { createRouter } from "./router.js";
import type { Answer, Ask, RetryAnswer, Router } from "./routerTypes.js";
import { type PolicyConfig, PolicyError } from "./types.js";

/** Where a replay departs from its log. */
export interface Difference {
  /** The step, counted from 0. */
  readonly index: number;
  readonly step: Step;
  /** `error`: the router would not take the step at all. */
  readonly what: "answer" | "masks" | "lawful" | "changed" | "error";
  readonly recorded: string;
  readonly replayed: string;
}

/** How far a replay has come. */
export interface ReplayCounts {
  readonly steps: number;
  /** Questions about where to go, among them. */
  readonly decisions: number;
  /** Steps after a gap, which nothing can be said about. */
  readonly skipped: number;
  readonly differences: number;
}

/** A log that is being run again, step by step. */
export class Replay {
  readonly #make: () => Router;
  #router: Router | null = null;
  #begin: BeginStep | null = null;
  #lawful: (ask: Ask) => readonly string[] = () => [];
  #steps = 0;
  #decisions = 0;
  #skipped = 0;
  #differences = 0;

  /** `make` gives a fresh router with the rules of the log. */
  constructor(make: () => Router) {
    this.#make = make;
  }

  get counts(): ReplayCounts {
    return {
      steps: this.#steps,
      decisions: this.#decisions,
      skipped: this.#skipped,
      differences: this.#differences,
    };
  }

  /** Takes the next step; what differs, or null. The first step of a log is a beginning. */
  take(step: Step): Difference | null {
    const index = this.#steps++;
    const departure = this.#departure(step);
    if (departure === null) return null;
    this.#differences += 1;
    return { index, step, ...departure };
  }

  #departure(step: Step): Departure | null {
    if (step.step === "begin") return this.#restart(step);
    if (this.#begin === null) throw new PolicyError(["a decision log must begin with a begin step"]);
    if (step.step === "gap") this.#router = null;
    if (this.#router === null) {
      this.#skipped += 1;
      return null;
    }
    if (step.step === "route") this.#decisions += 1;
    try {
      return this.#again(this.#router, step);
    } catch (error) {
      if (!(error instanceof PolicyError || error instanceof RangeError)) throw error;
      return { what: "error", recorded: "accepted", replayed: error.message };
    }
  }

  #restart(step: BeginStep): null {
    this.#begin = step;
    this.#router = this.#make();
    this.#lawful = lawfulOf(this.#router);
    return null;
  }

  #again(router: Router, step: Step): Departure | null {
    switch (step.step) {
      case "route":
        return this.#route(router, step);
      case "retry":
        return retryDeparture(step, router.retry(step.question));
      case "probe": {
        const changed = router.probe(step.target, step.ok, step.nowMs);
        return changed === step.changed ? null : departure("changed", step.changed, changed);
      }
      default:
        applyStep(router, step);
        return null;
    }
  }

  #route(router: Router, step: RouteStep): Departure | null {
    const ask = fullAsk(step.ask, this.#begin!);
    const before = router.beliefs();
    const answer = router.route(ask);
    if (!sameAnswer(step.answer, answer)) return departure("answer", step.answer, answer);
    const masks = masksOf(before, router.beliefs());
    if (!sameMasks(step.masks, masks)) return departure("masks", step.masks, masks);
    const lawful = this.#lawful(ask);
    return sameList(step.lawful, lawful) ? null : departure("lawful", step.lawful, lawful);
  }
}

/** A replay of a log that was made by this configuration. */
export function createReplay(config: PolicyConfig, caller: CallerConfig): Replay {
  return new Replay(() => createRouter(config, caller, ALL_PARTS));
}

/** A question with the rows that its log wrote only once. */
export function fullAsk(ask: Ask, { rttMs = {}, distanceKm = {} }: BeginStep): Ask {
  return { rttMs, distanceKm, ...ask };
}

/** Tells a router of a step that it does not answer. */
export function applyStep(router: Router, step: Step): void {
  switch (step.step) {
    case "settle":
      return router.settle(step.end);
    case "forgo":
      return router.forgo(step.grant, step.nowMs);
    case "drain":
      return router.drain(step.target, step.drained);
    case "limits":
      return router.limitsLeft(step.target, step.requests, step.tokens, step.nowMs);
    case "adopt":
      return router.adopt(step.target, step.belief);
    default:
      return;
  }
}

type Departure = Omit<Difference, "index" | "step">;

function departure(what: Difference["what"], recorded: unknown, replayed: unknown): Departure {
  return { what, recorded: JSON.stringify(recorded), replayed: JSON.stringify(replayed) };
}

function retryDeparture({ answer: recorded }: RetryStep, replayed: RetryAnswer): Departure | null {
  return sameRetry(recorded, replayed) ? null : departure("answer", recorded, replayed);
}

function sameRetry(a: RetryAnswer, b: RetryAnswer): boolean {
  if (a.kind === "give-up") return b.kind === "give-up" && a.cause === b.cause;
  if (b.kind === "give-up" || !Object.is(a.waitMs, b.waitMs)) return false;
  const [one, other] = [a.grant, b.grant];
  return (
    one.retryNumber === other.retryNumber && Object.is(one.waitMs, other.waitMs) && one.paid === other.paid
  );
}

function sameAnswer(a: Answer, b: Answer): boolean {
  if (a.reason !== b.reason) return false;
  if (a.kind === "route") return b.kind === "route" && a.target === b.target && a.model === b.model;
  return a.kind === b.kind && a.cause === b.cause && Object.is(a.retryAtMs, b.retryAtMs);
}

function sameMasks(a: Masks, b: Masks): boolean {
  return a.every((mask, i) => mask === b[i]);
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((word, i) => word === b[i]));
}
