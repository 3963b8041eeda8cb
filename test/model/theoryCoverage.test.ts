/** Every published case is a test, or is named here with the reason why the engine cannot express it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { withOverloadChecks, withQueueCases } from "./theoryReference.js";

/** `model` of a queueing case → the file that tests every case of it, and the text by which that file picks them. */
const QUEUES: Readonly<Record<string, readonly [file: string, picks: string]>> = {
  "M/M/c FCFS": ["theoryDelay", "M/M/c FCFS"],
  "M/D/1": ["theoryDelay", "M/D/1"],
  "M/E4/1": ["theoryDelay", "M/E4/1"],
  "M/Gamma cv2=.5/1": ["theoryDelay", "M/Gamma cv2=.5/1"],
  "M/LogNormal cv=2/1": ["theoryDelay", "M/LogNormal cv=2/1"],
  "M/G/1-PS (any service law)": ["theoryDelay", "M/G/1-PS (any service law)"],
  "M/M/1-PS": ["theoryDelay", "M/M/1-PS"],
  "R-PS lambda=10 mu=12 R=3": ["theoryDelay", "R-PS"],
  "M/M/1 non-preemptive priority": ["theoryDelay", "M/M/1 non-preemptive priority"],
  "M/M/1 preemptive-resume priority": ["theoryDelay", "M/M/1 preemptive-resume priority"],
  "M/G/c/c loss (insensitive)": ["theoryLoss", "M/G/c/c"],
  "M/M/c/K": ["theoryLoss", "M/M/c/K"],
  "M/M/c+M (Erlang A, client timeout ~ Exp(theta))": ["theoryLoss", "M/M/c+M"],
  "M/M/1/1 retrial queue (retry rate theta)": ["theoryLoss", "M/M/1/1 retrial"],
  "M/M/1 with server up/down Exp(alpha)/Exp(beta), preemptive resume": [
    "theoryLoss",
    "M/M/1 with server up/down",
  ],
  "closed product-form Z=5, S=(.2,.3,.1), N=20": ["theoryClosed", "closed product-form"],
  "closed interactive Z=15 S=.1 N=100": ["theoryClosed", "closed interactive"],
};
/** A model of which one case is tested, whatever the number there is. */
const TESTED_ONCE = "R-PS lambda=10 mu=12 R=3";

const NO_BATCHING = "continuous batching: an endpoint kind that does not exist yet";

/** Queueing cases without a test. */
const NOT_EXPRESSED: Readonly<Record<string, string>> = {
  "batch-20-0.011-5.5e-05-200-256": NO_BATCHING,
  "batch-15-0.011-5.5e-05-200-64": NO_BATCHING,
};

/** Areas of the overload checks that the engine is to be held to here, and the file that does. */
const AREAS: Readonly<Record<string, string>> = {
  health: "theoryDetection",
  dns: "theoryFailover",
  failover: "theoryFailover",
  ratelimit: "theoryLimits",
  routing: "theoryRouting",
};

/** Checks of those areas without a test, and parts of checks. */
const NOT_CHECKED: Readonly<Record<string, string>> = {
  "D-FALSEALARM-0.01-3":
    "a million probes to one alarm: the reference itself asks for p = 0.1 where time is short",
  "Q-P2C d=3": "a decision has two draws, and no strategy looks at three targets",
  "Q-P2C 1000 servers": "a policy knows at most 31 targets; 31 are held to a Markov chain of 31",
};

function sourceOf(file: string): string {
  return readFileSync(fileURLToPath(new URL(`./${file}.test.ts`, import.meta.url)), "utf8");
}

describe("the published closed forms", () => {
  withQueueCases((cases) => {
    it("of queues are all tested or excused", () => {
      const homeless = cases.filter(
        ({ id, model }) => (QUEUES[model] === undefined) === (NOT_EXPRESSED[id] === undefined),
      );
      expect(homeless.map(({ id }) => id)).toEqual([]);
    });

    it.each(Object.entries(QUEUES))(
      "of %s are picked by their file, all of them and no others",
      (model, [file, picks]) => {
        const ids = (some: typeof cases): readonly string[] => some.map(({ id }) => id);
        const published = cases.filter((entry) => entry.model === model);
        expect(published.length).toBeGreaterThan(0);
        expect(ids(cases.filter((entry) => entry.model.startsWith(picks)))).toEqual(ids(published));
        expect(sourceOf(file)).toContain(`"${picks}"`);
        if (model === TESTED_ONCE) expect(published).toHaveLength(1);
      },
    );
  });

  withOverloadChecks((checks) => {
    it("of health, DNS, failover, limits and routing are all tested or excused", () => {
      const ours = checks.filter(({ area }) => AREAS[area] !== undefined);
      expect(ours.length).toBeGreaterThan(10);
      const homeless = ours.filter(
        ({ id, area }) => sourceOf(AREAS[area]!).includes(`"${id}"`) === (NOT_CHECKED[id] !== undefined),
      );
      expect(homeless.map(({ id }) => id)).toEqual([]);
    });
  });
});
