/** Users who converse: what each turn carries, when it comes, and that no outage changes what anybody says. */
import { describe, expect, it } from "vitest";
import * as at from "../../src/model/attempts.js";
import { Core } from "../../src/model/core.js";
import { Luck } from "../../src/model/luck.js";
import { Questions } from "../../src/model/questions.js";
import type { Fault, RequestClass, Scenario, Session, Site } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  exponential,
  fixed,
  requestClass,
  retrying,
  server,
  site,
} from "./buildScenario.js";
import { down, failing, MS } from "./clientsScenario.js";
import { endOf } from "./lawsScenario.js";
import { total } from "./upstreamScenario.js";

const TURN = 4_294_967_296;

function talk(turns: number, over: Partial<Session> = {}): Session {
  return { turns: fixed(turns), think: fixed(1000 * MS), maxContextTokens: 1000, ...over };
}

/** Users at one site with an endpoint that answers in a tenth of a second. */
function talking(session: Session | null, over: Partial<Parameters<typeof buildScenario>[0]> = {}): Scenario {
  return buildScenario({
    durationS: 200,
    endpoints: [endpoint("e", 0, server(fixed(100 * MS), 1000))],
    sites: [site("s", "US", 1)],
    classes: [requestClass("chat", { session })],
    ...over,
  });
}

const crowd = (users: number, thinkMs: number): Site => ({
  ...site("s", "US", 0),
  closed: { users, think: fixed(thinkMs * MS) },
});

/** One user's life, turn by turn, with no world around it. */
class Life {
  readonly core: Core = new Core();
  readonly slot: number = this.core.attempts.alloc();
  readonly questions: Questions;

  constructor(scenario: Scenario) {
    this.questions = new Questions(scenario, this.core, new Luck(scenario, 0));
  }

  get said(): Readonly<Record<string, number>> {
    const { f64, i32, u8, u16 } = this.core.attempts;
    return {
      request: f64[this.slot * at.F64 + at.F_REQUEST]!,
      session: i32[this.slot * at.I32 + at.I_SESSION]!,
      history: i32[this.slot * at.I32 + at.I_HISTORY]!,
      in: i32[this.slot * at.I32 + at.I_TOKENS_IN]!,
      out: i32[this.slot * at.I32 + at.I_TOKENS_OUT]!,
      class: u8[this.slot * at.U8 + at.B_CLASS]!,
      left: u16[this.slot * at.U16 + at.H_TURNS_LEFT]!,
    };
  }

  /** The next turn, after an answer or a refusal. */
  next(answered: boolean): Readonly<Record<string, number>> {
    if (answered) this.questions.remember(this.slot);
    this.questions.next(this.slot);
    return this.said;
  }
}

