/** Recipes are run: by their shells, with programs in place of the engines that write down what they were given. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { emitRecipe, type Recipe, SCHEDULERS, segmentsRefusal } from "../../src/report/emitRecipes.js";

const isCi = process.env.CI !== undefined && process.env.CI !== "";

/** Everything that a recipe gets wrong unless it quotes it, and one path that needs no quotes. */
const nasty =
  "it's \n\u0085\u2028#SBATCH -x\r\t $(touch hacked) {}.{#}.{.}{= $_=1 =} `id`;&|<> a\"b\\c $$HOME $(HOME) $$$(HOME) ü*?.yaml";
const paths = ["plan.yaml", nasty];

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "regionsim-recipes-"));
  for (const name of ["regionsim", "aws"]) recorder(name);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that adds its arguments to `<name>.calls`, each with a zero byte, each call with a line. */
function recorder(name: string): void {
  const file = join(folder, name);
  // One write for each call: several may be made at a time.
  writeFileSync(file, `#!/bin/sh\nprintf '%s\\0' "$@" '\n' >> '${join(folder, name)}.calls'\n`);
  chmodSync(file, 0o755);
}

function calls(name: string): string[][] {
  const file = join(folder, `${name}.calls`);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\0\n\0")
    .slice(0, -1)
    .map((call) => call.split("\0"));
}

function execute(
  command: string,
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): void {
  const env = { ...process.env, ...extra, HOME: folder, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const done = spawnSync(command, args, { cwd: folder, env, encoding: "utf8" });
  expect(done.status, `${done.stdout}${done.stderr}`).toBe(0);
}

function recipeOf(path: string, change: Partial<Recipe> = {}): Recipe {
  return {
    name: "Head room",
    plan: path,
    out: `reports/${path}`,
    segments: 5,
    atOnce: null,
    cores: 2,
    image: null,
    storage: null,
    queue: null,
    ...change,
  };
}

/** What the program must have been called with. */
function expected(path: string, segment: number): string[] {
  return [
    ...["sweep", path, "--out", `reports/${path}`],
    ...["--segment", `${segment}/5`, "--jobs", "2", "--progress", "none"],
  ];
}

/** Kubernetes's own expansion of a container's arguments, where no variable of that name is known but HOME. */
function expanded(argument: string): string {
  return argument.replaceAll(/\$(\$|\(HOME\))/g, (_, what: string) => (what === "$" ? "$" : "/root"));
}

/** The words of a recipe's command where the volume is mounted at `folder`. */
function here(command: readonly string[]): readonly [string, string[]] {
  const [shell, ...rest] = command.map((word) => expanded(word).replace("cd /sweep", `cd '${folder}'`));
  return [shell ?? "", rest];
}

interface Manifest {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly completionMode: string;
    readonly completions: number;
    readonly parallelism: number;
    readonly backoffLimitPerIndex: number;
    readonly template: {
      readonly spec: {
        readonly restartPolicy: string;
        readonly containers: readonly {
          readonly image: string;
          readonly command: string[];
          readonly args: string[];
          readonly volumeMounts: readonly { readonly name: string }[];
        }[];
        readonly volumes: readonly {
          readonly name: string;
          readonly persistentVolumeClaim: { readonly claimName: string };
        }[];
      };
    };
  };
}

