/** The headroom table against numbers reckoned by hand from the scenario files. */
import { describe, expect, it } from "vitest";
import { Flows } from "../../src/experiment/headroom/flows.js";
import { headroomTable } from "../../src/experiment/headroom/table.js";
import { Sampler } from "../../src/kernel/index.js";
import type { HeadroomRow, Loss } from "../../src/result/sizing.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { bundled } from "./headroomFiles.js";

/** Normal operation and each region alone. */
function eachLost({ deployment }: Scenario): readonly Loss[] {
  return [
    { id: "normal", regions: [] },
    ...deployment.regions.map(({ id }) => ({ id: `without ${id}`, regions: [id] })),
  ];
}

function tableOf(scenario: Scenario, losses = eachLost(scenario)): ReadonlyMap<string, HeadroomRow> {
  return new Map(headroomTable({ scenario, losses }).map((row) => [row.region, row]));
}

/** Mean time of a call at an idle provider, s. */
function serviceS({ deployment, workload }: Scenario): number {
  const { serving } = deployment.endpoints[0]!;
  if (serving.kind !== "provider") throw new Error("no provider");
  const tokens = new Sampler(workload.classes[0]!.outputTokens).mean;
  return (new Sampler(serving.ttft).mean + tokens * new Sampler(serving.perTokenUs).mean) / 1e6;
}

describe("headroom.yaml", () => {
  const scenario = bundled("headroom");
  const rows = tableOf(scenario);

  it("sends a lost region's users to the nearest, which then has two regions' load, not a region and a half's", () => {
    expect(rows.get("ohio")!.withoutOne!.demandPerS).toBeCloseTo(90, 6);
    expect(rows.get("virginia")!.withoutOne).toMatchObject({ loss: "without ohio", demandPerS: 90 });
    // Nobody is nearer to Oregon than to the other two.
    expect(rows.get("oregon")!.withoutOne!.demandPerS).toBeCloseTo(45, 6);
    for (const row of rows.values()) {
      expect(row.normal.demandPerS).toBeCloseTo(45, 6);
      expect(row.withoutTwo!.demandPerS).toBeCloseTo(135, 6);
      expect(row.worstLegal.demandPerS).toBeCloseTo(135, 6);
    }
  });

  it("completes places over the time of a call on a full region, and places bind", () => {
    const row = rows.get("ohio")!;
    // A full one is 30 % slower. A call's tokens are whole, which the mean of the distribution does not know.
    const perS = 280 / (serviceS(scenario) * 1.3);
    expect(Math.abs(row.normal.capacityPerS! / perS - 1)).toBeLessThan(0.01);
    expect(row.binding).toBe("concurrency");
    expect(row.unitPerS! * 280).toBeCloseTo(row.normal.capacityPerS!, 9);
    expect(row.withoutOne!.utilisation).toBeCloseTo(90 / row.normal.capacityPerS!, 9);
  });

  it("has the textbook's limit and the one of four tries by users times two by gateways", () => {
    const row = rows.get("oregon")!;
    expect(row.naiveLimit).toBeCloseTo(2 / 3, 12);
    expect(row.triesPerRequest).toBe(8);
    expect(row.retrySafeLimit).toBeCloseTo(1 / 8, 12);
  });

  it("lacks nothing for one lost region, and for two what carries all of the third's share", () => {
    expect(rows.get("ohio")!.shortfallUnits).toBe(0);
    const two = tableOf(scenario, [{ id: "two", regions: ["virginia", "oregon"] }]).get("ohio")!;
    const missing = 135 - two.normal.capacityPerS!;
    expect(two.shortfallUnits).toBe(Math.ceil(missing / two.unitPerS!));
    expect(two.retrySafeUnits).toBe(Math.ceil((8 * 135 - two.normal.capacityPerS!) / two.unitPerS!));
  });

  it("says that the smaller cascade.yaml needs more places at the neighbours and none in Oregon", () => {
    const small = tableOf(bundled("cascade"));
    const { unitPerS } = small.get("ohio")!;
    expect(small.get("ohio")!.shortfallUnits).toBe(Math.ceil(90 / unitPerS!) - 160);
    expect(small.get("virginia")!.shortfallUnits).toBe(small.get("ohio")!.shortfallUnits);
    expect(small.get("oregon")!.shortfallUnits).toBe(0);
  });
});

