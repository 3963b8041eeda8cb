/** Which gateways the users of a site may ever be sent to, and how. */

import {
  entryPolicyConfig,
  gatewayDistanceRowKm,
  gatewayRttRowMs,
  lawfulForAll,
} from "../../model/entryPolicy.js";
import { classIndices } from "../../model/policies.js";
import type { Policy, PolicyConfig } from "../../policy/index.js";
import {
  compilePolicy,
  createDecision,
  createState,
  decide,
  firstViolation,
  ROUTE,
} from "../../policy/index.js";
import type { AuditWay } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { ruleWords } from "./words.js";

/** What entry can do with the users of one site. */
export interface EntryReach {
  /** Mask of the gateways they may ever be sent to. */
  readonly gateways: number;
  /** Where they go when all is well, −1 when nowhere. */
  readonly home: number;
  waysOf(gateway: number): readonly AuditWay[];
  /** Why a gateway outside the mask is never theirs. */
  neverOf(gateway: number): string;
}

/** Reads the entry of a scenario once; ask the function by site. */
export function entryReaches(scenario: Scenario): (site: number) => EntryReach {
  const config = entryPolicyConfig(scenario);
  const policy = compilePolicy(config);
  return (site) => entryReach(scenario, policy, config, site);
}

function entryReach(scenario: Scenario, policy: Policy, config: PolicyConfig, site: number): EntryReach {
  const origin = config.origins.indexOf(scenario.workload.sites[site]!.country);
  const lawful = lawfulForAll(policy, scenario, config, origin);
  const home = nearest(scenario, policy, site, lawful);
  const gateways = changesAnswers(scenario) || home < 0 ? lawful : 1 << home;
  const others = gateways & ~(1 << home);
  return {
    gateways,
    home,
    waysOf: (gateway) => waysOf(scenario, gateway === home, others !== 0),
    neverOf: (gateway) =>
      ((lawful >> gateway) & 1) !== 0
        ? `answers never change, and ${config.targets[home]!.id} is nearer`
        : forbidden(scenario, config, site, gateway),
  };
}

/** Whether anything but the first choice is ever answered. */
function changesAnswers({ deployment, workload }: Scenario): boolean {
  const { entry, drift } = deployment;
  if ((drift?.evacuations.length ?? 0) + (drift?.drills.length ?? 0) > 0) return true;
  switch (entry.kind) {
    case "geo-dns":
      return entry.check !== null || !goesByDistance(entry);
    case "anycast":
      // Where one address is announced everywhere, others than we decide which way users take.
      return entry.check !== null || entry.scope === "global";
    case "direct":
      return entry.failover || workload.client.caller.hedge !== null;
  }
}

/** Any other rule than the nearest spreads its answers while all is well. */
function goesByDistance(entry: object): boolean {
  const strategy = "strategy" in entry ? entry.strategy : "nearest";
  return strategy === "nearest" || (strategy as { kind?: unknown } | null)?.kind === "nearest";
}

/** What entry answers while everything is up. */
function nearest(scenario: Scenario, policy: Policy, site: number, narrow: number): number {
  const decision = createDecision();
  const request = {
    origin: policy.config.origins.indexOf(scenario.workload.sites[site]!.country),
    ...classIndices(scenario, policy.config)[0]!,
    tokens: 0,
    tried: 0,
    narrow,
    nowMs: 0,
    u: 0,
    v: 0,
    stickyKey: -1,
    rttMs: gatewayRttRowMs(scenario, site),
    distanceKm: gatewayDistanceRowKm(scenario, site),
  };
  decide(policy, createState(policy), request, decision);
  return decision.kind === ROUTE ? decision.target : -1;
}

function waysOf(
  { deployment, workload }: Scenario,
  isHome: boolean,
  hasOthers: boolean,
): readonly AuditWay[] {
  const { entry } = deployment;
  const ways: AuditWay[] = [];
  const add = (kind: AuditWay["kind"], how: string): void => {
    ways.push({ kind, how, needs: "state" });
  };
  if (isHome) add("home", "the first choice of entry, when all is well");
  if (entry.kind === "anycast" && entry.scope === "global")
    add("global-anycast", "one address announced everywhere, which knows nobody's origin");
  else if (!isHome) add("failover", "failover, when better gateways are believed down or taken out");
  if (!hasOthers) return ways;
  if (entry.kind === "geo-dns" && entry.check !== null)
    add("stale-answer", "a resolver that still gives an older answer");
  if (entry.kind === "direct" && entry.failover) add("retry", "a retry, after another gateway failed");
  if (workload.client.caller.hedge !== null) add("hedge", "a hedge of the user's, while another is slow");
  return ways;
}

/** An answer serves every class of a site: one that may not go there is enough. */
function forbidden(scenario: Scenario, config: PolicyConfig, site: number, gateway: number): string {
  const { country } = scenario.workload.sites[site]!;
  for (const { id, tenant, model } of scenario.workload.classes) {
    const concern = { origin: country, dataClass: id, tenant, models: [model] };
    const violation = firstViolation(config.rules, config.targets[gateway]!, concern);
    const others = scenario.workload.classes.length > 1 ? ", and with it every class of the site" : "";
    if (violation !== null) return `entry keeps ${id} away${others}: ${ruleWords(violation)}`;
  }
  return "entry never names it";
}
