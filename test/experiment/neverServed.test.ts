/** Who can never be served is told before anything else about a file: every request of theirs is refused. */
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import { neverServedWarnings } from "../../src/experiment/neverServed.js";
import { changed, lineOf, scenarioOf } from "./auditFiles.js";

const REQUIRE = "require: { processing: EU, logs: EU, abuse-monitoring: EU }";
const CLASS = "    chat: { inputTokens: 500, outputTokens: 100 }";
const warnings = (...changes: readonly (readonly [from: string, to: string])[]): readonly string[] =>
  neverServedWarnings(scenarioOf(changed(...changes)));

describe("a run", () => {
  it("warns of users whom no endpoint may serve, first of all, and refuses all they ask", () => {
    const text = changed([REQUIRE, "require: { traces: EU }"], ["duration: 10m", "duration: 5s"]);
    const { warnings: said } = runScenario(scenarioOf(text));
    expect(said[0]).toBe(
      `users in DE can never be served: fra-model: rule eu-stays (${lineOf(text, "- id: eu-stays")}) asks where traces happens, and nothing says so`,
    );
    expect(said.filter((sentence) => sentence.includes("never be served"))).toHaveLength(1);
  });

  it("warns of users whom no gateway may take for the sake of another class", () => {
    expect(
      warnings(
        [CLASS, `${CLASS}\n    health: { inputTokens: 500, outputTokens: 100 }`],
        ["when: { origin: EU }", "when: { dataClass: health, origin: US }"],
        [REQUIRE, "require: { processing: CH }"],
      ).join(),
    ).toMatch(/^users in US can never be served: fra: entry keeps health away, and with it every class /);
  });

  it("names the class where others of its users are served", () => {
    expect(
      warnings(
        [CLASS, `${CLASS}\n    health: { inputTokens: 500, outputTokens: 100 }`],
        ["when: { origin: EU }", "when: { dataClass: health, origin: US }"],
        [REQUIRE, "require: { traces: EU }"],
      ).join(),
    ).toMatch(/^health from US can never be served: fra-model: rule eu-stays .* asks where traces happens/);
  });

  it("says nothing where everybody may be served, or where nothing is checked", () => {
    expect(warnings()).toEqual([]);
    const health = "    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }";
    expect(warnings([REQUIRE, "require: { traces: EU }"], [health, `${health}\n    enforce: none`])).toEqual(
      [],
    );
  });
});
