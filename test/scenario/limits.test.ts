import { expect, test } from "vitest";
import { World } from "../../src/model/index.js";
import { type Issue, loadScenario } from "../../src/scenario/index.js";

function refused(text: string, read: (path: string) => string = () => ""): readonly Issue[] {
  const result = loadScenario({ file: "s.yaml", text, read });
  if (result.ok) throw new Error("loaded");
  return result.issues;
}

test("a text of more than 64 Mi characters is refused unread", () => {
  const issues = refused("x".repeat(67_108_865));
  expect(issues.map((issue) => `${issue.line}:${issue.column} ${issue.code}`)).toEqual(["1:1 too-large"]);
});

test("a text of more than a million values is refused where it passes the bound, without parsing it", () => {
  const begun = process.cpuUsage().user;
  const issues = refused(`x:\n${"- 1\n".repeat(1_000_000)}`);
  expect(issues.map((issue) => `${issue.line}:${issue.column} ${issue.code}`)).toEqual([
    "1000000:4 too-many",
  ]);
  expect((process.cpuUsage().user - begun) / 1_000_000).toBeLessThan(1);
});

test("a mapping of a hundred thousand keys is read in linear time", () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join("\n");
  const begun = process.cpuUsage().user;
  const issues = refused(text);
  expect(issues.filter((issue) => issue.code === "unknown-key")).toHaveLength(100_000);
  expect((process.cpuUsage().user - begun) / 1_000_000).toBeLessThan(20);
}, 60_000);

test("thirty-two endpoints are one more than a router's mask holds", () => {
  const endpoint = (i: number): string =>
    `m${i}: { region: us, model: a, serving: { kind: server, service: 1s } }`;
  const text = (n: number): string => `schema: regionsim/1
name: many
duration: 1m
deployment:
  regions: { us: { at: "aws:us-east-1" } }
  endpoints: { ${Array.from({ length: n }, (_, i) => endpoint(i)).join(", ")} }
workload: { sites: [{ from: US, rate: 1rps }] }
`;
  expect(loadScenario({ file: "s.yaml", text: text(31), read: () => "" }).ok).toBe(true);
  const issues = refused(text(32));
  expect(issues.map((issue) => `${issue.line}:${issue.column} ${issue.message}`)).toEqual([
    "6:14 deployment.endpoints must be a mapping with 1 to 31 entries, got { m0, m1, m2, m3, … }",
  ]);
});

test("a side file that reads as no text is a file that cannot be read", () => {
  const issues = refused("deployment: d.yaml\n", () => 5 as unknown as string);
  expect(issues.some((issue) => issue.code === "unreadable" && issue.line === 1 && issue.column === 13)).toBe(
    true,
  );
});

test("the largest deployment that loads can be built: 31 gateways, 31 endpoints, a thousand checkers", () => {
  const thirtyOne = (entry: (i: number) => string): string =>
    Array.from({ length: 31 }, (_, i) => entry(i)).join(", ");
  const result = loadScenario({
    file: "s.yaml",
    text: `schema: regionsim/1
name: largest
duration: 1m
deployment:
  regions: { us: { at: "aws:us-east-1" } }
  gateways: { ${thirtyOne((i) => `g${i}: { region: us }`)} }
  endpoints: { ${thirtyOne((i) => `m${i}: { region: us, model: a, serving: { kind: server, service: 1s } }`)} }
  entry: { kind: geo-dns, checkers: 1000 }
workload: { sites: [{ from: US, rate: 1rps }] }
`,
    read: () => "",
  });
  if (!result.ok) throw new Error("refused");
  const world = new World(result.scenario);
  world.runUntil(1_000_000);
  // Each of 31 × 31 + 31 × 1000 probers is told apart by 16 bits, and keeps one record at least.
  expect(world.peakInFlight).toBeGreaterThanOrEqual(31 * 31 + 31 * 1000);
});
