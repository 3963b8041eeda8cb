/** The groups that LiteLLM tries for a model, in order: the group itself, its later orders, then fallbacks of fallbacks. */
import type { LitellmSource } from "../../scenario/policySource.js";

const MAX_FALLBACK_DEPTH = 5;

/** One group, as tried at one point of the way. */
export interface Stage {
  /** The group, or the id of a deployment. */
  readonly name: string;
  /** Mask over `model_list`. */
  readonly members: number;
  /** Orders below this one have been tried; null where orders are not looked at. */
  readonly fromOrder: number | null;
  /** Asked for by a deployment's own id: no filter is applied. */
  readonly byId: boolean;
  /** What led here. */
  readonly by: "request" | "order" | "fallbacks" | "defaultFallbacks";
  /** The group it is a fallback of; the group itself for the first. */
  readonly of: string;
}

/** The stages of a request for `model`; none when LiteLLM knows no such group or id. */
export function stagesFor(source: LitellmSource, model: string): readonly Stage[] {
  const stages: Stage[] = [];
  const visit = (name: string, by: Stage["by"], of: string, depth: number): void => {
    stages.push(...groupStages(source, name, by, of));
    if (depth >= MAX_FALLBACK_DEPTH) return;
    const own = source.fallbacks[name];
    for (const next of own ?? source.defaultFallbacks) {
      if (next === name || stages.some((stage) => stage.name === next)) continue;
      visit(next, own === undefined ? "defaultFallbacks" : "fallbacks", name, depth + 1);
    }
  };
  visit(model, "request", model, 0);
  return stages;
}

function groupStages(source: LitellmSource, name: string, by: Stage["by"], of: string): readonly Stage[] {
  const mask = (test: (d: number) => boolean): number =>
    source.deployments.reduce((sum, _, d) => (test(d) ? sum | (1 << d) : sum), 0);
  const byId = mask((d) => source.deployments[d]!.id === name);
  if (byId !== 0) return [{ name, members: byId, fromOrder: null, byId: true, by, of }];
  const members = mask((d) => source.deployments[d]!.group === name);
  if (members === 0) return [];
  const orders = source.deployments.flatMap(({ order, group }) =>
    group === name && order !== null ? [order] : [],
  );
  // Orders are looked at by the pre-call checks alone: without them every order is one.
  if (!source.preCallChecks || orders.length === 0)
    return [{ name, members, fromOrder: null, byId: false, by, of }];
  const levels = [...new Set(orders)].sort((a, b) => a - b);
  return levels.map((fromOrder, level) => ({
    name,
    members,
    fromOrder,
    byId: false,
    by: level === 0 ? by : "order",
    of: level === 0 ? of : name,
  }));
}
