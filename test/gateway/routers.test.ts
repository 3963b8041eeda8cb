/** Which router goes on under a new plan. */
import { describe, expect, it } from "vitest";
import { keepsRouter } from "../../src/gateway/session/routers.js";
import { gatewayPlan, POLICY } from "./gatewayWorld.js";

describe("a router", () => {
  const nowhere = { url: "http://127.0.0.1:9/v1" } as Parameters<typeof gatewayPlan>[0]["us"];
  const plan = gatewayPlan({ us: nowhere, eu: nowhere });

  it("goes on by the same rules, read again", () => {
    expect(keepsRouter({ ...plan, policy: structuredClone(POLICY) }, plan)).toBe(true);
  });

  it("does not where rules stand in another line, which it would explain wrongly", () => {
    const rules = POLICY.rules.map((rule) => ({ ...rule, source: "dep.yaml:21" }));
    expect(keepsRouter({ ...plan, policy: { ...POLICY, rules } }, plan)).toBe(false);
  });

  it("does not where other rules decide, or another file is written", () => {
    expect(keepsRouter({ ...plan, policySha256: "b".repeat(64) }, plan)).toBe(false);
    expect(keepsRouter({ ...plan, decisionsFile: "/elsewhere" }, plan)).toBe(false);
  });
});
