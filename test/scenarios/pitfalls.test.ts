/**
 * Each pitfall as a scenario: red with it, green with the one change that its file proposes, and the line to change
 * named by the summary, the page and, where prompts leak, the audit. The red result is the committed one, which another
 * test runs again.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { auditScenario, runScenario } from "../../src/experiment/index.js";
import { auditLedger } from "../../src/model/index.js";
import { auditText, htmlReport, summaryText } from "../../src/report/index.js";
import type { AuditReport, Result } from "../../src/result/index.js";
import { goldenResult, loadShipped, root, runShipped } from "./shipped.js";

/** A scenario, the one objective that fails, what changes that, and what stands on the lines to change. */
interface Pitfall {
  readonly name: string;
  readonly fails: string;
  readonly set: readonly string[];
  readonly lines: readonly string[];
}

const LEAK = "residency.violations == 0";
const ENFORCE = "deployment.routing.enforce=all";

const PITFALLS: readonly Pitfall[] = [
  {
    name: "leaky-logs",
    fails: LEAK,
    set: ["deployment.gateways.eu.data.logs=DE", "deployment.gateways.eu.data.traces=DE"],
    lines: ["# the central sink: this is the leak", "# and so is this"],
  },
  { name: "failover-breaks-residency", fails: LEAK, set: [ENFORCE], lines: ["    enforce: none "] },
  {
    name: "stateful-failover",
    fails: LEAK,
    set: ["deployment.stores.conversations.copies.frankfurt.data=DE"],
    lines: ["          data: [DE, GB] "],
  },
  {
    name: "provider-vs-region",
    fails: LEAK,
    set: ["deployment.endpoints.sweden-gpt.data.terms=azure-openai:datazone-eu"],
    lines: ['        terms: "azure-openai:global" '],
  },
  { name: "gateway-vs-provider-endpoints", fails: LEAK, set: [ENFORCE], lines: ["    enforce: [logs] "] },
  { name: "eu-means-four-things", fails: LEAK, set: [ENFORCE], lines: ["    enforce: none "] },
  {
    name: "untested-standby",
    fails: "refused <= 10%",
    set: ["deployment.endpoints.dublin-model.standby.untested.every=7d"],
    lines: ["        untested: 120d"],
  },
  {
    name: "version-skew",
    fails: "versions.skewed == 0",
    set: ["deployment.routing.pin=version"],
    lines: ["    pin: none "],
  },
];

const LEAKS = PITFALLS.filter(({ fails }) => fails === LEAK);

const cases = (of: readonly Pitfall[]): [string, Pitfall][] => of.map((each) => [each.name, each]);

function yamlOf(name: string): string {
  return readFileSync(join(root, "scenarios", `${name}.yaml`), "utf8");
}

/** Number of the only line of a file that has this text in it, from 1. */
function lineOf(name: string, text: string): number {
  const found = yamlOf(name)
    .split("\n")
    .flatMap((line, i) => (line.includes(text) ? [i + 1] : []));
  expect(found, `${name}.yaml: ${text}`).toHaveLength(1);
  return found[0]!;
}

/** Runs with changes, each once. */
const changed = new Map<string, Result>();
function runChanged(name: string, set: readonly string[]): Result {
  const key = [name, ...set].join(" ");
  const known = changed.get(key);
  if (known !== undefined) return known;
  const result = runShipped(name, set);
  changed.set(key, result);
  return result;
}

function failing({ objectives }: Result): readonly string[] {
  return objectives.filter(({ pass }) => !pass).map(({ name }) => name);
}

/** The audit of a scenario, as a document and as a terminal shows it. */
function audited(name: string, set: readonly string[] = []): { report: AuditReport; text: string } {
  const report = auditScenario(loadShipped(name, set));
  const shown = { colour: false, widthCharacters: 1000, isWhole: true };
  return { report, text: auditText(report, { ...shown, file: `${name}.yaml`, folder: "" }) };
}

/** Endpoints that the audit finds against the rule. */
function against(name: string, set: readonly string[]): readonly string[] {
  return [...new Set(audited(name, set).report.violations.map(({ place }) => place.id))].sort();
}

