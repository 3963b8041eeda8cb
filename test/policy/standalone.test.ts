import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "src/policy");

/** Compiles the folder with no types but the language's own. */
function compileAlone(): ts.Program {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
  return ts.createProgram(files, {
    noEmit: true,
    types: [],
    lib: ["lib.es2023.d.ts"],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    isolatedDeclarations: true,
    declaration: true,
    erasableSyntaxOnly: true,
  });
}

describe("src/policy on its own", () => {
  const program = compileAlone();

  it("compiles with no node or browser types", () => {
    const said = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
      );
    expect(said).toEqual([]);
  }, 30_000);

  it("pulls in nothing but src/policy and src/math", () => {
    const outside = program
      .getSourceFiles()
      .filter((file) => !program.isSourceFileDefaultLibrary(file))
      .map((file) => relative(root, file.fileName).split(sep).slice(0, 2).join("/"));
    expect([...new Set(outside)].sort()).toEqual(["src/math", "src/policy"]);
  });

  /** Compressed bytes of a program, as a bundler leaves it: what is not used is gone. */
  const bytesOf = (contents: string): number => {
    const { outputFiles } = buildSync({
      stdin: { contents, resolveDir: folder, loader: "ts" },
      bundle: true,
      format: "esm",
      minify: true,
      write: false,
    });
    return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
  };

  it("is small: a router with the common parts takes 15 kB, a decision alone 8 kB", () => {
    expect(bytesOf('export { createRouter, Trip } from "./index.js";')).toBeLessThanOrEqual(15_000);
    expect(bytesOf('export { compileWith, createState, decide } from "./index.js";')).toBeLessThanOrEqual(
      8_000,
    );
  });

  it("brings the other parts only where they are asked for: a router with all of them takes 24 kB", () => {
    expect(bytesOf('export { ALL_PARTS, createRouter } from "./index.js";')).toBeLessThanOrEqual(24_000);
  });

  it("uses no clock, no host luck, no locale and no host mathematics", () => {
    const banned = /^(Date|performance|Intl|process|globalThis|setTimeout|console)$/;
    const bannedMath =
      /^(log|exp|pow|sin|cos|tan|random|hypot|log2|log10|log1p|expm1|cbrt|sinh|cosh|tanh|atan2?)$/;
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && banned.test(node.text)) found.push(node.text);
      if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "Math") {
        if (bannedMath.test(node.name.text)) found.push(node.getText());
      }
      if (node.kind === ts.SyntaxKind.AsteriskAsteriskToken) found.push("**");
      if (ts.isIdentifier(node) && /^(localeCompare|toLocale.*)$/.test(node.text)) found.push(node.text);
      ts.forEachChild(node, visit);
    };
    for (const file of program.getSourceFiles()) {
      if (file.fileName.includes("/src/policy/")) visit(file);
    }
    expect(found).toEqual([]);
  });
});
