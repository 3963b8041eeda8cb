/** Routers of plans: made, made to write down what they do, and told what their predecessors believed. */
import { isDeepStrictEqual } from "node:util";
import { ALL_PARTS, createRouter, journaledRouter, type Router } from "../../policy/index.js";
import type { GatewayPlan } from "../plan.js";
import type { Watch } from "../watch/watch.js";
import type { Rows, Runtime } from "./runtime.js";

/** A router by a plan's rules, with every kind of part that a deployment may name. Throws when the rules are wrong. */
export function routerOf({ policy, caller }: GatewayPlan): Router {
  return createRouter(policy, caller, ALL_PARTS);
}

/**
 * Whether a router may go on under another plan: by the same rules, and written down in the same file. Rules that stand
 * elsewhere decide the same, but an explanation names the place.
 */
export function keepsRouter(
  next: GatewayPlan,
  { policySha256, decisionsFile, policy }: GatewayPlan,
): boolean {
  return (
    next.policySha256 === policySha256 &&
    next.decisionsFile === decisionsFile &&
    isDeepStrictEqual(next.policy, policy)
  );
}

/** The decision log of a gateway: of one router at a time. */
export class Journal {
  readonly #watch: Pick<Watch, "decided" | "keepsDecisions">;
  readonly #nowMs: () => number;
  readonly #run: string;
  #written: Router | null = null;

  /** `run` is what the ids begin with that callers are told. */
  constructor(watch: Pick<Watch, "decided" | "keepsDecisions">, nowMs: () => number, run: string) {
    this.#watch = watch;
    this.#nowMs = nowMs;
    this.#run = run;
  }

  /**
   * A router whose steps are written from now on, after a beginning of its own, and those of any other no more: how an
   * old one's calls end says nothing about the decisions of the new one.
   */
  follow(router: Router, { id, policySha256 }: GatewayPlan, rows: Rows): Router {
    this.#written = router;
    if (!this.#watch.keepsDecisions()) return router;
    const wallMs = Date.now() - this.#nowMs();
    const beginning = { gateway: id, policySha256, wallMs, run: this.#run, ...rows };
    return journaledRouter(
      router,
      (step) => {
        if (this.#written === router) this.#watch.decided(step);
      },
      beginning,
    );
  }
}

/** Hands over what is believed of the targets that both know. */
export function handOver({ plan, router }: Runtime, next: Router, { targets }: GatewayPlan): void {
  const known = new Set(plan.targets.map(({ id }) => id));
  for (const { id } of targets) if (known.has(id)) next.adopt(id, router.belief(id));
}
