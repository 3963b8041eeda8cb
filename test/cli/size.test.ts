import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type SizeArguments, size } from "../../src/cli/commands/size.js";
import { EXIT } from "../../src/cli/exitCodes.js";
import { InvalidInputError, UsageError } from "../../src/cli/failures.js";
import { loadScenarioFile } from "../../src/cli/scenarioFile.js";
import { runScenario } from "../../src/experiment/run.js";
import type { Sizing } from "../../src/result/sizing.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { evenly } from "../experiment/size/evenly.js";
import { scratch } from "./harness.js";

const BASE = `
schema: regionsim/1
name: two
seed: two
duration: 60s
warmup: 6s
deployment:
  regions: { east: { at: "aws:us-east-1" }, west: { at: "aws:us-west-2" } }
  entry: { kind: direct, failover: true }
  endpoints:
    east-model: { region: east, model: m, abandoned: cancel, serving: { kind: server, service: 1s, concurrency: 4, queue: 0 } }
    west-model: { like: east-model, region: west }
  network: { rtt: 0ms, lastMile: 0ms, jitter: none }
  routing: { strategy: least-loaded, health: { interval: 500ms, timeout: 200ms, fall: 1, rise: 1 } }
  retry: { attempts: 2 }
workload:
  classes: { chat: { model: m, inputTokens: 10, outputTokens: 10 } }
  sites: [{ from: US-NY }]
  trace: { file: shared/even.csv }
  client: { timeout: 10m, retry: { attempts: 2 } }
`;
const FILE = `schema: regionsim/1
extends: base.yaml
faults: [{ at: 1s, for: 1s, kind: region-down, region: east, manner: refuse }]
objectives: ["refused <= 5%"]
`;

function folder(): string {
  const path = scratch();
  mkdirSync(join(path, "in/shared"), { recursive: true });
  writeFileSync(join(path, "in/base.yaml"), BASE);
  writeFileSync(join(path, "in/two.yaml"), FILE);
  writeFileSync(join(path, "in/shared/even.csv"), evenly(6, 60));
  return path;
}

function argumentsFor(at: string, over: Partial<SizeArguments> = {}): SizeArguments {
  return {
    file: join(at, "in/two.yaml"),
    survive: "any-one-region",
    objective: [],
    knob: ["east-model"],
    reps: 4,
    maxFactor: 4,
    curve: false,
    set: [],
    out: join(at, "out"),
    html: false,
    quiet: false,
    progress: "none",
    jobs: 1,
    ...over,
  };
}

/** What goes to stdout while `ask` runs. */
async function said(ask: () => Promise<unknown>): Promise<string> {
  const parts: string[] = [];
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text, ...rest) => {
    parts.push(String(text));
    const done = rest.at(-1);
    if (typeof done === "function") done();
    return true;
  });
  await ask().finally(() => spy.mockRestore());
  return parts.join("");
}

async function sizedIn(
  at: string,
  over: Partial<SizeArguments> = {},
): Promise<{ readonly code: number; readonly text: string }> {
  let code = -1;
  const text = await said(async () => {
    code = await size(argumentsFor(at, over));
  });
  return { code, text };
}

const documentIn = (at: string): Sizing =>
  JSON.parse(readFileSync(join(at, "out/sizing.json"), "utf8")) as Sizing;
/** All that a scenario says but where it says it. */
const plain = (scenario: Scenario): string =>
  JSON.stringify(
    { ...scenario, sha256: "" },
    (key, value: unknown) => (key === "source" || key === "file" ? undefined : value),
    1,
  );
const passes = (path: string, set: readonly string[] = []): boolean =>
  runScenario(loadScenarioFile(path, { set }).scenario).objectives.every(({ pass }) => pass);

afterEach(() => vi.restoreAllMocks());