describe("a conversation", () => {
  it("carries its prompts and answers up to the longest context, and nothing of what was refused", () => {
    const life = new Life(talking(talk(5, { maxContextTokens: 300 })));
    life.questions.first(life.slot, 0);
    expect(life.said).toMatchObject({ session: 0, history: 0, in: 100, out: 10, left: 4 });
    expect(life.next(true)).toMatchObject({ request: TURN, history: 110, in: 210, left: 3 });
    expect(life.next(false)).toMatchObject({ request: 2 * TURN, history: 110, in: 210, left: 2 });
    expect(life.next(true)).toMatchObject({ history: 220, in: 320, left: 1 });
    expect(life.next(true)).toMatchObject({ session: 0, history: 300, in: 400, left: 0 });
    expect(life.questions.hasMore(life.slot)).toBe(false);
  });

  it("carries nothing where contexts are of no length, and is none where a class has no session", () => {
    const life = new Life(talking(talk(3, { maxContextTokens: 0 })));
    life.questions.first(life.slot, 0);
    expect(life.next(true)).toMatchObject({ history: 0, in: 100 });
    const alone = new Life(talking(null));
    alone.questions.first(alone.slot, 0);
    expect(alone.said).toMatchObject({ session: -1, history: 0, left: 0 });
    expect(alone.questions.hasMore(alone.slot)).toBe(false);
  });

  it.each([
    ["an answer", []],
    ["a refusal", [failing(0, 0, 500)]],
  ] as const)("asks its turns one after another, each some thought after %s", (_, faults) => {
    // A thousand or so in the first second; a tenth of a second there and 1.9 or 2 of thought.
    const crowded = {
      ...site("s", "US", 0),
      startsUs: Float64Array.of(0, 1e6),
      perSecond: Float64Array.of(1000, 0),
    };
    const think = fixed((faults.length > 0 ? 2000 : 1900) * MS);
    const end = endOf(talking(talk(3, { think }), { durationS: 20, sites: [crowded], faults }));
    const [first, ...later] = [...end.recording.offeredByOrigin[0]!];
    expect(first).toBeGreaterThan(800);
    expect(later.slice(0, 6)).toEqual([0, first, 0, first, 0, 0]);
  });

  it("goes on after a refusal, and ends after its last turn", () => {
    const end = endOf({ ...talking(talk(4), { faults: [failing(0, 0, 500)] }), durationUs: 100e6 }, 500);
    const { clientAttempts } = end.recording;
    expect(end.refused).toEqual({ server_error: total(end.recording.offered) });
    expect(total(clientAttempts)).toBe(total(end.recording.offered));
    expect(end.held.records).toBe(0);
  });

  it("has nothing to carry on from a turn that was refused", () => {
    const sites = [crowd(1, 1000)];
    const tokens = (faults: readonly Fault[]): number =>
      endOf(talking(talk(3), { durationS: 3.9, sites, faults })).recording.tokensIn[0]!;
    expect(tokens([])).toBe(100 + 210 + 320);
    expect(tokens([failing(0, 0, 1.5)])).toBe(100 + 210);
  });

  it("makes as many turns of an arrival as its law says", () => {
    const laws = [fixed(1), fixed(2.2), exponential(5)];
    // Rounded up: the mean of ⌈exponential of mean 5⌉ is 1 / (1 − e^(−1/5)).
    const means = [1, 3, 1 / (1 - Math.exp(-1 / 5))];
    laws.forEach((turns, i) => {
      const scenario = talking({ ...talk(1), turns, think: fixed(0) }, { durationS: 10_000 });
      const { recording } = endOf(scenario);
      const alone = endOf(talking(null, { durationS: 10_000 })).recording;
      const ratio = total(recording.offered) / total(alone.offered);
      // Ten thousand conversations of standard deviation about 5: four standard errors are 0.2.
      expect(Math.abs(ratio - means[i]!)).toBeLessThan(0.2);
    });
  });

  it("counts each turn when it is made, and none while its user thinks", () => {
    const world = endOf(talking(talk(3, { think: fixed(1e9) }), { durationS: 100 }));
    expect(world.served).toBe(total(world.recording.offered));
    expect(world.held.records).toBeLessThanOrEqual(1);
  });
});

describe("a closed site", () => {
  it("has everybody think before they first ask, and again after every answer", () => {
    const end = endOf(talking(null, { sites: [crowd(7, 900)], durationS: 100 }));
    const column = [...end.recording.offeredByOrigin[0]!].slice(0, 100);
    // Thought of 0.9 s and an answer of 0.1: seven requests in every second.
    expect(column).toEqual(Array.from({ length: 100 }, () => 7));
    expect(end.held.records).toBeLessThanOrEqual(7);
  });

  it("asks no more than its users can when answers are slow, and stops at the end", () => {
    const slow = endOf(
      talking(null, {
        sites: [crowd(5, 900)],
        endpoints: [endpoint("e", 0, server(fixed(4100 * MS), 1000))],
      }),
      300,
    );
    expect(total(slow.recording.offered)).toBe(5 * 40);
    expect(slow.held.records).toBe(0);
  });

  it("holds conversations of their class's length, each by a number of its own, and draws the class of the next anew", () => {
    const classes: RequestClass[] = [
      requestClass("chat", { session: talk(3) }),
      requestClass("ask", { inputTokens: fixed(7) }),
    ];
    const life = new Life(talking(null, { classes, sites: [crowd(2, 500)] }));
    life.questions.settleIn(life.slot, 0, 1);
    const seen: Readonly<Record<string, number>>[] = [];
    for (let n = 0; n < 3000; n++) {
      expect(life.questions.hasMore(life.slot)).toBe(true);
      seen.push(life.next(true));
    }
    const firsts = seen.filter(({ history }) => history === 0);
    const chats = firsts.filter((one) => one.class === 0);
    // Half of some 1,500 conversations and questions: four standard errors are 0.052.
    expect(Math.abs(chats.length / firsts.length - 0.5)).toBeLessThan(0.052);
    expect(new Set(chats.map(({ session }) => session)).size).toBe(chats.length);
    seen.forEach((one, n) => {
      expect(one.request).toBe(1 + (n + 1) * TURN);
      if (one.class === 1) expect(one).toMatchObject({ session: -1, history: 0, in: 7, left: 0 });
      else expect(one.in).toBe(one.history! + 100);
    });
    const turns = seen.filter((one) => one.class === 0).length / chats.length;
    expect(Math.abs(turns - 3)).toBeLessThan(0.02);
  });

  it("gives conversations numbers that no other user of the site has", () => {
    const scenario = talking(talk(2), { sites: [crowd(3, 500)] });
    const sessions = new Set<number>();
    for (let user = 0; user < 3; user++) {
      const life = new Life(scenario);
      life.questions.settleIn(life.slot, 0, user);
      for (let n = 0; n < 40; n++) {
        const { session, left } = life.next(true);
        if (left === 1) {
          expect(sessions.has(session!)).toBe(false);
          sessions.add(session!);
        }
      }
    }
    expect(sessions.size).toBe(60);
  });
});

