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
    throw refused(place, `be code that can be loaded: ${saidBy(error)}`, error);
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

/** What to tell of code that was loaded and makes no router; `cause` is what it threw, if anything. */
export function noRouter(place: ModulePlace, reason: string, cause: unknown): InvalidInputError {
  return refused(place, `make a router for each gateway: ${reason}`, cause);
}

/** `thrown` says where in the file it was, as far as its stack does. */
function refused(place: ModulePlace, rule: string, thrown?: unknown): InvalidInputError {
  const message = `the policy must ${rule.split("\n")[0]}`;
  const at = { line: 1, column: 1, ...positionIn(place.file, thrown) };
  const issue: Issue = { file: place.file, ...at, path: "", code: "invalid-value", message, value: "" };
  return new InvalidInputError([issue]);
}

function saidBy(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "an error that cannot be read";
  }
}

/**
 * The innermost place of a file in the stack of what was thrown. Where the code does not even begin to run, Node writes
 * the line first, and below the text of it a caret under the column.
 */
function positionIn(
  file: string,
  thrown: unknown,
): { readonly line: number; readonly column: number } | undefined {
  const stack = stackOf(thrown);
  const url = pathToFileURL(file).href;
  const start = stack.indexOf(`${url}:`);
  if (start < 0) return undefined;
  const [, line, column] = /^:(\d+)(?::(\d+))?/.exec(stack.slice(start + url.length)) ?? [];
  if (line === undefined) return undefined;
  const caret = /^[^\n]*\n[^\n]*\n( *)\^/.exec(stack.slice(start))?.[1];
  return { line: Number(line), column: Number(column ?? (caret?.length ?? 0) + 1) };
}

function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack) : "";
  } catch {
    return "";
  }
}
