import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { formatIssues, loadScenario } from "../../src/scenario/index.js";

const file = fileURLToPath(new URL("../../scenarios/eu-us.yaml", import.meta.url));
const text = readFileSync(file, "utf8");
const read = (): string => {
  throw new Error("no side files");
};

test("the worked example loads, with indices, µs and countries in place of names, units and zones", () => {
  const result = loadScenario({ file: "scenarios/eu-us.yaml", text, read });
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  const { scenario } = result;
  expect(scenario.durationUs).toBe(2_400_000_000);
  expect(scenario.deployment.endpoints.map((endpoint) => endpoint.regionIndex)).toEqual([0, 1]);
  expect(scenario.deployment.endpoints[1]?.data.logs).toEqual(["DE"]);
  expect(scenario.deployment.residency[0]?.require.processing).toHaveLength(27);
  expect(scenario.deployment.residency[0]?.source).toMatch(/^eu-us\.yaml:\d+$/);
  expect(scenario.workload.sites.map((site) => site.origin)).toEqual(["EU", "US"]);
  expect(scenario.faults[0]).toMatchObject({
    kind: "region-down",
    target: { kind: "region", index: 1 },
    startUs: 600_000_000,
    endUs: 1_080_000_000,
  });
  expect(scenario.objectives[1]).toMatchObject({
    metric: "refused",
    selectors: { origin: "US" },
    operator: "<=",
    target: 0.005,
    unit: "ratio",
  });
  expect(scenario.warnings).toEqual([]);
});
