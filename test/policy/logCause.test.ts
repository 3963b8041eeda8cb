import { describe, expect, it } from "vitest";
import {
  CAUSE_LOG_SINK,
  CAUSE_NO_HEALTHY,
  CAUSE_RESIDENCY,
  type ChannelPlaces,
  compilePolicy,
  createDecision,
  createState,
  decide,
  type PolicyConfig,
  type ResidencyRule,
} from "../../src/policy/index.js";

const INFINITE = {
  maxInFlight: Number.POSITIVE_INFINITY,
  requestsPerMin: Number.POSITIVE_INFINITY,
  tokensPerMin: Number.POSITIVE_INFINITY,
  requestBurst: Number.POSITIVE_INFINITY,
  tokenBurst: Number.POSITIVE_INFINITY,
};

function config(data: readonly ChannelPlaces[], rule: Partial<ResidencyRule>): PolicyConfig {
  return {
    targets: data.map((places, i) => ({
      id: `t${i}`,
      models: ["m"],
      tier: 0,
      weight: 1,
      ...INFINITE,
      data: places,
    })),
    origins: ["DE"],
    dataClasses: ["c"],
    models: ["m"],
    rules: [{ id: "r", when: {}, require: { processing: ["DE"], logs: ["DE"] }, onEmpty: "refuse", ...rule }],
    strategy: "nearest",
    failOpen: false,
    health: { fall: 1, rise: 1 },
  };
}

/** The cause of a refusal while the targets of a mask are believed up. */
function causeOf(config: PolicyConfig, up: number, narrow = -1): number {
  const policy = compilePolicy(config);
  const state = createState(policy);
  state.up = up;
  const zeros = new Float64Array(config.targets.length);
  const request = { origin: 0, dataClass: 0, tenant: 0, model: 0, tokens: 1, tried: 0, narrow, nowMs: 0 };
  const rest = { u: 0, v: 0, stickyKey: -1, rttMs: zeros, distanceKm: zeros };
  return decide(policy, state, { ...request, ...rest }, createDecision()).cause;
}

const INSIDE: ChannelPlaces = { processing: ["DE"], logs: ["DE"] };
const LOGS_OUT: ChannelPlaces = { processing: ["DE"], logs: ["US"] };
const TRACES_OUT: ChannelPlaces = { ...INSIDE, traces: ["US"] };
const ALL_OUT: ChannelPlaces = { processing: ["US"], logs: ["US"] };

describe("a refusal by the law", () => {
  it("is for the logs' sake when they are all that keeps out a target that is up", () => {
    expect(causeOf(config([LOGS_OUT, ALL_OUT], {}), 3)).toBe(CAUSE_LOG_SINK);
    expect(causeOf(config([INSIDE, LOGS_OUT], {}), 2)).toBe(CAUSE_LOG_SINK);
    const require = { processing: ["DE"], traces: ["DE"] };
    expect(causeOf(config([TRACES_OUT], { require }), 1)).toBe(CAUSE_LOG_SINK);
  });

  it("is for the logs' sake when they are kept too long, and nothing else is", () => {
    const kept = { processing: ["DE"], logs: { countries: ["DE"], keptDays: 90 } };
    expect(causeOf(config([kept], { maxKeptDays: { logs: 30 } }), 1)).toBe(CAUSE_LOG_SINK);
    const both = { ...kept, store: { countries: ["DE"], keptDays: 90 } };
    expect(causeOf(config([both], { maxKeptDays: { logs: 30, store: 30 } }), 1)).toBe(CAUSE_RESIDENCY);
  });

  it("is for residency's when something else is wrong too, or the target is down or out of what was asked", () => {
    expect(causeOf(config([ALL_OUT], {}), 1)).toBe(CAUSE_RESIDENCY);
    expect(causeOf(config([LOGS_OUT, ALL_OUT], {}), 2)).toBe(CAUSE_RESIDENCY);
    expect(causeOf(config([LOGS_OUT, ALL_OUT], {}), 3, 2)).toBe(CAUSE_RESIDENCY);
    expect(causeOf(config([INSIDE, LOGS_OUT], {}), 0)).toBe(CAUSE_NO_HEALTHY);
  });
});
