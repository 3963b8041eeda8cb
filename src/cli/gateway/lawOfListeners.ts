/** Listeners whose callers the gateway may not even read: every request there would be refused, so the file is wrong. */
import { productionPolicy, readingFault } from "../../model/index.js";
import type { Issue } from "../../scenario/issue.js";
import type { IdentitySource, ServedIdentity } from "../../scenario/serve.js";
import { issueAt, pathText, type SourcePath } from "../../scenario/sourceTree.js";
import type { ScenarioFile } from "../scenarioFile.js";

/** Complaints about the listeners of a gateway; none where it may read what each of them is for. */
export function unlawfulListeners({ scenario, placeOf }: ScenarioFile, g: number): readonly Issue[] {
  const gateway = scenario.deployment.gateways[g]!;
  const faultOf = readingFault(scenario, gateway);
  const { models } = productionPolicy(scenario).policy;
  const path = ["serve", "gateways", gateway.id, "listeners"];
  return (scenario.serve?.gateways[g]?.listeners ?? []).flatMap((listener) =>
    identitiesOf(listener.identity, [...path, listener.id, "identity"]).flatMap(({ identity, at }) => {
      const { origin, dataClass, tenant } = identity;
      const faults = models.map((model) => faultOf({ origin, dataClass, tenant, models: [model] }));
      const [fault] = faults;
      if (fault === undefined || fault === null || faults.includes(null)) return [];
      const full = [...at, "origin"];
      const message = `${pathText(full)} must be a country whose prompts gateway ${gateway.id} may read, got ${JSON.stringify(origin)}: rule ${fault.ruleId} forbids ${fault.channel} where the gateway stands`;
      return [issueAt(placeOf(full), full, { code: "inconsistent", message, value: origin })];
    }),
  );
}

function identitiesOf(
  source: IdentitySource,
  path: SourcePath,
): readonly { readonly identity: ServedIdentity; readonly at: SourcePath }[] {
  switch (source.from) {
    case "listener":
      return [{ identity: source.identity, at: path }];
    case "header":
      return [];
    case "client-certificate":
    case "api-key":
      return source.records.map(({ identity }, index) => ({ identity, at: [...path, "records", index] }));
  }
}
