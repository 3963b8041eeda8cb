/** Systems that refuse, lose or break down, against their closed forms. */
import { describe, it } from "vitest";
import { Stream, streamKey } from "../../src/kernel/index.js";
import type { Fault } from "../../src/scenario/scenario.js";
import { exponential, fixed, retrying } from "./buildScenario.js";
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
import type { QueueCase } from "./theoryReference.js";
import { withQueueCases } from "./theoryReference.js";

/**
 * Thousands of customers per replication and the widest half-width of the blocking probability. Blocking comes in
 * spells of about one service time, so the variance of its mean is some tens of times that of independent trials
 * where there are a hundred servers.
 */
const ERLANG_B_PLANS: Readonly<Record<string, readonly [thousands: number, widest: number]>> = {
  "erlB-8-10": [5, 0.08],
  "erlB-10-10": [6, 0.06],
  "erlB-20-30": [20, 0.18],
  "erlB-90-100": [18, 0.13],
  "erlB-100-100": [20, 0.07],
};

/** Service laws, and how much longer the run must be for the same interval: long services make long spells. */
const LOSS_LAWS: Readonly<Record<string, number>> = { exponential: 1, deterministic: 0.5, lognormal2: 2 };

function erlangB({ id, params, expect: closed }: QueueCase, law: string): void {
  const plan = ERLANG_B_PLANS[id];
  if (plan === undefined) throw new Error(`no run length planned for ${id}`);
  const scenario = queueScenario({
    arrivalRate: params.offered!,
    service: LAWS[law]!(1),
    servers: params.c!,
    places: 0,
    customers: plan[0] * 1000 * LOSS_LAWS[law]!,
  });
  const runs = replicateColumns(
    () => scenario,
    (result) => ({
      blocked: refusedShare(result, "concurrency_full"),
      busy: busyShare(result),
      arrivals: arrivalRate(result),
    }),
  );
  expectTruth("B", controlled(runs.blocked, runs.arrivals, params.offered!), closed.block!, plan[1]);
  expectTruth("busy servers", interval(runs.busy), (params.offered! * (1 - closed.block!)) / params.c!, 0.02);
}

function boundedQueue({ params, expect: closed }: QueueCase): void {
  const scenario = queueScenario({
    arrivalRate: params.lambda_!,
    service: LAWS.exponential!(1 / params.mu!),
    servers: params.c!,
    places: params.K! - params.c!,
    customers: 6500,
  });
  const found = replicate(
    () => scenario,
    (result) => ({
      blocked: refusedShare(result, "queue_full"),
      wait: wait(result),
      sojourn: sojourn(result),
      busy: busyShare(result),
    }),
  );
  expectTruth("blocked", found.blocked, closed.block!, 0.06);
  expectTruth("Wq", found.wait, closed.Wq!, 0.06);
  expectTruth("W", found.sojourn, closed.W!, 0.03);
  expectTruth("busy", found.busy, (closed.L! - closed.Lq!) / params.c!, 0.02);
}

/**
 * In Erlang's A only those who wait lose patience; here those in service do too, and their work is cancelled. With both
 * exponential the numbers in system are the same process when service runs at μ − θ: it ends at μ, by work or by
 * patience. θ = μ leaves all the ending to patience, and work that never ends by itself.
 */
function erlangA({ params, expect: closed }: QueueCase): void {
  const {
    lambda_: lambda,
    mu,
    theta,
    c,
  } = params as Readonly<Record<"lambda_" | "mu" | "theta" | "c", number>>;
  const scenario = queueScenario({
    arrivalRate: lambda,
    service: mu > theta ? LAWS.exponential!(1 / (mu - theta)) : fixed(1e15),
    servers: c,
    client: { timeout: exponential(UNIT_US / theta) },
    customers: c < 100 ? 12_000 : 25_000,
  });
  const runs = replicateColumns(
    () => scenario,
    (result) => ({
      left: refusedShare(result, "deadline_in_queue"),
      leftInService: refusedShare(result, "deadline_in_service"),
      busy: busyShare(result),
      arrivals: arrivalRate(result),
    }),
  );
  expectTruth("Pab", controlled(runs.left, runs.arrivals, lambda), closed.Pab!, 0.09);
  expectTruth(
    "patience lost in service",
    interval(runs.leftInService),
    (1 - closed.Pab!) * (theta / mu),
    0.05,
  );
  expectTruth("busy", interval(runs.busy), (lambda * (1 - closed.Pab!)) / (mu * c), 0.01);
}

