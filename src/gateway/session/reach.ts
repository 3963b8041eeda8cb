/** Where a request may ever go from a gateway: nowhere, where the gateway itself may not read it. */
import type { FrontOptions } from "../front/frontTypes.js";
import { kindOf } from "./rulings.js";
import type { Runtime } from "./runtime.js";

/** Ids of everything that can ever be chosen for such a request. */
export function reachableAt(
  { rulings, router }: Runtime,
  [origin, dataClass, model, tenant]: Parameters<FrontOptions["reachable"]>,
): readonly string[] {
  if (!rulings.mayRead({ origin, dataClass, tenant }, model)) return [];
  return router.reachable(origin, dataClass, model, tenant);
}

/** Whether that is anything at all for some model: what has to be known before a byte of a prompt is read. */
export function reachableAnyAt(
  runtime: Runtime,
  [origin, dataClass, tenant]: Parameters<FrontOptions["reachableAny"]>,
): boolean {
  const identity = { origin, dataClass, tenant };
  const { plan, rulings } = runtime;
  return rulings.anywhere.recall(
    kindOf(identity, null),
    () =>
      rulings.mayRead(identity, null) &&
      plan.policy.models.some((model) => reachableAt(runtime, [origin, dataClass, model, tenant]).length > 0),
  );
}
