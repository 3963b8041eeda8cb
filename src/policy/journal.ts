/** A router that writes down what it is told and asked, and what it answers. */
import { reasonNames } from "./causes.js";
import {
  type Beginning,
  type BeginStep,
  type ByTarget,
  JOURNAL_VERSION,
  type Masks,
  type RouteStep,
  type Step,
} from "./journalTypes.js";
import type { Ask, BeliefMasks, Router } from "./routerTypes.js";

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
  const lawful = lawfulOf(router);
  return {
    route: (ask) => {
      const before = router.beliefs();
      const answer = router.route(ask);
      const masks = masksOf(before, router.beliefs());
      write(routeStep({ ask: withoutRows(ask, beginning), lawful: lawful(ask), masks, answer }));
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
    forgo: (grant, nowMs, request) => {
      router.forgo(grant, nowMs, request);
      const whose = request === undefined ? {} : { request };
      write({ step: "forgo", ...whose, ...(grant === undefined ? {} : { grant }), nowMs });
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

/** A decision as a step. */
export function routeStep(decided: Pick<RouteStep, "ask" | "lawful" | "masks" | "answer">): RouteStep {
  const { ask, lawful, masks, answer } = decided;
  return { step: "route", ask, lawful, masks, answer, reasons: reasonNames(answer.reason) };
}

/** What can ever be chosen for a question, asked of the router once for each kind of request that it knows. */
export function lawfulOf(router: Pick<Router, "reachable">): (ask: Ask) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return ({ origin, dataClass, tenant, model }) => {
    // Only the model's name is a client's, and nothing comes after it.
    const key = `${origin}\n${dataClass}\n${tenant ?? ""}\n${model}`;
    const told = known.get(key) ?? router.reachable(origin, dataClass, model, tenant);
    // Clients make up names of models, and every one of them would be remembered for ever.
    if (told.length > 0) known.set(key, told);
    return told;
  };
}

/** The masks that a decision saw: sending a request ends a cooldown, and the guards are asked only for a question. */
export function masksOf({ up, drained, cooling }: BeliefMasks, { guarded, crowded }: BeliefMasks): Masks {
  return [up, drained, cooling, guarded, crowded];
}

const NO_ROW: ByTarget = {};

function withoutRows({ rttMs = NO_ROW, distanceKm = NO_ROW, ...ask }: Ask, beginning: Beginning | null): Ask {
  const isRtt = isRow(rttMs, beginning?.rttMs ?? NO_ROW);
  const isDistance = isRow(distanceKm, beginning?.distanceKm ?? NO_ROW);
  if (isRtt && isDistance) return ask;
  return { ...ask, ...(isRtt ? {} : { rttMs }), ...(isDistance ? {} : { distanceKm }) };
}

function isRow(row: ByTarget, other: ByTarget): boolean {
  if (row === other) return true;
  const ids = Object.keys(row);
  return ids.length === Object.keys(other).length && ids.every((id) => Object.is(row[id], other[id]));
}
