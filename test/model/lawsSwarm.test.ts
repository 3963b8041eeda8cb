/** Laws that every run must obey, over random scenarios in which everything goes wrong at once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import * as core from "../../src/model/core.js";
import type { Held } from "../../src/model/index.js";
import { World } from "../../src/model/index.js";
import type { Counts, Result } from "../../src/result/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { anyScenario } from "./lawsArbitrary.js";

/** `SWARM=5000` looks longer; another seed looks elsewhere. */
const RUNS = { seed: 20260731, numRuns: Number(process.env.SWARM ?? 150) };
/** Long enough for the longest backlog: 250 calls of a few seconds, six times slowed. */
const DRAIN_S = 3000;
/** What the worlds must have seen between them. */
const REACHED = [
  "served",
  "clientRetries",
  "gatewayRetries",
  "budgetDenied",
  "clientTimeouts",
  "wasted",
  "diverted",
  "beliefs",
  "residency_no_legal_region",
  "no_healthy_region",
  "region_blackhole",
  "connection_refused",
  "concurrency_full",
  "queue_full",
  "deadline_in_queue",
  "deadline_in_service",
  "rate_limit_rpm",
  "rate_limit_tpm",
  "server_error",
];
/** States of records that outlive every request. */
const STANDING = new Set([core.PROBE_SEND, core.PROBE_AT_TARGET, core.PROBE_RESULT, core.SHARED_SERVICE]);

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((total, n) => total + (n ?? 0), 0);
}

function balanced(where: string, { offered, served, refused, inFlight }: Counts): void {
  expect(`${where}: ${served + refused + inFlight}`).toBe(`${where}: ${offered}`);
  expect(Math.min(offered, served, refused, inFlight), where).toBeGreaterThanOrEqual(0);
}

function conserves(result: Result): void {
  balanced("total", result.requests);
  expect(sum(Object.values(result.refused))).toBe(result.requests.refused);
  for (const [dimension, groups] of Object.entries(result.requestsBy)) {
    for (const [name, counts] of Object.entries(groups)) balanced(`${dimension} ${name}`, counts);
    for (const key of ["offered", "served", "refused", "inFlight"] as const) {
      expect(sum(Object.values(groups).map((counts) => counts[key])), `${key} by ${dimension}`).toBe(
        result.requests[key],
      );
    }
  }
  for (const dimension of ["origin", "class", "phase"] as const) {
    expect(sum(Object.values(result.refusedBy[dimension]).flatMap((causes) => Object.values(causes)))).toBe(
      result.requests.refused,
    );
  }
  const places = Object.values(result.servedBy).flatMap((phases) => Object.values(phases));
  expect(sum(places.flatMap((regions) => Object.values(regions)))).toBe(result.requests.served);
  expect(result.latency.e2eMs.count).toBe(result.requests.served);
  expect(result.latency.ttftMs.count).toBe(result.requests.served);
}

function seriesAddUp(result: Result): void {
  const { byOrigin, byRegion, refusedByCause, attempts, startS } = result.series;
  for (const [origin, counts] of Object.entries(result.requestsBy.origin)) {
    for (const key of ["offered", "served", "refused"] as const) {
      expect(byOrigin[origin]![key].length).toBe(startS.length);
      expect(sum(byOrigin[origin]![key]), `${key} of ${origin}`).toBe(counts[key]);
    }
  }
  for (const [cause, column] of Object.entries(refusedByCause)) {
    expect(sum(column), cause).toBe(result.refused[cause as keyof typeof result.refused]);
  }
  expect(sum(attempts)).toBe(result.attempts.client);
  for (const region of result.regions) {
    const calls = result.endpoints
      .filter((endpoint) => endpoint.region === region.id)
      .map((endpoint) => endpoint.calls);
    expect(region.calls, `calls of ${region.id}`).toBe(sum(calls));
    expect(sum(byRegion[region.id]!.calls)).toBe(region.calls);
    expect(sum(byRegion[region.id]!.divertedCalls)).toBe(region.divertedCalls);
  }
  expect(sum(result.endpoints.map((endpoint) => endpoint.calls))).toBe(result.attempts.endpoint);
}

/** Numbers that JSON cannot say, and keys it would leave out. */
function unspeakable(value: unknown, path = "result"): string[] {
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value)))
    return [`${path} = ${value}`];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => unspeakable(part, `${path}.${key}`));
}

/** Records that are neither a prober nor the clock of a shared endpoint. */
function requestsIn(held: Held): number {
  return held.records - sum([...STANDING].map((state) => held.byState[state]));
}

