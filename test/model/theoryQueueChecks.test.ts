/**
 * The queueing checks of `overload.json`, beyond the cases of `queueing.json`: chances of waiting, quantiles, longer and
 * larger systems. Checks that say the same as a case there are held to say the same, and tested there.
 */
import { describe, expect, it } from "vitest";
import { exponential, fixed } from "./buildScenario.js";
import { controlled, expectTruth, interval, replicate, replicateColumns } from "./theoryInterval.js";
import {
  arrivalRate,
  busyShare,
  LAWS,
  queueScenario,
  refusedShare,
  sojourn,
  UNIT_US,
  wait,
} from "./theoryQueue.js";
import type { OverloadCheck } from "./theoryReference.js";
import { checkCalled, SAME_AS_QUEUE_CASES, withOverloadChecks, withQueueCases } from "./theoryReference.js";

/** Thousands of customers in a replication, and the widest half-width of the blocking probability. */
const ERLANG_B: Readonly<Record<string, readonly [thousands: number, widest: number]>> = {
  "Q-ERLB-1-0.5": [3, 0.05],
  "Q-ERLB-10-7": [10, 0.1],
  // A thousand servers forget slowly and refuse rarely: 30 service times a replication, the first ten to fill up.
  "Q-ERLB-1000-980": [30, 0.2],
};

function erlangB({ id, parameters, expected }: OverloadCheck, law: string): void {
  const [thousands, widest] = ERLANG_B[id]!;
  const { servers, offeredErlang } = parameters as Readonly<Record<"servers" | "offeredErlang", number>>;
  const scenario = queueScenario({
    arrivalRate: offeredErlang,
    service: LAWS[law]!(1),
    servers,
    places: 0,
    customers: thousands * 1000,
    warmupUnits: servers > 100 ? 10 : 50,
  });
  const runs = replicateColumns(
    () => scenario,
    (result) => ({ blocked: refusedShare(result, "concurrency_full"), arrivals: arrivalRate(result) }),
  );
  expectTruth(
    "B",
    controlled(runs.blocked, runs.arrivals, offeredErlang),
    expected.blockingProbability!,
    widest,
  );
}

/** Thousands of customers, widest half-width of the chance of waiting, and of the mean wait. */
const ERLANG_C: Readonly<Record<string, readonly [thousands: number, widest: number, widestMean: number]>> = {
  "Q-ERLC-1-0.8": [8, 0.03, 0.1],
  "Q-ERLC-2-1.6": [8, 0.05, 0.12],
  "Q-ERLC-10-8": [15, 0.07, 0.14],
  "Q-ERLC-100-90": [40, 0.12, 0.3],
  "Q-ERLC-100-95": [40, 0.16, 0.4],
};

/**
 * Everyone loses patience after the same time and is served all the same, so nothing changes for the others; who had
 * not been begun by then is refused as waiting. After one microsecond that is everyone who waits at all.
 */
function waitsBeyond(check: OverloadCheck, patienceUs: number): ReturnType<typeof replicateColumns> {
  const { servers, offeredErlang } = check.parameters;
  const scenario = queueScenario({
    arrivalRate: offeredErlang!,
    service: LAWS.exponential!(1),
    servers: servers!,
    abandoned: "execute",
    client: { timeout: fixed(patienceUs) },
    customers: ERLANG_C[check.id]![0] * 1000,
  });
  return replicateColumns(
    () => scenario,
    (result) => ({
      waits: refusedShare(result, "deadline_in_queue"),
      wait: wait(result),
      busy: busyShare(result),
    }),
  );
}

function erlangC(check: OverloadCheck): void {
  const { expected, parameters, id } = check;
  const [, widest, widestMean] = ERLANG_C[id]!;
  const load = parameters.offeredErlang! / parameters.servers!;
  const atAll = waitsBeyond(check, 1);
  expectTruth("P(wait)", controlled(atAll.waits!, atAll.busy!, load), expected.pWait!, widest);
  expectTruth("Wq", controlled(atAll.wait!, atAll.busy!, load), expected.meanWait!, widestMean);
  // Below a hundredth, twenty short runs see too few spells to say anything.
  if (expected.pWaitGt1! < 0.01) return;
  const long = waitsBeyond(check, UNIT_US);
  expectTruth("P(wait > 1)", controlled(long.waits!, long.busy!, load), expected.pWaitGt1!, 3 * widest);
}

