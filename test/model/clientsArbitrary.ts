/** Random scenarios in which users' programs do everything they can, and users converse, stay or come and go. */
import fc from "fast-check";
import type { Distribution, Scenario, Session } from "../../src/scenario/scenario.js";
import { exponential, fixed } from "./buildScenario.js";
import { anyGuardedScenario } from "./upstreamArbitrary.js";

const MS = 1000;

const think: fc.Arbitrary<Distribution> = fc.constantFrom(
  fixed(0),
  fixed(700 * MS),
  exponential(200 * MS),
  exponential(3000 * MS),
);

const session: fc.Arbitrary<Session | null> = fc.option(
  fc.record({
    turns: fc.constantFrom(fixed(1), fixed(3), exponential(4)),
    think,
    maxContextTokens: fc.constantFrom(0, 30, 2000),
  }),
  { nil: null },
);

const closed = fc.option(
  fc.record({
    users: fc.integer({ min: 1, max: 6 }),
    think: fc.constantFrom(fixed(300 * MS), exponential(500 * MS)),
  }),
  { nil: null },
);

/** A caller of users: one that guarded gateways have is as good. */
const caller = anyGuardedScenario.map(({ deployment }) => deployment.caller);

/** Half of the gateways guarded as well; every request still has finite patience and finitely many tries. */
export const anyClientScenario: fc.Arbitrary<Scenario> = fc
  .record({
    scenario: anyGuardedScenario,
    plainGateways: fc.boolean(),
    caller,
    instances: fc.constantFrom(1, 2, 5),
    sessions: fc.array(session, { minLength: 2, maxLength: 2 }),
    closed: fc.array(closed, { minLength: 3, maxLength: 3 }),
    failover: fc.constantFrom(true, true, false),
  })
  .map(({ scenario, plainGateways, instances, sessions, failover, ...parts }) => {
    const { deployment, workload } = scenario;
    const plain = plainGateways
      ? { caller: { ...deployment.caller, hedge: null, throttle: { kind: "none" } } }
      : {};
    return {
      ...scenario,
      deployment: {
        ...deployment,
        ...(plain as object),
        entry: deployment.entry.kind === "direct" ? { kind: "direct", failover } : deployment.entry,
      },
      workload: {
        ...workload,
        classes: workload.classes.map((one, c) => ({ ...one, session: sessions[c]! })),
        sites: workload.sites.map((site, s) => ({ ...site, closed: parts.closed[s]! })),
        client: { ...workload.client, caller: parts.caller, instances },
      },
    };
  });
