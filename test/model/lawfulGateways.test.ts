/** Through which gateways each kind of user may come, as the labels of a recording say. */
import { describe, expect, it } from "vitest";
import { recordingLabels } from "../../src/model/labels.js";
import type { ResidencyRule } from "../../src/policy/index.js";
import type { Deployment } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, region, requestClass, server, site } from "./buildScenario.js";

const CHAT_STAYS: ResidencyRule = {
  id: "chat-stays",
  when: { origin: ["DE"], dataClass: ["chat"] },
  require: { processing: ["DE"] },
  onEmpty: "refuse",
};

/** By site, Berlin and Boston, then class, chat and code. */
function masks(deployment: Partial<Deployment> = {}): readonly number[] {
  const scenario = buildScenario({
    durationS: 1,
    regions: [region("eu", "DE"), region("us", "US")],
    endpoints: [endpoint("eu-model", 0, server(fixed(1), 1)), endpoint("us-model", 1, server(fixed(1), 1))],
    sites: [site("berlin", "DE", 1), site("boston", "US", 1)],
    classes: [requestClass("chat"), requestClass("code")],
    deployment: { residency: [CHAT_STAYS], ...deployment },
  });
  return [...recordingLabels(scenario).lawfulGateways];
}

describe("lawful gateways", () => {
  it("are for every class of a site those that the strictest of them may use", () => {
    expect(masks()).toEqual([0b01, 0b01, 0b11, 0b11]);
    expect(masks({ residency: [] })).toEqual([0b11, 0b11, 0b11, 0b11]);
    expect(masks({ residency: [{ ...CHAT_STAYS, require: { processing: ["FR"] } }] })).toEqual([0, 0, 3, 3]);
  });

  it("are by the rules as written where the entry checks none of them", () => {
    const { routing } = buildScenario({ durationS: 1, endpoints: [], sites: [] }).deployment;
    const enforces = { channels: [], line: null };
    expect(masks({ routing: { ...routing, enforces } })).toEqual([0b01, 0b11, 0b11, 0b11]);
  });

  it("are all where one address is announced everywhere", () => {
    const entry = { kind: "anycast", scope: "global", convergenceUs: 0, check: null } as unknown;
    expect(masks({ entry: entry as Deployment["entry"] })).toEqual([3, 3, 3, 3]);
  });
});
