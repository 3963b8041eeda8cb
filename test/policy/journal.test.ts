/** Decision logs: what is written, what is read back, and what a replay of it says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_PARTS,
  type Answer,
  type Ask,
  type CallerConfig,
  createReplay,
  createRouter,
  journaledRouter,
  type Outcome,
  PLAIN_CALLER,
  type RetryGrant,
  type Router,
  readStep,
  type Step,
  stepLine,
  TornLine,
} from "../../src/policy/index.js";
import { config, EU27, luck, target } from "./helpers.js";

const RULE = { id: "eu", when: { origin: EU27 }, require: { processing: EU27 }, onEmpty: "queue" } as const;
const CONFIG = config(
  [
    target("us", "US", { requestsPerMin: 90, requestBurst: 4 }),
    target("de", "DE", { tokensPerMin: 60_000, tokenBurst: 3000 }),
    target("fr", "FR", { maxInFlight: 2 }),
  ],
  { rules: [RULE], strategy: "least-loaded", waitForLimitsMs: 500, health: { fall: 2, rise: 1 } },
);
const CALLER: CallerConfig = {
  ...PLAIN_CALLER,
  retry: {
    retries: 2,
    budget: { kind: "ratio", ratio: 0.3 },
    backoff: { kind: "full-jitter", baseMs: 50, capMs: 500 },
    retryAfter: { obey: true, capMs: 1000 },
  },
  breaker: { kind: "consecutive", failures: 2, openMs: 700, halfOpenCalls: 1 },
  throttle: { kind: "adaptive", k: 1.5, windowMs: 5000 },
  hedge: { afterMs: 20, extraCalls: 1, ratio: 0.5 },
};
const ROWS = { rttMs: { us: 90, de: 5, fr: 9.5 }, distanceKm: { us: 6000, de: 0, fr: 500 } };
const BEGINNING = { gateway: "g", policySha256: "00", wallMs: 1.5, run: "req-1f", ...ROWS };
const OUTCOMES: readonly Outcome[] = ["ok", "ok", "error", "throttled", "timeout", "abandoned"];

/** A router that a few thousand random calls of every kind are made to; the steps it wrote. */
function written(seed: number, calls: number, rows: Partial<typeof ROWS> = ROWS): readonly Step[] {
  const steps: Step[] = [];
  const router = journaledRouter(
    createRouter(CONFIG, CALLER, ALL_PARTS),
    (step) => steps.push(step),
    BEGINNING,
  );
  const u = luck(seed);
  const open: (readonly [name: string, startedMs: number, hedge: boolean, grant: RetryGrant | undefined])[] =
    [];
  let nowMs = 0;
  let grant: RetryGrant | undefined;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(u() * list.length)]!;
  for (let n = 0; n < calls; n++) {
    nowMs += u() * 60;
    const name = pick(CONFIG.targets).id;
    const what = Math.floor(u() * 12);
    if (what < 5) {
      const ask = questionAt(nowMs, u, rows);
      const hedge = grant === undefined && u() < 0.2;
      const asked = { ...ask, ...(hedge ? { hedge } : {}), ...(grant === undefined ? {} : { grant }) };
      const answer = router.route(asked);
      if (answer.kind === "route") open.push([answer.target, nowMs, hedge, grant]);
      if (answer.kind === "hold" && grant !== undefined) router.forgo(grant, nowMs, n);
      grant = undefined;
    } else if (what < 9 && open.length > 0) {
      const [to, startedMs, hedge, paid] = open.shift()!;
      const outcome = pick(OUTCOMES);
      const end = { target: to, outcome, tokensReserved: 100, tokensUsed: 80, nowMs, startedMs, hedge };
      const granted = paid === undefined ? {} : { grant: paid };
      router.settle({ ...end, ...granted, ...(outcome === "throttled" ? { retryAtMs: nowMs + 300 } : {}) });
      const asked = { outcome, tokens: 100, nowMs, luck: u(), ...granted };
      const answer = hedge ? null : router.retry(asked);
      if (answer?.kind === "retry") grant = answer.grant;
    } else if (what === 9) router.probe(name, u() < 0.7, nowMs);
    else if (what === 10) router.limitsLeft(name, Math.floor(u() * 9), Number.NaN, nowMs);
    else if (u() < 0.5) router.drain(name, u() < 0.3);
    else router.adopt(name, { up: u() < 0.8, drained: false, cooldownUntilMs: Number.NEGATIVE_INFINITY });
  }
  return steps;
}

