/** The router that decides in place of our policy, where a scenario names one. */
import type { PolicyConfig } from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { EnvoyRouter } from "./envoy.js";
import type { ForeignRouter } from "./foreignRouter.js";
import { LitellmRouter } from "./litellm.js";
import { ModuleLog } from "./moduleLog.js";
import { ModuleForeignRouter } from "./moduleRouter.js";
import type { ModuleReport, PolicyModules } from "./moduleTypes.js";
import { PortkeyRouter } from "./portkey.js";

/** The routers of all gateways. */
export interface ForeignRouters {
  readonly byGateway: readonly ForeignRouter[];
  /** What is to be told about a module after the run; null where the policy is no module. */
  report(): ModuleReport | null;
}

/**
 * One router per gateway, or null where the policy is our own. `modules` holds the code that scenarios name; a module
 * that is not in it is a mistake of who runs the scenario, not of the file.
 */
export function createForeign(
  scenario: Scenario,
  config: PolicyConfig,
  modules: PolicyModules,
): ForeignRouters | null {
  const { policy } = scenario.deployment.routing;
  if (policy === undefined || policy === null) return null;
  const { gateways } = scenario.deployment;
  if (policy.kind !== "module")
    return { byGateway: gateways.map(() => reference(policy, scenario)), report: () => null };
  const factory = Object.hasOwn(modules, policy.path) ? modules[policy.path] : undefined;
  if (factory === undefined) throw new Error(`bug: the policy ${JSON.stringify(policy.path)} was not loaded`);
  const log = new ModuleLog(policy.path);
  return {
    byGateway: gateways.map(
      (_, gateway) => new ModuleForeignRouter({ scenario, gateway, source: policy, factory, config, log }),
    ),
    report: () => log.report(),
  };
}

type Source = NonNullable<Scenario["deployment"]["routing"]["policy"]>;

function reference(source: Exclude<Source, { readonly kind: "module" }>, scenario: Scenario): ForeignRouter {
  switch (source.kind) {
    case "litellm":
      return new LitellmRouter(source, scenario);
    case "portkey":
      return new PortkeyRouter(source, scenario);
    case "envoy":
      return new EnvoyRouter(source, scenario);
  }
}
