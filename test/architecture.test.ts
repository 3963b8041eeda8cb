/** The rules of the house that a machine can keep: floors, bans, sizes, documentation. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 60;

/** Rooms that must run unchanged anywhere and give the same bytes there. */
const pureRooms = ["math", "policy", "kernel", "metrics", "model"];

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .sort()
  .map((path) => ({
    path: `src/${path.replaceAll("\\", "/")}`,
    text: readFileSync(join(root, "src", path), "utf8"),
  }));

const parsed = new Map<string, ts.SourceFile>();

/** The syntax of a file; every rule looks at the same one. */
function parse(path: string, text: string): ts.SourceFile {
  const file = parsed.get(text) ?? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  parsed.set(text, file);
  return file;
}

function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** A node and all below it, in the order of the text. */
function nodesOf(node: ts.Node, found: ts.Node[] = []): readonly ts.Node[] {
  found.push(node);
  ts.forEachChild(node, (child) => {
    nodesOf(child, found);
  });
  return found;
}

const bannedMath = new Set(
  "log log1p log2 log10 exp expm1 pow sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt hypot random".split(
    " ",
  ),
);
const bannedGlobals = new Set(
  "Date performance Intl process Buffer setTimeout setInterval setImmediate queueMicrotask crypto fetch console globalThis Temporal WeakRef FinalizationRegistry SharedArrayBuffer".split(
    " ",
  ),
);

/** What a pure room may not say, in the order it says it. Comments and strings do not count. */
function bannedIn(path: string, text: string): string[] {
  const file = parse(path, text);
  const found: string[] = [];
  const report = (node: ts.Node, what: string): void => {
    found.push(`${path}:${lineOf(file, node)} ${what}`);
  };
  for (const node of nodesOf(file)) {
    if (ts.isPropertyAccessExpression(node)) {
      const owner = node.expression.getText(file);
      const name = node.name.text;
      if (owner === "Math" && bannedMath.has(name)) report(node, `Math.${name}`);
      if (/^toLocale|^localeCompare$/.test(name)) report(node, name);
    }
    if (ts.isElementAccessExpression(node) && node.expression.getText(file) === "Math")
      report(node, "Math[…]");
    if (ts.isVariableDeclaration(node) && node.initializer?.getText(file) === "Math")
      report(node, "Math renamed");
    if (
      ts.isIdentifier(node) &&
      bannedGlobals.has(node.text) &&
      !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) &&
      !(ts.isPropertyAssignment(node.parent) && node.parent.name === node) &&
      !(ts.isPropertySignature(node.parent) && node.parent.name === node)
    ) {
      report(node, node.text);
    }
    if (
      ts.isToken(node) &&
      [ts.SyntaxKind.AsteriskAsteriskToken, ts.SyntaxKind.AsteriskAsteriskEqualsToken].includes(node.kind)
    ) {
      report(node, "**");
    }
    if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) report(node, "async");
    if (ts.isStringLiteral(node) && node.text.startsWith("node:") && ts.isImportDeclaration(node.parent))
      report(node, node.text);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      report(node, "import()");
  }
  return found;
}

/** Functions longer than allowed, comments above them not counted. */
function longFunctionsIn(path: string, text: string): string[] {
  const file = parse(path, text);
  const found: string[] = [];
  for (const node of nodesOf(file)) {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) continue;
    const first = lineOf(file, node);
    const last = file.getLineAndCharacterOfPosition(node.end).line + 1;
    if (last - first + 1 > MAX_FUNCTION_LINES) found.push(`${path}:${first} ${last - first + 1} lines`);
  }
  return found;
}

function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
  );
}

/**
 * Exported declarations nobody explains. A comment also covers the run of one-line constants it stands above,
 * and the one at the head of a file covers the export the file is named after. Re-exports are explained where
 * they are declared.
 */
