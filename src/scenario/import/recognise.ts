/** Whose configuration a file looks like, by keys that no other of the systems has. */
import { child, type SourceNode, textOf } from "../sourceTree.js";
import { isEnvoyAiGateway } from "./envoyAiGateway.js";
import type { ImportSystem } from "./importTypes.js";

const SIGNS: Readonly<Record<ImportSystem, readonly string[]>> = {
  litellm: ["model_list", "litellm_settings", "router_settings"],
  // A configuration of one target has no targets: it names whom to ask.
  portkey: ["strategy", "targets", "provider", "virtual_key", "custom_host", "override_params"],
  envoy: ["static_resources", "dynamic_resources"],
};

/** How people call the systems. */
const NAMES: Readonly<Record<ImportSystem, string>> = {
  litellm: "LiteLLM",
  portkey: "Portkey",
  envoy: "Envoy",
};

/** What a configuration has to have for anything to be made of it. */
const NEEDS: Readonly<Record<ImportSystem, string>> = {
  litellm: "it must have a model_list with at least one model_name",
  portkey: "it must have a strategy and targets, or name the provider of its one target",
  envoy: "it must have static_resources.clusters with hosts, or be documents of Envoy AI Gateway",
};

/** Why nothing can be made of a file for `system`: whose it is instead, where that is plain, else what it lacks. */
export function refusalOf(system: ImportSystem, roots: readonly SourceNode[]): string {
  const name = NAMES[system];
  const other = looksLike(system, roots) ? null : lookalikeOf(roots);
  if (other === null) return `this is no ${name} configuration: ${NEEDS[system]}`;
  return `this is no ${name} configuration: it looks like ${other}`;
}

/** Whether a file has any key by which a configuration of `system` is known. */
export function looksLike(system: ImportSystem, roots: readonly SourceNode[]): boolean {
  if (system === "envoy" && roots.some(isEnvoyAiGateway)) return true;
  return SIGNS[system].some((key) => child(roots[0], key) !== undefined);
}

function lookalikeOf(roots: readonly SourceNode[]): string | null {
  if (textOf(child(roots[0], "schema"))?.startsWith("regionsim/") === true)
    return "a scenario already: regionsim run";
  const system = (["litellm", "envoy", "portkey"] as const).find((each) => looksLike(each, roots));
  return system === undefined ? null : `${NAMES[system]}'s: regionsim import ${system}`;
}
