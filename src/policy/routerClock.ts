/** A router on a clock that began long before it. */
import type { Answer, Ask, Router } from "./routerTypes.js";

/** Times are kept to the microsecond: finer ones cannot be told from rounding on a clock that shows the date. */
const STEPS_PER_MS = 1000;

/**
 * `router`, asked on a clock that showed `originMs` when its own showed 0.
 *
 * Dates in milliseconds have so many digits that what is added to one is rounded to some 0.2 µs, which moves the instant
 * at which a limit has room again; and a day or a minute of a limit would begin where it does not on the router's clock.
 * So times are told to it from the origin on, in whole microseconds, and come back as dates. They are then the same
 * wherever the origin is, as long as who asks means whole microseconds and the date is before the year 2200.
 */
export function routerOnClock(router: Router, originMs: number): Router {
  const own = (timeMs: number): number => Math.round((timeMs - originMs) * STEPS_PER_MS) / STEPS_PER_MS;
  const date = (timeMs: number): number => timeMs + originMs;
  const askedOwn = (ask: Ask): Ask => ({ ...ask, nowMs: own(ask.nowMs) });
  /** 0 is no time but a word for one that is not known. */
  const answered = (answer: Answer): Answer =>
    answer.kind === "route" || answer.retryAtMs === 0
      ? answer
      : { ...answer, retryAtMs: date(answer.retryAtMs) };
  return {
    route: (ask) => answered(router.route(askedOwn(ask))),
    settle: ({ retryAtMs, startedMs, ...end }) =>
      router.settle({
        ...end,
        nowMs: own(end.nowMs),
        ...(retryAtMs === undefined ? {} : { retryAtMs: own(retryAtMs) }),
        ...(startedMs === undefined ? {} : { startedMs: own(startedMs) }),
      }),
    retry: (question) => router.retry({ ...question, nowMs: own(question.nowMs) }),
    forgo: (grant, nowMs, request) => router.forgo(grant, own(nowMs), request),
    hedgeAfterMs: (callsSoFar) => router.hedgeAfterMs(callsSoFar),
    probe: (target, ok, nowMs) => router.probe(target, ok, nowMs === undefined ? nowMs : own(nowMs)),
    drain: (target, drained) => router.drain(target, drained),
    limitsLeft: (target, requests, tokens, nowMs) => router.limitsLeft(target, requests, tokens, own(nowMs)),
    belief: (target) => {
      const { cooldownUntilMs, ...belief } = router.belief(target);
      return { ...belief, cooldownUntilMs: date(cooldownUntilMs) };
    },
    adopt: (target, belief) =>
      router.adopt(target, { ...belief, cooldownUntilMs: own(belief.cooldownUntilMs) }),
    beliefs: () => router.beliefs(),
    explain: (ask) => {
      const told = router.explain(askedOwn(ask));
      return told.retryAtMs === 0 ? told : { ...told, retryAtMs: date(told.retryAtMs) };
    },
    reachable: (origin, dataClass, model, tenant) => router.reachable(origin, dataClass, model, tenant),
  };
}