function undocumentedIn(path: string, text: string): string[] {
  const file = parse(path, text);
  const covered = new Set<ts.Node>();
  const mainName = path.slice(path.lastIndexOf("/") + 1, -".ts".length).toLowerCase();
  file.statements.forEach((node, i) => {
    const before = file.statements[i - 1];
    const isNext = before !== undefined && lineOf(file, node) === lineOf(file, before) + 1;
    const continues = isNext && ts.isVariableStatement(node) && covered.has(before);
    const isMain = text.startsWith("/**") && namesOf(node).some((name) => name.toLowerCase() === mainName);
    if (continues || isMain || ts.getJSDocCommentsAndTags(node).length > 0) covered.add(node);
  });
  return file.statements
    .filter((node) => isExported(node) && !covered.has(node))
    .map((node) => `${path}:${lineOf(file, node)} ${node.getText(file).split("\n")[0]}`);
}

function namesOf(node: ts.Statement): string[] {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map((d) => d.name.getText());
  return "name" in node ? [(node as ts.DeclarationStatement).name?.text ?? ""] : [];
}

/** Words that belong in a ticket or nowhere. */
const unfinished = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|")})\\b`);

describe("floors", () => {
  /** What must be refused: why, in which room, the import, the rule that catches it. */
  const violations = [
    [
      "a type from the cli room in policy",
      "policy",
      'import type { X } from "../cli/planted.js";',
      "floor-policy",
    ],
    [
      "a package in policy",
      "policy",
      'import { parse } from "yaml"; export const x = parse;',
      "floor-policy",
    ],
    [
      "node in the model",
      "model",
      'import { readFileSync } from "node:fs"; export const x = readFileSync;',
      "floor-model",
    ],
    [
      "the loader in the model",
      "model",
      'import { y } from "../scenario/planted.js"; export const x = y;',
      "scenario-types-only",
    ],
    [
      "an upper floor in the kernel",
      "kernel",
      'import { y } from "../scenario/planted.js"; export const x = y;',
      "floor-kernel",
    ],
    ["a circle of files", "math", 'import { y } from "./plantedBack.js"; export const x = y;', "no-cycles"],
    ["a room nobody has placed", "attic", 'export const x = 1; import "../math/planted.js";', "unknown-room"],
    [
      "a development package",
      "cli",
      'import { build } from "esbuild"; export const x = build;',
      "no-development-packages",
    ],
  ] as const;
  const house = mkdtempSync(join(tmpdir(), "regionsim-floors-"));
  const caught: string[] = [];
  const violationFile = (i: number): string => `violation${String.fromCharCode(65 + i)}.ts`;

  beforeAll(() => {
    for (const name of ["cli", "policy", "model", "scenario", "kernel", "math", "attic"]) {
      mkdirSync(join(house, "src", name), { recursive: true });
      writeFileSync(join(house, "src", name, "planted.ts"), "export type X = 1; export const y = 1;\n");
    }
    violations.forEach(([, room, text], i) => {
      writeFileSync(join(house, "src", room, violationFile(i)), `${text}\n`);
    });
    const circle = violations.findIndex(([, , , rule]) => rule === "no-cycles");
    const back = `export { x as y } from "./${violationFile(circle).replace(".ts", ".js")}";\n`;
    writeFileSync(join(house, "src/math/plantedBack.ts"), back);
    for (const name of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"])
      cpSync(join(root, name), join(house, name));
    symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
    caught.push(...cruise(house).broken);
  });
  afterAll(() => rmSync(house, { recursive: true, force: true }));

  function cruise(folder: string): { modules: number; broken: string[] } {
    const done = spawnSync(
      process.execPath,
      [
        join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
        "--config",
        ".dependency-cruiser.cjs",
        "--output-type",
        "json",
        "src",
      ],
      { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 },
    );
    const report = JSON.parse(done.stdout);
    return {
      modules: report.modules.filter((m: { source: string }) => m.source.startsWith("src/")).length,
      broken: report.summary.violations.map(
        (v: { rule: { name: string }; from: string; to: string }) => `${v.rule.name}: ${v.from} -> ${v.to}`,
      ),
    };
  }

  it("every room imports only from the floors below it, and every file was looked at", () => {
    const { modules, broken } = cruise(root);
    expect(broken).toEqual([]);
    expect(modules).toBe(sources.length);
  });

  it.each(violations.map(([what, , , rule], i) => [what, rule, i] as const))(
    "%s is refused",
    (_what, rule, i) => {
      const named = caught.filter((line) => line.startsWith(`${rule}:`) && line.includes(violationFile(i)));
      expect(named, caught.join("\n")).not.toEqual([]);
    },
  );

  it("nothing else in the planted house is refused", () => {
    const files = violations.map((_, i) => violationFile(i));
    expect(caught.filter((line) => !files.some((file) => line.includes(file)))).toEqual([]);
  });
});

describe("bans", () => {
  it.each(pureRooms)("the %s room uses no clock, dice, locale, host mathematics, node or async", (room) => {
    const files = sources.filter(({ path }) => path.startsWith(`src/${room}/`));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap(({ path, text }) => bannedIn(path, text))).toEqual([]);
  });

  it.each([
    ["export const x = Math.log(2);", "Math.log"],
    ["export const x = Math . random ();", "Math.random"],
    ['export const x = Math["exp"](2);', "Math[…]"],
    ["const M = Math; export const x = M.sin(1);", "Math renamed"],
    ["export const x = 2 ** 8;", "**"],
    ["let y = 2; y **= 8;", "**"],
    ["export const x = new Date();", "Date"],
    ["export const x = globalThis.performance.now();", null],
    ["export const x = performance.now();", "performance"],
    ['export const x = ["b"].sort((a, b) => a.localeCompare(b));', "localeCompare"],
    ["export const x = (5).toLocaleString();", "toLocaleString"],
    ["export async function f() { await 1; }", "async"],
    ['import { x } from "node:fs";', "node:fs"],
    ["// Math.log, Date and ** in a comment", ""],
    ['export const x = "Date ** Math.log(2)";', ""],
    ["export const x = { log: 1 }.log + Math.sqrt(2) + Math.imul(1, 2);", ""],
  ])("%s is judged rightly", (text, expected) => {
    const found = bannedIn("planted.ts", text);
    if (expected === "") expect(found).toEqual([]);
    else if (expected !== null) expect(found[0]).toBe(`planted.ts:1 ${expected}`);
    else expect(found).not.toEqual([]);
  });
});