function single({ parameters, expected }: OverloadCheck): void {
  const scenario = queueScenario({
    arrivalRate: parameters.lambda!,
    service: LAWS.exponential!(1),
    servers: 1,
    customers: 22_000,
  });
  const quantile = (ms: number): number => (ms * 1000) / UNIT_US;
  const runs = replicateColumns(
    () => scenario,
    (result) => ({
      busy: busyShare(result),
      wait: wait(result),
      sojourn: sojourn(result),
      inSystem: arrivalRate(result) * sojourn(result),
      p50: quantile(result.latency.e2eMs.p50),
      p95: quantile(result.latency.e2eMs.p95),
      p99: quantile(result.latency.e2eMs.p99),
    }),
  );
  const truths = {
    wait: expected.Wq!,
    sojourn: expected.W!,
    inSystem: expected.L!,
    p50: expected.sojournP50!,
    p95: expected.sojournP95!,
    p99: expected.sojournP99!,
  };
  for (const [name, truth] of Object.entries(truths) as [keyof typeof truths, number][])
    expectTruth(
      name,
      controlled(runs[name], runs.busy, parameters.lambda!),
      truth,
      name === "p99" ? 0.12 : 0.09,
    );
}

/** Law, thousands of customers, widest half-width; what is missing stands in `queueing.json`. */
const POLLACZEK: Readonly<
  Record<string, readonly (readonly [law: string, field: string, thousands: number, widest: number])[]>
> = {
  "Q-MG1-0.5": [
    ["exponential", "WqExp", 8, 0.05],
    ["lognormal2", "WqScv4", 33, 0.12],
  ],
  "Q-MG1-0.9": [
    ["exponential", "WqExp", 25, 0.1],
    ["lognormal2", "WqScv4", 25, 0.25],
  ],
  "Q-MG1-0.95": [
    ["deterministic", "WqDet", 25, 0.12],
    ["exponential", "WqExp", 35, 0.16],
    ["lognormal2", "WqScv4", 30, 0.4],
  ],
};

function pollaczek(check: OverloadCheck, row: (typeof POLLACZEK)[string][number]): void {
  const [law, field, thousands, widest] = row;
  const scenario = queueScenario({
    arrivalRate: check.parameters.rho!,
    service: LAWS[law]!(1),
    servers: 1,
    customers: thousands * 1000,
  });
  const runs = replicateColumns(
    () => scenario,
    (result) => ({ wait: wait(result), busy: busyShare(result) }),
  );
  expectTruth("Wq", controlled(runs.wait, runs.busy, check.parameters.rho!), check.expected[field]!, widest);
}

function bounded({ parameters, expected }: OverloadCheck): void {
  const servers = parameters.c ?? 1;
  const rate = parameters.a ?? parameters.rho!;
  const scenario = queueScenario({
    arrivalRate: rate,
    service: LAWS.exponential!(1),
    servers,
    places: parameters.K! - servers,
    customers: servers === 100 ? 30_000 : 11_000,
  });
  const found = replicate(
    () => scenario,
    (result) => ({
      blocked: refusedShare(result, "queue_full"),
      busy: busyShare(result),
      wait: wait(result),
    }),
  );
  expectTruth("blocked", found.blocked, expected.blocking!, 0.12);
  expectTruth("busy", found.busy, expected.utilization ?? expected.throughputPerMu!, 0.02);
  if (expected.meanWaitAccepted !== undefined) expectTruth("Wq", found.wait, expected.meanWaitAccepted, 0.05);
}

