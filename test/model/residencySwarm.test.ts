import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as at from "../../src/model/attempts.js";
import { Attempts } from "../../src/model/attempts.js";
import { Choice } from "../../src/model/choice.js";
import { copyMasks } from "../../src/model/enforced.js";
import { Entry } from "../../src/model/entry.js";
import { auditLedger, judgePlace, World } from "../../src/model/index.js";
import { CAUSE_LOG_SINK, CAUSE_RESIDENCY } from "../../src/policy/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { generated } from "./residencyGenerated.js";

const SCENARIOS = 10_000;

/** Whether a place may see such prompts, in the auditor's words. */
function may(
  scenario: Scenario,
  site: number,
  classIndex: number,
  placeKind: "gateway" | "endpoint",
  place: number,
): boolean {
  return judgePlace(scenario, { site, classIndex }, { placeKind, place }).every(({ lawful }) => lawful);
}

/** By site · classes + class: masks of places that the auditor has nothing against. */
function byAuditor(scenario: Scenario, placeKind: "gateway" | "endpoint"): number[] {
  const { workload, deployment } = scenario;
  const list = placeKind === "gateway" ? deployment.gateways : deployment.endpoints;
  return workload.sites.flatMap((_, s) =>
    workload.classes.map((__, c) =>
      list.reduce((mask, ___, i) => (may(scenario, s, c, placeKind, i) ? mask | (1 << i) : mask), 0),
    ),
  );
}

/** By class: endpoints that serve its model, or one that may answer in its place. */
function serving({ workload, deployment }: Scenario): number[] {
  return workload.classes.map(({ model }) => {
    const models = [model, ...(deployment.routing.fallbacks?.[model] ?? [])];
    return deployment.endpoints.reduce(
      (mask, e, i) => (models.includes(e.model) ? mask | (1 << i) : mask),
      0,
    );
  });
}

/**
 * Watches a world's decisions from outside. What a gateway believes is counted again from its probes' verdicts:
 * so many in a row one way or the other turn the belief, and everything is believed up before the first.
 */
class Watcher {
  attempts: Attempts | null = null;
  refusedByLaw = 0;
  refusedAtEntry = 0;
  readonly wrong: string[] = [];
  readonly #scenario: Scenario;
  readonly #lawful: readonly number[];
  readonly #gateways: readonly number[];
  readonly #serving: readonly number[];
  readonly #up: number[];
  readonly #runs = new Map<string, { ok: boolean; length: number }>();

  constructor(scenario: Scenario, lawful: readonly number[], gateways: readonly number[]) {
    this.#scenario = scenario;
    this.#lawful = lawful;
    this.#gateways = gateways;
    this.#serving = serving(scenario);
    this.#up = scenario.deployment.gateways.map(() => -1);
  }

  probed(g: number, e: number, ok: boolean): void {
    const { fall, rise } = this.#scenario.deployment.routing.health!;
    const run = this.#runs.get(`${g}>${e}`) ?? { ok, length: 0 };
    run.length = run.ok === ok ? run.length + 1 : 1;
    run.ok = ok;
    this.#runs.set(`${g}>${e}`, run);
    if (ok && run.length >= rise) this.#up[g] = this.#up[g]! | (1 << e);
    if (!ok && run.length >= fall) this.#up[g] = this.#up[g]! & ~(1 << e);
  }

