/** Why rules can say nothing to a question: it names what their deployment does not have. */
import type { Ask, PolicyConfig } from "../../policy/index.js";

/** What of a question a configuration does not have. */
export type UnknownWord = "model_not_served" | "unknown_origin" | "unknown_data_class" | "unknown_tenant";

/** The first of those words that holds, in this order; null where the rules understand the question. */
export function notUnderstood(config: PolicyConfig, ask: Ask): UnknownWord | null {
  if (!isServed(config, ask.model)) return "model_not_served";
  if (!config.origins.includes(ask.origin)) return "unknown_origin";
  if (!config.dataClasses.includes(ask.dataClass)) return "unknown_data_class";
  return isTenant(config, ask.tenant) ? null : "unknown_tenant";
}

function isServed({ models, targets, fallbacks = {} }: PolicyConfig, model: string): boolean {
  if (!models.includes(model)) return false;
  const answering = [model, ...(Object.hasOwn(fallbacks, model) ? fallbacks[model]! : [])];
  return targets.some((target) => target.models.some((served) => answering.includes(served)));
}

/** As a router takes it: who names no tenant is the only one there is. */
function isTenant({ tenants = ["default"] }: PolicyConfig, tenant: string | undefined): boolean {
  return tenant === undefined ? tenants.length === 1 : tenants.includes(tenant);
}
