/** Policies of code: a page of it runs as it is, its leaks are the auditor's to find, and its faults are named. */
import { describe, expect, it } from "vitest";
import {
  type ModuleAsk,
  type ModuleView,
  type PolicyFactory,
  PolicyModuleError,
} from "../../../src/model/index.js";
import { endpointPolicyConfig } from "../../../src/model/policies.js";
import {
  ALL_PARTS,
  createRouter,
  PLAIN_CALLER,
  STRATEGY_NAMES,
  type StrategyName,
} from "../../../src/policy/index.js";
import type { PolicySource } from "../../../src/scenario/policySource.js";
import { fixed, region, requestClass, SECOND, server } from "../buildScenario.js";
import {
  down,
  type ForeignEnd,
  type ForeignParts,
  failing,
  foreignScenario,
  runForeign,
} from "./foreignScenario.js";

const source = (options: unknown = null): PolicySource => ({
  kind: "module",
  path: "my-router.mjs",
  options,
});

function run(factory: unknown, over: Partial<ForeignParts> = {}): ForeignEnd {
  const scenario = foreignScenario({ policy: source(), ...over });
  return runForeign(scenario, { "my-router.mjs": factory as PolicyFactory });
}

/** An error that fails again when somebody asks what it is. */
function unreadable(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error("gone"), {});
  revoke();
  return proxy;
}

/** A router in a page of code: the nearest that is up, the other one when it is not. */
const pageOfCode: PolicyFactory = (config, options) => {
  const order =
    (options as { readonly order?: readonly string[] } | null)?.order ?? config.targets.map(({ id }) => id);
  const failures = new Map<string, number>();
  return {
    route(ask: ModuleAsk, view: ModuleView) {
      const open = order.filter(
        (id) => view[id]!.up && (failures.get(id) ?? 0) < 3 && !(ask.tried ?? []).includes(id),
      );
      const target = open[0];
      return target === undefined ? { refuse: "no_healthy_region" } : { target };
    },
    settle({ target, outcome }) {
      failures.set(target, outcome === "ok" ? 0 : (failures.get(target) ?? 0) + 1);
    },
  };
};