function questionAt(nowMs: number, u: () => number, rows: Partial<typeof ROWS>): Ask {
  return {
    request: Math.floor(nowMs),
    origin: u() < 0.5 ? "DE" : "US",
    dataClass: "chat",
    model: "m",
    tokens: 100,
    nowMs,
    luck: [u(), u()],
    guardLuck: [u(), u()],
    ...rows,
    ...(u() < 0.2 ? { tried: ["us"] } : {}),
    ...(u() < 0.2 ? { only: ["de", "us"] } : {}),
    ...(u() < 0.2 ? { mayHold: false } : {}),
  };
}

const again = (steps: readonly Step[]) => {
  const replay = createReplay(CONFIG, CALLER);
  const differences = steps.flatMap((step) => replay.take(readStep(stepLine(step))) ?? []);
  return { differences, counts: replay.counts };
};

describe("a line of a decision log", () => {
  it("reads back as the step it was, in the same bytes, whatever was asked", () => {
    const steps = written(20261123, 3000);
    expect(new Set(steps.map(({ step }) => step)).size).toBe(9);
    for (const step of steps) {
      const line = stepLine(step);
      expect(stepLine(readStep(line))).toBe(line);
      expect(readStep(line)).toEqual(step);
    }
  });

  it("holds every number there is, bit for bit", () => {
    const number = fc.double({ noDefaultInfinity: false, noNaN: false });
    fc.assert(
      fc.property(number, number, number, (requests, tokens, nowMs) => {
        const step: Step = { step: "limits", target: "us", requests, tokens, nowMs };
        expect(readStep(stepLine(step))).toStrictEqual(step);
      }),
      { seed: 20261123, numRuns: 500, examples: [[-0, Number.NaN, Number.NEGATIVE_INFINITY]] },
    );
  });

  it("holds nothing but what a step is made of, whatever else was handed over", () => {
    const steps: Step[] = [];
    const router = journaledRouter(createRouter(CONFIG), (step) => steps.push(step), BEGINNING);
    const secret = { body: "the prompt", headers: { authorization: "Bearer key" } };
    const ask = questionAt(0, luck(1), ROWS);
    router.route({ ...ask, origin: "DE", ...secret } as Ask);
    const end = {
      target: "de",
      outcome: "ok",
      tokensReserved: 100,
      tokensUsed: 1,
      nowMs: 1,
      ...secret,
    } as const;
    router.settle(end);
    expect(steps.map(({ step }) => step)).toEqual(["begin", "route", "settle"]);
    for (const step of steps) expect(stepLine(step)).not.toMatch(/prompt|Bearer|body|headers/);
  });

  it.each<[line: string, problem: string | RegExp]>([
    ['{"step":"forgo","nowMs":"soon"}', 'step.nowMs must be a number, got "soon"'],
    ['{"step":"forgo","nowMs":1,"body":"x"}', "step.body is unknown"],
    ['{"step":"forgo"}', "step.nowMs is missing"],
    ['{"step":"fly","nowMs":1}', /^step\.step must be one of begin, route, .*, got "fly"$/],
    ['{"step":"__proto__"}', /^step\.step must be one of/],
    ["[]", "step must be an object, got []"],
    ["null", "step must be an object, got null"],
    ['{"step":"begin","version":2,"gateway":"g","policySha256":"0"}', "step.version must be one of 1, got 2"],
    ['{"step":"begin","version":1,"gateway":7,"policySha256":"0"}', "step.gateway must be text, got 7"],
    ['{"step":"probe","target":"a","ok":1,"changed":true}', "step.ok must be true or false, got 1"],
    [
      '{"step":"retry","question":{"outcome":"fine","tokens":1,"nowMs":1,"luck":0},"answer":{}}',
      'step.question.outcome must be one of ok, error, throttled, timeout, abandoned, refused, got "fine"',
    ],
  ])("%s is refused with what is wrong in it", (line, problem) => {
    expect(() => readStep(line)).toThrow(problem);
    expect(() => readStep(line)).not.toThrow(TornLine);
  });

  it("that was not written to its end is told from one that is wrong", () => {
    const line = stepLine({ step: "drain", target: "us", drained: true });
    for (let length = 0; length < line.length; length++)
      expect(() => readStep(line.slice(0, length)), `${length}`).toThrow(TornLine);
  });
});

