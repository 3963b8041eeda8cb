/** A router that writes down what it is told and asked, and what it answers. */
import { reasonNames } from "./causes.js";
import {
  type Beginning,
  type BeginStep,
  type ByTarget,
  JOURNAL_VERSION,
  type Masks,
  type Step,
} from "./journalTypes.js";
import type { Answer, Ask, BeliefMasks, Router } from "./routerTypes.js";

/**
 * A router that answers as `router` does and hands every call that changes or decides anything to `write`, once it is
 * answered; first of all the beginning, if one is given. What throws is not written, and changed nothing. Questions whose
 * rows are those of the beginning are written without them: hand over the same objects, and the comparison costs nothing.
 */
export function journaledRouter(
  router: Router,
  write: (step: Step) => void,
  beginning: Beginning | null = null,
): Router {
  if (beginning !== null) write(beginStep(beginning));
  return {
    route: (ask) => {
      const before = router.beliefs();
      const answer = router.route(ask);
      write(routeStep(ask, masksOf(before, router.beliefs()), answer, beginning));
      return answer;
    },
    settle: (end) => {
      router.settle(end);
      write({ step: "settle", end });
    },
    retry: (question) => {
      const answer = router.retry(question);
      write({ step: "retry", question, answer });
      return answer;
    },
    forgo: (grant, nowMs) => {
      router.forgo(grant, nowMs);
      write({ step: "forgo", ...(grant === undefined ? {} : { grant }), nowMs });
    },
    probe: (target, ok, nowMs) => {
      const changed = router.probe(target, ok, nowMs);
      write({ step: "probe", target, ok, ...(nowMs === undefined ? {} : { nowMs }), changed });
      return changed;
    },
    drain: (target, drained) => {
      router.drain(target, drained);
      write({ step: "drain", target, drained });
    },
    limitsLeft: (target, requests, tokens, nowMs) => {
      router.limitsLeft(target, requests, tokens, nowMs);
      write({ step: "limits", target, requests, tokens, nowMs });
    },
    adopt: (target, belief) => {
      router.adopt(target, belief);
      write({ step: "adopt", target, belief });
    },
    hedgeAfterMs: (callsSoFar) => router.hedgeAfterMs(callsSoFar),
    belief: (target) => router.belief(target),
    beliefs: () => router.beliefs(),
    explain: (ask) => router.explain(ask),
    reachable: (origin, dataClass, model, tenant) => router.reachable(origin, dataClass, model, tenant),
  };
}

/** A beginning as a step. */
export function beginStep(beginning: Beginning): BeginStep {
  return { step: "begin", version: JOURNAL_VERSION, ...beginning };
}

/** A decision as a step, its question without what the beginning says. */
export function routeStep(ask: Ask, masks: Masks, answer: Answer, beginning: Beginning | null): Step {
  return {
    step: "route",
    ask: withoutRows(ask, beginning),
    masks,
    answer,
    reasons: reasonNames(answer.reason),
  };
}

/** The masks that a decision saw: sending a request ends a cooldown, and the guards are asked only for a question. */
export function masksOf({ up, drained, cooling }: BeliefMasks, { guarded, crowded }: BeliefMasks): Masks {
  return [up, drained, cooling, guarded, crowded];
}

const NO_ROW: ByTarget = {};

function withoutRows({ rttMs = NO_ROW, distanceKm = NO_ROW, ...ask }: Ask, beginning: Beginning | null): Ask {
  const rtts = isRow(rttMs, beginning?.rttMs ?? NO_ROW) ? {} : { rttMs };
  return isRow(distanceKm, beginning?.distanceKm ?? NO_ROW)
    ? { ...ask, ...rtts }
    : { ...ask, ...rtts, distanceKm };
}

function isRow(row: ByTarget, other: ByTarget): boolean {
  if (row === other) return true;
  const ids = Object.keys(row);
  return ids.length === Object.keys(other).length && ids.every((id) => Object.is(row[id], other[id]));
}
