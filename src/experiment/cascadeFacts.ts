/** What a scenario says about tries and patience, as the result's theory asks for it. */
import type { CascadeFacts } from "../result/index.js";
import type { Scenario } from "../scenario/scenario.js";

/** Retries by layer, and whether the closed form of recovery fits this deployment. */
export function cascadeFacts(scenario: Scenario): CascadeFacts {
  const { deployment, workload } = scenario;
  const { caller, timeout } = workload.client;
  return {
    retries: {
      client: caller.retry.retries,
      gateway: deployment.caller.retry.retries,
      library: deployment.sdkRetry?.retries ?? 0,
    },
    recovery: {
      retries: caller.retry.retries,
      timeoutS: timeout.kind === "deterministic" ? timeout.value / 1e6 : null,
      lineLimit: deployment.endpoints[0]?.serving.queueLimit ?? 0,
      obstacle: obstacle(scenario),
    },
  };
}

/** The first thing that the closed form leaves out; null when there is none. */
function obstacle({ deployment, workload }: Scenario): string | null {
  const { caller } = workload.client;
  const [endpoint] = deployment.endpoints;
  if (workload.sites.some((site) => site.closed !== null) || workload.classes.some((c) => c.session !== null))
    return "users wait for their answers before they ask again";
  if (deployment.caller.retry.retries > 0 || (deployment.sdkRetry?.retries ?? 0) > 0)
    return "gateways retry too";
  if (caller.retry.retries > 0 && caller.retry.backoff.kind !== "none")
    return "retries wait before they begin";
  if (caller.retry.retries > 0 && caller.retry.budget.kind !== "none") return "a budget bounds the retries";
  if (endpoint?.serving.kind === "replicas") return "the speed of replicas depends on their load";
  if (endpoint?.serving.kind === "provider" && endpoint.serving.slowdownAtFull > 0)
    return "the speed of the endpoint depends on its load";
  if (endpoint !== undefined && endpoint.abandoned !== "execute")
    return "work for users who have gone is not done";
  if (endpoint?.queue.order !== undefined && endpoint.queue.order !== "fifo")
    return "the line is not first come, first served";
  return null;
}
