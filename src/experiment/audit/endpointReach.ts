/** Which endpoints a kind of prompt may ever be sent to by the gateways' own policy, and how. */
import { classIndices, distanceRowKm, endpointPolicyConfig, rttRowMs } from "../../model/policies.js";
import type { Policy, PolicyConfig, PolicyTarget, RoutingRequest } from "../../policy/index.js";
import {
  bitCount,
  compilePolicy,
  createDecision,
  createState,
  decide,
  firstViolation,
  ROUTE,
  reachable,
  reserve,
} from "../../policy/index.js";
import type { AuditWay } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { EntryReach } from "./entryReach.js";
import { listWords, ruleWords } from "./words.js";

/** What the gateways can do with one kind of prompt. */
export interface EndpointReach {
  /** Mask of the endpoints it may ever be sent to. */
  readonly endpoints: number;
  waysOf(endpoint: number): readonly AuditWay[];
  /** Why an endpoint outside the mask never gets it. */
  neverOf(endpoint: number): string;
}

/** What an audit knows of the gateways' policy. */
export interface GatewayPolicy {
  readonly config: PolicyConfig;
  readonly policy: Policy;
  /** Without limits, so that what it chooses is what it would rather choose. */
  readonly unlimited: Policy;
}

/** Enough calls at once for a strategy that spreads them to have been everywhere. */
const QUIET_CALLS = 32;

/** Compiles the policy of a scenario's gateways. */
export function gatewayPolicy(scenario: Scenario): GatewayPolicy {
  const config = endpointPolicyConfig(scenario);
  const free = (target: PolicyTarget): PolicyTarget => ({
    ...target,
    maxInFlight: Number.POSITIVE_INFINITY,
    requestsPerMin: Number.POSITIVE_INFINITY,
    tokensPerMin: Number.POSITIVE_INFINITY,
  });
  const policy = compilePolicy(config);
  if (policy.limited === 0) return { config, policy, unlimited: policy };
  return { config, policy, unlimited: compilePolicy({ ...config, targets: config.targets.map(free) }) };
}

/**
 * The reach of one kind of prompt. The mask is exact: of any member of it a state exists in which it is the only
 * one left, and then it is chosen; and of what is not in it none.
 */
export function endpointReach(
  scenario: Scenario,
  own: GatewayPolicy,
  kind: { readonly site: number; readonly classIndex: number },
  entry: EntryReach,
): EndpointReach {
  const { config, policy } = own;
  const origin = config.origins.indexOf(scenario.workload.sites[kind.site]!.country);
  const of = { origin, ...classIndices(scenario, config)[kind.classIndex]! };
  const endpoints = entry.gateways === 0 ? 0 : reachable(policy, of);
  const homes = entry.home < 0 ? 0 : quietChoices(scenario, own.unlimited, entry.home, of) & endpoints;
  return {
    endpoints,
    waysOf: (endpoint) =>
      isUnwished(scenario, kind.classIndex, endpoint)
        ? UNWISHED
        : waysOf(scenario, { config, model: config.models[of.model]!, endpoints, homes }, endpoint),
    neverOf: (endpoint) => neverOf(scenario, config, kind, endpoint, entry),
  };
}

/** Where the home gateway sends such prompts while everything works. */
function quietChoices(
  scenario: Scenario,
  policy: Policy,
  gateway: number,
  of: Pick<RoutingRequest, "origin" | "dataClass" | "tenant" | "model">,
): number {
  const { regionIndex } = scenario.deployment.gateways[gateway]!;
  const state = createState(policy);
  const decision = createDecision();
  const request: RoutingRequest = {
    ...of,
    tokens: 1,
    tried: 0,
    narrow: -1,
    nowMs: 0,
    u: 0,
    v: 0,
    stickyKey: -1,
    rttMs: rttRowMs(scenario, regionIndex),
    distanceKm: distanceRowKm(scenario, regionIndex),
  };
  let chosen = 0;
  for (let call = 0; call < QUIET_CALLS; call++) {
    request.u = call / QUIET_CALLS;
    request.v = ((call * 13) % QUIET_CALLS) / QUIET_CALLS;
    const { kind, target, candidates } = decide(policy, state, request, decision);
    if (kind !== ROUTE) break;
    chosen |= 1 << target;
    reserve(policy, state, { target, tokens: 1, candidates, nowMs: 0 });
  }
  return chosen;
}

/** A client's own wish narrows what it gets, and proves nothing: the next client may not send it. */
const UNWISHED: readonly AuditWay[] = [
  {
    kind: "failover",
    how: "a client that leaves out its wish to stay within other endpoints",
    needs: "client",
  },
];

function isUnwished({ workload }: Scenario, classIndex: number, endpoint: number): boolean {
  return workload.classes[classIndex]!.onlyEndpoints?.includes(endpoint) === false;
}

interface Choices {
  readonly config: PolicyConfig;
  /** That is asked for. */
  readonly model: string;
  readonly endpoints: number;
  readonly homes: number;
}

function waysOf(
  { deployment, workload }: Scenario,
  { config, model, endpoints, homes }: Choices,
  endpoint: number,
): readonly AuditWay[] {
  const ways: AuditWay[] = [];
  const add = (kind: AuditWay["kind"], how: string): void => {
    ways.push({ kind, how, needs: "state" });
  };
  const isHome = ((homes >> endpoint) & 1) !== 0;
  const target = config.targets[endpoint]!;
  if (isHome) add("home", "the first choice, when all is well");
  else if (!target.models.includes(model))
    add(
      "fallback-model",
      `fallback to model ${target.models.join(", ")}, when ${model} has no endpoint left`,
    );
  else if (deployment.drift?.standbys.some(({ endpointIndex }) => endpointIndex === endpoint) === true)
    add("failover", `promotion of this standby, when ${namesOf(config, homes)} cannot be used`);
  else add("failover", `failover, when ${namesOf(config, homes)} cannot be used`);
  if (bitCount(endpoints) > 1) {
    const { caller } = deployment;
    if (caller.retry.retries > 0) add("retry", "a retry, after another endpoint failed");
    if (caller.hedge !== null) add("hedge", "a hedge, while another endpoint is slow");
  }
  if (workload.client.caller.retry.retries > 0 && !isHome) add("retry", "a retry of the user's");
  if (deployment.routing.failOpen) add("fail-open", "failing open, when nothing is believed usable");
  return ways;
}

function namesOf(config: PolicyConfig, mask: number): string {
  const names = config.targets.filter((_, t) => ((mask >> t) & 1) !== 0).map(({ id }) => id);
  return names.length === 0 ? "better ones" : names.length > 3 ? "better ones" : listWords(names);
}

function neverOf(
  scenario: Scenario,
  config: PolicyConfig,
  { site, classIndex }: { readonly site: number; readonly classIndex: number },
  endpoint: number,
  entry: EntryReach,
): string {
  const { id, tenant, model } = scenario.workload.classes[classIndex]!;
  const target = config.targets[endpoint]!;
  const answering = [model, ...(config.fallbacks?.[model] ?? [])].filter((one) =>
    target.models.includes(one),
  );
  if (answering.length === 0)
    return `it serves ${target.models.join(", ")}, which is never asked in place of ${model}`;
  const { country } = scenario.workload.sites[site]!;
  const concern = { origin: country, dataClass: id, tenant, models: [model, answering[0]!] };
  const violation = firstViolation(config.rules, target, concern);
  if (violation !== null) return ruleWords(violation);
  return entry.gateways === 0 ? "no gateway takes such requests" : "no rule of routing leads there";
}