describe("a page of code as the policy", () => {
  it("routes, is told how calls end, and its leak is the auditor's to find", () => {
    const calm = run(pageOfCode, { onlyEu: true });
    expect(calm.calls.us).toBe(0);
    expect(calm.violations).toBe(0);
    const end = run(pageOfCode, { onlyEu: true, faults: [failing(0, 1, 20, 60)] });
    // It tries three times, then the other place, where no rule of the scenario keeps it from.
    expect(end.failed.server_error).toBe(3);
    expect(end.calls.us).toBeGreaterThan(30);
    expect(end.violations).toBe(end.calls.us);
    expect(end.policy).toEqual({
      name: "my-router.mjs",
      errors: { count: 0, first: [] },
      differences: { count: 0, first: null },
    });
  });

  it("is given its options, and sees probes' verdicts", () => {
    const health = {
      intervalUs: 1e6,
      timeoutUs: 5e5,
      fall: 1,
      rise: 1,
      schedule: "fixed-rate",
      seesLoad: false,
      firstUs: 0,
    } as const;
    const end = run(pageOfCode, {
      policy: source({ order: ["us", "eu"] }),
      routing: { health },
      faults: [down(1, 0, 60)],
    });
    expect(end.calls.us).toBeLessThan(5);
    expect(end.calls.eu).toBeGreaterThan(150);
  });

  it("retries as the scenario says, at what it answers for a request that has been somewhere", () => {
    const caller = foreignScenario({ policy: null }).deployment.caller;
    const deployment = { caller: { ...caller, retry: { ...caller.retry, retries: 1 } } };
    const end = run(pageOfCode, { onlyEu: true, deployment, faults: [failing(0, 1, 20, 60)] });
    expect(end.refused).toEqual({});
  });

  it("is told of every route it gave, also of those that a throttle stopped", () => {
    const { caller } = foreignScenario({ policy: null }).deployment;
    const throttle = { kind: "adaptive", k: 1, windowMs: 20_000 } as const;
    // The run's own router is made first; its twin is told the same.
    const open: number[] = [];
    const end = run(
      () => {
        const own = open.push(0) - 1;
        return {
          route() {
            open[own]! += 1;
            return { target: "eu" };
          },
          settle() {
            open[own]! -= 1;
          },
        };
      },
      { onlyEu: true, deployment: { caller: { ...caller, throttle } }, faults: [failing(0, 1, 0, 60)] },
    );
    expect(end.refused.local_throttle).toBeGreaterThan(20);
    for (const routes of open) expect(routes).toBeLessThanOrEqual(2);
  });

  it("is asked in the words of production, by names", () => {
    const asked: ModuleAsk[] = [];
    const seen: unknown[] = [];
    run(
      () => ({
        route(ask: ModuleAsk, view: ModuleView) {
          asked.push(ask);
          seen.push({ ...view.eu });
          return { target: "eu" };
        },
      }),
      {
        onlyEu: true,
        classes: [requestClass("chat", { metadata: { home: "{origin}" }, onlyEndpoints: [0] })],
      },
    );
    expect(asked[0]).toMatchObject({
      origin: "DE",
      dataClass: "chat",
      model: "m",
      tokens: 110,
      gateway: "gw-r",
      site: "berlin",
      request: 0,
      attempt: 0,
      gatewayTry: 0,
      metadata: { home: "EU" },
      only: ["eu"],
      tried: [],
      rttMs: { eu: 0, us: 0 },
    });
    expect(asked[0]!.luck).toHaveLength(2);
    expect(seen[0]).toEqual({ up: true, drained: false, cooling: false, inFlight: 0, rttMs: 0 });
  });

  it("our own router fits as it is, and decides as our own policy does", () => {
    const parts: Partial<ForeignParts> = { faults: [failing(0, 0.5, 10, 50)] };
    const own = runForeign(foreignScenario({ ...parts, policy: null }));
    const fitted = run((config: Parameters<typeof createRouter>[0]) => createRouter(config), parts);
    expect(fitted.arrived).toEqual(own.arrived);
    expect(fitted.refused).toEqual(own.refused);
    expect(fitted.violations).toBe(0);
    expect(fitted.policy?.errors.count).toBe(0);
    expect(endpointPolicyConfig(foreignScenario({ policy: null })).targets).toHaveLength(2);
  });
});

describe("our own router as a module", () => {
  const regions = [region("r", "DE"), { ...region("far", "US"), latitude: 40, longitude: -74 }];
  const session = { turns: fixed(2), think: fixed(SECOND), maxContextTokens: 1000 };
  const three = (strategy: StrategyName): Partial<ForeignParts> => ({
    // None as fast as another: what is measured comes to the same up to rounding, and ties would show that.
    endpoints: ["eu", "eu-2", "us"].map((id, e) => ({
      id,
      // The first is not the nearest, so that who does not know where they are goes elsewhere.
      regionIndex: e === 1 ? 0 : 1,
      serving: server(fixed((0.1 + 0.03 * e) * SECOND), 1000),
    })),
    classes: [requestClass("chat", { session })],
    routing: { strategy },
    regions,
    network: { regionRegionKm: Float64Array.of(0, 6000, 6000, 0) },
    faults: [failing(0, 0.5, 5, 10)],
    durationS: 20,
  });

  it.each(STRATEGY_NAMES)(
    "is told all that %s goes by, so that every request goes where ours sends it",
    (strategy) => {
      const own = runForeign(foreignScenario({ ...three(strategy), policy: null }));
      const fitted = run(
        (config: Parameters<typeof createRouter>[0]) => createRouter(config, PLAIN_CALLER, ALL_PARTS),
        three(strategy),
      );
      expect(fitted.policy).toMatchObject({ errors: { count: 0 }, differences: { count: 0 } });
      expect(fitted.arrived).toEqual(own.arrived);
      expect(fitted.refused).toEqual(own.refused);
    },
  );
});

