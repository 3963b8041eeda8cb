/** Where a request may ever go from a gateway: nowhere, where the gateway itself may not read it. */
import type { FrontOptions } from "../front/frontTypes.js";
import type { Runtime } from "./runtime.js";

/** Ids of everything that can ever be chosen for such a request. */
export function reachableAt(
  { plan, router }: Runtime,
  [origin, dataClass, model, tenant]: Parameters<FrontOptions["reachable"]>,
): readonly string[] {
  if (plan.mayRead?.({ origin, dataClass, tenant }, model) === false) return [];
  return router.reachable(origin, dataClass, model, tenant);
}

/** Whether that is anything at all for some model: what has to be known before a byte of a prompt is read. */
export function reachableAnyAt(
  runtime: Runtime,
  [origin, dataClass, tenant]: Parameters<FrontOptions["reachableAny"]>,
): boolean {
  const { plan } = runtime;
  if (plan.mayRead?.({ origin, dataClass, tenant }, null) === false) return false;
  return plan.policy.models.some(
    (model) => reachableAt(runtime, [origin, dataClass, model, tenant]).length > 0,
  );
}
