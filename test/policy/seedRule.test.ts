/**
 * The two-region rule the house was built for, over every combination of what can happen:
 * EU users go to the EU or nowhere; everyone else goes to the US, else to the EU, else nowhere.
 */
import { describe, expect, it } from "vitest";
import {
  createDecision,
  decide,
  explain,
  NO_TARGET,
  onProbe,
  REFUSAL_CAUSES,
  RESULT_THROTTLED,
  ROUTE,
} from "../../src/policy/index.js";
import { compiled, config, EU27, request, reserveAt, settleAt, target } from "./helpers.js";

const US = 0;
const EU = 1;
const NOW_MS = 100_000;
const COOL_UNTIL_MS = [130_000, 120_000];
const QUOTAS = ["free", "requests", "tokens", "places"] as const;
type Quota = (typeof QUOTAS)[number];

interface Case {
  readonly origin: "DE" | "US" | "BR";
  readonly up: readonly boolean[];
  readonly cooling: readonly boolean[];
  readonly quota: readonly Quota[];
  readonly tried: number;
  readonly failOpen: boolean;
}

const BOTH = [false, true];
const PAIRS = BOTH.flatMap((us) => BOTH.map((eu) => [us, eu]));
const QUOTA_PAIRS = QUOTAS.flatMap((us) => QUOTAS.map((eu) => [us, eu] as const));

function everyCase(): Case[] {
  const cases: Case[] = [];
  for (const origin of ["DE", "US", "BR"] as const)
    for (const up of PAIRS)
      for (const cooling of PAIRS)
        for (const quota of QUOTA_PAIRS)
          for (const tried of [0, 1, 2, 3])
            for (const failOpen of BOTH) cases.push({ origin, up, cooling, quota, tried, failOpen });
  return cases;
}

/** The rule in plain words, sharing nothing with the policy. */
function expected(c: Case): { target: number; cause: string | null } {
  const allowed = c.origin === "DE" ? [EU] : [US, EU];
  const up = allowed.filter((t) => c.up[t]);
  let usable = up.filter((t) => !c.cooling[t]);
  if (usable.length === 0 && c.failOpen) usable = up.length > 0 ? up : allowed;
  if (usable.length === 0) {
    if (up.length > 0) return { target: NO_TARGET, cause: "rate_limit_rpm" };
    const lost = c.origin === "DE" && c.up[US];
    return { target: NO_TARGET, cause: lost ? "residency_no_legal_region" : "no_healthy_region" };
  }
  const free = usable.filter((t) => c.quota[t] === "free");
  const fresh = free.filter((t) => (c.tried & (1 << t)) === 0);
  const choice = fresh[0] ?? free[0];
  return choice === undefined ? { target: NO_TARGET, cause: "limits" } : { target: choice, cause: null };
}

const RULE = {
  id: "eu-stays",
  when: { origin: EU27 },
  require: { processing: EU27, logs: EU27 },
  onEmpty: "refuse",
} as const;

function answer(c: Case) {
  const limits = { maxInFlight: 2, requestsPerMin: 60, requestBurst: 3, tokensPerMin: 600, tokenBurst: 100 };
  const { policy, state } = compiled(
    config([target("us", "US", limits), target("eu", "DE", limits)], { rules: [RULE], failOpen: c.failOpen }),
  );
  for (const t of [US, EU]) {
    if (!c.up[t]) onProbe(policy, state, t, false);
    if (c.quota[t] === "places") state.inFlight[t] = 2;
    if (c.quota[t] === "requests") state.requests.force(t, 3, NOW_MS);
    if (c.quota[t] === "tokens") state.tokens.force(t, 100, NOW_MS);
    if (c.cooling[t]) {
      state.inFlight[t]! += 1;
      settleAt(policy, state, t, RESULT_THROTTLED, 0, 0, NOW_MS, COOL_UNTIL_MS[t]!);
    }
  }
  const asked = request({
    origin: ["DE", "US", "BR"].indexOf(c.origin),
    tokens: 10,
    tried: c.tried,
    nowMs: NOW_MS,
  });
  return { policy, state, asked, decision: decide(policy, state, asked, createDecision()) };
}

describe("the two-region rule, over 6,144 combinations of origin, health, cooldown, quota, retries and failing open", () => {
  const cases = everyCase();

  it("covers every combination", () => {
    expect(cases.length).toBe(3 * 4 * 4 * 16 * 4 * 2);
  });

  it("sends eu users to the eu while it is usable and otherwise nowhere, everyone else to the us, else the eu, else nowhere", () => {
    for (const c of cases) {
      const { decision } = answer(c);
      const want = expected(c);
      expect(decision.target, JSON.stringify(c)).toBe(want.target);
      expect(decision.kind === ROUTE).toBe(want.target !== NO_TARGET);
      const cause = REFUSAL_CAUSES[decision.cause] ?? null;
      if (want.cause === "limits") {
        expect(["rate_limit_rpm", "rate_limit_tpm", "concurrency_full"], JSON.stringify(c)).toContain(cause);
      } else expect(cause, JSON.stringify(c)).toBe(want.cause);
    }
  });

  it("never sends an eu user to the us, not even failing open, on a retry, or with everything on fire", () => {
    for (const c of cases.filter(({ origin }) => origin === "DE")) {
      const { decision } = answer(c);
      expect([EU, NO_TARGET], JSON.stringify(c)).toContain(decision.target);
      expect(decision.lawful).toBe(1 << EU);
      expect(decision.admitted & ~decision.lawful).toBe(0);
    }
  });

  it("sends eu users to an eu that is believed down only when told to fail open", () => {
    for (const c of cases.filter(({ origin, up }) => origin === "DE" && !up[EU])) {
      const { decision } = answer(c);
      const tries = c.failOpen && c.quota[EU] === "free";
      expect(decision.target, JSON.stringify(c)).toBe(tries ? EU : NO_TARGET);
    }
  });

  it("names a time to ask again at which, cooldowns and rates considered, something lawful is free", () => {
    for (const c of cases) {
      const { policy, state, asked, decision } = answer(c);
      if (decision.kind === ROUTE || decision.retryAtMs === 0) continue;
      expect(decision.retryAtMs).toBeGreaterThan(NOW_MS);
      // Places are given back by answers, not by time: free them to see the rates alone.
      const atThen = { ...asked, nowMs: decision.retryAtMs };
      state.inFlight.fill(0);
      expect(decide(policy, state, atThen, createDecision()).kind, JSON.stringify(c)).toBe(ROUTE);
    }
  });

  it("is explained by the same choice it makes", () => {
    for (const c of cases) {
      const { policy, state, asked, decision } = answer(c);
      const why = explain(policy, state, asked);
      expect(why.target).toBe(["us", "eu"][decision.target] ?? null);
      if (c.origin === "DE") expect(why.candidates[US]!.exclusion).toBe("residency");
    }
  });

  it("refuses at the last free place: the third of two is not reserved", () => {
    const c: Case = {
      origin: "DE",
      up: [true, true],
      cooling: BOTH.map(() => false),
      quota: ["free", "free"],
      tried: 0,
      failOpen: false,
    };
    const { policy, state, asked, decision } = answer(c);
    reserveAt(policy, state, decision.target, 10, NOW_MS);
    reserveAt(policy, state, decision.target, 10, NOW_MS);
    const third = decide(policy, state, asked, createDecision());
    expect(REFUSAL_CAUSES[third.cause]).toBe("concurrency_full");
  });
});
