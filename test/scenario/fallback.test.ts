import { describe, expect, it } from "vitest";
import { loadScenario, type Scenario } from "../../src/scenario/index.js";
import { BASE } from "./malformed/base.js";

const ROUTING = "routing: { strategy: nearest,";

/** The base scenario with more keys in its routing block. */
function routed(keys: string, text = BASE): Scenario["deployment"]["routing"] {
  const loaded = loadScenario({
    file: "case.yaml",
    text: text.replace(ROUTING, `${ROUTING} ${keys}`),
    read: (path) => {
      throw new Error(`no ${path}`);
    },
  });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  return loaded.scenario.deployment.routing;
}

/** The base with a smaller model at `dc-box`, which nobody asks for. */
const TWO_MODELS = BASE.replace("region: dc, model: assistant-1", "region: dc, model: mini")
  .replace("share: 3,", "share: 3, model: assistant-1,")
  .replace("share: 1,", "share: 1, model: assistant-1,");

describe("fallbacks and waits of a scenario", () => {
  it("leave a routing block as it was where they are not written", () => {
    const { fallbacks, waitForLimitsMs, holdPollUs } = routed("");
    expect([fallbacks, waitForLimitsMs, holdPollUs]).toEqual([undefined, undefined, undefined]);
    expect(routed("wait: 0s, poll: 1s, fallback: {},")).toEqual(routed(""));
  });

  it("are read with their units, models in the order written", () => {
    const keys = "wait: 5s, poll: 250ms, fallback: { assistant-1: [mini], mini: [assistant-1] },";
    expect(routed(keys, TWO_MODELS)).toMatchObject({
      fallbacks: { "assistant-1": ["mini"], mini: ["assistant-1"] },
      waitForLimitsMs: 5000,
      holdPollUs: 250_000,
    });
  });
});