function refusedShare({ requests }: Result): number {
  return requests.refused / requests.offered;
}

describe("a pitfall", () => {
  it.each(cases(PITFALLS))("%s is red for the stated objective and no other", (name, { fails }) => {
    expect(failing(goldenResult(name))).toEqual([fails]);
  });

  it.each(cases(PITFALLS))("%s is green with the change its file proposes", (name, { set }) => {
    const command = `#   regionsim run scenarios/${name}.yaml ${set.map((change) => `--set ${change}`).join(" ")}`;
    expect(yamlOf(name).split("\n")).toContain(command);
    expect(failing(runChanged(name, set))).toEqual([]);
  });

  it.each(cases(PITFALLS))(
    "%s names the line to change in the summary and on the page",
    (name, { lines }) => {
      const result = goldenResult(name);
      const summary = summaryText(result, { colour: false });
      const page = htmlReport(result, new Map());
      for (const text of lines) {
        const place = new RegExp(`\\b${name}\\.yaml:${lineOf(name, text)}\\b`);
        expect(summary).toMatch(place);
        expect(page).toMatch(place);
      }
    },
  );

  it.each(cases(LEAKS))(
    "%s is found by the audit at the same line, and not when it is mended",
    (name, pitfall) => {
      const red = audited(name);
      expect(red.report.verdict).toBe("violation-possible");
      for (const text of pitfall.lines)
        expect(red.text).toMatch(new RegExp(`\\b(line |yaml:)${lineOf(name, text)}\\b`));
      expect(audited(name, pitfall.set).report.verdict).toBe("proven");
    },
  );
});

describe("logs that leak", () => {
  it("are refused instead where the router checks them: every European request, for its logs", () => {
    const strict = runChanged("leaky-logs", [ENFORCE]);
    const { EU, US } = strict.requestsBy.origin;
    expect(EU!.served).toBe(0);
    expect(US!.refused).toBe(0);
    expect(strict.refusedBy.origin.EU).toEqual({ log_sink_forbidden: EU!.refused });
  });
});

describe("a store that is copied behind the scenes", () => {
  const FREE = "deployment.stores.conversations.lag=null";
  const told = (set: readonly string[]): Result["stores"][number] =>
    runChanged("stateful-failover", set).stores[0]!;

  it("loses little at a lag of seconds, much when regions are isolated, and nothing when writes wait", () => {
    const [async] = goldenResult("stateful-failover").stores;
    const isolated = told([FREE, "deployment.stores.conversations.replication=isolated"]);
    const sync = told([FREE, "deployment.stores.conversations.replication=sync"]);
    expect(async!.lost).toBeGreaterThan(0);
    expect(async!.stale + async!.missing).toBeLessThan(0.002 * async!.reads);
    expect(Math.round(isolated.reads / isolated.missing / 10)).toBe(5);
    expect(Math.abs(isolated.writes / isolated.lost - 12)).toBeLessThan(2);
    expect([sync.stale, sync.missing, sync.lost]).toEqual([0, 0, 0]);
  });
});

describe("a bad day of a provider", () => {
  it("refuses a fifth of everybody with its own failover, and with one's own regions; hardly anybody with both", () => {
    const both = goldenResult("provider-vs-region");
    const provider = goldenResult("provider-alone");
    const regions = runChanged("provider-vs-region", ["deployment.routing.fallback=null"]);
    for (const one of [provider, regions]) expect(Math.abs(refusedShare(one) - 0.2)).toBeLessThan(0.01);
    expect(refusedShare(both)).toBeLessThan(0.011);
    expect(Math.abs(both.fallbacks.answered / both.requests.served - 0.2)).toBeLessThan(0.01);
    for (const each of [both, provider, regions]) expect(each.requests.offered).toBe(both.requests.offered);
    expect(provider.faults[0]!.refused).toBeLessThan(0.8 * both.faults[0]!.refused);
  });
});

