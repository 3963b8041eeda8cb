/** Scenarios of this repository, for tests of headroom. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadScenario } from "../../src/scenario/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";

const FOLDER = new URL("../../scenarios/", import.meta.url);

/** The scenario of that name, with overrides. */
export function bundled(name: string, set: readonly string[] = []): Scenario {
  const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, FOLDER)), "utf8");
  const file = `${name}.yaml`;
  const loaded = loadScenario({ file, text: read(file), read, set });
  if (!loaded.ok) throw new Error(loaded.issues[0]!.message);
  return loaded.scenario;
}
