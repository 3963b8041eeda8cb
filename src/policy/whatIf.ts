/**
 * Puts the questions of a decision log to a router with other rules. How a call ended is known only where it was made: a
 * call that the other router would have made elsewhere is taken to have ended like the one recorded.
 */
import type { BeginStep, ByTarget, RetryStep, RouteStep, SettleStep, Step } from "./journalTypes.js";
import { applyStep, fullAsk } from "./replay.js";
import type { Answer, Ask, RetryGrant, Router } from "./routerTypes.js";
import { PolicyError } from "./types.js";

/** One recorded decision beside the other router's. */
export interface Comparison {
  readonly step: RouteStep;
  /** Null where the other router's request has ended already, and there is nothing to ask. */
  readonly answer: Answer | null;
  /** The other router would go where the recorded rules could never have gone. */
  readonly crosses: boolean;
}

/** A call that the other router has under way, or would not have. */
interface Call {
  /** Where the recorded one went. */
  readonly recorded: string;
  /** Where the other one went; null for nowhere. */
  readonly target: string | null;
  readonly tokens: number;
  readonly startedMs: number;
}

/** A request as the other router has it. */
interface Mine {
  readonly calls: Call[];
  /** Sent while the recorded one was still held. */
  early: { readonly target: string; readonly tokens: number; readonly startedMs: number } | null;
  grant: RetryGrant | undefined;
  /** Refused, given up or answered at once: what is recorded of it from now on concerns it no more. */
  isOver: boolean;
}

/** A request is forgotten, its calls given up, when so many others have been seen since. */
const REMEMBERED_REQUESTS = 100_000;

/** A log that is put to another router, step by step. */
export class WhatIf {
  readonly #make: () => Router;
  readonly #rows: { readonly rttMs: ByTarget; readonly distanceKm: ByTarget };
  #router: Router | null = null;
  #begin: BeginStep | null = null;
  readonly #requests = new Map<number, Mine>();
  #nowMs = 0;

  /** `make` gives a fresh router with the other rules; the rows are those of its targets, where the log has none. */
  constructor(make: () => Router, rows: { readonly rttMs: ByTarget; readonly distanceKm: ByTarget }) {
    this.#make = make;
    this.#rows = rows;
  }

  /** Takes the next step; for a question, what the other router says to it. */
  take(step: Step): Comparison | null {
    if (step.step === "begin") {
      this.#begin = step;
      this.#router = this.#make();
      this.#requests.clear();
      return null;
    }
    if (this.#begin === null) throw new PolicyError(["a decision log must begin with a begin step"]);
    switch (step.step) {
      case "route":
        return this.#route(this.#router!, step);
      case "settle":
        this.#settle(this.#router!, step);
        return null;
      case "retry":
        this.#retry(this.#router!, step);
        return null;
      case "forgo":
        this.#forgo(this.#router!, step.request, step.nowMs);
        return null;
      default:
        this.#tell(this.#router!, step);
        return null;
    }
  }

  /** What happened to targets happened whoever asked; targets that the other rules do not have are left out. */
  #tell(router: Router, step: Step): void {
    try {
      if (step.step === "probe") router.probe(step.target, step.ok, step.nowMs ?? this.#nowMs);
      else applyStep(router, step);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
    }
  }

  #route(router: Router, step: RouteStep): Comparison {
    this.#nowMs = step.ask.nowMs;
    const mine = this.#mine(step.ask.request);
    const { early } = mine;
    if (early !== null && step.ask.hedge !== true) return this.#arrived(router, step, mine, early);
    if (mine.isOver) return { step, answer: null, crosses: false };
    const answer = router.route(this.#ask(step.ask, mine));
    this.#note(router, step, mine, answer);
    return compared(step, answer);
  }

  /** The recorded request has got where the other one has been for a while. */
  #arrived(router: Router, step: RouteStep, mine: Mine, early: NonNullable<Mine["early"]>): Comparison {
    const { answer } = step;
    if (answer.kind === "hold") return { step, answer: null, crosses: false };
    mine.early = null;
    if (answer.kind === "route") mine.calls.push({ recorded: answer.target, ...early });
    else this.#giveUp(router, mine, early);
    return { step, answer: null, crosses: false };
  }

