/** Whether a gateway can serve anybody. */
import type { Watched } from "./watched.js";

/** Whether some lawful target is believed up and is not drained, for some origin, class and model. */
export function canServe(watched: Watched): boolean {
  const { policy, classes, targets } = watched.plan();
  const { up, drained } = watched.beliefs();
  const usable = new Set(targets.filter((_, t) => ((up & ~drained) >>> t) & 1).map(({ id }) => id));
  if (usable.size === 0) return false;
  return classes.some(({ id, tenant }) =>
    policy.origins.some((origin) =>
      policy.models.some((model) =>
        watched.reachable(origin, id, model, tenant).some((target) => usable.has(target)),
      ),
    ),
  );
}