  /** Refused, or held back, for the law: then nothing lawful that serves is believed up by this gateway. */
  decided(slot: number, g: number, cause: number): void {
    if (cause !== CAUSE_RESIDENCY && cause !== CAUSE_LOG_SINK) return;
    this.refusedByLaw += 1;
    const { u8, u16 } = this.attempts!;
    const classIndex = u8[slot * at.U8 + at.B_CLASS]!;
    const kind = u16[slot * at.U16 + at.H_SITE]! * this.#scenario.workload.classes.length + classIndex;
    const left = this.#lawful[kind]! & this.#serving[classIndex]! & this.#up[g]!;
    // Blamed on the law: something that serves and may not is up, or nothing may. With fallbacks it may be another model's.
    const barred = this.#serving[classIndex]! & ~this.#lawful[kind]! & this.#up[g]!;
    const isLaw = barred !== 0 || (this.#lawful[kind]! & this.#serving[classIndex]!) === 0;
    if (!isLaw && this.#scenario.deployment.routing.fallbacks === undefined)
      this.wrong.push(`gateway ${g} blamed the law for kind ${kind}, and nothing that it bars is up`);
    if (left !== 0) this.wrong.push(`gateway ${g} refused kind ${kind} for the law with mask ${left} left`);
  }

  /** These entries believe all gateways up: one is named when it is lawful for all that the site asks, and none else. */
  named(site: number, answer: number): void {
    const count = this.#scenario.workload.classes.length;
    const forAll = this.#gateways
      .slice(site * count, (site + 1) * count)
      .reduce((all, mask) => all & mask, -1);
    if (answer < 0) this.refusedAtEntry += 1;
    const right = answer < 0 ? forAll === 0 : (forAll & (1 << answer)) !== 0;
    if (!right) this.wrong.push(`entry answered ${answer} to site ${site} with lawful gateways ${forAll}`);
  }
}

let watcher: Watcher | null = null;
const originals = {
  alloc: Attempts.prototype.alloc,
  choose: Choice.prototype.choose,
  report: Choice.prototype.report,
  pick: Entry.prototype.pick,
};

beforeAll(() => {
  Attempts.prototype.alloc = function alloc(): number {
    if (watcher !== null) watcher.attempts = this;
    return originals.alloc.call(this);
  };
  Choice.prototype.choose = function choose(slot, g): ReturnType<Choice["choose"]> {
    const decision = originals.choose.call(this, slot, g);
    watcher!.decided(slot, g, decision.cause);
    return decision;
  };
  Choice.prototype.report = function report(g, e, ok): void {
    watcher!.probed(g, e, ok);
    originals.report.call(this, g, e, ok);
  };
  Entry.prototype.pick = function pick(site, request, attempt): number {
    const answer = originals.pick.call(this, site, request, attempt);
    watcher!.named(site, answer);
    return answer;
  };
});
afterAll(() => {
  Attempts.prototype.alloc = originals.alloc;
  Choice.prototype.choose = originals.choose;
  Choice.prototype.report = originals.report;
  Entry.prototype.pick = originals.pick;
});

/** Throws with the number of the scenario when two lists differ; `expect` is too slow for so many. */
function same(seed: number, what: string, ours: ArrayLike<unknown>, theirs: ArrayLike<unknown>): void {
  const text = [JSON.stringify(Array.from(ours)), JSON.stringify(Array.from(theirs))];
  if (text[0] !== text[1]) throw new Error(`scenario ${seed}: ${what}: ${text[0]} is not ${text[1]}`);
}

/** Runs the scenario of a number and compares what the router did with what the auditor says. */
function runOne(seed: number, seen: Record<string, number>): void {
  const scenario = generated(seed);
  const endpoints = byAuditor(scenario, "endpoint");
  const servingBy = serving(scenario);
  const seenBy = new Watcher(scenario, endpoints, byAuditor(scenario, "gateway"));
  watcher = seenBy;
  const world = new World(scenario);
  world.runUntil(scenario.durationUs);
  const { recording } = world.finish();
  watcher = null;
  const allowed = endpoints.map((mask, kind) => mask & servingBy[kind % servingBy.length]!);
  same(seed, "endpoints that may serve", recording.labels.lawful, allowed);
  same(seed, "endpoints that may see a copy", copyMasks(scenario), endpoints);
  const { rows } = auditLedger(scenario, recording.ledger);
  same(
    seed,
    "writes that break a rule",
    rows.filter(({ lawful }) => !lawful),
    [],
  );
  same(seed, "refusals for the law that were not", seenBy.wrong, []);
  const note = (key: string, count: number): void => {
    seen[key] = (seen[key] ?? 0) + count;
  };
  note("at gateways", seenBy.refusedByLaw > 0 ? 1 : 0);
  note("at entry", seenBy.refusedAtEntry > 0 ? 1 : 0);
  for (const purpose of new Set(rows.map((row) => row.purpose))) note(purpose, 1);
}

describe(`${SCENARIOS} generated deployments, workloads and faults`, () => {
  it("router and auditor agree about every place, no run breaks a rule, and no refusal for the law has a lawful endpoint that is believed up", () => {
    const seen: Record<string, number> = {};
    for (let seed = 0; seed < SCENARIOS; seed++) runOne(seed, seen);
    // The swarm is worth its time only while it meets what it is about: in so many runs of a hundred.
    const often = { "at gateways": 15, "at entry": 10, request: 50, probe: 10, shadow: 6, queue: 0.5 };
    for (const [what, percent] of Object.entries(often))
      expect(seen[what], what).toBeGreaterThan((SCENARIOS * percent) / 100);
  });
});
