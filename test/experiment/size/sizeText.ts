/**
 * A scenario written in the test, sized. By one bundle, the way it ships: the test runner loads modules through getters,
 * which makes the simulations of a search four times slower.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type * as samples from "../../../src/experiment/sample.js";
import type * as runners from "../../../src/experiment/sampleRunner.js";
import { chooseCapacities } from "../../../src/experiment/size/choice.js";
import { lossCases, type Survive } from "../../../src/experiment/size/losses.js";
import type * as sizes from "../../../src/experiment/size/size.js";
import { roundsUpTo } from "../../../src/experiment/size/types.js";
import type { Sizing } from "../../../src/result/sizing.js";
import type * as loaders from "../../../src/scenario/load.js";
import type { Scenario } from "../../../src/scenario/scenario.js";

const EXPERIMENT = resolve(fileURLToPath(import.meta.url), "../../../../src/experiment");

type Bundle = typeof sizes & typeof samples & typeof runners & typeof loaders;

function bundled(): Bundle {
  const folder = mkdtempSync(join(tmpdir(), "regionsim-size-"));
  try {
    const outfile = join(folder, "size.cjs");
    buildSync({
      stdin: {
        contents: [
          'export * from "./size/size.ts";',
          'export { inlineRunner } from "./sampleRunner.ts";',
          'export { takeSample } from "./sample.ts";',
          'export { loadScenario } from "../scenario/load.ts";',
        ].join("\n"),
        resolveDir: EXPERIMENT,
      },
      outfile,
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "es2022",
    });
    return createRequire(import.meta.url)(outfile) as Bundle;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { inlineRunner, loadScenario, sizeScenario, takeSample } = bundled();

/** Whether every objective passes in one replication. */
export function passes(scenario: Scenario, replication: number): boolean {
  return takeSample(scenario, replication).objectives.every(({ pass }) => pass);
}

/** How it is sized; what is left out is as on the command line, but for the curve, which there is none of. */
export interface SizeTextOptions {
  readonly survive?: Survive;
  readonly knobs?: readonly string[];
  readonly maxFactor?: number;
  readonly reps?: number;
  readonly confidence?: number;
  /** Side files by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The scenario of `text` with settings. Throws what is wrong with it. */
export function loadText(
  text: string,
  set: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Scenario {
  const loaded = tryText(text, set, files);
  if (typeof loaded === "string") throw new Error(loaded);
  return loaded;
}

function tryText(
  text: string,
  set: readonly string[],
  files: Readonly<Record<string, string>>,
): Scenario | string {
  const loaded = loadScenario({ file: "test.yaml", text, read: (name) => files[name]!, set });
  return loaded.ok ? loaded.scenario : loaded.issues.map(({ message }) => message).join("\n");
}

/** The sizing of `text`. */
export async function sizeText(text: string, options: SizeTextOptions = {}): Promise<Sizing> {
  const { survive = { kind: "none" }, knobs = [], files = {} } = options;
  const scenario = loadText(text, [], files);
  const capacities = chooseCapacities(scenario, knobs);
  if (typeof capacities === "string") throw new Error(capacities);
  const { sizing } = await sizeScenario(inlineRunner(), {
    scenario,
    path: "test.yaml",
    survive: survive.kind,
    losses: lossCases(scenario, survive),
    capacities,
    maxFactor: options.maxFactor ?? 8,
    rule: { rounds: roundsUpTo(options.reps ?? 16), confidence: options.confidence ?? 0.95 },
    load: (set) => tryText(text, set, files),
    curveReplications: 0,
  });
  return sizing;
}

/** What was found, one value a knob; null where nothing was. */
export function sizesOf({ knobs }: Sizing): readonly (number | null)[] {
  return knobs.map(({ to }) => to);
}
