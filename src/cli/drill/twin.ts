/**
 * The scenario that both worlds of a drill run: without what either of them cannot do, so that neither is asked for more
 * than the other. What was left out is said; what nothing can stand in for is refused.
 */
import { PLAIN_CALLER } from "../../policy/index.js";
import type { Distribution, Endpoint, Scenario } from "../../scenario/scenario.js";

/** A scenario that can be drilled. */
export interface Twin {
  readonly scenario: Scenario;
  /** What was left out of both worlds, and in what they cannot be alike, one sentence each. */
  readonly leftOut: readonly string[];
}

const NOTHING: Distribution = { kind: "deterministic", value: 0 };

/** What of a scenario no drill can do, one sentence each; empty where it can be drilled. */
export function undrillable({ deployment, workload }: Scenario): readonly string[] {
  const wrong: string[] = [];
  const must = (path: string, rule: string, got: string): void => {
    wrong.push(`${path} must be ${rule} for a drill, got ${JSON.stringify(got)}`);
  };
  const policy = deployment.routing.policy ?? null;
  if (policy !== null) must("deployment.routing.policy", "left out", policy.kind);
  for (const endpoint of deployment.endpoints) drillEndpoint(endpoint, must);
  for (const { id, perTenant } of deployment.quotas)
    if (perTenant) must(`deployment.quotas.${id}.perTenant`, "false", "true");
  for (const { id, session, api } of workload.classes) {
    if (session !== null) must(`workload.classes.${id}.session`, "left out", "a conversation");
    if (api === "embeddings") must(`workload.classes.${id}.api`, "chat", api);
  }
  for (const { id, closed } of workload.sites)
    if (closed !== null) must(`workload.sites.${id}`, "users who come and go", `${closed.users} users`);
  return wrong;
}

type Must = (path: string, rule: string, got: string) => void;

function drillEndpoint({ id, serving, queue }: Endpoint, must: Must): void {
  const path = `deployment.endpoints.${id}`;
  if (serving.kind !== "provider") must(`${path}.serving.kind`, "provider", serving.kind);
  if (queue.order !== "fifo" || queue.dropExpired || queue.codel !== null || queue.shed !== null)
    must(`${path}.queue`, "first come, first served", queue.order);
}

/** The scenario of both worlds. */
export function twinOf(scenario: Scenario): Twin {
  const leftOut = [...leftOutOfDeployment(scenario), ...leftOutOfUse(scenario), ...streamsCut(scenario)];
  const { deployment, workload, network } = scenario;
  const { caller } = workload.client;
  const { shadow: _, ...routing } = deployment.routing;
  const { health } = routing;
  return {
    leftOut,
    scenario: {
      ...scenario,
      network: { ...network, accessJitter: NOTHING, backboneJitter: NOTHING },
      workload: {
        ...workload,
        client: { ...workload.client, caller: { ...PLAIN_CALLER, retry: caller.retry } },
      },
      deployment: {
        ...deployment,
        entry: deployment.entry.kind === "direct" ? deployment.entry : { kind: "direct", failover: true },
        gateways: deployment.gateways.map((gateway) => ({ ...gateway, overheadUs: 0 })),
        endpoints: deployment.endpoints.map((endpoint) => ({ ...endpoint, rejectCostUs: 0, crash: null })),
        routing: { ...routing, health: health === null ? null : { ...health, copiesPrompts: false } },
        stores: [],
        sdkRetry: null,
        drift: null,
      },
    },
  };
}

/** The one thing in which the worlds differ by their nature. */
function streamsCut({ deployment, faults, durationUs }: Scenario): readonly string[] {
  const cuts = faults.some(
    ({ kind, startUs }) => (kind === "endpoint-down" || kind === "region-down") && startUs < durationUs,
  );
  if (!cuts || deployment.caller.retry.retries === 0) return [];
  return [
    "Answers that have begun when their endpoint dies: the simulated gateway tries them elsewhere, the real one has passed on their beginning and must not; their users try again.",
  ];
}

function leftOutOfDeployment({ deployment }: Scenario): readonly string[] {
  const { entry, endpoints, gateways, routing, stores, sdkRetry, drift } = deployment;
  const when = (isSo: boolean, sentence: string): readonly string[] => (isSo ? [sentence] : []);
  return [
    ...when(
      entry.kind !== "direct",
      `entry ${entry.kind} is replaced by direct with failover: a drill has no name service and no routes.`,
    ),
    ...when(
      gateways.some(({ overheadUs }) => overheadUs > 0),
      "The time that a gateway itself takes is left to the real one.",
    ),
    ...when(
      endpoints.some(({ crash, rejectCostUs }) => crash !== null || rejectCostUs > 0),
      "Crashes of endpoints, and the work that turning calls away costs them, are left out.",
    ),
    ...when(routing.shadow !== undefined, "Shadow traffic is left out."),
    ...when(routing.health?.copiesPrompts === true, "Probes carry no copies of prompts."),
    ...when(stores.length > 0, "Stores are left out."),
    ...when(sdkRetry !== null, "Retries of the gateway's own library are left out."),
    ...when(drift !== null, "Rollouts, standbys, drains and evacuations are left out."),
  ];
}

function leftOutOfUse({ workload, network }: Scenario): readonly string[] {
  const { breaker, outlier, throttle, limit, hedge, returning } = workload.client.caller;
  const guards = [outlier, hedge, returning].some((guard) => guard !== null);
  const kinds = [breaker, throttle, limit].some(({ kind }) => kind !== "none");
  const isNothing = (law: Distribution): boolean => law.kind === "deterministic" && law.value === 0;
  const jitters = !isNothing(network.accessJitter) || !isNothing(network.backboneJitter);
  return [
    ...(jitters ? ["Jitter of the network is left out."] : []),
    ...(guards || kinds
      ? ["Users' programs only retry: their breakers, limits and hedges are left out."]
      : []),
  ];
}
