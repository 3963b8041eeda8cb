/** The router of one's own that ships: a page of code, run as it is, and what is told when such code is wrong. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { loadPolicyModules, policyModuleOf } from "../../src/cli/policyModules.js";
import { loadScenarioFile } from "../../src/cli/scenarioFile.js";
import { auditScenario, runScenario } from "../../src/experiment/index.js";
import { summaryText } from "../../src/report/index.js";
import type { Result } from "../../src/result/index.js";
import { root } from "./shipped.js";

const SHIPPED = join(root, "scenarios/policies");
const CODE = readFileSync(join(SHIPPED, "my-router.mjs"), "utf8");
const reference = readFileSync(join(root, "scenarios/REFERENCE.md"), "utf8");
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs the scenario in `folder` with whatever code lies beside it. */
async function runIn(folder: string, set: readonly string[] = []): Promise<Result> {
  const path = join(folder, "my-router.yaml");
  const { scenario } = loadScenarioFile(path, { set });
  const modules = await loadPolicyModules(policyModuleOf(scenario, path));
  return runScenario(scenario, { modules });
}

/** Runs the shipped scenario with the shipped code changed in one place. */
function runChanged(from: string, to: string): Promise<Result> {
  expect(CODE).toContain(from);
  const folder = mkdtempSync(join(tmpdir(), "regionsim-own-router-"));
  folders.push(folder);
  cpSync(SHIPPED, folder, { recursive: true });
  writeFileSync(join(folder, "my-router.mjs"), CODE.replace(from, to));
  return runIn(folder, ["duration=3m"]);
}

describe("a router of one's own", () => {
  it("is a page of code, and the reference shows all of it", () => {
    expect(CODE.split("\n").length).toBeLessThanOrEqual(40);
    expect(reference).toContain(`\`\`\`js\n${CODE}\`\`\``);
  });

  it("leaks when Frankfurt's model fails, which the auditor finds, with the line that brings the prompts there", async () => {
    const result = await runIn(SHIPPED);
    const { policy, residency, requests } = result;
    expect(policy).toEqual({
      name: "my-router.mjs",
      errors: { count: 0, first: [] },
      differences: { count: 0, first: null },
    });
    expect(residency.violations).toBeGreaterThan(1000);
    const lines = summaryText(result, { colour: false }).split("\n");
    const found = lines.findIndex((line) => line.startsWith("Residency: "));
    expect(reference).toContain(lines.slice(found, found + 2).join("\n"));
    const yaml = readFileSync(join(SHIPPED, "my-router.yaml"), "utf8").split("\n");
    const wrong = residency.rows.filter(({ lawful }) => !lawful);
    expect(wrong.map(({ channel, at }) => [channel, at])).toEqual([
      ["processing", "us-model"],
      ["logs", "us-model"],
    ]);
    for (const row of wrong) {
      expect(yaml[Number(row.line!.split(":")[1]) - 1]).toContain("processing: US");
      expect(yaml[Number(row.ruleLine!.split(":")[1]) - 1]).toContain("eu-stays");
    }
    const own = await runIn(SHIPPED, ["deployment.routing.policy=null"]);
    expect(own.residency.violations).toBe(0);
    expect(own.requests.refused).toBeGreaterThan(requests.refused + 1000);
  });

  it("is taken to choose anything by an audit, which proves the same deployment with the policy that ships", () => {
    const path = join(SHIPPED, "my-router.yaml");
    const { violations, notes } = auditScenario(loadScenarioFile(path, { set: [] }).scenario);
    expect(violations.map(({ channel, place }) => [channel, place.id])).toEqual([
      ["processing", "us-model"],
      ["logs", "us-model"],
    ]);
    expect(notes[0]!.sentence).toContain("my-router.mjs is code");
    const own = loadScenarioFile(path, { set: ["deployment.routing.policy=null"] }).scenario;
    expect(auditScenario(own).verdict).toBe("proven");
  });

  it("that throws refuses that request with policy_error, and the run says which it was", async () => {
    const { policy, refused, warnings } = await runChanged(
      "const [nearest]",
      'if (nowMs > 100_000) throw new Error("no route left");\n      const [nearest]',
    );
    const [first] = policy!.errors.first;
    expect(first).toMatchObject({ class: "chat", message: "Error: no route left" });
    expect(first!.timeMs).toBeGreaterThan(100_000);
    expect(refused.policy_error).toBeGreaterThan(500);
    expect(warnings.join("\n")).toContain(
      `request ${first!.request} of ${first!.site} (chat) Error: no route left`,
    );
  });

  it("that draws its own luck is told to be not deterministic, with the first request answered twice", async () => {
    const { policy, warnings } = await runChanged("return nearest ?", "return Math.random() < 0.9 ?");
    const { count, first } = policy!.differences;
    expect(count).toBeGreaterThan(100);
    expect(warnings.join("\n")).toContain(
      `my-router.mjs is not deterministic: asked twice about request ${first!.request} of ${first!.site}`,
    );
  });
});
