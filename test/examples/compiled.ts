/** The examples as their readers have them: against the declarations that are published, and bundled. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import ts from "typescript";

const ROOT: string = join(import.meta.dirname, "../..");
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  // The web's own declarations are not ours to check; those of the policy are looked at one by one.
  skipDefaultLibCheck: true,
};

/** A new folder of this repository that version control leaves alone; packages are found from there. */
export function newFolder(): string {
  mkdirSync(join(ROOT, ".tmp"), { recursive: true });
  return mkdtempSync(join(ROOT, ".tmp/examples-"));
}

/** Writes the declarations of the policy, and nothing else, into a folder. */
export function declarePolicy(folder: string): string {
  for (const room of ["policy", "math"]) {
    const from = join(ROOT, "src", room);
    for (const file of readdirSync(from, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const to = join(folder, room, file.replace(/ts$/, "d.ts"));
      mkdirSync(dirname(to), { recursive: true });
      const text = readFileSync(join(from, file), "utf8");
      // Every export of the sources says its type, so that a declaration needs no look at other files.
      writeFileSync(to, ts.transpileDeclaration(text, { compilerOptions: OPTIONS }).outputText);
    }
  }
  return join(folder, "policy/index.d.ts");
}

/** What the compiler says of examples that have the web's types alone and this declaration of the policy. */
export function complaintsOfWeb(examples: readonly string[], declaration: string): readonly string[] {
  const files = examples.map((example) => join(import.meta.dirname, `${example}.ts`));
  const program = ts.createProgram(files, {
    ...OPTIONS,
    types: [],
    lib: ["lib.es2023.d.ts", "lib.webworker.d.ts"],
    noEmit: true,
    paths: { "regionsim/policy": [declaration] },
  });
  const used = [declaration, ...files].map((file) => program.getSourceFile(file));
  return used
    .flatMap((file) => ts.getPreEmitDiagnostics(program, file))
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
}

/** An example in one file, as a bundler leaves it; packages stay outside. */
export async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    format: "esm",
    minify: true,
    write: false,
    plugins: [ownDoors],
  });
  return outputFiles[0]!.text;
}

/** The doors of this package lead to its sources; every other package stays outside. */
const ownDoors: Plugin = {
  name: "own-doors",
  setup: (host) => {
    host.onResolve({ filter: /^[^./]/ }, ({ path }) => {
      if (path === "regionsim/policy") return { path: join(ROOT, "src/policy/index.ts"), sideEffects: false };
      if (path === "regionsim") return { path: join(ROOT, "src/index.ts") };
      return { path, external: true };
    });
  },
};

/** Writes a module and loads it as Node does. */
export async function loaded<Module>(folder: string, name: string, text: string): Promise<Module> {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return (await import(/* @vite-ignore */ file)) as Module;
}