describe("a module that holds", () => {
  it("has its requests asked again when it says, and is not told that they were abandoned", () => {
    const asked: number[] = [];
    const settled: string[] = [];
    const end = run(
      () => ({
        route({ request, nowMs }: ModuleAsk) {
          if (request === 3) asked.push(nowMs);
          const isEarly = asked.length < 3 && request === 3;
          return isEarly
            ? { kind: "hold", cause: "rate_limit_rpm", retryAtMs: nowMs + 300 }
            : { target: "eu" };
        },
        settle: ({ outcome }: { outcome: string }) => settled.push(outcome),
      }),
      { onlyEu: true, durationS: 10, routing: { waitForLimitsMs: 1000 } },
    );
    // Both instances are asked: the twin's second question is the one it answers.
    expect(asked[2]! - asked[0]!).toBeCloseTo(300, 3);
    expect(end.policy!.errors.count).toBe(0);
    expect(end.refused).toEqual({});
    expect(settled).not.toContain("abandoned");
  });

  it("is our own router where a rule says to hold, and both hold alike", () => {
    const residency = [
      {
        id: "eu-stays",
        when: { origin: ["DE"] },
        require: { processing: ["DE"] },
        onEmpty: "queue" as const,
      },
    ];
    const health = {
      intervalUs: 1e6,
      timeoutUs: 5e5,
      fall: 1,
      rise: 1,
      schedule: "fixed-rate",
      seesLoad: false,
      firstUs: 0,
    } as const;
    const parts: Partial<ForeignParts> = {
      deployment: { residency },
      routing: { health },
      faults: [down(0, 10, 20)],
    };
    const own = runForeign(foreignScenario({ ...parts, policy: null }));
    const fitted = run((config: Parameters<typeof createRouter>[0]) => createRouter(config), parts);
    expect(fitted.policy?.errors).toEqual({ count: 0, first: [] });
    expect(fitted.arrived).toEqual(own.arrived);
    expect(fitted.refused).toEqual(own.refused);
    expect(fitted.held).toBe(own.held);
    expect(own.held).toBeGreaterThan(10);
  });
});

