/**
 * Waiting systems against their closed forms. Lengths are planned from the relative variance of a mean wait in
 * heavy traffic, about 2(c_a² + c_s²)/(ρ(1−ρ)²) per customer, so that the intervals come out as narrow as each row
 * asks; the assertion, not the plan, decides.
 */
import { describe, it } from "vitest";
import type { Scenario } from "../../src/scenario/scenario.js";
import { requestClass } from "./buildScenario.js";
import { controlled, expectTruth, interval, replicate, replicateColumns } from "./theoryInterval.js";
import { busyShare, LAWS, queueScenario, refusedShare, sojourn, wait } from "./theoryQueue.js";
import type { QueueCase } from "./theoryReference.js";
import { withQueueCases } from "./theoryReference.js";

/** Thousands of customers per replication, and the widest half-width of the mean wait, as a share of it. */
const MMC_PLANS: Readonly<Record<string, readonly [thousands: number, widest: number]>> = {
  "mmc-0.5-1-1": [9, 0.05],
  "mmc-1-1.1-1": [45, 0.08],
  "mmc-3-5-1": [10, 0.05],
  "mmc-1.5-1-2": [18, 0.05],
  "mmc-3-1-4": [30, 0.06],
  "mmc-6.8-1-8": [35, 0.08],
  // Half of the customers do not wait at all, and those who do come in rare long spells.
  "mmc-60-1-64": [70, 0.17],
  "mmc-90-1-100": [75, 0.2],
};

/** Thousands of customers per replication are the number here over (1 − ρ)², at least 4; and the widest half-width. */
const MG1_LAWS: Readonly<Record<string, readonly [law: string, thousands: number, widest: number]>> = {
  "M/D/1": ["deterministic", 0.3, 0.07],
  "M/E4/1": ["erlang4", 0.35, 0.07],
  "M/Gamma cv2=.5/1": ["gamma2", 0.4, 0.07],
  "M/LogNormal cv=2/1": ["lognormal2", 6.5, 0.1],
};

function multiServer({ id, params, expect: closed }: QueueCase): void {
  const plan = MMC_PLANS[id];
  if (plan === undefined) throw new Error(`no run length planned for ${id}`);
  const scenario = queueScenario({
    arrivalRate: params.lambda_!,
    service: LAWS.exponential!(1 / params.mu!),
    servers: params.c!,
    customers: plan[0] * 1000,
  });
  expectWaits(scenario, closed, plan[1]);
}

function singleServer({ model, params, expect: closed }: QueueCase): void {
  const [law, shape, widest] = MG1_LAWS[model]!;
  const rho = params.lambda_! * params.ES!;
  const scenario = queueScenario({
    arrivalRate: params.lambda_!,
    service: LAWS[law]!(params.ES!),
    servers: 1,
    customers: Math.max(4000, (shape * 1000) / ((1 - rho) * (1 - rho))),
  });
  expectWaits(scenario, closed, widest);
}

/** Mean wait, mean time in system and load; the load is the control of the first two. */
function expectWaits(scenario: Scenario, closed: QueueCase["expect"], widest: number): void {
  const runs = replicateColumns(
    () => scenario,
    (result) => ({ wait: wait(result), sojourn: sojourn(result), busy: busyShare(result) }),
  );
  expectTruth("Wq", controlled(runs.wait, runs.busy, closed.rho!), closed.Wq!, widest);
  expectTruth("W", controlled(runs.sojourn, runs.busy, closed.rho!), closed.W!, 0.08);
  expectTruth("ρ", interval(runs.busy), closed.rho!, 0.02);
}

function shared(arrivalRate: number, meanService: number, law: string, truth: number): void {
  const scenario = queueScenario({
    arrivalRate,
    service: LAWS[law]!(meanService),
    servers: 1,
    discipline: "processor-sharing",
    // The closer to full, the longer it is remembered.
    customers: arrivalRate * meanService > 0.7 ? 20_000 : 14_000,
  });
  const found = replicate(
    () => scenario,
    (result) => ({ sojourn: sojourn(result) }),
  );
  expectTruth("T", found.sojourn, truth, 0.06);
}

/**
 * The chance of n customers, read off what is refused when there is room for n and no more: cutting a birth-death
 * process at n leaves p_n / (p_0 + … + p_n), and that share of Poisson arrivals finds it full.
 */
function limitedSharing({ params, expect: p }: QueueCase, room: number, thousands: number): void {
  const slots = Math.min(room, params.R!);
  const scenario = queueScenario({
    arrivalRate: params.lambda_!,
    service: LAWS.exponential!(1 / params.mu!),
    servers: slots,
    places: room - slots,
    discipline: "processor-sharing",
    customers: thousands * 1000,
  });
  let below = 0;
  for (let n = 0; n <= room; n++) below += p[`p${n}`]!;
  const found = replicate(
    () => scenario,
    (result) => ({ full: refusedShare(result, "queue_full", "concurrency_full") }),
  );
  expectTruth(`p${room} / (p0 + … + p${room})`, found.full, p[`p${room}`]! / below, 0.06);
}

function priorities(
  { params, expect: closed }: QueueCase,
  discipline: "priority" | "preemptive-priority",
): void {
  const [urgent, patient] = params.lambdas!;
  const scenario = queueScenario({
    arrivalRate: urgent! + patient!,
    service: LAWS.exponential!(1 / params.mu!),
    servers: 1,
    discipline,
    classes: [
      requestClass("urgent", { share: urgent! }),
      requestClass("patient", { share: patient!, priority: 1 }),
    ],
    customers: 26_000,
  });
  const found = replicate(
    () => scenario,
    (result) => ({ urgent: sojourn(result, "urgent"), patient: sojourn(result, "patient") }),
  );
  expectTruth("T1", found.urgent, closed.T1!, 0.03);
  expectTruth("T2", found.patient, closed.T2!, 0.06);
}

withQueueCases((cases) => {
  const of = (...models: readonly string[]): readonly QueueCase[] =>
    cases.filter((entry) => models.includes(entry.model));

  describe("first come, first served", () => {
    it.each(of("M/M/c FCFS"))("$id waits as long as Erlang C says", multiServer);
    it.each(of(...Object.keys(MG1_LAWS)))("$id waits as long as Pollaczek and Khinchine say", singleServer);
  });

  describe("processor sharing", () => {
    for (const { id, params, expect: closed } of of("M/G/1-PS (any service law)")) {
      it.each(["exponential", "deterministic", "lognormal2"])(
        `${id} takes the same mean time under a %s service law`,
        (law) => shared(params.rho!, params.ES!, law, closed.T!),
      );
    }
    it.each(of("M/M/1-PS"))("$id takes 1/(μ − λ)", ({ params, expect: closed }) =>
      shared(params.lambda_!, 1 / params.mu!, "exponential", closed.T!),
    );
    const [limited] = cases.filter((entry) => entry.model.startsWith("R-PS"));
    it.each([
      [1, 2],
      [2, 4],
      [3, 10],
      [4, 30],
    ] as const)(
      "three shared slots hold %i customers as often as the birth-death process",
      (room, thousands) => limitedSharing(limited!, room, thousands),
    );
  });

  describe("priorities", () => {
    it.each(of("M/M/1 non-preemptive priority"))(
      "$id lets the urgent pass those who wait, and nobody who is served",
      (entry) => priorities(entry, "priority"),
    );
    it.each(of("M/M/1 preemptive-resume priority"))(
      "$id lets the urgent interrupt, and loses no work",
      (entry) => priorities(entry, "preemptive-priority"),
    );
  });
});
