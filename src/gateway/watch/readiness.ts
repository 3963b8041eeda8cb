/** Whether a gateway can serve anybody. */
import type { ServedIdentity } from "../../scenario/serve.js";
import type { GatewayPlan, IdentityPlan } from "../plan.js";
import type { Watched } from "./watched.js";

/** Whether some lawful target is believed up and is not drained, for some model and a caller that the listeners can let in. */
export function canServe(watched: Watched): boolean {
  const plan = watched.plan();
  const { up, drained } = watched.beliefs();
  const usable = new Set(plan.targets.filter((_, t) => ((up & ~drained) >>> t) & 1).map(({ id }) => id));
  if (usable.size === 0) return false;
  const asked = new Set<string>();
  return plan.listeners.some(({ identity: source }) =>
    callersOf(source, plan).some((identity) => {
      const { origin, dataClass, tenant } = identity;
      const kind = [origin, dataClass, tenant].join("\n");
      if (asked.has(kind)) return false;
      asked.add(kind);
      return plan.policy.models.some(
        (model) =>
          plan.mayRead?.(identity, model) !== false &&
          watched.reachable(origin, dataClass, model, tenant).some((target) => usable.has(target)),
      );
    }),
  );
}

/** Who can prove to be somebody there. The edge that signs can say whatever the deployment knows. */
function callersOf(source: IdentityPlan, { policy, classes }: GatewayPlan): readonly ServedIdentity[] {
  switch (source.from) {
    case "listener":
      return [source.identity];
    case "header":
      return policy.origins.flatMap((origin) =>
        classes.flatMap(({ id, tenant: own }) =>
          [...new Set([own, ...(policy.tenants ?? [])])].map((tenant) => ({ origin, dataClass: id, tenant })),
        ),
      );
    case "client-certificate":
    case "api-key":
      return [...source.records.values()].map(({ identity }) => identity);
  }
}
