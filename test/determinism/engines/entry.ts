/**
 * The loader and the engine as one script that runs anywhere JavaScript does: it prints what the worked
 * example comes to. Bundled once; every engine gets the same file.
 */
import { runScenario } from "../../../src/experiment/index.js";
import { sha256Hex } from "../../../src/kernel/index.js";
import { loadScenario } from "../../../src/scenario/index.js";

/** Put in by the bundler: the scenario and every file beside it. */
declare const SCENARIO: { readonly file: string; readonly files: Readonly<Record<string, string>> };

function digestLine(): string {
  const read = (path: string): string => {
    const text = SCENARIO.files[path];
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return text;
  };
  const loaded = loadScenario({ file: SCENARIO.file, text: read(SCENARIO.file), read });
  if (!loaded.ok) return JSON.stringify(loaded.issues);
  const result = runScenario(loaded.scenario);
  return `digest ${result.digest} events ${result.events} document ${sha256Hex(JSON.stringify(result))}`;
}

const page = (globalThis as { document?: { body: { textContent: string } } }).document;
let line: string;
try {
  line = digestLine();
} catch (error) {
  line = `failed: ${String(error)}`;
}
if (page === undefined) console.log(line);
else page.body.textContent = line;