  #note(router: Router, step: RouteStep, mine: Mine, answer: Answer): void {
    const recorded = step.answer;
    const isHedge = step.ask.hedge === true;
    if (answer.kind !== "route") {
      if (recorded.kind === "route")
        mine.calls.push({ recorded: recorded.target, target: null, ...none(this.#nowMs) });
      if (answer.kind === "refuse" && !isHedge) mine.isOver = true;
      return;
    }
    const tokens = step.ask.tokensAt?.[answer.target] ?? step.ask.tokens;
    const call = { target: answer.target, tokens, startedMs: this.#nowMs };
    if (recorded.kind === "route") mine.calls.push({ recorded: recorded.target, ...call });
    else if (recorded.kind === "hold") mine.early = call;
    else this.#giveUp(router, mine, call, isHedge);
  }

  /** Nothing tells how a call would have ended that was never made: it is given up, so that nothing is learned of it. */
  #giveUp(router: Router, mine: Mine, call: Omit<Call, "recorded">, isHedge = false): void {
    if (!isHedge) mine.isOver = true;
    this.#end(router, mine, call, { outcome: "abandoned", tokensUsed: call.tokens, endsTry: !isHedge });
  }

  #end(
    router: Router,
    mine: Mine,
    { target, tokens, startedMs }: Omit<Call, "recorded">,
    end: Pick<
      SettleStep["end"],
      "outcome" | "tokensUsed" | "endsTry" | "retryAtMs" | "shortOfTokens" | "rttMs"
    >,
  ): void {
    if (target === null) return;
    const { grant } = mine;
    const granted = grant === undefined ? {} : { grant };
    router.settle({ ...end, ...granted, target, tokensReserved: tokens, startedMs, nowMs: this.#nowMs });
  }

  #settle(router: Router, { end }: SettleStep): void {
    this.#nowMs = end.nowMs;
    const mine = this.#mine(end.request);
    const at = mine.calls.findIndex(({ recorded }) => recorded === end.target);
    if (at < 0) return;
    const [call] = mine.calls.splice(at, 1);
    const { outcome, tokensUsed, endsTry = end.hedge !== true, retryAtMs, shortOfTokens, rttMs } = end;
    this.#end(router, mine, call!, {
      outcome,
      tokensUsed,
      endsTry,
      ...(retryAtMs === undefined ? {} : { retryAtMs }),
      ...(shortOfTokens === undefined ? {} : { shortOfTokens }),
      ...(rttMs === undefined ? {} : { rttMs }),
    });
  }

  #retry(router: Router, { question, answer: recorded }: RetryStep): void {
    this.#nowMs = question.nowMs;
    const mine = this.#mine(question.request);
    if (mine.isOver) return;
    const { grant: _recorded, ...asked } = question;
    const answer = router.retry(mine.grant === undefined ? asked : { ...asked, grant: mine.grant });
    if (answer.kind === "retry" && recorded.kind === "retry") {
      mine.grant = answer.grant;
      return;
    }
    // A retry that was not made, or would not have been: one of the two has no more to tell.
    if (answer.kind === "retry") router.forgo(answer.grant, this.#nowMs);
    mine.isOver = true;
  }

  #forgo(router: Router, request: number | undefined, nowMs: number): void {
    this.#nowMs = nowMs;
    const mine = this.#mine(request);
    if (!mine.isOver) router.forgo(mine.grant, nowMs);
    mine.isOver = true;
  }

  /** Luck that the log did not need is taken from the luck it has, the other way round. */
  #ask(ask: Ask, { grant }: Mine): Ask {
    const { grant: _recorded, ...asked } = fullAsk(ask, { ...this.#begin!, ...this.#rowsFor() });
    const guardLuck = ask.guardLuck ?? ([ask.luck[1], ask.luck[0]] as const);
    return { ...asked, guardLuck, ...(grant === undefined || ask.hedge === true ? {} : { grant }) };
  }

  #rowsFor(): { readonly rttMs: ByTarget; readonly distanceKm: ByTarget } {
    const { rttMs, distanceKm } = this.#begin!;
    return {
      rttMs: { ...this.#rows.rttMs, ...rttMs },
      distanceKm: { ...this.#rows.distanceKm, ...distanceKm },
    };
  }

  #mine(request: number | undefined): Mine {
    if (request === undefined)
      throw new PolicyError(["the log does not number its requests: they cannot be put to other rules"]);
    const known = this.#requests.get(request);
    if (known !== undefined) return known;
    const mine: Mine = { calls: [], early: null, grant: undefined, isOver: false };
    this.#requests.set(request, mine);
    if (this.#requests.size > REMEMBERED_REQUESTS) this.#forgetOldest();
    return mine;
  }

  #forgetOldest(): void {
    const [request, mine] = this.#requests.entries().next().value!;
    this.#requests.delete(request);
    for (const call of mine.calls) this.#giveUp(this.#router!, mine, call);
    if (mine.early !== null) this.#giveUp(this.#router!, mine, mine.early);
  }
}

function none(startedMs: number): { readonly tokens: number; readonly startedMs: number } {
  return { tokens: 0, startedMs };
}

function compared(step: RouteStep, answer: Answer): Comparison {
  const crosses = answer.kind === "route" && !step.lawful.includes(answer.target);
  return { step, answer, crosses };
}