/** Orbit = those who were refused and will ask again: by Little's law, λ times the mean time not in service. */
function retrial({ params, expect: closed }: QueueCase): void {
  const { lambda_: lambda, mu, theta } = params as Readonly<Record<"lambda_" | "mu" | "theta", number>>;
  const backoff = {
    kind: "exponential-random",
    baseMs: UNIT_US / 1000 / theta,
    capMs: Number.POSITIVE_INFINITY,
  } as const;
  const scenario = queueScenario({
    arrivalRate: lambda,
    service: LAWS.exponential!(1 / mu),
    servers: 1,
    places: 0,
    client: {
      caller: retrying(Number.POSITIVE_INFINITY, { backoff }),
    },
    customers: Math.max(5000, 400 / ((1 - lambda) * (1 - lambda))),
  });
  const found = replicate(
    () => scenario,
    (result) => ({ orbit: lambda * (sojourn(result) - 1 / mu), busy: busyShare(result) }),
  );
  expectTruth("E[orbit]", found.orbit, closed.E_orbit!, 0.1);
  expectTruth("busy", found.busy, closed.busy!, 0.03);
}

/** Times up and down are drawn for each replication on their own; the server is up at the start. */
function breakdowns(up: number, down: number, durationUs: number, replication: number): readonly Fault[] {
  const luck = new Stream(streamKey("theory", replication, "breakdowns", "server"));
  const draw = (mean: number): number => Math.round(-Math.log(1 - luck.next()) * mean * UNIT_US);
  const faults: Fault[] = [];
  for (let startUs = draw(up); startUs < durationUs; ) {
    const endUs = startUs + Math.max(1, draw(down));
    faults.push({
      id: `down-${faults.length}`,
      startUs,
      endUs,
      kind: "capacity-loss",
      target: { kind: "endpoint", index: 0 },
      fraction: 1,
      preempt: true,
    });
    startUs = endUs + Math.max(1, draw(up));
  }
  return faults;
}

function unreliable({ params, expect: closed }: QueueCase): void {
  const {
    lambda_: lambda,
    mu,
    alpha,
    beta,
  } = params as Readonly<Record<"lambda_" | "mu" | "alpha" | "beta", number>>;
  // Rare breakdowns leave few of them in a run, and each is long remembered.
  const customers = alpha < 0.02 ? 20_000 : 5000;
  const scenario = (replication: number) =>
    queueScenario({
      arrivalRate: lambda,
      service: LAWS.exponential!(1 / mu),
      servers: 1,
      faults: breakdowns(1 / alpha, 1 / beta, (customers / lambda) * UNIT_US, replication),
      customers,
    });
  const found = replicate(scenario, (result) => ({ inSystem: lambda * sojourn(result) }));
  expectTruth("L", found.inSystem, closed.L!, 0.1);
}

withQueueCases((cases) => {
  const of = (start: string): readonly QueueCase[] => cases.filter((entry) => entry.model.startsWith(start));

  describe("no room to wait", () => {
    for (const law of Object.keys(LOSS_LAWS))
      it.each(of("M/G/c/c"))(`$id blocks as Erlang B says under a ${law} service law`, (entry) =>
        erlangB(entry, law),
      );
  });

  describe("bounded queues", () => {
    it.each(of("M/M/c/K"))("$id refuses and delays as the balance equations say", boundedQueue);
  });

  describe("impatience and insistence", () => {
    it.each(of("M/M/c+M"))("$id loses as many from the line as Erlang A says", erlangA);
    it.each(of("M/M/1/1 retrial"))("$id keeps as many in orbit as the retrial queue does", retrial);
  });

  describe("breakdowns", () => {
    it.each(of("M/M/1 with server up/down"))("$id resumes frozen work where it was", unreliable);
  });
});