describe("the files of a size", () => {
  it("are scenarios that survive what they are named for, and with one unit less do not", async () => {
    const at = folder();
    const { code, text } = await sizedIn(at, { knob: [] });
    expect(code).toBe(EXIT.ok);
    expect(readdirSync(join(at, "out")).sort()).toEqual([
      "manifest.json",
      "normal.yaml",
      "scenario",
      "sized.yaml",
      "sizing.json",
      "summary.txt",
      "without-east.yaml",
      "without-west.yaml",
    ]);
    for (const name of ["sized", "normal", "without-east", "without-west"])
      expect([name, passes(join(at, "out", `${name}.yaml`))]).toEqual([name, true]);
    const less = [...text.matchAll(/run (\S+\.yaml) --reps 4 --confidence 97.5% --set (\S+)/g)];
    expect(less.length).toBeGreaterThan(0);
    for (const [, path, setting] of less) expect(passes(path!, [setting!])).toBe(false);
    expect(text.trimEnd().split("\n").at(-1)).toBe(join(at, "out"));
  });

  it("say the same as the settings that were searched, whatever was set on the way", async () => {
    const at = folder();
    const set = [
      "workload.client.timeout=9m",
      "faults[0].for=2s",
      "deployment.endpoints.west-model.abandoned=null",
      "name=other",
    ];
    await sizedIn(at, { set, seed: "mine", objective: ["refused <= 6%", "residency.violations == 0"] });
    const { knobs } = documentIn(at);
    const settings = knobs.map(({ path, to }) => `${path}=${to}`);
    const direct = loadScenarioFile(join(at, "in/two.yaml"), {
      seed: "mine",
      set: [...set, 'objectives=["refused <= 6%", "residency.violations == 0"]', ...settings],
    }).scenario;
    const { scenario } = loadScenarioFile(join(at, "out/sized.yaml"), { set: [] });
    expect(scenario.seed).toBe("mine");
    expect(plain(scenario)).toBe(plain(direct));
    const head = readFileSync(join(at, "out/sized.yaml"), "utf8").split("schema:")[0]!;
    expect(head).toContain(
      "#   regionsim size two.yaml --survive any-one-region --objective 'refused <= 6%'",
    );
    expect(head).toContain(`#   ${knobs[0]!.path}: 4 -> ${knobs[0]!.to}`);
  });

  it("are the same bytes from anywhere, and a page where one is asked for", async () => {
    const [one, two] = [folder(), folder()];
    await sizedIn(one, { html: true });
    await sizedIn(two, { html: true });
    for (const name of ["sizing.json", "sized.yaml", "summary.txt", "report.html", "manifest.json"]) {
      const text = readFileSync(join(two, "out", name), "utf8");
      expect([name, text]).toEqual([name, readFileSync(join(one, "out", name), "utf8")]);
      expect(text).not.toContain(two);
    }
  });

  it("carry faults that came from a file", async () => {
    const at = folder();
    writeFileSync(
      join(at, "storm.csv"),
      "at,for,kind,target,manner\n20s,20s,endpoint-down,west-model,refuse\n",
    );
    const { code } = await sizedIn(at, { survive: join(at, "storm.csv"), objective: ["refused <= 2%"] });
    expect(code).toBe(EXIT.ok);
    expect(documentIn(at).losses.map(({ id }) => id)).toEqual(["normal", "storm.csv"]);
    const path = join(at, "out/with-faults.yaml");
    expect(loadScenarioFile(path, { set: [] }).scenario.faults).toMatchObject([{ kind: "endpoint-down" }]);
    expect(passes(path)).toBe(true);
  });
});

describe("a size that there is not", () => {
  it("ends with 4 and leaves no scenario that would claim to be one", async () => {
    const at = folder();
    const { code, text } = await sizedIn(at, { objective: ["e2e.p50 <= 1ms"] });
    expect(code).toBe(EXIT.objectiveFailed);
    expect(text).toContain("NO SIZE WILL DO");
    expect(readdirSync(join(at, "out"))).not.toContain("sized.yaml");
    expect(documentIn(at).unmet[0]).toMatchObject({ objective: "e2e.p50 <= 1ms", because: "size" });
  });
});

describe("what cannot be asked", () => {
  const refusals: readonly (readonly [string, Partial<SizeArguments>, RegExp])[] = [
    [
      "a loss that there is not",
      { survive: "any-three" },
      /^--survive must be any-one-region, .* got "any-three"$/,
    ],
    ["a capacity that there is not", { knob: ["north-model"] }, /^--knob "north-model" is no capacity/],
    [
      "a fault that is replaced",
      { objective: ["failover{fault=fault-1} <= 1m"] },
      /is about one fault of the file/,
    ],
  ];
  it.each(refusals)("is %s", async (_, over, message) => {
    const at = folder();
    const failed = sizedIn(at, over);
    await expect(failed).rejects.toThrow(UsageError);
    await expect(failed).rejects.toThrow(message);
  });

  it("is nothing at all: no objectives, none to be met", async () => {
    const at = folder();
    await expect(sizedIn(at, { set: ["objectives=[]"] })).rejects.toThrow(/states no objectives/);
  });

  async function issuesOf(over: Partial<SizeArguments>, at: string): Promise<readonly unknown[]> {
    const failed: unknown = await sizedIn(at, over).catch((error: unknown) => error);
    if (!(failed instanceof InvalidInputError)) throw new Error(`not refused: ${String(failed)}`);
    return failed.issues.map(({ file, line, message }) => [file, line, message]);
  }

  it("is an objective that is none, by its number on the command line", async () => {
    const issues = await issuesOf({ objective: ["refused <= 1%", "refusd <= 1%"] }, folder());
    expect(issues).toMatchObject([["--objective", 2, expect.stringContaining('not "refusd"')]]);
  });

  it("is a fault at nothing, by its line in the file of faults", async () => {
    const at = folder();
    const path = join(at, "storm.csv");
    writeFileSync(path, "at,for,kind,target\n20s,20s,region-down,west\n20s,20s,region-down,north\n");
    expect(await issuesOf({ survive: path }, at)).toMatchObject([
      [path, 3, expect.stringContaining('"north"')],
    ]);
    writeFileSync(path, "at,for,kind\n20s,20s,region-down\n");
    expect(await issuesOf({ survive: path }, at)).toMatchObject([
      [path, 1, expect.stringContaining("target")],
    ]);
    expect(await issuesOf({ survive: join(at, "none.csv") }, at)).toMatchObject([
      [join(at, "none.csv"), 1, expect.stringContaining("no such file")],
    ]);
  });
});
