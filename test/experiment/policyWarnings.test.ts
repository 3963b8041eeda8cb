/** What goes wrong with a policy of code is the first thing a result warns of: summaries show a few warnings only. */
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import { foreignScenario } from "../model/foreign/foreignScenario.js";

describe("a result of a policy of code", () => {
  it("warns of its failures and its chance before anything about the file", () => {
    const policy = { kind: "module", path: "r.mjs", options: null } as const;
    const scenario = { ...foreignScenario({ policy, durationS: 20 }), warnings: ["about the file"] };
    let turn = 0;
    const route = () => {
      turn += 1;
      if (turn <= 2) throw new Error("not yet");
      return { target: turn % 2 === 0 ? "eu" : "us" };
    };
    const { warnings } = runScenario(scenario, { modules: { "r.mjs": () => ({ route }) } });
    expect(warnings[0]).toMatch(
      /^r\.mjs failed once at [\d.]+ ms: request 0 of \w+ \(chat\) Error: not yet$/,
    );
    expect(warnings[1]).toMatch(/^r\.mjs is not deterministic: asked twice about request \d+ of \w+ /);
    expect(warnings[2]).toBe("about the file");
  });
});
