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
  "continuous batching, decode only, geometric output (mean m), step=a+g*n s, cap B": [
    "theoryBatching",
    "continuous batching",
  ],
};
/** A model of which one case is tested, whatever the number there is. */
const TESTED_ONCE = "R-PS lambda=10 mu=12 R=3";

/** Queueing cases without a test. */
const NOT_EXPRESSED: Readonly<Record<string, string>> = {};

/** Areas of the overload checks that the engine is to be held to here, and the file that does. */
const AREAS: Readonly<Record<string, string>> = {
  health: "theoryDetection",
  dns: "theoryFailover",
  failover: "theoryFailover",
  routing: "theoryRouting",
};

/** Checks of those areas without a test, and parts of checks. */
const NOT_CHECKED: Readonly<Record<string, string>> = {
  "D-FALSEALARM-0.01-3":
    "a million probes to one alarm: the reference itself asks for p = 0.1 where time is short",
  "Q-P2C d=3": "a decision has two draws, and no strategy looks at three targets",
  "Q-P2C 1000 servers": "a policy knows at most 31 targets; 31 are held to a Markov chain of 31",
};

/** Areas of the checks on overload. */
const OVERLOAD_AREAS: readonly string[] = [
  "retry",
  "metastable",
  "overload",
  "ratelimit",
  "headroom",
  "cascade",
  "queueing",
];

/** A check on overload, or the beginning of several → the file below test/ that tests it, and the text by which it picks it. */
const OVERLOAD: Readonly<Record<string, readonly [file: string, picks?: string]>> = {
  "Q-ERLB-": ["model/theoryQueueChecks"],
  "Q-ERLC-": ["model/theoryQueueChecks"],
  "Q-MM1-": ["model/theoryQueueChecks"],
  "Q-MG1-": ["model/theoryQueueChecks"],
  "Q-PS-INSENS": ["model/theoryQueueChecks"],
  "Q-MM1K-": ["model/theoryQueueChecks"],
  "Q-MMCK-": ["model/theoryQueueChecks"],
  "Q-ERLA-": ["model/theoryQueueChecks"],
  "Q-MTMINF": ["model/theoryQueueSwings"],
  "Q-LITTLE": ["model/theoryQueueSwings"],
  "Q-CONSERVE": ["model/lawsSwarm", "function conserves"],
  "R-FIXED3-": ["policy/callerOverload", '"R-FIXED3"'],
  "R-BUCKET10-": ["policy/callerOverload", "R-BUCKET10"],
  "R-BREAKER10-": ["policy/callerOverload", "R-BREAKER10"],
  "R-GRPC-A6": ["policy/callerOverload"],
  "R-THROTTLE-": ["policy/callerOverload"],
  "R-JITTER-": ["policy/callerOverload"],
  "R-LAYERS": ["model/upstreamRetries"],
  "R-SELFCONS-": ["model/clientsRetries"],
  "R-SRE-10100": ["model/clientsRetries"],
  "R-SRE-QUEUE": ["model/endpointQueueTheory"],
  "R-SRE-BIMODAL": ["model/endpointQueueTheory"],
  "R-SRE-N2": ["model/theoryHeadroom"],
  "R-COLLAPSE-": ["model/theoryMetastableCollapse"],
  "M-RECOVER-140": ["model/upstreamStorm"],
  "M-RECOVER-145": ["model/theoryMetastableBoundary"],
  "M-RECOVER-149": ["model/theoryMetastableBoundary"],
  "M-BOUNDARY-OUTAGE": ["model/theoryMetastableBoundary"],
  "M-BOUNDARY-CAP": ["model/theoryMetastableBoundary"],
  "M-FLUID-OUTAGE": ["model/theoryMetastableBoundary"],
  "M-OSDI22-T1": ["model/theoryMetastableTheorems"],
  "M-OSDI22-T2": ["model/theoryMetastableTheorems"],
  "M-OSDI22-QUAD": ["scenarios/published", "osdi22-b"],
  "M-MM1-STORM": ["model/theoryMetastableStorm"],
  "H-STATIC-": ["model/theoryHeadroom"],
  "H-RETRY-AWARE": ["model/theoryHeadroomRetries"],
  "H-CASCADE-DOM": ["model/crash"],
  "L-BUCKET-": ["model/theoryLimits"],
  "L-TPM": ["model/theoryLimits"],
};

/** Checks on overload without a test, and after a space parts of checks. */
const OVERLOAD_NOT_EXPRESSED: Readonly<Record<string, string>> = {
  "Q-SIZE-ERLC": "a search for a size; a scenario has the size it says",
  "M-QSIM-JM": "its clients toss a coin before each retry, and its workers idle between two jobs",
  "H-CASCADE-DOBSON":
    "components of random load that hand on a fixed load each; regions here hand on their users",
  "Q-ERLB-1000-980 other laws":
    "one law there: a thousand servers take long, and insensitivity is seen at one and ten",
  "Q-ERLC-100-90 pWaitGt1": "one wait in 100 000, in rare spells: no test has the time",
  "Q-ERLC-100-95 pWaitGt1": "one wait in 300, in rare spells: no test has the time",
  "Q-PS-INSENS hyperexponential":
    "no such law in a scenario; a lognormal one varies twice as much as an exponential one",
  "Q-PS-INSENS E[T|x]": "the result knows no service time of a single request",
  "R-LAYERS five": "there are three layers, and so 4 × 4 × 4 and no 3 to the fifth",
  "R-COLLAPSE- a line":
    "an endpoint slows with the square of its load; the square is fitted to the published line",
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
    it("of health, DNS, failover and routing are all tested or excused", () => {
      const ours = checks.filter(({ area }) => AREAS[area] !== undefined);
      expect(ours.length).toBeGreaterThan(10);
      const homeless = ours.filter(
        ({ id, area }) => sourceOf(AREAS[area]!).includes(`"${id}"`) === (NOT_CHECKED[id] !== undefined),
      );
      expect(homeless.map(({ id }) => id)).toEqual([]);
    });

    it("on overload are all tested or excused, each in one way", () => {
      const ours = checks.filter(({ area }) => OVERLOAD_AREAS.includes(area));
      expect(ours.length).toBe(92);
      const ways = ours.map(({ id }) => {
        const tested = Object.keys(OVERLOAD).filter((start) =>
          start.endsWith("-") ? id.startsWith(start) : id === start,
        );
        return [id, tested.length + (OVERLOAD_NOT_EXPRESSED[id] === undefined ? 0 : 1)] as const;
      });
      expect(ways.filter(([, count]) => count !== 1)).toEqual([]);
    });

    it("on overload that are excused, or tested, all exist", () => {
      const starts = [...Object.keys(OVERLOAD), ...Object.keys(OVERLOAD_NOT_EXPRESSED)].map(
        (key) => key.split(" ")[0]!,
      );
      const unknown = starts.filter((start) => !checks.some(({ id }) => id.startsWith(start)));
      expect(unknown).toEqual([]);
    });

    it.each(Object.entries(OVERLOAD))(
      "on overload that begin with %s are picked by their file",
      (id, [file, picks]) => {
        expect(sourceOf(`../${file}`)).toContain(picks ?? id);
      },
    );
  });
});
