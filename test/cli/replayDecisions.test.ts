/** `run --decisions` and `replay-decisions`: what is written is decided again, and what is changed is found. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStep, type Step, stepLine } from "../../src/policy/index.js";
import { PROVEN } from "../experiment/auditFiles.js";
import { called } from "./inProcess.js";

const folder = mkdtempSync(join(tmpdir(), "regionsim-decisions-"));
const at = (name: string): string => join(folder, name);
const LOG = at("decisions/fra.decisions.jsonl");
const FAULTS = `faults:
  - { at: 5s, for: 20s, kind: endpoint-down, endpoint: fra-model }
  - { at: 8s, for: 15s, kind: endpoint-down, endpoint: sto-model }
`;
const SHORT = PROVEN.replace("duration: 10m", "duration: 40s").replace("rate: 10rps", "rate: 5rps") + FAULTS;
/** The law that keeps Europeans in the EU. */
const RULE = /^ {2}residency:\n(?: {4}.*\n)+/m;

const file = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};
const replay = (log: string, deployment: string, more: readonly string[] = []) =>
  called(["replay-decisions", log, "--deployment", deployment, ...more]);
const stepsOf = (path: string): readonly Step[] =>
  readFileSync(path, "utf8").trimEnd().split("\n").map(readStep);
const logOf = (name: string, steps: readonly Step[]): string =>
  file(name, steps.map((step) => `${stepLine(step)}\n`).join(""));
/** What is wrong with the input of a command that is refused for it. */
const issuesOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: { readonly issues?: unknown }) => error.issues ?? error,
  );

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  file("s.yaml", SHORT);
  const run = ["run", at("s.yaml"), "--json", at("result.json"), "--out", at("out"), "--quiet"];
  expect((await called([...run, "--decisions", at("decisions")])).code).toBe(0);
});

