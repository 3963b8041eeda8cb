/** The curve of availability over headroom, on systems whose answer is known. */
import { describe, expect, it } from "vitest";
import { headroomCurve, scaledValues } from "../../src/experiment/headroom/curve.js";
import { headroomPart } from "../../src/experiment/headroom/headroom.js";
import { headroomTable } from "../../src/experiment/headroom/table.js";
import type { CurveInput } from "../../src/experiment/headroom/types.js";
import { inlineRunner, type SampleRunner, type SampleTask } from "../../src/experiment/sampleRunner.js";
import type { Knob, Loss } from "../../src/result/sizing.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  gateway,
  region,
  retrying,
  SECOND,
  server,
  site,
} from "../model/buildScenario.js";
import { during } from "../model/lawsScenario.js";

const PER_S = 60;
const LENGTH_S = 60;

/** Three regions behind one router; a third of all demand is each one's usual load. Two of every three calls stay when one goes. */
function regions(sizes: readonly number[], lost: readonly string[] = []): Scenario {
  const places = sizes.map((_, r) => region(`r${r}`, "US"));
  const all = sizes.length;
  const scenario = buildScenario({
    durationS: LENGTH_S,
    regions: [...places, region("router", "US")],
    gateways: [gateway("g", all)],
    endpoints: sizes.map((size, r) => endpoint(`e${r}`, r, server(fixed(SECOND), size, 0))),
    sites: [site("s", "US", PER_S)],
    deployment: {
      caller: retrying(all - 1),
      routing: {
        strategy: "least-loaded",
        health: check(1, 0.5, 1, 1),
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
    faults: lost.map((id) => {
      const index = Number(id.slice(1));
      const what = { kind: "endpoint-down", target: { kind: "endpoint", index }, manner: "refuse" };
      return during(0, LENGTH_S + 1, what, `lost-${id}`);
    }),
  });
  return scenario;
}

function knob(index: number, over: Partial<Knob> = {}): Knob {
  return {
    path: `deployment.endpoints.e${index}.serving.concurrency`,
    endpoint: `e${index}`,
    region: `r${index}`,
    unit: "servers",
    step: 1,
    follow: [],
    from: 40,
    to: null,
    usdPerUnitHour: null,
    ...over,
  };
}

const LOSSES: readonly Loss[] = [
  { id: "normal", regions: [] },
  { id: "without r0", regions: ["r0"] },
];

const SCENARIO = regions([40, 40, 40]);
const ROWS = headroomTable({ scenario: SCENARIO, losses: LOSSES });

/** Chance that a call finds all places taken (Erlang B). */
function blocked(offered: number, places: number): number {
  let chance = 1;
  for (let n = 1; n <= places; n++) chance = (offered * chance) / (n + offered * chance);
  return chance;
}

function inputOf(over: Partial<CurveInput> = {}): CurveInput {
  return {
    scenario: SCENARIO,
    knobs: [knob(0), knob(1), knob(2)],
    rows: ROWS,
    losses: LOSSES,
    factors: [1, 1.5, 2],
    load: (values, loss) => regions(values, loss.regions),
    replications: 3,
    confidence: 0.95,
    ...over,
  };
}

/** A runner that counts what it is asked. */
function counting(): { readonly runner: SampleRunner; readonly tasks: SampleTask[] } {
  const inner = inlineRunner();
  const tasks: SampleTask[] = [];
  return {
    tasks,
    runner: {
      ...inner,
      take: (asked, onSample) => {
        tasks.push(...asked);
        return inner.take(asked, onSample);
      },
    },
  };
}

describe("headroomCurve", () => {
  it("rises with headroom, as the loss system of the places left does", async () => {
    const curve = await headroomCurve(inlineRunner(), inputOf({ factors: [1, 1.5, 2] }));
    const shares = curve.map(({ availability }) => availability);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    for (const { interval, availability, values, loss } of curve) {
      expect(loss).toBe("without r0");
      expect(interval!.high - interval!.low).toBeLessThan(0.06);
      expect(interval!.low).toBeLessThanOrEqual(availability);
      expect(interval!.high).toBeGreaterThanOrEqual(availability);
      expect(interval!.high).toBeLessThanOrEqual(1);
      // It begins empty: of the 60 s the first is served whatever comes.
      expect(Math.abs(availability - (1 - blocked(PER_S, values[1]! + values[2]!)))).toBeLessThan(0.03);
    }
    // Three halves of the peak carry the loss on average and no better: fits is not fits always.
    expect(shares[1]!).toBeLessThan(0.95);
    expect(shares[2]!).toBeGreaterThan(0.99);
  });

  it("tries every loss once and only the worst again", async () => {
    const { runner, tasks } = counting();
    await headroomCurve(runner, inputOf({ factors: [1, 2] }));
    expect(tasks).toHaveLength(2 * 2 + 2 * 2);
    expect(tasks.filter(({ replication }) => replication > 0)).toHaveLength(4);
  });

  it("runs factors that round to the same values once", async () => {
    const { runner, tasks } = counting();
    const curve = await headroomCurve(
      runner,
      inputOf({ factors: [1, 1.00001], knobs: [knob(0, { step: 30 })] }),
    );
    expect(tasks).toHaveLength(2 + 2);
    expect(curve[1]).toEqual({ ...curve[0], headroom: 1.00001 });
  });

  it("has no interval of one replication, and leaves out sizes that cannot be", async () => {
    const input = inputOf({ replications: 1, factors: [1, 2] });
    const load: CurveInput["load"] = (values, loss) =>
      values[0]! > 30 ? "too many" : input.load(values, loss);
    const curve = await headroomCurve(inlineRunner(), { ...input, load });
    expect(curve).toHaveLength(1);
    expect(curve[0]!.interval).toBeNull();
  });

  it("meets what is asked where its caller says so of every loss", async () => {
    const asked: string[] = [];
    const meets: CurveInput["meets"] = (samples, loss) => {
      asked.push(`${loss.id} ${samples.length}`);
      return samples.every(({ measures }) => measures.get("availability")! > 0.99);
    };
    const curve = await headroomCurve(inlineRunner(), inputOf({ meets, factors: [1, 2] }));
    expect(curve.map((point) => point.meets)).toEqual([false, true]);
    expect(asked.slice(-2)).toEqual(["normal 1", "without r0 3"]);
  });

  it("is the same when made twice", async () => {
    const input = inputOf({ factors: [1.5] });
    expect(await headroomCurve(inlineRunner(), input)).toEqual(await headroomCurve(inlineRunner(), input));
  });
});

describe("scaledValues", () => {
  it("gives every region the factor times what usually comes to it, in whole steps, rounded up", () => {
    // 20 calls a second each, one second long.
    const values = scaledValues(inputOf(), 1.5);
    for (const value of values) expect(Math.abs(value - 30)).toBeLessThanOrEqual(1);
    const steps = scaledValues(inputOf({ knobs: [knob(0, { step: 8 })] }), 1.5);
    expect(steps).toEqual([32]);
    expect(scaledValues(inputOf(), 0.0001)).toEqual([1, 1, 1]);
  });

  it("gives a knob that others follow what the largest of their regions needs", () => {
    const { rows, ...input } = inputOf();
    const busy = rows.map((row, r) =>
      r === 2 ? { ...row, normal: { ...row.normal, demandPerS: 2 * row.normal.demandPerS } } : row,
    );
    const alone = scaledValues({ ...input, rows: busy, knobs: [knob(0)] }, 1);
    const followed = scaledValues({ ...input, rows: busy, knobs: [knob(0, { follow: ["e1", "e2"] })] }, 1);
    expect(Math.abs(alone[0]! - 20)).toBeLessThanOrEqual(1);
    expect(Math.abs(followed[0]! - 40)).toBeLessThanOrEqual(2);
  });

  it("gives a region that only a loss fills what that loss brings it", () => {
    const { rows, ...input } = inputOf();
    const idle = rows.map((row) => ({ ...row, normal: { ...row.normal, demandPerS: 0 } }));
    // Without one region 30 come to each of the others.
    expect(Math.abs(scaledValues({ ...input, rows: idle }, 1)[1]! - 30)).toBeLessThanOrEqual(1);
  });
});

describe("headroomPart", () => {
  it("has tables of both sizes, and no curve for no replications", async () => {
    const { scenario, knobs, losses, load } = inputOf();
    const part = await headroomPart(inlineRunner(), {
      scenario,
      sized: regions([60, 60, 60]),
      knobs,
      losses,
      load,
      replications: 0,
      confidence: 0.95,
    });
    expect(part.curve).toEqual([]);
    expect(part.headroom[0]!.normal.capacityPerS).toBeCloseTo(40, 9);
    expect(part.headroomSized![0]!.normal.capacityPerS).toBeCloseTo(60, 9);
  });
});
