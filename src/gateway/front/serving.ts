/** A plan at work in a front: what can be made of it once instead of per request. */
import type { ClassPlan, GatewayPlan, ListenerPlan } from "../plan.js";
import { createIdentify, type Identify } from "./identity.js";
import { type TurnAway, turnAway } from "./turnAway.js";

/** What requests are read by. */
export interface Serving {
  readonly plan: GatewayPlan;
  readonly models: ReadonlySet<string>;
  readonly classes: ReadonlyMap<string, ClassPlan>;
  readonly identifyBy: (listener: ListenerPlan) => Identify;
}

/** A plan at work. */
export function createServing(plan: GatewayPlan): Serving {
  // By the very address, not its name: another that has taken over the name may trust whom this one does not.
  const identifies = new Map(plan.listeners.map((listener) => [listener, createIdentify(listener, plan)]));
  return {
    plan,
    models: new Set(plan.policy.models),
    classes: new Map(plan.classes.map((one) => [one.id, one])),
    identifyBy: (listener) => identifies.get(listener) ?? nobody,
  };
}

/** Nobody is known at an address that the plan no longer has. */
function nobody(): TurnAway {
  return turnAway("no-proof");
}
