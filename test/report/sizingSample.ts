/** A sizing document with something of everything: made up, and small. */
import type { CurvePoint, HeadroomRow, HeadroomState, Sizing } from "../../src/result/sizing.js";

function state(loss: string, demandPerS: number, capacityPerS: number | null): HeadroomState {
  return {
    loss,
    demandPerS,
    capacityPerS,
    utilisation: capacityPerS === null ? 0 : demandPerS / capacityPerS,
  };
}

/** A region whose users may go elsewhere, unless told otherwise. */
export function headroomRow(
  region: string,
  capacityPerS: number | null,
  over: Partial<HeadroomRow> = {},
): HeadroomRow {
  return {
    region,
    binding: capacityPerS === null ? null : "concurrency",
    normal: state("normal", 40, capacityPerS),
    withoutOne: state("without us", 90, capacityPerS),
    withoutTwo: null,
    worstLegal: state("without us", 90, capacityPerS),
    naiveLimit: 0.5,
    retrySafeLimit: 0.25,
    shortfallUnits: capacityPerS !== null && capacityPerS < 90 ? 1234 : 0,
    triesPerRequest: 4,
    retrySafeUnits: capacityPerS === null ? 0 : 4321,
    unitPerS: capacityPerS === null ? null : 0.4,
    ifLost: { usualPerS: 40, unlawfulPerS: 0, unservedPerS: 0, spareLawfulPerS: 10 },
    ...over,
  };
}

function point(headroom: number, availability: number, meets: boolean): CurvePoint {
  const interval = {
    low: availability - 0.01,
    high: Math.min(1, availability + 0.01),
    confidence: 0.95,
    method: "t",
  };
  return {
    headroom,
    values: [headroom * 100],
    availability,
    interval,
    loss: "without us",
    meets,
  } as CurvePoint;
}

/** Two regions: one must grow, the other may shrink. */
export function sizingSample(over: Partial<Sizing> = {}): Sizing {
  const knob = { region: "eu", unit: "concurrency", step: 1, follow: [], usdPerUnitHour: 2 } as const;
  return {
    schema: "regionsim.sizing/1",
    tool: { name: "regionsim", version: "9.9.9" },
    scenario: { name: "Two regions", path: "two.yaml", sha256: "0123456789abcdef0123456789abcdef" },
    seed: "seed-1",
    survive: "any-one-region",
    objectives: ["refused <= 2%", "cascade == none"],
    confidence: 0.95,
    losses: [
      { id: "normal", regions: [] },
      { id: "without eu", regions: ["eu"] },
      { id: "without us", regions: ["us"] },
    ],
    knobs: [
      {
        ...knob,
        path: "deployment.endpoints.eu-model.serving.concurrency",
        endpoint: "eu-model",
        from: 200,
        to: 240,
      },
      {
        ...knob,
        path: "deployment.endpoints.us-model.serving.concurrency",
        endpoint: "us-model",
        region: "us",
        from: 300,
        to: 250,
      },
    ],
    usdPerMonth: { from: 720_000, to: 705_600 },
    trials: [
      { values: [1600, 2400], replications: 12, verdict: "meets", because: null },
      {
        values: [200, 300],
        replications: 12,
        verdict: "misses",
        because: { loss: "without us", objective: "refused <= 2%", value: 0.125 },
      },
      { values: [240, 250], replications: 48, verdict: "meets", because: null },
    ],
    confirmedBy: 16,
    unmet: [],
    monotone: { checked: 3, exceptions: [] },
    headroom: [
      headroomRow("us", 200, { withoutOne: state("without eu", 70, 200) }),
      headroomRow("eu", 80, {
        ifLost: { usualPerS: 40, unlawfulPerS: 40, unservedPerS: 0, spareLawfulPerS: 0 },
      }),
    ],
    headroomSized: [headroomRow("us", 167), headroomRow("eu", 96)],
    curve: [point(1, 0.5, false), point(2, 0.985, true)],
    curveMarks: { now: point(3.5, 0.9, false), found: point(1.8, 0.982, true) },
    warnings: ["One thing to know."],
    ...over,
  };
}

/** The same where nothing was found. */
export function unsizedSample(): Sizing {
  const { headroomSized: _, curveMarks: __, ...sample } = sizingSample();
  return {
    ...sample,
    knobs: sample.knobs.map((knob) => ({ ...knob, to: null })),
    usdPerMonth: { from: 720_000, to: null },
    confirmedBy: 0,
    unmet: [
      {
        loss: "without us",
        objective: "refused <= 2%",
        value: 0.31,
        because: "size",
        unavoidableShare: 0,
      },
    ],
    curve: [],
  };
}