describe("gpu-headroom.yaml", () => {
  const rows = tableOf(bundled("gpu-headroom"));
  const four = tableOf(bundled("gpu-headroom", ["deployment.endpoints.virginia-gpus.serving.replicas=4"]));

  it("shares a lost region's users between the two left, where the fewest calls are under way", () => {
    for (const row of rows.values()) {
      // Shares of 2000 calls each, settled by luck of service times: within 2 %.
      expect(Math.abs(row.normal.demandPerS / 30 - 1)).toBeLessThan(0.02);
      expect(Math.abs(row.withoutOne!.demandPerS / 45 - 1)).toBeLessThan(0.02);
      expect(row.withoutTwo!.demandPerS).toBeCloseTo(90, 6);
      expect(row.binding).toBe("replicas");
    }
  });

  it("says that six replicas survive the loss of a region and four do not, as the file does", () => {
    for (const row of rows.values()) expect(row.shortfallUnits).toBe(0);
    for (const row of four.values()) {
      expect(row.withoutOne!.utilisation).toBeGreaterThan(1);
      expect(row.normal.utilisation).toBeLessThan(1);
      // Two by four replicas complete 71 calls a second of 90: two more each.
      expect(row.shortfallUnits).toBe(2);
    }
  });

  it("counts replicas that scale by themselves as far as they may", () => {
    const path = "deployment.endpoints.virginia-gpus.serving";
    const scaled = bundled("gpu-headroom", [
      `${path}.replicas=4`,
      `${path}.autoscale={ on: queue, target: 4, min: 4, max: 6, interval: 15s, provision: 1m }`,
    ]);
    expect(tableOf(scaled).get("ohio")!.normal.capacityPerS).toBeCloseTo(
      rows.get("ohio")!.normal.capacityPerS!,
      9,
    );
  });
});

describe("quota-cliff.yaml", () => {
  const scenario = bundled("quota-cliff");
  const rows = tableOf(scenario);
  const [c] = scenario.workload.classes;
  // An answer's token counts for five.
  const tokens = new Sampler(c!.inputTokens).mean + 5 * new Sampler(c!.outputTokens).mean;

  it("is bound by tokens a minute, of which each region has enough for its own users and too few for all", () => {
    const { normal, withoutOne, binding } = rows.get("stockholm")!;
    expect(binding).toBe("tokensPerMin");
    expect(normal.capacityPerS).toBeCloseTo(4e6 / tokens / 60, 6);
    expect(normal.demandPerS).toBeCloseTo(18, 6);
    expect(withoutOne!.demandPerS).toBeCloseTo(40, 6);
    expect(withoutOne!.utilisation).toBeGreaterThan(1);
  });

  it("asks for as many tokens as all users take, by the thousand", () => {
    const lacking = (40 * tokens * 60 - 4e6) / 1000;
    for (const row of rows.values()) expect(row.shortfallUnits).toBe(Math.ceil(lacking) * 1000);
  });

  it("is bound by its places where the quota is large, and by requests where those are few", () => {
    const path = "deployment.endpoints.frankfurt-model.limits";
    const wide = tableOf(
      bundled("quota-cliff", [`${path}.tokensPerMin=400000000`, `${path}.requestsPerMin=900000`]),
    );
    expect(wide.get("frankfurt")!.binding).toBe("concurrency");
    const few = tableOf(bundled("quota-cliff", [`${path}.requestsPerMin=1500`])).get("stockholm")!;
    expect(few.binding).toBe("requestsPerMin");
    expect(few.normal.capacityPerS).toBeCloseTo(25, 9);
    expect(few.shortfallUnits).toBe(15 * 60);
  });
});