describe("run --decisions", () => {
  it("writes a log for every gateway, and the run is the same", async () => {
    expect(["fra", "sto", "iad"].map((id) => existsSync(at(`decisions/${id}.decisions.jsonl`)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(stepsOf(LOG)[0]).toMatchObject({ step: "begin", gateway: "fra" });
    await called(["run", at("s.yaml"), "--json", at("without.json"), "--out", at("out2"), "--quiet"]);
    expect(readFileSync(at("without.json"), "utf8")).toBe(readFileSync(at("result.json"), "utf8"));
  });

  it("refuses a scenario of which it could not tell all, before it runs", async () => {
    const path = file("more.yaml", SHORT.replace("  retry: {", "  sdkRetry: { attempts: 2 }\n  retry: {"));
    await expect(called(["run", path, "--decisions", at("nowhere"), "--json", "-"])).rejects.toThrow(
      "--decisions cannot tell of this scenario: the gateway's library tries again at the endpoint it has",
    );
    expect(existsSync(at("nowhere"))).toBe(false);
  });

  it("goes with one run only", async () => {
    const call = called(["run", at("s.yaml"), "--decisions", at("nowhere"), "--reps", "3"]);
    await expect(call).rejects.toThrow("--decisions writes those of one run");
  });
});

describe("replay-decisions", () => {
  it("decides the same by the same rules", async () => {
    const { code, out } = await replay(LOG, at("s.yaml"));
    expect(code).toBe(0);
    expect(out).toMatch(/by the same rules: \d+ decisions in \d+ steps, all identical\n$/);
  });

  it("ends with 6 and shows the first decisions that come out otherwise", async () => {
    const steps = stepsOf(LOG);
    const routed = steps.findIndex(({ step }) => step === "route");
    const wrong = steps.map((step, i) =>
      i === routed && step.step === "route" ? { ...step, answer: { ...step.answer, reason: 8 } } : step,
    );
    const { code, out } = await replay(logOf("wrong.jsonl", wrong), at("s.yaml"));
    expect(code).toBe(6);
    expect(out).toContain("1 difference\n");
    expect(out).toContain(`  line ${routed + 1}, route: answer\n`);
  });

  it("takes a file with another name, and comments more for the same rules", async () => {
    const moved = file(
      "moved.yaml",
      `# A comment.\n${SHORT.replace(RULE, (rules) => `  # Another.\n${rules}`)}`,
    );
    const steps = stepsOf(LOG);
    const forged = logOf("forged.jsonl", [
      steps[0]!,
      ...steps
        .slice(1)
        .map(
          (step): Step => (step.step === "route" ? { ...step, answer: { ...step.answer, reason: 8 } } : step),
        ),
    ]);
    expect((await replay(LOG, moved)).out).toContain("all identical");
    expect((await replay(forged, moved)).code).toBe(6);
  });

  it("counts what other rules would change, with examples, and apart from it what would cross the law", async () => {
    const free = file("free.yaml", SHORT.replace(RULE, ""));
    const { code, out } = await replay(LOG, free, ["--json", "-", "--examples", "2"]);
    expect(code).toBe(0);
    const { same, other, segments } = JSON.parse(out);
    expect([segments, same.steps]).toEqual([1, 0]);
    expect(other.crossed).toBeGreaterThan(0);
    expect(other.crossedExamples).toHaveLength(2);
    const freed = other.changes.find(({ to }: { to: string }) => to === "route to iad-model as assistant");
    expect(freed.from).toBe("refuse: residency_no_legal_region");
    expect(freed.examples[0]).toMatchObject({ origin: "DE", dataClass: "chat", model: "assistant" });
    const { line } = freed.examples[0];
    expect(stepsOf(LOG)[line - 1]).toMatchObject({ step: "route", answer: { kind: "refuse" } });
    const changed = other.changes.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
    expect(changed + other.unchanged + other.notAsked).toBe(other.decisions);
    expect((await replay(LOG, free)).out).toContain(`crossed residency: ${other.crossed} would have gone`);
  });

  it.each<[string, string, (text: string) => string]>([
    ["model", "model_not_served", (text) => text.replaceAll("assistant", "helper")],
    ["origin", "unknown_origin", (text) => text.replace("from: DE", "from: FR")],
    ["class", "unknown_data_class", (text) => text.replace("chat: {", "talk: {")],
    ["tenant", "unknown_tenant", (text) => text.replace("chat: {", "chat: { tenant: acme,")],
  ])("says of a question whose %s the other rules do not know that it is %s", async (_, word, change) => {
    const { out } = await replay(LOG, file("lacking.yaml", change(SHORT)), ["--json", "-"]);
    const { changes } = JSON.parse(out).other;
    const refused = changes.filter(({ to }: { to: string }) => to.startsWith("refuse: "));
    expect(new Set(refused.map(({ to }: { to: string }) => to))).toEqual(new Set([`refuse: ${word}`]));
    expect(refused[0].count).toBeGreaterThan(0);
  });

  it("goes on after a restart, and leaves out a line that a killed process left half written", async () => {
    const text = readFileSync(LOG, "utf8");
    const twice = file("twice.jsonl", `${text}{"step":"set\n${text}{"step":"ro`);
    const { code, out } = await replay(twice, at("s.yaml"));
    expect(code).toBe(0);
    expect(out).toContain("2 segments");
    expect(out).toContain("all identical");
  });

  it("names the line of what is no step, and what is wrong in it", async () => {
    const bad = file("bad.jsonl", readFileSync(LOG, "utf8"));
    appendFileSync(bad, '{"step":"drain","target":"fra-model","drained":1}\n');
    const line = stepsOf(LOG).length + 1;
    expect(await issuesOf(replay(bad, at("s.yaml")))).toMatchObject([
      { file: bad, line, message: "step.drained must be true or false, got 1" },
    ]);
    const torn = file("torn.jsonl", readFileSync(LOG, "utf8").replace('"step":"route"', '"step":"rou'));
    expect(await issuesOf(replay(torn, at("s.yaml")))).toMatchObject([{ message: "the line is not JSON" }]);
  });

  it("refuses a log that is not there, has no beginning or is of a gateway that the file does not have", async () => {
    expect(await issuesOf(replay(at("none.jsonl"), at("s.yaml")))).toMatchObject([
      { message: "cannot be read: no such file" },
    ]);
    const headless = logOf("headless.jsonl", stepsOf(LOG).slice(1));
    expect(await issuesOf(replay(headless, at("s.yaml")))).toMatchObject([
      { line: 1, message: "a decision log must begin with a begin step" },
    ]);
    const renamed = logOf("renamed.jsonl", [
      { ...stepsOf(LOG)[0]!, gateway: "old" } as Step,
      ...stepsOf(LOG).slice(1),
    ]);
    expect(JSON.stringify(await issuesOf(replay(renamed, at("s.yaml"))))).toContain(
      "say which with --gateway",
    );
    expect((await replay(renamed, at("s.yaml"), ["--gateway", "fra"])).code).toBe(0);
  });
});
