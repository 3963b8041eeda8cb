/** Stores as they are written, and as they are meant. */
import { describe, expect, it } from "vitest";
import { loadScenario, type Scenario } from "../../src/scenario/index.js";
import { spoil } from "./malformed/base.js";
import { STORED, STORES } from "./storesCases.js";

function load(text: string): ReturnType<typeof loadScenario> {
  const read = (path: string): string => {
    throw new Error(`no ${path}`);
  };
  return loadScenario({ file: "case.yaml", text, read });
}

function loaded(text: string): Scenario {
  const result = load(text);
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join("\n"));
  return result.scenario;
}

describe("stores", () => {
  it("have a primary that is replaced only where the file says when", () => {
    const failovers = (text: string) => loaded(text).deployment.stores.map(({ failoverUs }) => failoverUs);
    expect(failovers(STORED)).toEqual([undefined, undefined, undefined]);
    const text = STORED.replace("reads: primary", "failover: 2m\n      reads: primary");
    expect(failovers(text)).toEqual([120e6, undefined, undefined]);
  });

  it("are resolved with copies in the order written, places as countries, and defaults by kind", () => {
    const [chats, people, docs] = loaded(STORED).deployment.stores;
    expect(chats).toMatchObject({
      id: "chats",
      copies: [
        {
          id: "chats@eu",
          regionIndex: 0,
          data: { store: { countries: ["DE", "GB"], keptDays: 30, source: "case.yaml:11" } },
        },
        { id: "chats@us", regionIndex: 1, data: { store: { countries: ["US"], source: "case.yaml:11" } } },
      ],
      lag: { kind: "lognormal" },
      acks: "reachable",
      primaryIndex: 0,
      readsPrimary: true,
      usedBy: "endpoint",
      classIndices: [0],
      onMissing: "refuse",
      onUnavailable: "serve",
      writeShare: 1,
    });
    expect(people).toMatchObject({
      copies: [{ regionIndex: 2 }, { regionIndex: 0 }, { regionIndex: 1 }],
      lag: { kind: "deterministic", value: 0 },
      acks: "majority",
      primaryIndex: -1,
      readsPrimary: false,
      usedBy: "gateway",
      classIndices: [0],
      onMissing: "serve",
      onUnavailable: "refuse",
      writeShare: 0.25,
    });
    expect(docs).toMatchObject({
      copies: [{ id: "docs@us", data: { "vector-index": { countries: ["US"] } } }],
      classIndices: [0, 1],
      writeShare: 0,
    });
  });

  it("are none where none are written", () => {
    const without = STORED.replace(/ {2}stores:[\s\S]*?(?=workload:)/, "").replace(/objectives:[\s\S]*/, "");
    expect(loaded(without).deployment.stores).toEqual([]);
  });

  it("keep profiles of the users of a closed site, who need no session", () => {
    const closed = STORED.replace(
      "{ from: DE, rate: 3rps }",
      "{ id: lab, from: DE, closed: { users: 5, think: 9s } }",
    ).replace("classes: talk", "classes: ask");
    expect(loaded(closed).deployment.stores[1]!.classIndices).toEqual([1]);
  });
});

describe("malformed stores", () => {
  it.each(STORES.map((each) => [each.name, each] as const))(
    "%s is refused once, at its line and column",
    (_, each) => {
      const { text, line, column } = spoil(STORED, each.edits);
      const result = load(text);
      const issues = result.ok ? [] : result.issues;
      const shown = issues.map(
        (issue) => `${issue.line}:${issue.column} ${issue.code} ${issue.message} (${issue.suggestion ?? ""})`,
      );
      const hit = issues.find(
        (issue) => issue.line === line && issue.column === column && issue.code === each.code,
      );
      expect(hit, `expected ${line}:${column} ${each.code}, got\n${shown.join("\n")}`).toBeDefined();
      expect(shown, shown.join("\n")).toHaveLength(1);
      expect(hit?.message).not.toMatch(/undefined|\[object|Invalid input|bug:|must be valid/);
      if (each.suggests !== undefined) expect(hit?.suggestion ?? "").toContain(each.suggests);
    },
  );
});
