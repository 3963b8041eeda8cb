/** Groups that grow and shrink, and calls that leave them. */
import { describe, expect, it } from "vitest";
import { buildScenario, endpoint, fixed, SECOND, site } from "./buildScenario.js";
import { during, endOf, region0 } from "./lawsScenario.js";
import {
  type Asked,
  asked,
  countsOf,
  type Replicas,
  replicas,
  servingOver,
  stated,
} from "./replicaScenario.js";

describe("autoscaling", () => {
  const scale = {
    on: "queue",
    target: 4,
    min: 1,
    max: 5,
    intervalUs: 10 * SECOND,
    provisionUs: 20 * SECOND,
    scaleInAfterUs: 60 * SECOND,
  } as const;
  // Work of about 8 s each, one at a time: a line that stays.
  const crowd = (n: number): Asked[] =>
    Array.from({ length: n }, () => ({ atUs: 1, prompt: 10, answer: 800 }));
  const serving = (over: Partial<Replicas> = {}): Replicas =>
    replicas({ maxSequences: 1, coldStartUs: 5 * SECOND, autoscale: scale, ...over });

  it("brings as many as the line asks for, after provisioning and a cold start, and no more than the most", () => {
    // 12 wait at 10 s: 3 replicas of 4 each.
    expect(servingOver(stated(serving(), crowd(13), [], 60)).slice(0, 2)).toEqual([
      [0, 1],
      [35, 3],
    ]);
    expect(Math.max(...servingOver(stated(serving(), crowd(200), [], 300)).map(([, n]) => n))).toBe(5);
  });

  it("takes warm replicas at once, and fills the pool again", () => {
    const scenario = stated(serving({ warmPool: 1 }), crowd(13), [], 60);
    expect(servingOver(scenario)).toEqual([
      [0, 1],
      [10, 2],
      [35, 3],
    ]);
    expect(countsOf(endOf(scenario).recording).starts).toBe(2);
    expect(countsOf(endOf(scenario).recording).peakReplicas).toBe(4);
  });

  it("takes more warm replicas while others still start to fill the pool again", () => {
    const later: Asked[] = Array.from({ length: 20 }, () => ({ atUs: 15 * SECOND, prompt: 10, answer: 800 }));
    const slow = serving({ warmPool: 4, coldStartUs: 500 * SECOND });
    // 8 wait at 10 s, which takes one more; some 20 more at 20 s take the three that are left.
    expect(servingOver(stated(slow, [...crowd(9), ...later], [], 60))).toEqual([
      [0, 1],
      [10, 2],
      [20, 5],
    ]);
  });

  it("asks for no more while a limit on starts holds back those it has asked for", () => {
    // 39 wait at 10 s: 3 replicas of 16 each, of which the second may start at 70 s only.
    const scenario = stated(
      serving({ startsPerMin: 1, autoscale: { ...scale, target: 16 } }),
      crowd(40),
      [],
      150,
    );
    expect(servingOver(scenario)).toEqual([
      [0, 1],
      [35, 2],
      [95, 3],
    ]);
    expect(countsOf(endOf(scenario).recording).starts).toBe(2);
  });

  it("is frozen while the control plane is down, warm replicas too", () => {
    const frozen = during(5, 45, { kind: "control-plane-down", target: region0 });
    expect(servingOver(stated(serving({ warmPool: 1 }), crowd(30), [frozen], 60))).toEqual([
      [0, 1],
      [50, 2],
    ]);
  });

  it("lets go of one at a time, each after the figure has asked for fewer for the whole while", () => {
    const calm = { ...scale, on: "utilisation", target: 0.5 } as const;
    expect(servingOver(stated(serving({ replicas: 3, autoscale: calm }), [], [], 200))).toEqual([
      [0, 3],
      [70, 2],
      [130, 1],
    ]);
  });
});

describe("a call that is abandoned", () => {
  const impatient = (abandoned: "cancel" | "execute" | "drop-at-dequeue", queued: number) => {
    const scenario = asked(
      buildScenario({
        durationS: 100,
        endpoints: [endpoint("e", 0, replicas({ maxSequences: 1 }), { abandoned })],
        sites: [site("s", "US", 0)],
        client: { timeout: fixed(3 * SECOND) },
      }),
      Array.from({ length: 1 + queued }, () => ({ atUs: 0, prompt: 10, answer: 400 })),
    );
    return endOf(scenario, 300);
  };

  it("leaves the batch and the line when the endpoint cancels, so nothing is wasted", () => {
    const end = impatient("cancel", 3);
    expect([end.recording.wasted[0], end.recording.completed[0]]).toEqual([0, 0]);
    expect(end.recording.started[0]).toBe(1);
    expect(end.held.kvBlocks).toEqual([0]);
  });

  it("takes along what it would have needed of memory", () => {
    // The second waits for memory and goes; then two find room that would not, were it still kept for the second.
    const serving = replicas({ kvTokens: 640, queueLimit: 1 });
    const scenario = asked(
      buildScenario({
        durationS: 100,
        endpoints: [endpoint("e", 0, serving, { abandoned: "cancel" })],
        sites: [site("s", "US", 0)],
        client: { timeout: fixed(3 * SECOND) },
      }),
      [
        { atUs: 0, prompt: 200, answer: 400 },
        { atUs: 1, prompt: 500, answer: 5 },
        ...[0, 1].map(() => ({ atUs: 10 * SECOND, prompt: 300, answer: 5 })),
      ],
    );
    const end = endOf(scenario);
    expect([end.served, end.refused]).toEqual([2, { deadline_in_service: 1, deadline_in_queue: 1 }]);
  });

  it("is worked on to the end when the endpoint executes what nobody wants", () => {
    expect(impatient("execute", 3).recording.wasted[0]).toBe(4);
  });

  it("is dropped when its turn comes, and not before", () => {
    const end = impatient("drop-at-dequeue", 3);
    expect([end.recording.wasted[0], end.recording.started[0]]).toEqual([1, 1]);
    expect(end.held.replicaCalls).toEqual([0]);
  });
});