describe("recipes", () => {
  it.for(paths)("a Slurm task runs its own segment, whatever the plan's path: %s", (path) => {
    writeFileSync(join(folder, "a.sbatch"), emitRecipe("slurm", recipeOf(path)));
    execute("bash", ["a.sbatch"], { SLURM_ARRAY_TASK_ID: "3" });
    expect(calls("regionsim")).toEqual([expected(path, 3)]);
    expect(existsSync(join(folder, "hacked"))).toBe(false);
  });

  it.for(paths)("a Kubernetes pod runs its own segment, whatever the plan's path: %s", (path) => {
    const { spec } = parse(emitRecipe("k8s", recipeOf(path))) as Manifest;
    const [container] = spec.template.spec.containers;
    execute(...here([...container!.command, ...container!.args]), { JOB_COMPLETION_INDEX: "4" });
    expect(calls("regionsim")).toEqual([expected(path, 4)]);
  });

  it.for(paths)("an AWS Batch child runs its own segment, whatever the plan's path: %s", (path) => {
    writeFileSync(join(folder, "a.sh"), emitRecipe("batch", recipeOf(path)));
    execute("sh", ["a.sh"]);
    const [register, submit] = calls("aws");
    expect(register?.slice(0, 3)).toEqual(["batch", "register-job-definition", "--cli-input-json"]);
    expect(submit?.slice(0, 3)).toEqual(["batch", "submit-job", "--cli-input-json"]);
    const definition = JSON.parse(register?.[3] ?? "") as {
      jobDefinitionName: string;
      containerProperties: { command: string[] };
    };
    const job = JSON.parse(submit?.[3] ?? "") as { jobDefinition: string; arrayProperties: { size: number } };
    expect(job.jobDefinition).toBe(definition.jobDefinitionName);
    expect(job.arrayProperties.size).toBe(5);
    execute(...here(definition.containerProperties.command), { AWS_BATCH_JOB_ARRAY_INDEX: "0" });
    expect(calls("regionsim")).toEqual([expected(path, 0)]);
  });

  it("GNU parallel runs every segment once, whatever the plan's path", (context) => {
    const isInstalled = spawnSync("parallel", ["--version"]).status === 0;
    if (!isInstalled && !isCi) {
      console.log("skipped GNU parallel: not installed; install Debian's parallel");
      context.skip();
    }
    expect(isInstalled, "parallel is missing").toBe(true);
    writeFileSync(join(folder, "a.sh"), emitRecipe("parallel", recipeOf(nasty)));
    execute("sh", ["a.sh"]);
    const bySegment = calls("regionsim").sort((a, b) => (a[5]! < b[5]! ? -1 : 1));
    expect(bySegment).toEqual([0, 1, 2, 3, 4].map((segment) => expected(nasty, segment)));
  });

  it("the comment on what was lost names a command that a shell reads as meant", () => {
    const text = emitRecipe("slurm", recipeOf("it's $(touch hacked)", { atOnce: 3 }));
    const command = /left="\$\((.*)\)"/.exec(text)?.[1] ?? "";
    execute("bash", ["-c", command]);
    expect(calls("regionsim")).toEqual([
      ["sweep", "missing", "reports/it's $(touch hacked)", "--segments", "5", "--format", "slurm"],
    ]);
    expect(text).toContain('sbatch --array="$left%3"');
  });

  it("no path starts a line of its own in a manifest, whatever YAML takes for the end of one", () => {
    const plain = emitRecipe("k8s", recipeOf("p"));
    const text = emitRecipe(
      "k8s",
      recipeOf("p\n\u0085\u2028\u2029\rkind: Pod", { image: "i\u0085kind: Pod" }),
    );
    expect(text).not.toMatch(/[\u007f-\u009f\u2028\u2029\r]/);
    expect(text.split("\n")).toHaveLength(plain.split("\n").length);
  });

  it("a path that begins with a dash is a path and no option", () => {
    writeFileSync(join(folder, "a.sbatch"), emitRecipe("slurm", recipeOf("-plan.yaml", { out: "-out" })));
    execute("bash", ["a.sbatch"], { SLURM_ARRAY_TASK_ID: "0" });
    expect(calls("regionsim")[0]?.slice(0, 4)).toEqual(["sweep", "./-plan.yaml", "--out", "./-out"]);
  });

  it("a Slurm array has every segment and the limit asked for, and a partition only where one is named", () => {
    expect(emitRecipe("slurm", recipeOf("p"))).toMatch(/^#SBATCH --array=0-4$/m);
    expect(emitRecipe("slurm", recipeOf("p"))).not.toContain("--partition");
    const limited = emitRecipe("slurm", recipeOf("p", { atOnce: 2, queue: "long" }));
    expect(limited).toMatch(/^#SBATCH --array=0-4%2$/m);
    expect(limited).toMatch(/^#SBATCH --partition=long$/m);
  });

  it("a Slurm recipe speaks of MaxArraySize only where the usual one is too small", () => {
    expect(emitRecipe("slurm", recipeOf("p", { segments: 1001 }))).not.toContain("MaxArraySize");
    expect(emitRecipe("slurm", recipeOf("p", { segments: 1002 }))).toContain("MaxArraySize");
  });

  it("a Kubernetes job counts its completions, retries by index and mounts the claim", () => {
    const made = parse(
      emitRecipe("k8s", recipeOf("p", { segments: 200, atOnce: 7, image: "a/b:1", storage: "claim" })),
    ) as Manifest;
    expect(made.spec).toMatchObject({
      completionMode: "Indexed",
      completions: 200,
      parallelism: 7,
      backoffLimitPerIndex: 3,
    });
    const { restartPolicy, containers, volumes } = made.spec.template.spec;
    expect(restartPolicy).toBe("Never");
    expect(containers[0]?.image).toBe("a/b:1");
    expect(containers[0]?.volumeMounts[0]?.name).toBe(volumes[0]?.name);
    expect(volumes[0]?.persistentVolumeClaim.claimName).toBe("claim");
  });

  it.for(["Head room", "ÄÖ", "a".repeat(90), "x--", "9"])(
    "a job is named by a DNS label for the plan %s",
    (name) => {
      const made = parse(emitRecipe("k8s", recipeOf("p", { name }))) as Manifest;
      expect(made.metadata.name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
    },
  );

  it("only AWS Batch refuses a number of segments: its arrays have from 2 to 10000", () => {
    for (const segments of [2, 10_000]) expect(segmentsRefusal("batch", segments)).toBeNull();
    for (const segments of [1, 10_001])
      expect(segmentsRefusal("batch", segments)).toBe(
        `2 to 10000, the sizes of an AWS Batch array, got ${segments}`,
      );
    for (const scheduler of SCHEDULERS)
      if (scheduler !== "batch") expect(segmentsRefusal(scheduler, 1)).toBeNull();
  });
});
