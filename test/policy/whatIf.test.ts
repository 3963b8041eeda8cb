/** A log that is put to other rules. */
import { describe, expect, it } from "vitest";
import {
  type Answer,
  type Ask,
  type Comparison,
  createRouter,
  journaledRouter,
  PLAIN_CALLER,
  type PolicyConfig,
  type Router,
  type Step,
  WhatIf,
} from "../../src/policy/index.js";
import { config, target } from "./helpers.js";

const RULE = {
  id: "eu",
  when: { origin: ["DE"] },
  require: { processing: ["DE", "FR"] },
  onEmpty: "refuse",
} as const;
const TARGETS = [target("us", "US"), target("de", "DE"), target("fr", "FR")];
const PINNED = config(TARGETS, { rules: [RULE] });
const FREE = config(TARGETS);
const BEGINNING = { gateway: "g", policySha256: "00" };
const RETRIES = { ...PLAIN_CALLER, retry: { ...PLAIN_CALLER.retry, retries: 2 } };
const NO_ROWS = { rttMs: {}, distanceKm: {} };

const ask = (request: number, nowMs: number, more: Partial<Ask> = {}): Ask => ({
  request,
  origin: "DE",
  dataClass: "chat",
  model: "m",
  tokens: 10,
  nowMs,
  luck: [0, 0],
  ...more,
});

/** What `recorded` wrote while `calls` were made to it, put to a router by `other`. */
function compare(recorded: PolicyConfig, other: PolicyConfig, calls: (router: Router) => void) {
  const steps: Step[] = [];
  calls(journaledRouter(createRouter(recorded, RETRIES), (step) => steps.push(step), BEGINNING));
  const made: Router[] = [];
  const whatIf = new WhatIf(() => {
    made.push(createRouter(other, RETRIES));
    return made.at(-1)!;
  }, NO_ROWS);
  const told = steps.flatMap((step): Comparison[] => [whatIf.take(step)].flatMap((one) => one ?? []));
  return { told, router: made.at(-1)! };
}

const wordOf = (answer: Answer | null): string =>
  answer === null ? "-" : answer.kind === "route" ? answer.target : `${answer.kind} ${answer.cause}`;
const words = (told: readonly Comparison[]): readonly string[] =>
  told.map(({ step, answer }) => `${wordOf(step.answer)} > ${wordOf(answer)}`);

function settle(router: Router, request: number, name: string, outcome: "ok" | "error", nowMs: number): void {
  router.settle({ request, target: name, outcome, tokensReserved: 10, tokensUsed: 10, nowMs });
}

describe("another router", () => {
  it("is said to cross where the recorded rules could never have gone, and only there", () => {
    const { told } = compare(PINNED, FREE, (router) => {
      router.route(ask(1, 0));
      router.route(ask(2, 0, { origin: "US" }));
    });
    expect(words(told)).toEqual(["de > us", "us > us"]);
    expect(told.map(({ crosses }) => crosses)).toEqual([true, false]);
    const stricter = compare(FREE, PINNED, (router) => void router.route(ask(1, 0)));
    expect(stricter.told.map(({ crosses }) => crosses)).toEqual([false]);
  });

  it("learns how a call ended where it made that call itself", () => {
    const bounded = config([{ ...TARGETS[0]!, maxInFlight: 1 }, ...TARGETS.slice(1)]);
    const { told } = compare(PINNED, bounded, (router) => {
      router.route(ask(1, 0));
      router.route(ask(2, 1));
      settle(router, 1, "de", "ok", 2);
      router.route(ask(3, 3));
    });
    // The first call holds the only place there until its recorded end, wherever that was.
    expect(words(told)).toEqual(["de > us", "de > de", "de > us"]);
  });

  it("cools down what was throttled where it went itself", () => {
    const { told } = compare(PINNED, FREE, (router) => {
      router.route(ask(1, 0));
      const end = { tokensReserved: 10, tokensUsed: 0, nowMs: 1, retryAtMs: 100 };
      router.settle({ request: 1, target: "de", outcome: "throttled", ...end });
      router.route(ask(2, 2));
      router.route(ask(3, 100));
    });
    expect(words(told)).toEqual(["de > us", "fr > de", "de > us"]);
  });

  it("is not asked on behalf of a request that it has refused or given up", () => {
    const down = config(TARGETS.slice(1, 2), { rules: [RULE] });
    const { told, router } = compare(PINNED, down, (recorded) => {
      recorded.probe("de", false);
      recorded.route(ask(1, 0));
      settle(recorded, 1, "fr", "error", 1);
      const again = recorded.retry({ request: 1, outcome: "error", tokens: 10, nowMs: 1, luck: 0 });
      if (again.kind !== "retry") throw new Error("nothing was granted");
      recorded.route(ask(1, 2, { grant: again.grant, tried: ["fr"] }));
    });
    expect(words(told)).toEqual(["fr > refuse no_healthy_region", "fr > -"]);
    expect(router.beliefs().up).toBe(0);
  });

  it("tries again with what it was granted itself", () => {
    const { told } = compare(PINNED, FREE, (recorded) => {
      recorded.route(ask(1, 0));
      settle(recorded, 1, "de", "error", 1);
      const again = recorded.retry({ request: 1, outcome: "error", tokens: 10, nowMs: 1, luck: 0 });
      if (again.kind !== "retry") throw new Error("nothing was granted");
      recorded.route(ask(1, 2, { grant: again.grant, tried: ["de"] }));
    });
    expect(words(told)).toEqual(["de > us", "fr > us"]);
  });

  it("is told of probes and drains, of targets that it has", () => {
    const { told } = compare(PINNED, config(TARGETS.slice(1)), (router) => {
      router.probe("us", false);
      router.drain("us", true);
      router.drain("de", true);
      router.route(ask(1, 0));
    });
    expect(words(told)).toEqual(["fr > fr"]);
  });

  it("goes at once where the recorded one was held, and is not asked again", () => {
    const slow = config([{ ...TARGETS[1]!, requestsPerMin: 60, requestBurst: 1 }], { waitForLimitsMs: 5000 });
    const { told } = compare(slow, FREE, (router) => {
      router.route(ask(1, 0));
      router.route(ask(2, 0));
      router.route(ask(2, 1000));
      settle(router, 2, "de", "ok", 1001);
    });
    expect(words(told)).toEqual(["de > us", "hold rate_limit_rpm > us", "de > -"]);
  });

  it("needs requests that are numbered, and a beginning", () => {
    const { request: _, ...nameless } = ask(1, 0);
    expect(() => compare(PINNED, FREE, (router) => void router.route(nameless))).toThrow(
      /does not number its requests/,
    );
    const whatIf = new WhatIf(() => createRouter(FREE), NO_ROWS);
    expect(() => whatIf.take({ step: "drain", target: "de", drained: true })).toThrow(
      /must begin with a begin step/,
    );
  });
});
