/** What figures and administration see of a gateway. */
import type { GatewayPlan } from "../plan.js";
import type { Watched } from "../watch/watched.js";
import type { Admission } from "./admission.js";
import type { Endpoints } from "./endpoints.js";
import type { Runtime } from "./runtime.js";

/** Where it is looked at. */
export interface WatchedParts {
  /** The one in force. */
  readonly runtime: () => Runtime;
  readonly plan: () => GatewayPlan;
  readonly admission: Admission;
  readonly endpoints: Endpoints;
  readonly isEnding: () => boolean;
  readonly reload: () => Promise<readonly string[]>;
}

/** A gateway as its watchers see it. */
export function watchedOf({ runtime, plan, admission, endpoints, isEnding, reload }: WatchedParts): Watched {
  return {
    plan,
    isEnding,
    reload,
    endpoint: (id) => endpoints.at(id),
    beliefs: () => runtime().router.beliefs(),
    reachable: (...question) => runtime().router.reachable(...question),
    explain: (question) => {
      const { router, rows, nowMs } = runtime();
      // A question of the operator's draws no luck: it must not shift that of the requests.
      return router.explain({ ...question, ...rows, nowMs: nowMs(), luck: [0, 0], guardLuck: [0, 0] });
    },
    inFlight: () => admission.inFlight,
    queued: () => admission.waiting,
    callsUnderWay: () => [...runtime().callsUnderWay],
    drain: (targetId, drained) => runtime().router.drain(targetId, drained),
  };
}
