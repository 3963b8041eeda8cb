import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chooseCapacities, searchKnobs } from "../../../src/experiment/size/choice.js";
import {
  bindingPaths,
  capacitiesOf,
  followersOf,
  knobOf,
  settingsOf,
} from "../../../src/experiment/size/knobs.js";
import type { Scenario } from "../../../src/scenario/scenario.js";
import { root as checkout } from "../../cli/harness.js";
import { loadText } from "./sizeText.js";

function shipped(name: string, set: readonly string[] = []): Scenario {
  const read = (path: string): string => readFileSync(join(checkout, "scenarios", path), "utf8");
  const base = /^extends: (\S+)$/m.exec(read(name))?.[1];
  return loadText(read(name), set, base === undefined ? {} : { [base]: read(base) });
}

const capacityAt = (scenario: Scenario, path: string): number | undefined =>
  capacitiesOf(scenario).find((capacity) => capacity.path === path)?.value;

describe("capacities", () => {
  it("bind as the scenarios say: places of providers, replicas, tokens of a contract", () => {
    expect(bindingPaths(shipped("headroom.yaml"))).toEqual([
      "deployment.endpoints.virginia-model.serving.concurrency",
      "deployment.endpoints.ohio-model.serving.concurrency",
      "deployment.endpoints.oregon-model.serving.concurrency",
    ]);
    expect(bindingPaths(shipped("gpu-headroom.yaml"))).toEqual([
      "deployment.endpoints.virginia-gpus.serving.replicas",
      "deployment.endpoints.ohio-gpus.serving.replicas",
      "deployment.endpoints.oregon-gpus.serving.replicas",
    ]);
    expect(bindingPaths(shipped("quota-cliff.yaml"))).toEqual([
      "deployment.endpoints.frankfurt-model.limits.tokensPerMin",
      "deployment.endpoints.stockholm-model.limits.tokensPerMin",
    ]);
  });

  it("have the values that settings give them, one by one, whatever is like whatever", () => {
    for (const name of ["headroom.yaml", "gpu-headroom.yaml", "quota-cliff.yaml"]) {
      const before = shipped(name);
      const capacities = capacitiesOf(before);
      expect(capacities.length).toBeGreaterThan(2);
      const settings = capacities.flatMap((capacity, i) => settingsOf(before, capacity, 101 + i));
      const after = shipped(name, settings);
      capacities.forEach(({ path }, i) => {
        expect([path, capacityAt(after, path)]).toEqual([path, 101 + i]);
      });
    }
  });

  it("of what is like another follow it until they are set themselves", () => {
    const path = "deployment.endpoints.virginia-model.serving.concurrency";
    const before = shipped("headroom.yaml");
    const alone = shipped("headroom.yaml", [`${path}=281`]);
    expect(followersOf(before, alone, "virginia-model")).toEqual(["ohio-model", "oregon-model"]);
    const own = shipped("headroom.yaml", [
      `${path}=281`,
      "deployment.endpoints.ohio-model.serving.concurrency=280",
    ]);
    expect(followersOf(before, own, "virginia-model")).toEqual(["oregon-model"]);
  });

  it("of what scales by itself are how far it may, and it never begins beyond", () => {
    const scaling = shipped("gpu-headroom.yaml", [
      "deployment.endpoints.virginia-gpus.serving.autoscale={ target: 0.7, min: 4, max: 9 }",
    ]);
    const path = "deployment.endpoints.virginia-gpus.serving.autoscale.max";
    expect(capacityAt(scaling, path)).toBe(9);
    expect(settingsOf(scaling, { path }, 7)).toEqual([`${path}=7`]);
    const few = settingsOf(scaling, { path }, 3);
    expect(few).toHaveLength(3);
    const smaller = shipped("gpu-headroom.yaml", [
      "deployment.endpoints.virginia-gpus.serving.autoscale={ target: 0.7, min: 4, max: 9 }",
      ...few,
    ]);
    expect(smaller.deployment.endpoints[0]!.serving).toMatchObject({
      replicas: 3,
      autoscale: { min: 3, max: 3 },
    });
  });

  it("cost what a replica costs, and a place its share of an endpoint's rent", () => {
    const [gpus] = capacitiesOf(shipped("gpu-headroom.yaml"));
    expect(gpus!.usdPerUnitHour).toBe(16.08);
    const rented = shipped("headroom.yaml", [
      "deployment.endpoints.virginia-model.price={ perReplicaHour: 28 }",
    ]);
    expect(capacitiesOf(rented)[0]!.usdPerUnitHour).toBeCloseTo(0.1, 12);
  });
});

describe("the choice of knobs", () => {
  it("takes paths, and for the name of an endpoint what binds it", () => {
    const scenario = shipped("quota-cliff.yaml");
    const path = "deployment.endpoints.stockholm-model.limits.requestsPerMin";
    const chosen = chooseCapacities(scenario, ["frankfurt-model", path, "frankfurt-model"]);
    if (typeof chosen === "string") throw new Error(chosen);
    expect(chosen.first.map((capacity) => capacity.path)).toEqual([
      "deployment.endpoints.frankfurt-model.limits.tokensPerMin",
      path,
    ]);
    expect(chosen.more).toEqual([]);
  });

  it("says what there is where a name is unknown", () => {
    expect(chooseCapacities(shipped("headroom.yaml"), ["ohio"])).not.toBeTypeOf("string");
    expect(chooseCapacities(shipped("headroom.yaml"), ["ohoi"])).toContain(
      '"ohoi" is no capacity of the scenario; there are deployment.endpoints.virginia-model.serving.concurrency',
    );
  });

  it("buys tokens by the ten thousand where there are millions, and places one by one", () => {
    const scenario = shipped("quota-cliff.yaml");
    const capacities = capacitiesOf(scenario);
    const knobs = capacities.map((capacity) => knobOf(capacity, []));
    const steps = Object.fromEntries(knobs.map(({ unit, step }) => [unit, step]));
    // 2000 places, 6000 requests, 4 000 000 tokens; the gateways' 4000 places come last.
    expect(steps).toEqual({ concurrency: 10, requestsPerMin: 10, tokensPerMin: 10_000 });
    const search = searchKnobs(knobs, capacities, 8);
    expect(search.every(({ most, step, from }) => most === 8 * from && most % step === 0)).toBe(true);
  });
});