describe("what goes wrong in code", () => {
  it("an exception is a policy_error of its request, which is named, and the run goes on", () => {
    const end = run(
      () => ({
        route(ask: ModuleAsk) {
          if (ask.request % 10 === 7) throw new TypeError(`no seven, got ${ask.request}`);
          return { target: "eu" };
        },
      }),
      { onlyEu: true },
    );
    expect(end.refused.policy_error).toBe(end.policy!.errors.count);
    expect(end.policy!.errors.count).toBeGreaterThan(5);
    expect(end.policy!.errors.first).toHaveLength(1);
    expect(end.policy!.errors.first[0]).toMatchObject({
      gateway: "gw-r",
      site: "berlin",
      class: "chat",
      request: 7,
      message: "TypeError: no seven, got 7",
      count: end.policy!.errors.count,
    });
    expect(end.policy!.errors.first[0]!.timeMs).toBeGreaterThan(0);
    expect(end.calls.eu).toBeGreaterThan(80);
    expect(end.policy!.differences.count).toBe(0);
  });

  it.each([
    ["nothing", () => undefined, "route answered a value of type undefined"],
    ["a name nobody has", () => ({ target: "mars" }), 'route answered target "mars", which is no endpoint'],
    [
      "a name of every object",
      () => ({ target: "constructor" }),
      'route answered target "constructor", which is no endpoint',
    ],
    ["a cause nobody has", () => ({ refuse: "bored" }), 'route refused with "bored", which is no cause'],
    ["a number", () => 7, "route answered a value of type number"],
    [
      "a hold for a cause nobody has",
      () => ({ kind: "hold", cause: "tea", retryAtMs: 0 }),
      'route held with "tea", which is no cause',
    ],
    [
      "a promise that fails",
      () => Promise.reject(new Error("later")),
      "route answered a promise: a router has to answer at once",
    ],
    ["a promise", async () => ({ target: "eu" }), "route answered a promise: a router has to answer at once"],
  ])("%s is no answer", (_, route, message) => {
    const end = run(() => ({ route }), { onlyEu: true, durationS: 5 });
    expect(Object.keys(end.refused)).toEqual(["policy_error"]);
    expect(end.policy!.errors.first[0]!.message).toBe(message);
  });

  it("three kinds of errors are told apart by their first and how many there were, further ones only counted", () => {
    const words = ["one", "two", "three", "four"];
    let asked = 0;
    const route = (ask: ModuleAsk): never => {
      throw new Error(`${words[(asked++ >> 1) % 4]} at ${ask.request}`);
    };
    const { errors } = run(() => ({ route }), { onlyEu: true, durationS: 8 }).policy!;
    expect(errors.first.map(({ message }) => message.split(" ")[1])).toEqual(["one", "two", "three"]);
    const told = errors.first.map(({ count }) => count);
    expect(Math.max(...told) - Math.min(...told)).toBeLessThanOrEqual(1);
    expect(told[0]).toBeGreaterThan(3);
    const untold = errors.count - told.reduce((sum, count) => sum + count, 0);
    expect(untold).toBeGreaterThanOrEqual(told[0]! - 1);
    expect(untold).toBeLessThanOrEqual(told[0]!);
  });

  it("a function that makes no router ends the run before it begins, and says why", () => {
    const fails = (): never => {
      throw new Error("no key");
    };
    const nothing = "the module's function made nothing with a route method";
    for (const [factory, message] of [
      [() => ({}), nothing],
      [() => Promise.reject(new Error("later")), nothing],
      [fails, "Error: no key"],
    ] as const) {
      const start = (): unknown => run(factory, { onlyEu: true, durationS: 5 });
      expect(start).toThrow(PolicyModuleError);
      expect(start).toThrow(message);
    }
  });

  it.each([
    ["a text", "out of ideas", '"out of ideas"'],
    ["nothing", undefined, "a value of type undefined"],
    ["an error that cannot be read", unreadable(), "an error that cannot be read"],
    [
      "an error without words",
      Object.assign(new Error(""), { name: Symbol("x") }),
      "an error that cannot be read",
    ],
  ])("%s may be thrown, by the function, by route and by settle", (_, thrown, message) => {
    const fails = (): never => {
      throw thrown;
    };
    const ends = [
      run(() => ({ route: fails }), { onlyEu: true, durationS: 3 }),
      run(() => ({ route: () => ({ target: "eu" }), settle: fails }), { onlyEu: true, durationS: 3 }),
    ];
    for (const end of ends) expect(end.policy!.errors.first[0]!.message).toBe(message);
    expect(() => run(fails, { durationS: 3 })).toThrow(message);
    expect(ends[1]!.refused).toEqual({});
  });

  it("what settle would do later is an error, and one that fails later does not end the program", () => {
    const end = run(
      () => ({ route: () => ({ target: "eu" }), settle: () => Promise.reject(new Error("later")) }),
      { onlyEu: true, durationS: 3 },
    );
    expect(end.policy!.errors.count).toBeGreaterThan(3);
    expect(end.policy!.errors.first[0]).toMatchObject({
      request: -1,
      message: "Error: settle and probe have to be done at once, got a promise",
    });
  });

  it("a maker that works once and fails the second time is a difference, and so is another time to ask again", () => {
    let made = 0;
    const once = run(
      () => {
        made += 1;
        if (made === 2) throw new Error("only one");
        return { route: () => ({ target: "eu" }) };
      },
      { onlyEu: true, durationS: 5 },
    );
    expect(once.policy!.differences.first).toMatchObject({ first: "eu", second: "fails: Error: only one" });
    let asked = 0;
    const again = run(
      () => ({ route: ({ nowMs }: ModuleAsk) => ({ refuse: "load_shed", retryAtMs: nowMs + asked++ }) }),
      { onlyEu: true, durationS: 5 },
    );
    expect(again.policy!.differences.count).toBeGreaterThan(0);
  });

  it("what one instance does to the view or to what it is told of an end, the other does not see", () => {
    const told: number[] = [];
    const end = run(
      () => ({
        route(_ask: ModuleAsk, view: ModuleView) {
          if (Reflect.set(view.eu as object, "up", false) || Reflect.set(view, "eu", null)) return undefined;
          return { target: "eu" };
        },
        settle(settlement: { tokensUsed: number }) {
          told.push(settlement.tokensUsed);
          Reflect.set(settlement, "tokensUsed", -1);
        },
      }),
      { onlyEu: true, durationS: 5 },
    );
    expect(end.policy!.errors.count).toBe(0);
    expect(told.length).toBeGreaterThan(10);
    expect(Math.min(...told)).toBeGreaterThan(0);
  });

  it("Math.random is caught by the twin, the first difference with its request, time and both answers", () => {
    const end = run(() => ({ route: () => ({ target: Math.random() < 0.5 ? "eu" : "us" }) }));
    const { count, first } = end.policy!.differences;
    expect(count).toBeGreaterThan(50);
    expect(new Set([first!.first, first!.second])).toEqual(new Set(["eu", "us"]));
    expect(first!.request).toBeGreaterThanOrEqual(0);
    expect(first!.timeMs).toBeGreaterThan(0);
  });

  it("state that two routers share is caught as well", () => {
    let turn = 0;
    const end = run(() => ({ route: () => ({ target: turn++ % 2 === 0 ? "eu" : "us" }) }));
    expect(end.policy!.differences.count).toBeGreaterThan(100);
  });

  it("a refusal it answers is the user's, whatever its cause", () => {
    const end = run(() => ({ route: () => ({ refuse: "load_shed" }) }), { onlyEu: true });
    expect(Object.keys(end.refused)).toEqual(["load_shed"]);
    expect(end.policy!.errors.count).toBe(0);
  });

  it("neither instance can write into what the other is asked", () => {
    const end = run(
      (config: { targets: { id: string }[] }) => ({
        route(ask: { tokens: number }) {
          config.targets.pop();
          ask.tokens = 0;
          return { target: "eu" };
        },
      }),
      { onlyEu: true, durationS: 5 },
    );
    expect(end.policy!.errors.first[0]!.message).toMatch(/^TypeError: /);
    expect(end.policy!.differences.count).toBe(0);
  });
});

