import { describe, expect, it } from "vitest";
import { faultSettings, lossCases } from "../../../src/experiment/size/losses.js";
import { isAsked } from "../../../src/experiment/size/model.js";
import { loadText } from "./sizeText.js";

const TEXT = `
schema: regionsim/1
name: three
seed: three
duration: 40m
warmup: 4m
deployment:
  regions: { a: { at: "aws:us-east-1" }, b: { at: "aws:us-east-2" }, c: { at: "aws:us-west-2" } }
  endpoints:
    a-model: { region: a, model: m, serving: { kind: server, service: 1s, concurrency: 9 } }
    b-model: { like: a-model, region: b }
    c-model: { like: a-model, region: c }
workload:
  classes: { chat: { model: m } }
  sites: [{ from: US-NY, rate: 1rps }]
  client: { timeout: 10m }
faults:
  - { id: blip, at: 1m, for: 1m, kind: region-down, region: a, manner: refuse }
  - { id: rush, at: 10m, for: 5m, kind: demand-surge, site: US-NY, factor: 3 }
  - { id: slow, at: 20m, for: 5m, kind: slow, region: b, factor: 2 }
objectives: ["refused <= 1%", "failover <= 60s", "ttft.p95{phase=during} <= 2s", "ttft.p95 <= 2s"]
`;

const scenario = loadText(TEXT);

describe("losses", () => {
  it("of one region are the normal state and each region, of two each pair besides", () => {
    const ids = (most: 1 | 2): readonly string[] =>
      lossCases(scenario, { kind: "regions", most }).map(({ id }) => id);
    expect(ids(1)).toEqual(["normal", "without a", "without b", "without c"]);
    expect(ids(2)).toEqual([...ids(1), "without a, b", "without a, c", "without b, c"]);
  });

  it("take the middle third of what is measured, in the manner of the file, and leave surges as they are", () => {
    const [, , , , pair] = lossCases(scenario, { kind: "regions", most: 2 });
    expect(pair!.stem).toBe("without-a-b");
    const { faults } = loadText(TEXT, faultSettings(pair!));
    const MINUTE = 60e6;
    expect(
      faults.map(({ id, kind, startUs, endUs }) => [id, kind, startUs / MINUTE, endUs / MINUTE]),
    ).toEqual([
      ["without-a", "region-down", 16, 28],
      ["without-b", "region-down", 16, 28],
      ["rush", "demand-surge", 10, 15],
    ]);
    expect(faults[0]).toMatchObject({ manner: "refuse", target: { kind: "region", index: 0 } });
    expect(faults[2]).toEqual(scenario.faults[1]);
  });

  it("are silent where the file says nothing of how regions go", () => {
    const quiet = loadText(TEXT, ["faults=[]"]);
    const [normal, first] = lossCases(quiet, { kind: "regions", most: 1 });
    expect(loadText(TEXT, faultSettings(normal!)).faults).toEqual([]);
    expect(loadText(TEXT, faultSettings(first!)).faults[0]).toMatchObject({ manner: "black-hole" });
  });

  it("of the file are the file's, and faults from elsewhere come beside the normal state", () => {
    const [own, none] = lossCases(scenario, { kind: "own-faults" });
    expect(none).toBeUndefined();
    expect(faultSettings(own!)).toEqual([]);
    const storm = [{ id: "x", at: "5m", for: "1m", kind: "slow", target: "all", factor: 4 }];
    const cases = lossCases(scenario, { kind: "faults", name: "storm.csv", faults: storm });
    expect(cases.map(({ id }) => id)).toEqual(["normal", "storm.csv"]);
    expect(loadText(TEXT, faultSettings(cases[1]!)).faults.map(({ id }) => id)).toEqual(["x"]);
  });

  it("are asked about failover, the normal state is not", () => {
    const [normal, lost] = lossCases(scenario, { kind: "regions", most: 1 });
    const { objectives } = scenario;
    expect(objectives.map((objective) => isAsked(objective, normal!))).toEqual([true, false, false, true]);
    expect(objectives.map((objective) => isAsked(objective, lost!))).toEqual([true, true, true, true]);
  });
});