describe("terms that name many countries", () => {
  it("are one violation a prompt, in the count and in the report", () => {
    const calls = {
      site: 0,
      classIndex: 0,
      placeKind: "endpoint",
      place: 3,
      purpose: "request",
      writes: 10,
    } as const;
    const scenario = loadShipped("eu-means-four-things");
    expect(scenario.deployment.endpoints[calls.place]!.id).toBe("named-eu");
    const { checked, violations, rows } = auditLedger(scenario, [calls]);
    expect([checked, violations]).toEqual([10, 10]);
    expect(rows.filter(({ lawful }) => !lawful).map(({ country }) => country)).toEqual([
      "CH",
      "GB",
      "IS",
      "LI",
      "NO",
    ]);
    const told = summaryText(goldenResult("provider-vs-region"), { colour: false });
    expect(told.split("\n").filter((line) => line.includes(" at sweden-gpt"))).toHaveLength(1);
    expect(told).toContain("processing in any of 222 countries (AD, AE, AF, …) at sweden-gpt");
  });
});

describe("the provider's global endpoint", () => {
  it("is cheaper and refuses fewer; one's own regional ones answer sooner on the bad day, by another model, at home", () => {
    const global = goldenResult("gateway-vs-provider-endpoints");
    const own = runChanged("gateway-vs-provider-endpoints", [ENFORCE]);
    const p95 = (of: Result): number => of.latency.ttftMs.originInPhase.EU!.during!.p95;
    expect(own.cost!.perThousandServed!).toBeGreaterThan(1.04 * global.cost!.perThousandServed!);
    expect(own.requests.refused).toBeGreaterThan(100 * global.requests.refused);
    expect(p95(own)).toBeLessThan(0.7 * p95(global));
    expect([global.fallbacks.answered, own.fallbacks.answered > 5_000]).toEqual([0, true]);
    expect(own.requestsBy.origin.US).toEqual(global.requestsBy.origin.US);
  });
});

describe("the four meanings of EU", () => {
  it.each([
    ["EU", ["named-eu", "openai-europe"]],
    ["EEA", ["named-eu", "openai-europe"]],
    ["EEA+CH", ["named-eu"]],
    ["EEA+CH+UK", []],
  ])("under a rule that says %s, these are unlawful: %j", (zone, unlawful) => {
    const set = [`deployment.residency.0.require.processing=${zone}`];
    expect(against("eu-means-four-things", set)).toEqual(unlawful);
  });

  it("leave half of the pool to take it all when the router asks", () => {
    const strict = runChanged("eu-means-four-things", [ENFORCE]);
    const used = strict.endpoints.filter(({ calls }) => calls > 0).map(({ id }) => id);
    expect(used.sort()).toEqual(["azure-datazone-eu", "bedrock-eu"]);
  });
});

describe("a standby", () => {
  /** Few users, and no longer than the promotion takes: it does not ask how many wait for it. */
  const FEW = ["workload.sites.0.users=300", "workload.sites.1.users=200", "duration=11m"];
  const REPLICATIONS = 40;

  /** Runs in which the promotion failed. */
  const failures = (set: readonly string[]): number => {
    const scenario = loadShipped("untested-standby", [...FEW, ...set]);
    const runs = Array.from({ length: REPLICATIONS }, (_, replication) =>
      runScenario(scenario, { replication }),
    );
    return runs.filter(({ standbys }) => standbys[0]!.promotions[0]!.failure !== null).length;
  };

  it("nobody tried fails in 37 of 100 runs, and one that is drilled every week in one or two", () => {
    const chance = 1 - 2 ** (-120 / 180);
    const halfWidth = 3 * Math.sqrt(REPLICATIONS * chance * (1 - chance));
    expect(halfWidth).toBeLessThan(0.65 * REPLICATIONS * chance);
    expect(Math.abs(failures([]) - REPLICATIONS * chance)).toBeLessThan(halfWidth);
    // Tried at an even moment of the last week: 1.3 in 100, so more than three of forty is one run in five hundred.
    expect(failures(["deployment.endpoints.dublin-model.standby.untested.every=7d"])).toBeLessThanOrEqual(3);
  });
});

describe("versions", () => {
  it("differ between neighbours even when every conversation keeps its own", () => {
    const pinned = runChanged("version-skew", ["deployment.routing.pin=version"]).versions!;
    expect(pinned.skewed).toBe(0);
    expect(pinned.betweenRegions).toBeGreaterThan(10_000);
  });
});
