/** What the result and the report say of versions, standbys, drills and evacuations, and the objectives about them. */
import { beforeAll, describe, expect, test } from "vitest";
import { runScenario } from "../../src/experiment/run.js";
import { charts } from "../../src/report/charts.js";
import { driftLines } from "../../src/report/driftSentences.js";
import { driftTableMakers } from "../../src/report/driftTables.js";
import { csvTables } from "../../src/result/csv.js";
import type { Result } from "../../src/result/index.js";
import { loadScenario } from "../../src/scenario/index.js";

const OBJECTIVES = {
  "versions.skewed <= 1%": false,
  "versions.skewed > 10": true,
  "versions.switches > 0": true,
  "versions.betweenRegions == 0": true,
  "versions.pinRefused == 0": true,
  "promotion.tries == 3": true,
  "promotion.failed == 1": true,
  "promotion.p95 < 1m": true,
  "promotion.p95{endpoint=standby} < 10s": false,
  "promotion.max >= 20s": true,
  "drill.passed == 0": true,
  "drill.found == 0": true,
  "drill.refused == 0": true,
  "evacuation.takes == 30s": true,
  "evacuation.refused == 0": true,
};

const SCENARIO = `schema: regionsim/1
name: drift
duration: 5m
deployment:
  regions:
    eu: { at: "aws:eu-central-1" }
    ie: { at: "aws:eu-west-1" }
  endpoints:
    main: { region: eu, model: m, version: "1", serving: { kind: server, service: 100ms, concurrency: 100 } }
    standby: { like: main, region: ie, tier: 1, standby: { untested: 10d, rot: { kind: linear, perDay: 10% }, hold: 2s, promotion: 3s, repair: 20s, failback: { hold: 10s, ramp: 20s } } }
  entry: { kind: direct }
  rollouts: [{ version: "2", at: 30s, endpoints: [main], ramp: 10s }]
  drills: [{ standby: standby, first: 1m, ramp: 10s, hold: 10s }]
  evacuations: [{ region: eu, at: 3m20s, stages: [{ name: promote, takes: 10s, does: promote }, { name: leave, takes: 20s, does: drain-endpoints }] }]
  routing: { health: { interval: 1s, fall: 2 } }
workload:
  classes:
    chat: { session: { turns: 4, think: 5s } }
  sites: [{ from: DE, rate: 4rps }]
faults: [{ at: 50s, for: 1m, kind: endpoint-down, endpoint: main, manner: refuse }]
objectives: ${JSON.stringify(Object.keys(OBJECTIVES))}
`;

const load = (text: string): Result => {
  const loading = loadScenario({ file: "s.yaml", text, read: () => "" });
  if (!loading.ok) throw new Error(loading.issues.map(({ message }) => message).join("\n"));
  return runScenario(loading.scenario);
};

describe("a run with versions, standbys and operators", () => {
  let result: Result;
  beforeAll(() => {
    result = load(SCENARIO);
  });

  test.each(Object.entries(OBJECTIVES))("judges %s as %s", (name, pass) => {
    expect(result.objectives.find((objective) => objective.name === name)).toMatchObject({ pass });
  });

  test("tells each version's requests in total and over time alike", () => {
    const { versions } = result;
    for (const name of versions!.versions) {
      const column = versions!.overTime.served[name]!;
      expect(column.reduce((sum, n) => sum + n, 0)).toBe(versions!.served[name]);
    }
    const served = Object.values(versions!.served).reduce((sum, n) => sum + n, 0);
    expect(served).toBe(result.requests.served);
    expect(Object.values(versions!.skewedBy).reduce((sum, n) => sum + n, 0)).toBe(versions!.skewed);
  });

  test("has every occurrence of an operation in the costs of its kind", () => {
    const { list, costs } = result.operations!;
    for (const field of ["served", "refused"] as const) {
      const sum = (rows: readonly { readonly served: number; readonly refused: number }[]): number =>
        rows.reduce((total, row) => total + row[field], 0);
      expect(sum(costs)).toBe(sum(list));
    }
    expect(costs.reduce((sum, { times }) => sum + times, 0)).toBe(list.length);
    for (const { served, e2eMs } of costs) expect(e2eMs.count).toBe(served);
  });

  test("says in sentences what failed, for how long, and at what cost", () => {
    const text = driftLines(result).join("\n").replaceAll("\u00a0", " ");
    expect(text).toContain(
      "Standby standby, untested for 10 days (100 % to fail, as the scenario assumes; s.yaml:10): needed at 0:51: failed at",
    );
    expect(text).toMatch(/Drills: 1 due, 0 passed and 1 skipped/);
    expect(text).toMatch(
      /Evacuation evacuation-1 from 3:20: promote 10 s and leave 20 s; meanwhile 0 requests refused/,
    );
    expect(text).toMatch(
      /Versions: \d+\.\d % of [\d ]+ conversations saw two \(\d+ by a rollout and \d+ by failover\).*; nothing pins them: s\.yaml:12\./,
    );
  });

  test("is in tables of full rows, CSV files and a chart of versions", () => {
    const tables = driftTableMakers(result).map((make) => make(result));
    expect(tables.map(({ title }) => title)).toHaveLength(4);
    for (const { heads, rows } of tables) {
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row).toHaveLength(heads.length);
    }
    const files = csvTables(result);
    for (const name of ["versions.csv", "promotions.csv", "operations.csv"])
      expect(files[name]!.split("\n").length).toBeGreaterThan(2);
    expect(charts(result).map(({ name }) => name)).toContain("versions");
  });
});

test("a scenario without any of it says nothing of it", () => {
  const text = SCENARIO.replace(/, standby: \{ untested.*\} \} \}/, " }")
    .replace(/ {2}(rollouts|drills|evacuations): .*\n/g, "")
    .replace(/objectives: .*\n/, "")
    .replace("duration: 5m", "duration: 20s")
    .replace(/faults: .*\n/, "");
  const result = load(text);
  expect([result.versions, result.standbys, result.operations]).toEqual([null, [], null]);
  expect(driftLines(result)).toEqual([]);
  expect(driftTableMakers(result)).toEqual([]);
  expect(charts(result).map(({ name }) => name)).not.toContain("versions");
});