describe("eu-us.yaml", () => {
  const rows = tableOf(bundled("eu-us"));

  it("says that the EU has no lawful failover, and that all of its calls are stranded", () => {
    const { ifLost, normal } = rows.get("eu")!;
    expect(normal.demandPerS).toBeCloseTo(200 / 3, 6);
    expect(ifLost).toEqual({
      usualPerS: normal.demandPerS,
      unlawfulPerS: normal.demandPerS,
      unservedPerS: 0,
      spareLawfulPerS: 0,
    });
  });

  it("lets Americans go to the EU, and never Europeans to the US", () => {
    expect(rows.get("eu")!.withoutOne!.demandPerS).toBeCloseTo(500 / 3, 6);
    expect(rows.get("eu")!.worstLegal.demandPerS).toBeCloseTo(500 / 3, 6);
    expect(rows.get("us")!.withoutOne!.demandPerS).toBeCloseTo(100, 6);
    expect(rows.get("us")!.worstLegal.demandPerS).toBeCloseTo(100, 6);
    const { ifLost } = rows.get("us")!;
    const { capacityPerS, demandPerS } = rows.get("eu")!.normal;
    expect(ifLost.unlawfulPerS).toBe(0);
    expect(ifLost.spareLawfulPerS).toBeCloseTo(capacityPerS! - demandPerS, 9);
  });

  it("has no loss of two others where there is one other", () => {
    for (const row of rows.values()) expect(row.withoutTwo).toBeNull();
  });
});

describe("other designs", () => {
  it("gives a standby what the active one had, and nothing in normal operation", () => {
    const row = tableOf(bundled("active-passive")).get("stockholm")!;
    expect(row.normal.demandPerS).toBe(0);
    expect(row.withoutOne!.demandPerS).toBeCloseTo(110, 6);
  });

  it("finds by retries who is up where nobody checks, and counts no call to what is gone", () => {
    const scenario = bundled("quota-cliff", ["deployment.routing.health=null"]);
    const flows = new Flows(scenario);
    expect(flows.busiest(0b01).byRegion).toEqual([0, expect.closeTo(40, 6)]);
  });

  it("sends the same calls to the same regions however little they may take", () => {
    const path = "deployment.endpoints.frankfurt-model";
    const starved = bundled("quota-cliff", [
      `${path}.limits.requestsPerMin=60`,
      `${path}.limits.requestBurst=1`,
      `${path}.serving.concurrency=1`,
    ]);
    for (const [region, perS] of [
      ["frankfurt", 22],
      ["stockholm", 18],
    ] as const) {
      const row = tableOf(starved).get(region)!;
      expect(row.normal.demandPerS).toBeCloseTo(perS, 6);
      expect(row.withoutOne!.demandPerS).toBeCloseTo(40, 6);
    }
  });

  it("says that a lone router's region takes its users with it, though another may lawfully serve them", () => {
    const row = tableOf(bundled("replay")).get("paris")!;
    expect(row.ifLost.unlawfulPerS).toBe(0);
    expect(row.ifLost.unservedPerS).toBeCloseTo(row.normal.demandPerS, 9);
  });
});

describe("conservation", () => {
  it.each(["headroom", "gpu-headroom", "quota-cliff", "eu-us", "replay"])(
    "%s: what comes to regions and what is stranded is what is asked, whatever is lost",
    (name) => {
      const scenario = bundled(name);
      const flows = new Flows(scenario);
      const asked = scenario.workload.sites.reduce((sum, { perSecond }) => sum + perSecond[0]!, 0);
      for (const lost of [0, ...scenario.deployment.regions.map((_, r) => 1 << r)]) {
        const { byRegion, strandedPerS, totalPerS } = flows.busiest(lost);
        const served = byRegion.reduce((sum, perS) => sum + perS, 0);
        expect(served + strandedPerS).toBeCloseTo(totalPerS, 6);
        if (scenario.workload.trace === null) expect(totalPerS).toBeCloseTo(asked, 6);
        expect(strandedPerS).toBeGreaterThanOrEqual(-1e-9);
        byRegion.forEach((perS, r) => {
          if (((lost >> r) & 1) !== 0) expect(perS).toBe(0);
        });
      }
    },
  );

  it("more regions lost never bring a region less where everybody goes to the nearest", () => {
    for (const row of tableOf(bundled("headroom")).values()) {
      expect(row.withoutOne!.demandPerS).toBeGreaterThanOrEqual(row.normal.demandPerS);
      expect(row.withoutTwo!.demandPerS).toBeGreaterThanOrEqual(row.withoutOne!.demandPerS);
      expect(row.worstLegal.demandPerS).toBeGreaterThanOrEqual(row.withoutTwo!.demandPerS - 1e-9);
    }
  });

  it("a table made twice is the same", () => {
    const scenario = bundled("quota-cliff");
    const input = { scenario, losses: [{ id: "without frankfurt", regions: ["frankfurt"] }] };
    expect(headroomTable(input)).toEqual(headroomTable(input));
  });
});
