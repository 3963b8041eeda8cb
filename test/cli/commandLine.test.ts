import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/version.js";
import { environment, program, regionsim, root, scratch, smallScenario } from "./harness.js";
import { ask } from "./resident.js";

/** Every file the program imports on the way to answering `args`. */
function filesLoaded(args: readonly string[]): string[] {
  const hook = `import { writeSync } from "node:fs";
    export async function resolve(specifier, context, next) {
      const found = await next(specifier, context);
      if (found.url.startsWith("file:")) writeSync(2, "LOADED " + found.url + "\\n");
      return found;
    }`;
  const register = `import { register } from "node:module"; register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hook)}));`;
  const importHook = `data:text/javascript,${encodeURIComponent(register)}`;
  const done = spawnSync(process.execPath, ["--import", importHook, program, ...args], {
    encoding: "utf8",
    env: environment(),
    maxBuffer: 1 << 28,
  });
  return [...done.stderr.matchAll(/^LOADED (.*)$/gm)].map((match) => fileURLToPath(match[1] ?? ""));
}

describe("help and version", () => {
  it("the version printed is the one in package.json, and src/version.ts says the same", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(VERSION).toBe(version);
    expect(await ask(root, ["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  it("the citation file names the same version", () => {
    expect(readFileSync(join(root, "CITATION.cff"), "utf8")).toContain(`\nversion: ${VERSION}\n`);
  });

  it("npx finds the program in the checkout", () => {
    const done = spawnSync("npx", ["--no-install", "regionsim", "--version"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(done.stdout.trim()).toBe(VERSION);
  });

  it("the help kept ready is what yargs would print", async () => {
    const url = JSON.stringify(new URL(`file://${join(root, "dist/cli/commandLine.js")}`).href);
    const script = `const { runCommandLine } = await import(${url}); await runCommandLine(["--help"]);`;
    const laidOut = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
    });
    expect(await ask(root, ["--help"])).toEqual({ code: 0, out: laidOut.stdout, err: "" });
    expect(laidOut.stdout).toContain("regionsim verify <result>");
  });

  it.each([[["--help"]], [["--version"]], [["run", "--help"]], [["completion"]]])(
    "%j loads neither the schema library nor the parser nor the charts",
    (args) => {
      const loaded = filesLoaded(args);
      expect(loaded).toContain(program);
      const heavy = loaded.filter((file) =>
        /ZodObject|YAMLParseError|EventQueue/.test(readFileSync(file, "utf8")),
      );
      expect(heavy).toEqual([]);
      expect(loaded.filter((file) => /node_modules.vega/.test(file))).toEqual([]);
    },
  );

  it("what a run loads would be noticed by the same means, and charts are not among it", () => {
    const folder = scratch();
    const loaded = filesLoaded(["run", join(folder, smallScenario(folder)), "--json", "-"]);
    for (const mark of ["ZodObject", "YAMLParseError", "EventQueue"]) {
      expect(
        loaded.some((file) => readFileSync(file, "utf8").includes(mark)),
        mark,
      ).toBe(true);
    }
    expect(loaded.filter((file) => /node_modules.vega/.test(file))).toEqual([]);
  });

  it("the completion script is for the shell to source", () => {
    const { code, out, err } = regionsim(root, ["completion"], { SHELL: "/bin/bash" });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("complete -o bashdefault -o default -F _regionsim_yargs_completions regionsim");
  });
});

describe("usage", () => {
  it.each([
    [[], "missing command"],
    [["rum"], "Did you mean run?"],
    [["run"], "an argument is missing"],
    [["run", "a.yaml", "b.yaml"], "Unknown argument: b.yaml"],
    [["run", "a.yaml", "--sed", "7"], "Unknown argument: sed"],
    [["run", "a.yaml", "--seed"], "seed"],
    [["run", "a.yaml", "--seed", "1", "--seed", "2"], "--seed is given 2 times"],
    [["run", "a.yaml", "--progress", "loud"], "progress"],
    [["validate"], "an argument is missing"],
    [["validate", "a.yaml", "--format", "xml"], "format"],
    [["init", "--template", "triangle"], "template"],
  ])("%j is refused with exit code 2 and says %s", async (args, words) => {
    const folder = scratch();
    const { code, out, err } = await ask(folder, args as string[]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
    expect(err).not.toContain("    at ");
  });

  it("messages are in one language, whatever the user's", () => {
    const english = regionsim(root, ["run"], { LANG: "C", LC_ALL: "C" });
    expect(regionsim(root, ["run"], { LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" })).toEqual(english);
  });

  it("an option that may be repeated does not swallow what follows it", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    const { code } = await ask(folder, ["run", "--set", "duration=2m", file, "--json", "-"]);
    expect(code).toBe(0);
  });
});

describe("schema", () => {
  it("is a draft-07 JSON Schema on stdout", async () => {
    const { code, out, err } = await ask(root, ["schema"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out).$schema).toContain("draft-07");
  });
});
