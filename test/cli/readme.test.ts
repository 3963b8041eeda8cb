import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { EXIT } from "../../src/cli/exitCodes.js";
import { CHANNELS, STRATEGY_NAMES } from "../../src/policy/index.js";
import { FAILOVER_CLOCKS } from "../../src/scenario/catalogue/failoverClocks.js";
import { PROVIDER_TERMS } from "../../src/scenario/catalogue/providerTerms.js";
import { strategyOptionSchemas } from "../../src/scenario/schemaStrategy.js";
import { root, scratch, smallScenario } from "./harness.js";
import { ask } from "./resident.js";

const readme = readFileSync(join(root, "README.md"), "utf8");
/** What is too much for the first page: the tables of what a scenario may say. */
const reference = readFileSync(join(root, "scenarios/REFERENCE.md"), "utf8");

/** The text of every fenced block of a language. */
function blocksOf(language: string): readonly string[] {
  const fenced = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms");
  return [...readme.matchAll(fenced)].map((match) => match[1] ?? "");
}

/** The cells of the first table row that begins with this name. */
function cellsOf(name: string): readonly string[] {
  const row = reference.split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
  return row === undefined ? [] : row.split("|").map((cell) => cell.trim());
}

/** The options that a file may set of a strategy, in the order of its schema. */
function optionsOf(schema: z.ZodType): readonly string[] {
  const { properties } = z.toJSONSchema(schema, { io: "input" });
  return Object.keys(properties ?? {}).filter((key) => key !== "kind");
}

/** What strict TypeScript says against files in a folder that has this package installed. */
function complaintsAbout(files: readonly string[]): readonly string[] {
  const program = ts.createProgram(files, {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    typeRoots: [join(root, "node_modules/@types")],
    types: ["node"],
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("the README", () => {
  it("shows commands that work, in the order it shows them", async () => {
    const commands = blocksOf("sh").flatMap((block) => block.trim().split("\n"));
    expect(commands.length).toBeGreaterThan(5);
    const folder = scratch();
    for (const command of commands) {
      const [name, ...args] = command.split(" ");
      expect(name).toBe("regionsim");
      const { code, err } = await ask(folder, args);
      expect({ command, code, err }).toMatchObject({ code: 0 });
    }
    for (const file of ["report.html", "summary.txt", "result.json", "scenario", "manifest.json"]) {
      expect(readme).toContain(`\`${file}`);
    }
  });

  it("shows programs that compile and run as they are, with the package installed", () => {
    const folder = scratch();
    smallScenario(folder, (text) => text, "scenario.yaml");
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules/regionsim"), "junction");
    const snippets = blocksOf("ts");
    expect(snippets).toHaveLength(1);
    const files = snippets.map((_, n) => join(folder, `snippet${n}.mts`));
    snippets.forEach((text, n) => {
      writeFileSync(files[n]!, text);
    });
    expect(complaintsAbout(files)).toEqual([]);
    const said = snippets.map((text, n) => {
      const { outputText } = ts.transpileModule(text, {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      });
      writeFileSync(join(folder, `snippet${n}.mjs`), outputText);
      const done = spawnSync(process.execPath, [`snippet${n}.mjs`], { cwd: folder, encoding: "utf8" });
      expect(done.stderr).toBe("");
      return done.stdout;
    });
    expect(said[0]).toContain("offered");
    expect(said[0]).toContain("[ 'eu-model' ]\n");
  });

  it("has a row for each strategy and each of its options, and none for another", () => {
    const table = reference.slice(
      reference.indexOf("| strategy |"),
      reference.indexOf("What fills or weighs"),
    );
    const named = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1]!);
    expect([...named].sort()).toEqual([...STRATEGY_NAMES].sort());
    const shared = cellsOf("envoy-priority")[3];
    for (const name of STRATEGY_NAMES) {
      const cell = cellsOf(name)[3]!.replace("those", () => shared!);
      const written = [...cell.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
      const options = optionsOf(strategyOptionSchemas[name]);
      expect(written, name).toEqual(options);
    }
  });

  it("names every channel, every provider's terms and every preset of a failover clock", () => {
    for (const channel of CHANNELS) expect(reference).toContain(`\`${channel}\``);
    for (const { id } of FAILOVER_CLOCKS) expect(reference, id).toContain(`\`${id}\``);
    const terms = reference.split("\n").find((line) => line.startsWith("| a provider's published terms"))!;
    const keys = [...terms.matchAll(/`([\w-]+):([\w-]*)`((?:,? `[\w-]+`)*)/g)].flatMap(
      ([, provider, first, more]) =>
        [first!, ...[...more!.matchAll(/`([\w-]+)`/g)].map((match) => match[1]!)]
          .filter((offer) => offer !== "")
          .map((offer) => `${provider}:${offer}`),
    );
    expect(keys.sort()).toEqual(PROVIDER_TERMS.map(({ key }) => key).sort());
  });

  it("lists every exit code there is", () => {
    const listed = [...readme.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
    // 143 is the shell's own word for a polite kill.
    expect(listed).toEqual(Object.values(EXIT).filter((code) => code !== EXIT.terminated));
  });

  it("links to files that are there", () => {
    for (const [text, folder] of [
      [readme, "."],
      [reference, "scenarios"],
    ] as const) {
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? "");
      expect(links.length).toBeGreaterThan(0);
      expect(links.filter((link) => !existsSync(join(root, folder, link)))).toEqual([]);
    }
  });
});
