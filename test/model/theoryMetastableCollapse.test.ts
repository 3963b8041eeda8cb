/**
 * Brooker's congestive collapse: a service that is the slower the more calls are under way. Its published line, 1 + n / 100
 * seconds for n calls, is a square here, by least squares from 40 to 200 calls.
 */
import { describe, expect, it } from "vitest";
import type { Site } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, exponential, fixed, retrying, SECOND, site } from "./buildScenario.js";
import { during } from "./lawsScenario.js";
import { runScenario } from "./theoryEngine.js";
import { interval, meanOf, REPLICATIONS } from "./theoryInterval.js";
import { type OverloadCheck, withOverloadChecks } from "./theoryReference.js";
import { rates } from "./theoryStorm.js";

/** As in scenarios/published/collapse-spike.yaml. */
const SERVICE = {
  kind: "provider",
  ttft: fixed(1.531 * SECOND),
  perTokenUs: fixed(0),
  concurrency: 10_000,
  queueLimit: 0,
  slowdownAtFull: 2643,
} as const;

/** 80 a second at 25 s, falling by 1.6 a second on both sides, in steps of half a second. */
function ramp(): Site {
  const startsS = Array.from({ length: 160 }, (_, i) => i / 2);
  return {
    ...site("s", "US", 0),
    startsUs: Float64Array.from(startsS, (at) => at * SECOND),
    perSecond: Float64Array.from(startsS, (at) => Math.max(0, 80 - 1.6 * Math.abs(at + 0.25 - 25))),
  };
}

/** Runs behind each of the means an interval is made of: some runs stay and some do not. */
const BATCH = 5;

/** Served per second around an instant: twenty means of five runs. */
function servedAt(check: OverloadCheck, atS: readonly number[]): readonly (readonly number[])[] {
  const { latency, timeout, maxTries } = check.parameters as unknown as Readonly<
    Record<string, number | string>
  >;
  expect([latency, timeout, maxTries]).toEqual(["1.0+0.01*concurrency (set at start)", 3, 3]);
  const [, shape, backoff] = /^R-COLLAPSE-(\w+)-(\w+)$/.exec(check.id)!;
  const scenario = buildScenario({
    durationS: 80,
    endpoints: [endpoint("e", 0, SERVICE)],
    sites: [shape === "RAMP" ? ramp() : site("s", "US", 40)],
    accessJitter: exponential(0.1 * SECOND),
    client: {
      timeout: fixed(3 * SECOND),
      caller: retrying(
        2,
        backoff === "JITTER" ? { backoff: { kind: "full-jitter", baseMs: 20_000, capMs: 1e9 } } : {},
      ),
    },
    faults:
      shape === "RAMP" ? [] : [during(20, 25, { kind: "demand-surge", target: { kind: "all" }, factor: 2 })],
  });
  const runs = Array.from({ length: BATCH * REPLICATIONS }, (_, replication) =>
    runScenario(scenario, { replication }),
  );
  return atS.map((at) => {
    const each = runs.map((run) => rates(run, at - 2, at + 3).served);
    return Array.from({ length: REPLICATIONS }, (_, i) => meanOf(each.slice(BATCH * i, BATCH * (i + 1))));
  });
}

withOverloadChecks((checks) => {
  describe("congestive collapse", () => {
    it.each(checks.filter(({ id }) => id.startsWith("R-COLLAPSE-SPIKE")))(
      "$id: served before, and after, within 6 a second of what is published, or of nothing",
      (check) => {
        const recovers = check.id.endsWith("JITTER");
        const [before, at50, at70] = servedAt(check, [15, 50, 70]).map((values) => interval(values));
        // Half a second of 40 is on its way, and twenty runs of five seconds are known to 2.
        expect(Math.abs(before!.mean - 38.7)).toBeLessThan(6);
        expect(before!.halfWidth).toBeLessThan(4);
        for (const [found, theirs] of [
          [at50!, recovers ? 43.3 : 8.6],
          [at70!, recovers ? 38.2 : 8],
        ] as const) {
          const words = `${found.mean} ± ${found.halfWidth}, published ${theirs}`;
          expect(Math.abs(found.mean - theirs), words).toBeLessThan(6);
          // A mean of runs that stay and of the few that do not is wide.
          expect(found.halfWidth, words).toBeLessThan(10);
          if (recovers) expect(found.mean).toBeGreaterThan(35);
          else expect(found.mean).toBeLessThan(12);
        }
      },
    );

    it.each(checks.filter(({ id }) => id.startsWith("R-COLLAPSE-RAMP")))(
      "$id: nobody is served from 30 s on, whatever the backoff, and though demand falls to nothing",
      (check) => {
        const [before, ...late] = servedAt(check, [15, 32, 50, 70, 76]);
        expect(Math.abs(interval(before!).mean - 55.9)).toBeLessThan(6);
        for (const values of late) expect(Math.max(...values)).toBeLessThan(1);
      },
    );
  });
});
