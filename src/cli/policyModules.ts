/**
 * Policies that are files of code. Such a file is imported and run with the rights of this process: whoever runs a
 * scenario from elsewhere runs its code. It is read from the scenario's own folder only, as every side file is.
 */
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PolicyFactory, PolicyModules } from "../model/index.js";
import type { Issue } from "../scenario/issue.js";
import type { Scenario } from "../scenario/scenario.js";
import { InvalidInputError } from "./failures.js";

/** The code a scenario names, and where it lies; plain data, so that a thread can be told of it. */
export interface ModulePlace {
  /** As the scenario names it. */
  readonly name: string;
  /** As this machine does. */
  readonly file: string;
}

/** Where the policy of the scenario at `scenarioPath` lies; null when it is no code. */
export function policyModuleOf(scenario: Scenario, scenarioPath: string): ModulePlace | null {
  const { policy } = scenario.deployment.routing;
  if (policy === undefined || policy === null || policy.kind !== "module") return null;
  return { name: policy.path, file: join(dirname(scenarioPath), policy.path) };
}

/** Imports the code. Throws {@link InvalidInputError} for a file that cannot be loaded or makes no router. */
export async function loadPolicyModules(place: ModulePlace | null): Promise<PolicyModules> {
  if (place === null) return {};
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(place.file).href);
  } catch (error) {
    throw refused(
      place,
      `be code that can be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const factory =
    loaded !== null && typeof loaded === "object" && "default" in loaded ? loaded.default : undefined;
  if (typeof factory !== "function") {
    throw refused(
      place,
      `export a function as default, got ${factory === undefined ? "nothing" : typeof factory}`,
    );
  }
  return { [place.name]: factory as PolicyFactory };
}

function refused({ file }: ModulePlace, rule: string): InvalidInputError {
  const message = `the policy must ${rule.split("\n")[0]}`;
  const issue: Issue = { file, line: 1, column: 1, path: "", code: "invalid-value", message, value: "" };
  return new InvalidInputError([issue]);
}
