/** Where statements say they stand when the command line says them. */
import { describe, expect, it } from "vitest";
import { loadScenario } from "../../src/scenario/index.js";

const TEXT = `schema: regionsim/1
name: a
question: b?
seed: c
duration: 1m
deployment:
  regions:
    eu: { at: "aws:eu-central-1" }
  endpoints:
    model:
      region: eu
      model: m
      serving: { kind: server, service: 1s, concurrency: 1 }
  residency:
    - { when: { origin: EU }, require: { processing: EU } }
workload:
  sites:
    - { from: DE, rate: 1rps }
`;

describe("what --set says", () => {
  it("stands on the command line, and not in a line of the file that says something else", () => {
    const loaded = loadScenario({
      file: "here/a.yaml",
      text: TEXT,
      read: () => "",
      set: ["duration=2m", "deployment.routing.enforce=[logs]"],
    });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
    const { routing, residency } = loaded.scenario.deployment;
    expect(routing.enforces?.source).toBe("--set:2");
    expect(residency[0]!.source).toBe("a.yaml:15");
  });
});
