import { describe, expect, it } from "vitest";
import type { FaultLabel, RecordingLabels } from "../../src/metrics/index.js";
import { Misdirections } from "../../src/model/misdirections.js";

const fault = (over: Partial<FaultLabel>): FaultLabel => ({
  id: "f",
  kind: "region-down",
  target: "eu",
  startUs: 100,
  endUs: 200,
  regions: [0],
  movesTraffic: true,
  ...over,
});

/** Endpoints 0 and 1 in region 0, endpoint 2 in region 1. */
function noted(...faults: readonly FaultLabel[]): Misdirections {
  const regions = [{}, {}];
  const endpoints = [{ region: 0 }, { region: 0 }, { region: 1 }];
  return new Misdirections({ faults, regions, endpoints } as unknown as RecordingLabels);
}

describe("what is misdirected", () => {
  it("was sent while the fault lasted and arrived while it lasted", () => {
    const notes = noted(fault({}));
    notes.request(0, 99, 110);
    expect(notes.counts).toEqual([{ requests: 0, lastRequestUs: -1, calls: 0, lastCallUs: -1 }]);
    notes.request(0, 190, 200);
    notes.call(0, 99, 100);
    expect(notes.counts[0]).toMatchObject({ requests: 0, calls: 0 });
    notes.request(0, 100, 101);
    notes.request(0, 180, 199);
    notes.request(0, 150, 199);
    notes.call(1, 160, 161);
    expect(notes.counts).toEqual([{ requests: 3, lastRequestUs: 180, calls: 1, lastCallUs: 160 }]);
  });

  it("is a request only where gateways are gone, and a call only at an endpoint that the fault took", () => {
    const notes = noted(fault({ kind: "endpoint-down", endpoints: [1] }), fault({ kind: "endpoint-down" }));
    notes.request(0, 150, 151);
    notes.call(0, 150, 151);
    notes.call(1, 150, 151);
    notes.call(2, 150, 151);
    expect(notes.counts.map(({ requests, calls }) => [requests, calls])).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  it("counts for every fault that overlaps, and for none that takes nothing away", () => {
    const notes = noted(fault({}), fault({ startUs: 140 }), fault({ kind: "slow", movesTraffic: false }));
    notes.request(0, 150, 151);
    expect(notes.counts.map(({ requests }) => requests)).toEqual([1, 1, 0]);
  });
});