describe("the rows of a trace", () => {
  it("bring whole prompts, of which what the conversation had before may be remembered", () => {
    const scenario = talking(null);
    const trace = {
      file: "",
      arrivalUs: Float64Array.of(1, 2, 3, 4, 5),
      inputTokens: Int32Array.of(100, 50, 400, 80, 90),
      outputTokens: Int32Array.of(20, 5, 10, 10, 10),
      siteIndex: new Int32Array(5),
      classIndex: new Int32Array(5),
      session: Int32Array.of(0, 1, 0, 0, -1),
    };
    const life = new Life({ ...scenario, workload: { ...scenario.workload, trace } });
    const rows = Array.from({ length: 5 }, (_, i) => {
      life.questions.fromTrace(life.slot, i);
      return life.said;
    });
    expect(rows.map((row) => row.in)).toEqual([100, 50, 400, 80, 90]);
    expect(rows.map((row) => row.session)).toEqual([0, 1, 0, 0, -1]);
    // 100 + 20 said before the third row; the fourth is shorter than what was said.
    expect(rows.map((row) => row.history)).toEqual([0, 0, 120, 80, 0]);
    expect(rows.every((row) => row.left === 0)).toBe(true);
  });
});

describe("the luck of those who converse", () => {
  /** Tokens asked and answered, by what an endpoint that never fails is sent. */
  const asked = (scenario: Scenario): readonly number[] => {
    const { recording } = endOf(scenario, 2000);
    return [total(recording.offered), recording.tokensIn[0]!, recording.tokensOut[0]!];
  };
  const lively: RequestClass[] = [
    requestClass("chat", {
      inputTokens: exponential(80),
      outputTokens: exponential(60),
      session: { turns: exponential(4), think: exponential(2000 * MS), maxContextTokens: 0 },
    }),
    requestClass("ask", { inputTokens: exponential(300), outputTokens: exponential(20) }),
  ];

  it("is theirs: after an outage in which all were made to wait, every turn asks what it would have asked", () => {
    const quiet = talking(null, { classes: lively });
    const { workload } = quiet;
    const client = {
      ...workload.client,
      caller: retrying(99, { backoff: { kind: "exponential", baseMs: 3000, capMs: 3000 } }),
    };
    const hindered = {
      ...quiet,
      workload: { ...workload, client },
      faults: [down(0, "refuse", 40, 90)],
    };
    const long = { ...quiet, durationUs: 200e6, workload: { ...workload, client } };
    // Demand ends long before the run does, so that delayed turns are asked as well.
    const sites = [
      { ...site("s", "US", 1), startsUs: Float64Array.of(0, 100e6), perSecond: Float64Array.of(1, 0) },
    ];
    const until = (scenario: Scenario): Scenario => ({
      ...scenario,
      durationUs: 1000e6,
      workload: { ...scenario.workload, sites },
    });
    const [calm, outage] = [asked(until(long)), asked(until(hindered))];
    expect(outage).toEqual(calm);
    expect(calm[0]).toBeGreaterThan(200);
  });

  it("is the same user by user at a closed site whatever the endpoint does", () => {
    const life = (answers: readonly boolean[]): readonly Readonly<Record<string, number>>[] => {
      const one = new Life(talking(null, { classes: lively, sites: [crowd(3, 500)] }));
      one.questions.settleIn(one.slot, 0, 2);
      return answers.map((answered) => one.next(answered));
    };
    const all = Array.from({ length: 300 }, () => true);
    expect(life(all.map((_, n) => n % 3 > 0))).toEqual(life(all));
  });
});
