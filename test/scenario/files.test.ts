import { expect, test } from "vitest";
import { formatIssues, type LoadResult, loadScenario, type Scenario } from "../../src/scenario/index.js";
import { BASE } from "./malformed/base.js";

/** Loads `main.yaml` out of a folder given as path → text. */
function load(
  files: Readonly<Record<string, string>>,
  options: { readonly set?: readonly string[]; readonly seed?: string } = {},
): LoadResult {
  return loadScenario({
    file: "dir/main.yaml",
    text: files["main.yaml"] ?? "",
    read: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT ${path}`);
      return text;
    },
    ...options,
  });
}

function loaded(result: LoadResult): Scenario {
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  return result.scenario;
}

/** `file:line:column code` of every issue. */
function places(result: LoadResult): readonly string[] {
  return result.ok
    ? []
    : result.issues.map((issue) => `${issue.file}:${issue.line}:${issue.column} ${issue.code}`);
}

const block = (key: string): string => {
  const start = BASE.indexOf(`\n${key}:`) + 1;
  const rest = BASE.slice(start);
  const next = /\n[a-z]+:/.exec(rest.slice(1));
  return next === null ? rest : rest.slice(0, next.index + 2);
};
const dedent = (text: string): string => text.slice(text.indexOf("\n") + 1).replace(/^ {2}/gm, "");
const head = BASE.slice(0, BASE.indexOf("deployment:"));

test("blocks in files of their own are the same scenario, but for where rules are written", () => {
  const split = load({
    "main.yaml": `${head}deployment: parts/deployment.yaml\nworkload: ./parts/workload.yaml\n${block("faults")}${block("objectives")}`,
    "parts/deployment.yaml": dedent(block("deployment")),
    "parts/workload.yaml": dedent(block("workload")),
  });
  const whole = loaded(load({ "main.yaml": BASE }));
  const { deployment, ...rest } = loaded(split);
  const { deployment: wholeDeployment, ...wholeRest } = whole;
  const unplacedObjectives = rest.objectives.map(({ source: _, ...objective }) => objective);
  expect({ ...rest, objectives: unplacedObjectives }).toEqual({
    ...wholeRest,
    objectives: wholeRest.objectives.map(({ source: _, ...objective }) => objective),
  });
  expect(deployment.residency[0]?.source).toMatch(/^parts\/deployment\.yaml:\d+$/);
  const unplaced = (endpoints: unknown): unknown =>
    JSON.parse(JSON.stringify(endpoints, (key, value) => (/^(s|dataS)ource$/.test(key) ? undefined : value)));
  expect(unplaced(deployment.endpoints)).toEqual(unplaced(wholeDeployment.endpoints));
});

test("faults from CSV are the faults of the same words in YAML", () => {
  const yaml = `  - { id: a, at: 1m, for: 2m, kind: slow, target: "region:eu", factor: 2.5 }
  - { at: 3m, kind: region-down, target: us, for: 30s, manner: refuse }
  - { at: 4m, for: 1m, kind: latency, between: [DE, us], add: 80ms }
  - { at: 5m, for: 1m, kind: capacity-loss, target: all, fraction: 0.5, preempt: true }
`;
  const csv = `at,for,kind,target,id,factor,manner,add,fraction,preempt
1m,2m,slow,region:eu,a,2.5,,,,
3m,30s,region-down,us,,,refuse,,,
4m,1m,latency,DE|us,,,,80ms,,
5m,1m,capacity-loss,all,,,,,0.5,true
`;
  const before = BASE.slice(0, BASE.indexOf("faults:"));
  const fromYaml = loaded(load({ "main.yaml": `${before}faults:\n${yaml}` }));
  const fromCsv = loaded(load({ "main.yaml": `${before}faults: f.csv\n`, "f.csv": csv }));
  expect(fromCsv.faults).toEqual(fromYaml.faults);
  expect(fromCsv.sha256).not.toBe("");
});

test("an overlay merges mappings, replaces lists, deletes with null and replaces another kind whole", () => {
  const scenario = loaded(
    load({
      "main.yaml": `extends: base/active.yaml
name: passive
warmup: null
deployment:
  entry: { kind: anycast, scope: global }
  routing: { strategy: priority }
  network: null
  endpoints: { dc-box: null, us-model: { tier: 1, data: { logs: [CA] } } }
workload: { sites: [{ from: DE, rate: 5rps }] }
faults: []
objectives: ["residency.violations == 0"]
`,
      "base/active.yaml": BASE,
    }),
  );
  expect(scenario.name).toBe("passive");
  expect(scenario.warmupUs).toBe(0);
  expect(scenario.durationUs).toBe(2_400_000_000);
  expect(scenario.deployment.entry).toMatchObject({ kind: "anycast", scope: "global" });
  expect(scenario.deployment.routing).toMatchObject({ strategy: { kind: "priority" }, failOpen: false });
  expect(scenario.deployment.endpoints.map((endpoint) => endpoint.id)).toEqual(["us-model", "eu-model"]);
  expect(scenario.deployment.endpoints.map((endpoint) => endpoint.tier)).toEqual([1, 1]);
  expect(scenario.deployment.endpoints[0]?.data).toMatchObject({
    processing: { countries: ["US"], source: expect.stringMatching(/^base\/active\.yaml:/) },
    logs: { countries: ["CA"], source: expect.stringMatching(/main\.yaml:8$/) },
  });
  expect(scenario.workload.sites.map((site) => site.id)).toEqual(["DE"]);
  expect(scenario.faults).toEqual([]);
});

test("paths in a base are relative to the base, and a mistake in it is shown in it", () => {
  const files = {
    "main.yaml": "extends: base/a.yaml\nname: over\n",
    "base/a.yaml": `${head}deployment: d.yaml\n${block("workload")}`,
    "base/d.yaml": dedent(block("deployment")).replace("strategy: nearest", "strategy: nearst"),
  };
  expect(places(load(files))).toEqual([
    `dir/base/d.yaml:${files["base/d.yaml"].slice(0, files["base/d.yaml"].indexOf("nearst")).split("\n").length}:22 invalid-value`,
  ]);
});

test.each([
  ["/etc/passwd", "path-escape"],
  ["../secret.yaml", "path-escape"],
  ["a/../../secret.yaml", "path-escape"],
  ["C:\\secret.yaml", "path-escape"],
  ["C:/secret.yaml", "path-escape"],
  ["\\\\server\\share.yaml", "path-escape"],
  ["file:///etc/passwd", "path-escape"],
  ["https://example.com/a.yaml", "path-escape"],
  ["~/secret.yaml", "path-escape"],
  ["folder/", "path-escape"],
  ["..", "path-escape"],
  ["absent.yaml", "unreadable"],
  ["a/../absent.yaml", "unreadable"],
])("a block at %s is refused where it is named", (path, code) => {
  const reads: string[] = [];
  const result = loadScenario({
    file: "dir/main.yaml",
    text: `${head}deployment: ${JSON.stringify(path)}\n${block("workload")}`,
    read: (asked) => {
      reads.push(asked);
      throw new Error("absent");
    },
  });
  expect(places(result)).toEqual([`dir/main.yaml:8:13 ${code}`]);
  expect(reads).toEqual(code === "unreadable" ? ["absent.yaml"] : []);
});

test("files that extend each other in a ring are refused where the ring closes", () => {
  const result = load({
    "main.yaml": "extends: a.yaml\n",
    "a.yaml": "extends: b.yaml\n",
    "b.yaml": "name: b\nextends: a.yaml\n",
  });
  expect(places(result)).toContain("dir/b.yaml:2:10 cycle");
  expect(places(load({ "main.yaml": "extends: main.yaml\n", "main.yaml ": "" }))).toContain(
    "dir/main.yaml:1:10 cycle",
  );
});

test("a chain of more than sixteen bases is refused", () => {
  const files: Record<string, string> = { "main.yaml": "extends: f0.yaml\n" };
  for (let i = 0; i < 40; i += 1) files[`f${i}.yaml`] = `extends: f${i + 1}.yaml\n`;
  expect(places(load(files)).some((place) => place.endsWith("cycle"))).toBe(true);
});

test("a CSV file is no deployment", () => {
  const result = load({ "main.yaml": `${head}deployment: d.csv\n${block("workload")}`, "d.csv": "a,b\n" });
  expect(places(result)).toEqual(["dir/main.yaml:8:13 invalid-value"]);
});

test("a broken side file is complained about in itself, not as a missing block", () => {
  const result = load({
    "main.yaml": `${head}deployment: d.yaml\n${block("workload")}`,
    "d.yaml": "regions: [\n",
  });
  expect(places(result).every((place) => place.startsWith("dir/d.yaml:"))).toBe(true);
});

test("overrides change one value each, by path, in order", () => {
  const scenario = loaded(
    load(
      { "main.yaml": BASE },
      {
        set: [
          "duration=1h",
          "faults[0].for=2m",
          "deployment.routing.strategy=weighted",
          "faults.1.probability=50%",
          "workload.sites[1].rate=5rps",
          "workload.sites[1].diurnal=flat",
          "deployment.network=null",
        ],
        seed: "other",
      },
    ),
  );
  expect(scenario.durationUs).toBe(3_600_000_000);
  expect(scenario.faults[0]?.endUs).toBe(720_000_000);
  expect(scenario.faults[1]).toMatchObject({ kind: "error-rate", probability: 0.5 });
  expect(scenario.deployment.routing.strategy).toEqual({ kind: "weighted" });
  expect(scenario.workload.sites[1]?.perSecond[0]).toBe(5);
  expect(scenario.seed).toBe("other");
});

test.each([
  ["nonsense", 1, "invalid-value"],
  ["=5m", 1, "invalid-value"],
  ["duration=5", 10, "invalid-type"],
  ["durations=5m", 11, "unknown-key"],
  ["a..b=1", 1, "invalid-value"],
  ["__proto__.x=1", 1, "invalid-value"],
  ["faults[99].for=1m", 1, "unknown-key"],
  ["faults[0.for=1m", 1, "invalid-value"],
  ["name=[", 6, "syntax"],
  ["name=9007199254740993", 6, "unsafe-integer"],
])("the override %s is refused on the command line", (text, _column, code) => {
  const result = load({ "main.yaml": BASE }, { set: ["seed=x", text] });
  expect(places(result).length).toBeGreaterThan(0);
  expect(places(result).every((place) => place.startsWith("--set:2:") && place.endsWith(code))).toBe(true);
});

test("an empty seed from the command line is refused", () => {
  expect(places(load({ "main.yaml": BASE }, { seed: "" }))).toEqual(["--seed:1:1 invalid-value"]);
});

test("JSON with tabs is read as YAML is, and means the same", () => {
  const yaml = loaded(load({ "main.yaml": BASE }));
  const plain = JSON.stringify(
    {
      schema: "regionsim/1",
      name: "j",
      duration: "1m",
      deployment: {
        regions: { us: { at: "aws:us-east-1" } },
        endpoints: { m: { region: "us", model: "a", serving: { kind: "server", service: "1s" } } },
      },
      workload: { sites: [{ from: "US", rate: "1rps" }] },
    },
    null,
    "\t",
  );
  const result = loadScenario({ file: "x.json", text: plain, read: () => "" });
  expect(loaded(result).deployment.gateways.map((gateway) => gateway.id)).toEqual(["us"]);
  expect(loaded(result).sha256).not.toBe(yaml.sha256);
});

test("the hash ignores comments, spacing and a seed from the command line, and sees every value", () => {
  const sha = (text: string, seed?: string): string =>
    loaded(load({ "main.yaml": text }, seed === undefined ? {} : { seed })).sha256;
  const base = sha(BASE);
  expect(base).toMatch(/^[0-9a-f]{64}$/);
  expect(sha(`# a comment\n${BASE.replace("name: base", "name:   base # again")}`)).toBe(base);
  expect(sha(BASE, "other")).toBe(base);
  expect(sha(BASE.replace("ttl: 60s", "ttl: 61s"))).not.toBe(base);
});

test("a trace is joined from zero, dealt to sites and classes, and cut at the end of the run", () => {
  const rows = Array.from(
    { length: 3000 },
    (_, i) =>
      `2023-11-16 18:${String(Math.floor(i / 60)).padStart(2, "0")}:${String(i % 60).padStart(2, "0")}.5000000,${i},7`,
  );
  const csv = `TIMESTAMP,ContextTokens,GeneratedTokens\n${rows.join("\n")}\n`;
  const text = BASE.replace(
    "  client:",
    "  trace: { file: t/azure.csv, sites: { DE: 3, ny: 1 }, offset: 10s }\n  client:",
  );
  const scenario = loaded(load({ "main.yaml": text, "t/azure.csv": csv }));
  const trace = scenario.workload.trace;
  // 40 minutes less the offset of 10 s, one request a second from time 10 s on.
  expect(trace?.arrivalUs.length).toBe(2390);
  expect(trace?.arrivalUs[0]).toBe(10_000_000);
  expect(trace?.arrivalUs[1]).toBe(11_000_000);
  expect(trace?.inputTokens[5]).toBe(5);
  expect(scenario.warnings).toContain(
    "t/azure.csv: 610 of 3000 requests come after the end of the run and are left out",
  );
  // Binomial with n = 2390, p = 3/4: standard deviation 21.2; four of them is 85.
  const toGermany = trace?.siteIndex.filter((index) => index === 0).length ?? 0;
  expect(Math.abs(toGermany - 1792.5)).toBeLessThan(85);
  const chat = trace?.classIndex.filter((index) => index === 0).length ?? 0;
  expect(Math.abs(chat - 1792.5)).toBeLessThan(85);
});