describe("sizes and words", () => {
  it(`no source file is longer than ${MAX_FILE_LINES} lines`, () => {
    const tooLong = sources.filter(({ text }) => text.trimEnd().split("\n").length > MAX_FILE_LINES);
    expect(tooLong.map(({ path, text }) => `${path} ${text.trimEnd().split("\n").length}`)).toEqual([]);
  });

  it(`no function is longer than ${MAX_FUNCTION_LINES} lines`, () => {
    expect(sources.flatMap(({ path, text }) => longFunctionsIn(path, text))).toEqual([]);
    const long = `function f() {\n${"  g();\n".repeat(MAX_FUNCTION_LINES)}}`;
    expect(longFunctionsIn("planted.ts", long)).toHaveLength(1);
  });

  it("any appears nowhere", () => {
    const anyIn = (path: string, text: string): string[] => {
      const file = parse(path, text);
      return nodesOf(file)
        .filter((n) => n.kind === ts.SyntaxKind.AnyKeyword)
        .map((n) => `${path}:${lineOf(file, n)}`);
    };
    expect(sources.flatMap(({ path, text }) => anyIn(path, text))).toEqual([]);
    expect(anyIn("planted.ts", "export let x: any;")).toHaveLength(1);
  });

  it("every export says what it is", () => {
    expect(sources.flatMap(({ path, text }) => undocumentedIn(path, text))).toEqual([]);
    expect(undocumentedIn("planted.ts", "export const x = 1;")).toHaveLength(1);
  });

  it("nothing is marked as unfinished", () => {
    expect(sources.filter(({ text }) => unfinished.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it("files are named in camelCase", () => {
    const odd = sources.filter(({ path }) => !/^src\/([a-z]+\/)*[a-z][a-zA-Z0-9]*\.ts$/.test(path));
    expect(odd.map(({ path }) => path)).toEqual([]);
  });
});
