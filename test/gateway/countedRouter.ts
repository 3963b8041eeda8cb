/** A router that is asked afterwards whether everything it was asked for was also ended, once each. */
import {
  journaledRouter,
  type RetryGrant,
  type Router,
  type Settlement,
  type Step,
} from "../../src/policy/index.js";

export interface CountedRouter {
  readonly router: Router;
  readonly steps: readonly Step[];
  readonly settled: readonly Settlement[];
  /** Routes that were not settled; throws where one was settled twice or for something else. */
  unsettled(): number;
  /** Tries that were begun less those that were ended. */
  openTries(): number;
  /** Retries that were granted and neither made, refused nor given back. */
  openGrants(): number;
}

export function countedRouter(router: Router): CountedRouter {
  const steps: Step[] = [];
  const settled: Settlement[] = [];
  return {
    router: journaledRouter(router, (step) => {
      steps.push(step);
      if (step.step === "settle") settled.push(step.end);
    }),
    steps,
    settled,
    unsettled: () => unsettledOf(steps),
    openTries: () => openTriesOf(steps),
    openGrants: () => openGrantsOf(steps),
  };
}

function unsettledOf(steps: readonly Step[]): number {
  const open: string[] = [];
  for (const step of steps) {
    if (step.step === "route" && step.answer.kind === "route") {
      const { ask, answer } = step;
      open.push(`${ask.request} ${answer.target} ${ask.tokensAt?.[answer.target] ?? ask.tokens}`);
    }
    if (step.step !== "settle") continue;
    const { request, target, tokensReserved } = step.end;
    const at = open.indexOf(`${request} ${target} ${tokensReserved}`);
    if (at < 0) throw new Error(`settled without a route: ${JSON.stringify(step.end)}`);
    open.splice(at, 1);
  }
  return open.length;
}

function openTriesOf(steps: readonly Step[]): number {
  let tries = 0;
  for (const step of steps) {
    if (step.step === "route" && step.answer.kind === "route" && step.ask.hedge !== true) tries += 1;
    if (step.step === "settle" && step.end.endsTry !== false) tries -= 1;
  }
  return tries;
}

function openGrantsOf(steps: readonly Step[]): number {
  const open = new Set<RetryGrant>();
  for (const step of steps) {
    if (step.step === "retry" && step.answer.kind === "retry") open.add(step.answer.grant);
    const ended =
      step.step === "route" && step.ask.hedge !== true && step.answer.kind !== "hold"
        ? step.ask.grant
        : step.step === "forgo"
          ? step.grant
          : undefined;
    if (ended !== undefined && !open.delete(ended)) throw new Error("a grant was used twice");
  }
  return open.size;
}