describe("scenarios without another policy", () => {
  it("have the same digest whether the policy is left out or null, and a wish of all endpoints changes nothing", () => {
    const parts = { faults: [failing(0, 0.5, 10, 50)], policy: null };
    const plain = foreignScenario(parts);
    const { policy: _, ...routing } = plain.deployment.routing;
    const leftOut = { ...plain, deployment: { ...plain.deployment, routing } };
    const wished = foreignScenario({ ...parts, classes: [requestClass("chat", { onlyEndpoints: [0, 1] })] });
    expect(runForeign(leftOut).digest).toBe(runForeign(plain).digest);
    expect(runForeign(wished).digest).toBe(runForeign(plain).digest);
    expect(runForeign(plain).policy).toBeNull();
  });

  it("take a client's wish to narrow, which can only narrow", () => {
    const wishing = (onlyEndpoints: readonly number[]) =>
      runForeign(foreignScenario({ policy: null, classes: [requestClass("chat", { onlyEndpoints })] }));
    expect(wishing([0]).calls.us).toBe(0);
    const away = wishing([1]);
    expect(away.calls.eu).toBe(0);
    // EU users may not go there, wish or not.
    expect(away.arrived["berlin chat us"]).toBeUndefined();
    expect(away.violations).toBe(0);
  });
});