describe("a journaled router", () => {
  it("answers as one without a journal does", () => {
    const replayed = again(written(7, 4000));
    expect(replayed.differences).toEqual([]);
    expect(replayed.counts.decisions).toBeGreaterThan(1000);
  });

  it("leaves out rows that are the beginning's, and no others", () => {
    const rowsOf = (rows: Partial<typeof ROWS>): readonly unknown[] =>
      written(3, 20, rows).flatMap((step) => (step.step === "route" ? [step.ask.rttMs] : []));
    expect(new Set(rowsOf(ROWS))).toEqual(new Set([undefined]));
    expect(new Set(rowsOf({ ...ROWS, rttMs: { ...ROWS.rttMs } }))).toEqual(new Set([undefined]));
    const far = { ...ROWS.rttMs, us: 90.5 };
    expect(rowsOf({ ...ROWS, rttMs: far })[0]).toEqual(far);
    // Who says nothing of the way means the farthest, not the usual.
    expect(rowsOf({ distanceKm: ROWS.distanceKm })[0]).toEqual({});
    for (const rows of [{}, { rttMs: far }]) expect(again(written(5, 500, rows)).differences).toEqual([]);
  });

  it("writes nothing of a call that is refused as wrong", () => {
    const steps: Step[] = [];
    const router = journaledRouter(createRouter(CONFIG), (step) => steps.push(step));
    expect(() => router.drain("nowhere", true)).toThrow('target is unknown: "nowhere"');
    expect(() => router.route({ ...questionAt(0, luck(1), ROWS), tokens: Number.NaN })).toThrow();
    expect(steps).toEqual([]);
  });

  it("passes on what asks nothing of it", () => {
    const router: Router = journaledRouter(createRouter(CONFIG, CALLER, ALL_PARTS), () => {});
    expect(router.hedgeAfterMs(1)).toBe(20);
    expect(router.belief("us").up).toBe(true);
    expect(router.reachable("DE", "chat", "m")).toEqual(["de", "fr"]);
    expect(router.explain(questionAt(0, luck(1), ROWS)).kind).toBe("route");
  });
});

describe("a replay", () => {
  const steps = written(11, 2000);
  const changedAt = (kind: Step["step"], change: (step: never) => Step): readonly Step[] => {
    const at = steps.findLastIndex(({ step }) => step === kind);
    return steps.map((step, i) => (i === at ? change(step as never) : step));
  };
  type Route = Extract<Step, { readonly step: "route" }>;
  const answered = (answer: Answer) => (step: Route) => ({ ...step, answer });

  it.each<[what: string, changed: readonly Step[]]>([
    ["answer", changedAt("route", answered({ kind: "route", target: "us", model: "x", reason: 0 }) as never)],
    ["masks", changedAt("route", ((step: Route) => ({ ...step, masks: [7, 7, 7, 7, 7] })) as never)],
    ["lawful", changedAt("route", ((step: Route) => ({ ...step, lawful: ["nowhere"] })) as never)],
    [
      "answer",
      changedAt("retry", ((step: Step) => ({
        ...step,
        answer: { kind: "give-up", cause: "server_error" },
      })) as never),
    ],
    [
      "changed",
      changedAt("probe", ((step: { changed: boolean }) => ({ ...step, changed: !step.changed })) as never),
    ],
    ["error", changedAt("drain", ((step: Step) => ({ ...step, target: "nowhere" })) as never)],
  ])("says that the %s of a step is another", (what, changed) => {
    const { differences } = again(changed);
    expect(differences[0]).toMatchObject({ what, index: changed.findIndex((step, i) => step !== steps[i]) });
  });

  it("says nothing of what comes after lost lines, up to the next beginning", () => {
    const half = Math.floor(steps.length / 2);
    const torn: readonly Step[] = [
      ...steps.slice(0, half),
      { step: "gap", lost: 3 },
      ...steps.slice(half + 3),
      ...steps,
    ];
    const { differences, counts } = again(torn);
    expect(differences).toEqual([]);
    expect(counts).toMatchObject({ steps: torn.length, skipped: steps.length - half - 3 + 1 });
    expect(() => again(steps.slice(1))).toThrow("a decision log must begin with a begin step");
  });
});