/** Thousands of customers in a replication, and the widest half-width of the share that leaves. */
const LOSSES: Readonly<Record<string, readonly [thousands: number, widest: number]>> = {
  "Q-ERLA-90-0.5": [32, 0.2],
  "Q-ERLA-100-0.5": [20, 0.12],
  "Q-ERLA-200-1.0": [20, 0.05],
};

/** As in `theoryLoss.test.ts`: those in service lose patience too, so service runs at 1 − θ, or for ever at θ = 1. */
function impatient({ id, parameters, expected }: OverloadCheck): void {
  const theta = 1 / parameters.patienceMean!;
  const scenario = queueScenario({
    arrivalRate: parameters.lambda!,
    service: theta < 1 ? LAWS.exponential!(1 / (1 - theta)) : fixed(1e15),
    servers: parameters.c!,
    client: { timeout: exponential(UNIT_US / theta) },
    customers: LOSSES[id]![0] * 1000,
    warmupUnits: 20,
  });
  const runs = replicateColumns(
    () => scenario,
    (result) => ({
      left: refusedShare(result, "deadline_in_queue"),
      busy: busyShare(result),
      arrivals: arrivalRate(result),
    }),
  );
  const found = controlled(runs.left, runs.arrivals, parameters.lambda!);
  expectTruth("abandons", found, expected.pAbandon!, LOSSES[id]![1]);
  expectTruth("busy", interval(runs.busy), expected.utilization!, 0.02);
}

withOverloadChecks((checks) => {
  const all = (prefix: string): readonly OverloadCheck[] =>
    checks.filter(({ id }) => id.startsWith(prefix) && SAME_AS_QUEUE_CASES[id] === undefined);

  describe("no room to wait", () => {
    it.each(all("Q-ERLB-"))("$id blocks as Erlang B says, served at random or alike", (check) => {
      const laws =
        check.parameters.servers === 1000
          ? ["deterministic"]
          : ["exponential", "deterministic", "lognormal2"];
      for (const law of laws) erlangB(check, law);
    });
  });

  describe("first come, first served", () => {
    it.each(all("Q-ERLC-"))("$id waits as often and as long as Erlang C says", erlangC);
    it.each(all("Q-MM1-"))("$id has the quantiles of an exponential sojourn", single);
    for (const check of all("Q-MG1-"))
      it.each(POLLACZEK[check.id]!)(`${check.id} waits as long as it should: %s`, (...row) =>
        pollaczek(check, row),
      );
  });

  describe("processor sharing", () => {
    const { parameters, expected } = checkCalled(checks, "Q-PS-INSENS");
    it.each(["deterministic", "exponential", "lognormal2"])(
      "Q-PS-INSENS: the mean sojourn is 1 / (1 − ρ) under a %s law",
      (law) => {
        const scenario = queueScenario({
          arrivalRate: parameters.lambda!,
          service: LAWS[law]!(parameters.meanService!),
          servers: 1,
          discipline: "processor-sharing",
          customers: 13_000,
        });
        const runs = replicateColumns(
          () => scenario,
          (result) => ({ sojourn: sojourn(result), busy: busyShare(result) }),
        );
        const found = controlled(runs.sojourn, runs.busy, parameters.lambda!);
        // Published to within 2 %.
        expectTruth("T", found, expected.meanSojourn as unknown as number, 0.05);
      },
    );
  });

  describe("bounded lines and patience", () => {
    it.each(all("Q-MM1K-"))("$id blocks as the balance equations say", bounded);
    it.each(all("Q-MMCK-"))("$id blocks, waits and works as the balance equations say", bounded);
    it.each(all("Q-ERLA-"))("$id loses as many as Erlang A says", impatient);
  });

  withQueueCases((cases) => {
    it.each(Object.entries(SAME_AS_QUEUE_CASES))("%s says what %s says", (id, [caseId, field, theirs]) => {
      const { expected } = checkCalled(checks, id.split(" ")[0]!);
      const entry = cases.find((one) => one.id === caseId)!;
      expect(expected[field]!).toBeCloseTo(entry.expect[theirs]!, 8);
    });
  });
});
