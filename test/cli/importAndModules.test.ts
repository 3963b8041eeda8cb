/** Importing on the command line, and policies of code: what goes where, and how it ends. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch, smallScenario } from "./harness.js";
import { ask } from "./resident.js";

const PROXY = `model_list:
  - model_name: m
    litellm_params: { model: bedrock/model, aws_region_name: eu-central-1, max_budget: 3 }
`;

describe("regionsim import", () => {
  it("writes a scenario that is valid to stdout, and its notes to stderr", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "proxy.yaml"), PROXY);
    const done = await ask(folder, ["import", "litellm", "proxy.yaml"]);
    expect(done.code).toBe(0);
    expect(done.err).toContain("proxy.yaml:3: not mapped: model_list[0].litellm_params.max_budget");
    writeFileSync(join(folder, "scenario.yaml"), done.out);
    expect((await ask(folder, ["validate", "scenario.yaml"])).code).toBe(0);
  });

  it("keeps a file that is there, unless it is forced", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "proxy.yaml"), PROXY);
    writeFileSync(join(folder, "mine.yaml"), "mine");
    const args = ["import", "litellm", "proxy.yaml", "--out", "mine.yaml"];
    expect(await ask(folder, args)).toMatchObject({ code: 2, out: "" });
    expect(readFileSync(join(folder, "mine.yaml"), "utf8")).toBe("mine");
    expect(await ask(folder, [...args, "--force"])).toMatchObject({ code: 0, out: "" });
    expect(readFileSync(join(folder, "mine.yaml"), "utf8")).toContain("schema: regionsim/1");
  });

  it("ends with 3 for strict with a key left over, for a file that is not there and for one that says nothing", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "proxy.yaml"), PROXY);
    writeFileSync(join(folder, "empty.yaml"), "a: 1\n");
    const strict = await ask(folder, ["import", "litellm", "proxy.yaml", "--strict", "--out", "s.yaml"]);
    expect(strict.code).toBe(3);
    expect(strict.err).toContain("max_budget");
    expect(() => readFileSync(join(folder, "s.yaml"))).toThrow();
    expect((await ask(folder, ["import", "litellm", "none.yaml"])).code).toBe(3);
    expect(await ask(folder, ["import", "litellm", "empty.yaml"])).toMatchObject({ code: 3, out: "" });
    expect((await ask(folder, ["import", "kong", "proxy.yaml"])).code).toBe(2);
  });

  it("says all of it as JSON, with the places it was told", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "proxy.yaml"), PROXY);
    const args = ["import", "litellm", "proxy.yaml", "--format", "json", "--place", "bedrock-model=FR"];
    const { code, out, err } = await ask(folder, args);
    const document = JSON.parse(out) as { yaml: string; unmapped: readonly object[] };
    expect([code, err]).toEqual([0, ""]);
    expect(document.unmapped).toEqual([{ path: "model_list[0].litellm_params.max_budget", line: 3 }]);
    expect(document.yaml).toContain("data: { processing: FR }");
  });
});

describe("regionsim import, mistaken", () => {
  const importing = async (...more: string[]) => {
    const folder = scratch();
    writeFileSync(join(folder, "proxy.yaml"), PROXY);
    const done = await ask(folder, ["import", ...more, "--out", "s.yaml"]);
    return { ...done, wrote: existsSync(join(folder, "s.yaml")) };
  };

  it("ends with 2 for a place of no endpoint, and for one that is neither a country nor a zone; nothing is written", async () => {
    const nobody = await importing("litellm", "proxy.yaml", "--place", "nosuch=EU");
    expect(nobody).toMatchObject({ code: 2, out: "", wrote: false });
    expect(nobody.err).toContain('no endpoint of the file is "nosuch"; there is bedrock-model');
    const noPlace = await importing(
      "litellm",
      "proxy.yaml",
      "--place",
      "bedrock-model=Germany",
      "--format",
      "json",
    );
    expect(noPlace).toMatchObject({ code: 2, out: "", wrote: false });
    expect(noPlace.err).toContain('got "Germany" (did you mean "DE"?)');
  });

  it("ends with 3 for the file of another system, and says whose it is", async () => {
    const other = await importing("portkey", "proxy.yaml");
    expect(other).toMatchObject({ code: 3, out: "", wrote: false });
    expect(other.err).toContain("this is no Portkey configuration: it looks like LiteLLM's");
  });
});

describe("a policy of code on the command line", () => {
  const CODE = `export default (config) => ({
  route: (ask) => {
    if (ask.request === 3) throw new Error("no three");
    return { target: config.targets[0].id };
  },
});
`;
  const withPolicy = (folder: string, policy: string): string =>
    smallScenario(
      folder,
      (text) => text.replace("deployment:\n", `deployment:\n  routing: { policy: ${policy} }\n`),
      "s.yaml",
    );

  it("runs, is kept beside the result, and is reproduced", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "router.mjs"), CODE);
    withPolicy(folder, "./router.mjs");
    const done = await ask(folder, ["run", "s.yaml", "--out", "out", "--quiet"]);
    expect([0, 4]).toContain(done.code);
    const result = JSON.parse(readFileSync(join(folder, "out/result.json"), "utf8")) as {
      policy: { name: string; errors: { count: number; first: readonly { message: string }[] } };
      warnings: readonly string[];
    };
    expect(result.policy.name).toBe("router.mjs");
    expect(result.policy.errors.first[0]!.message).toBe("Error: no three");
    expect(result.warnings.join("\n")).toContain("router.mjs failed");
    expect(readFileSync(join(folder, "out/scenario/router.mjs"), "utf8")).toBe(CODE);
    expect((await ask(folder, ["verify", "out"])).code).toBe(0);
  });

  it("is bad input where it cannot be loaded or makes no router, naming the file and the reason", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "broken.mjs"), "export default (");
    writeFileSync(join(folder, "empty.mjs"), "export const x = 1;\n");
    for (const [file, reason] of [
      ["broken.mjs", "the policy must be code that can be loaded"],
      ["empty.mjs", "the policy must export a function as default, got nothing"],
    ] as const) {
      withPolicy(folder, `./${file}`);
      const done = await ask(folder, ["run", "s.yaml", "--out", "out"]);
      expect(done.code).toBe(3);
      expect(done.err).toContain(`${file}:1:1: ${reason}`);
    }
  });

  it("is bad input at the line where the code throws, in this thread and in one of its own", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "throws.mjs"), "export default () => {\n  throw new Error('no key');\n};\n");
    writeFileSync(join(folder, "top.mjs"), "const a = 1;\nthrow new Error('no 1');\n");
    writeFileSync(join(folder, "names.mjs"), "const a = 1;\nimport { nope } from 'node:fs';\n");
    writeFileSync(join(folder, "nothing.mjs"), "export default () => ({});\n");
    for (const [file, at, reason] of [
      ["throws.mjs", "2:9", "the policy must make a router for each gateway: Error: no key"],
      ["top.mjs", "2:7", "the policy must be code that can be loaded: no 1"],
      ["names.mjs", "2:10", "the policy must be code that can be loaded: The requested module"],
      [
        "nothing.mjs",
        "1:1",
        "the policy must make a router for each gateway: the module's function made nothing",
      ],
    ] as const) {
      withPolicy(folder, `./${file}`);
      for (const duration of file === "throws.mjs" ? ["4m", "3h"] : ["4m"]) {
        const done = await ask(folder, ["run", "s.yaml", "--out", "out", "--set", `duration=${duration}`]);
        expect(done.code, file).toBe(3);
        expect(done.err).toContain(`${file}:${at}: ${reason}`);
        expect(existsSync(join(folder, "out"))).toBe(false);
      }
    }
  });
});