function nothingLeft(held: Held): void {
  const left = [...held.byState].flatMap((count, state) =>
    count > 0 && !STANDING.has(state) ? [`${count} in state ${state}`] : [],
  );
  expect(left).toEqual([]);
  expect(sum([...held.byState]), "records without a state").toBe(held.records);
  expect(held.timers, "timers").toBe(0);
  for (const key of ["gatewayInFlight", "gatewayWaiting", "busy", "frozen", "waiting", "believed"] as const) {
    expect({ [key]: held[key] }).toEqual({ [key]: held[key].map(() => 0) });
  }
}

/** Residency judged once more: from the ledger cells and the rules, by sets. */
function breaches(scenario: Scenario, world: World): { writes: number; breached: number } {
  const { residency, endpoints, gateways } = scenario.deployment;
  let writes = 0;
  let breached = 0;
  for (const cell of world.finish().recording.ledger) {
    const { country } = scenario.workload.sites[cell.site]!;
    const { id, model } = scenario.workload.classes[cell.classIndex]!;
    const at = (cell.placeKind === "endpoint" ? endpoints : gateways)[cell.place]!;
    // A gateway reads prompts where it stands, also when it says nothing of it.
    const own =
      cell.placeKind === "gateway"
        ? { processing: [scenario.deployment.regions[at.regionIndex]!.country] }
        : {};
    const data = { ...own, ...at.data } as Readonly<Record<string, readonly string[] | undefined>>;
    const wanted = residency.filter(({ when }) =>
      [when.origin ?? [country], when.dataClass ?? [id], when.model ?? [model]].every((set, i) =>
        set.includes([country, id, model][i]!),
      ),
    );
    const channels = new Set([
      ...Object.keys(data),
      ...wanted.flatMap((rule) => (cell.placeKind === "endpoint" ? Object.keys(rule.require) : [])),
    ]);
    for (const channel of channels) {
      const allowed = wanted.flatMap((rule) => {
        const set = (rule.require as Readonly<Record<string, readonly string[] | undefined>>)[channel];
        return set === undefined ? [] : [set];
      });
      // Once, in however many countries it may happen.
      const places = data[channel] ?? ["unknown"];
      if (places.length > 0) writes += cell.writes;
      if (!places.every((place) => allowed.every((set) => set.includes(place)))) breached += cell.writes;
    }
  }
  return { writes, breached };
}

describe("every run", () => {
  it("accounts for every request along every dimension, and its series add up to its totals", () => {
    const reached = new Map<string, number>();
    const note = (what: string, n: number): void => void reached.set(what, (reached.get(what) ?? 0) + n);
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const result = runScenario(scenario);
        conserves(result);
        seriesAddUp(result);
        note("served", result.requests.served);
        for (const [cause, n] of Object.entries(result.attempts.failed)) note(cause, n);
        for (const key of [
          "clientRetries",
          "gatewayRetries",
          "budgetDenied",
          "clientTimeouts",
          "wasted",
        ] as const)
          note(key, result.attempts[key]);
        note("diverted", sum(result.regions.map((region) => region.divertedCalls)));
        note("beliefs", result.lanes.filter((lane) => lane.observer !== "truth").length);
      }),
      RUNS,
    );
    // A law that holds because nothing happens says little: each of these must have happened often.
    for (const what of REACHED) expect(reached.get(what) ?? 0, what).toBeGreaterThan(30);
  });

  it("says nothing that JSON cannot carry, and says the same bytes twice", () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const result = runScenario(scenario);
        expect(unspeakable(result)).toEqual([]);
        const text = JSON.stringify(result);
        expect(JSON.parse(text)).toEqual(result);
        expect(JSON.stringify(runScenario(scenario))).toBe(text);
      }),
      RUNS,
    );
  });

  it("lets go of everything once demand has stopped and patience has run out", () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const world = new World(scenario);
        for (let s = 0; s <= DRAIN_S && requestsIn(world.held) > 0; s += 20)
          world.runUntil(scenario.durationUs + s * 1e6);
        nothingLeft(world.held);
        const { recording } = world.finish();
        const served = sum(recording.servedByOrigin.map((column) => sum([...column])));
        expect(served + sum([...recording.refused])).toBe(sum([...recording.offered]));
      }),
      RUNS,
    );
  });

  it("keeps every prompt where the rules say, as the auditor and a second judge agree", () => {
    let judged = 0;
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const world = new World(scenario);
        world.runUntil(scenario.durationUs);
        const second = breaches(scenario, world);
        const { residency } = runScenario(scenario);
        expect(residency.violations).toBe(0);
        expect({ writes: second.writes, breached: second.breached }).toEqual({
          writes: residency.checked,
          breached: residency.violations,
        });
        judged += second.writes;
      }),
      RUNS,
    );
    expect(judged).toBeGreaterThan(10_000);
  });
});
